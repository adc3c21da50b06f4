"""Training of a model that answers questions about images: what is seen is made once, what is asked is learnt.

The encoders of image and question were taught before and stay as they are: each picture is encoded once, in some
views. Words and patches are absent at random, a whole modality at times: what either adds is then a question that the
model was trained to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.fusion import FusionTransformer
from engine.models.output import ModelInput
from engine.models.pack import pack_present
from engine.models.vision import ImageTransformer
from engine.preprocess.text import BODY, Pieces, cut_windows, keep_words, split_pieces
from engine.training.augment import plain_batch, random_batch
from engine.training.images import Films
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups

_AT_ONCE = 16  # pictures that are encoded together
_ANSWERED = 64  # questions a batch where no gradient is kept
BLIND, DEAF = 0.12, 0.03  # chances that a question is asked without its image, and an image without a question


@dataclass(frozen=True)
class QuestionSettings:
    """How a model that answers questions is trained.

    Parameters
    ----------
    generated : float
        Questions made from labels in each epoch, as a share of the real ones.
    views : int
        Random views of each picture beside the plain one; half of them lack patches.
    smoothing : float
        Share of the target spread over all answers, in [0, 1).
    """

    epochs: int = 8
    batch_size: int = 32
    lr: float = 1e-3
    weight_decay: float = 0.1
    generated: float = 0.3
    views: int = 3
    dropout: float = 0.3
    smoothing: float = 0.0
    warmup: float = 0.05
    average: float = 0.98


@dataclass(frozen=True, eq=False)
class Seen:
    """What the image encoder makes of I pictures in K views, the first the plain one.

    Parameters
    ----------
    patches : Tensor
        ``(I, K, P, V)`` float16.
    presence : Tensor
        ``(I, K, P)`` bool.
    """

    patches: Tensor
    presence: Tensor


@dataclass(frozen=True, eq=False)
class Questions:
    """N questions: word pieces, the rank of the picture that each asks about, and of its answer (-1 where unknown)."""

    pieces: tuple[Pieces, ...]
    pictures: NDArray[np.int64]
    answers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.pieces)

    def at(self, rows: NDArray[Any]) -> Questions:
        """Some of the questions, by their ranks."""
        return Questions(tuple(self.pieces[row] for row in rows), self.pictures[rows], self.answers[rows])

    def about(self, pictures: NDArray[np.int64]) -> Questions:
        """The same questions about other pictures."""
        return Questions(self.pieces, pictures, self.answers)


@dataclass(frozen=True, eq=False)
class Batch:
    """B questions with what is seen of their pictures, ``(B, P, V)``, and their answers ``(B,)``."""

    seen: Tensor
    inputs: ModelInput
    answers: Tensor


def as_questions(
    texts: Sequence[str], pictures: Sequence[int], answers: Sequence[int], tokenizer: Tokenizer
) -> Questions:
    """Split questions into word pieces."""
    pieces = tuple(split_pieces(text, tokenizer) for text in texts)
    return Questions(pieces, np.array(pictures, np.int64), np.array(answers, np.int64))


@torch.no_grad()
def look(network: ImageTransformer, films: Films, *, views: int, seed: int) -> Seen:
    """Encode every picture as served and in random views, every second of which lacks patches."""
    generator = torch.Generator().manual_seed(seed)
    patch, found, there = network.config.patch_size, [], []
    for start in range(0, len(films.targets), _AT_ONCE):
        pixels, aspects = films.pixels[start : start + _AT_ONCE], films.aspects[start : start + _AT_ONCE]
        batches = [plain_batch(pixels, aspects, patch=patch)]
        batches += [
            random_batch(pixels, aspects, patch=patch, generator=generator, thinned=view % 2 == 1)
            for view in range(views)
        ]
        encoded = [network.norm(network(batch).hidden[-1]).half() for batch in batches]  # each (B, P, V)
        found.append(torch.stack(encoded, dim=1))  # (B, K, P, V)
        there.append(torch.stack([batch.presence for batch in batches], dim=1))  # (B, K, P)
    return Seen(torch.cat(found), torch.cat(there))


def kept_look(kept: Path, network: ImageTransformer, films: Callable[[], Films], *, views: int, seed: int) -> Seen:
    """What `look` makes of films, read back from the file `kept` where an earlier run has left it there."""
    if not kept.is_file():
        found = look(network, films(), views=views, seed=seed)
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_suffix(".new")
        save_file({"patches": found.patches, "presence": found.presence}, beside)
        beside.replace(kept)
    tensors = load_file(kept)
    return Seen(tensors["patches"], tensors["presence"])


def train_questions(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    seen: Seen,
    real: Questions,
    generated: Questions,
    held: Questions,
    settings: QuestionSettings,
    *,
    out: Path,
    seed: int,
) -> FusionTransformer:
    """Train the fusion and the question encoder, and return the averaged weights; the run's state goes to `out`."""
    for part in (network.sight, network.text):
        part.requires_grad_(False)
    extra = round(settings.generated * len(real)) if len(generated) else 0

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        made = generator.choice(len(generated), size=extra, replace=False) if extra else np.empty(0, np.int64)
        order = generator.permutation(len(real) + extra)
        for first in range(0, len(order) - settings.batch_size + 1, settings.batch_size):
            chosen = order[first : first + settings.batch_size]
            yield random_batch_of(seen, real, generated, chosen, made, tokenizer, generator)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        logits = answer(cast(FusionTransformer, model), batch)  # (B, L)
        return F.cross_entropy(logits, batch.answers, label_smoothing=settings.smoothing)

    def validate(model: nn.Module) -> Mapping[str, float]:
        known = held.at(np.flatnonzero(held.answers >= 0))
        logits = torch.from_numpy(predict_answers(cast(FusionTransformer, model), tokenizer, seen, known))  # (N, L)
        truth = torch.from_numpy(known.answers)  # (N,)
        right = float((logits.argmax(dim=1) == truth).sum()) / len(held)
        return {"loss": float(F.cross_entropy(logits, truth)), "exact": right}

    optimiser = build_optimiser("adamw", decay_groups(network), lr=settings.lr, weight_decay=settings.weight_decay)
    steps = (len(real) + extra) // settings.batch_size
    loop = LoopSettings(settings.epochs, steps, seed=seed, warmup=settings.warmup, average=settings.average)
    return cast(FusionTransformer, fit(network, optimiser, Plan(batches, loss, validate), loop, out))


def random_batch_of(
    seen: Seen,
    real: Questions,
    generated: Questions,
    chosen: NDArray[np.int64],
    made: NDArray[np.int64],
    tokenizer: Tokenizer,
    generator: np.random.Generator,
) -> Batch:
    """Make a batch of questions, ranks of real ones and behind them of `made`, in random views with random absences."""
    own, other = real.at(chosen[chosen < len(real)]), generated.at(made[chosen[chosen >= len(real)] - len(real)])
    both = Questions(
        own.pieces + other.pieces,
        np.concatenate([own.pictures, other.pictures]),
        np.concatenate([own.answers, other.answers]),
    )
    return thinned_batch(seen, both, tokenizer, generator)


def thinned_batch(
    seen: Seen,
    asked: Questions,
    tokenizer: Tokenizer,
    generator: np.random.Generator,
    *,
    blind: float = BLIND,
    deaf: float = DEAF,
    body: int = BODY,
) -> Batch:
    """Make a batch of which words, patches and whole modalities are absent at random.

    Parameters
    ----------
    blind, deaf : float
        Chances that words come without their picture, and a picture without words.
    body : int
        The most word pieces of a text.
    """
    count, views = len(asked), seen.patches.shape[1]
    view = generator.integers(views, size=count)  # (B,)
    inputs, offsets = cut_windows([(pieces, 0) for pieces in asked.pieces], tokenizer, body=body)
    shares = np.where(generator.random(count) < 1 / 2, 1.0, generator.uniform(0.3, 1.0, count))  # (B,)
    wordless = generator.random(count) < deaf  # (B,)
    words = keep_words(inputs, offsets, np.where(wordless, 0.0, shares), generator)
    pictures = torch.from_numpy(asked.pictures)  # (B,)
    there = seen.presence[pictures, torch.from_numpy(view)].clone()  # (B, P)
    there[torch.from_numpy(~wordless & (generator.random(count) < blind))] = False
    presence = torch.cat([there, words.presence], dim=1)  # (B, T)
    patches = seen.patches[pictures, torch.from_numpy(view)].float()  # (B, P, V)
    return Batch(patches, ModelInput(patches, presence, inputs.values), torch.from_numpy(asked.answers))


def answer(network: FusionTransformer, batch: Batch) -> Tensor:
    """Logits ``(B, L)`` from what was seen already, without the tokens that are absent; on the network's device."""
    device = network.head.weight.device
    inputs = batch.inputs.to(device)
    return network.encode(*pack_present(network.join(batch.seen.to(device), inputs), inputs.presence)).logits


@torch.no_grad()
def predict_answers(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    seen: Seen,
    questions: Questions,
    *,
    blind: bool = False,
    deaf: bool = False,
    view: int = 0,
    body: int = BODY,
) -> NDArray[np.float32]:
    """Logits ``(N, L)`` of texts about pictures.

    Parameters
    ----------
    blind, deaf : bool
        All patches are absent, or all words.
    view : int
        Of each picture; 0 is the picture as served.
    body : int
        The most word pieces of a text.
    """
    found = []
    for start in range(0, len(questions), _ANSWERED):
        part = questions.at(np.arange(start, min(start + _ANSWERED, len(questions))))
        inputs, offsets = cut_windows([(pieces, 0) for pieces in part.pieces], tokenizer, body=body)
        pictures = torch.from_numpy(part.pictures)  # (B,)
        patches, there = seen.patches[pictures, view].float(), seen.presence[pictures, view] & (not blind)
        said = inputs.presence & torch.from_numpy(offsets.special) if deaf else inputs.presence  # (B, W)
        presence = torch.cat([there, said], dim=1)  # (B, T)
        batch = Batch(patches, ModelInput(patches, presence, inputs.values), torch.from_numpy(part.answers))
        found.append(answer(network, batch).cpu().numpy())  # (B, L)
    return np.concatenate(found)
