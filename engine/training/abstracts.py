"""Training of a reader of abstracts: one category each, and keys that lie together where the category is one.

Supervised contrast: Khosla et al., NeurIPS 2020 (arXiv 2004.11362), equation 2, with a queue of the last batches' keys
(He et al., CVPR 2020). Label smoothing: Szegedy et al., CVPR 2016. Masking by attention: Covert et al., ICLR 2023.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.literature import LiteratureTransformer, LiteratureTransformerConfig
from engine.models.text import TextTransformerConfig, start_from_encoder
from engine.preprocess.text import Pieces
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.lower import Lower, padded, read_lower
from engine.training.notes import (
    NoteSettings,
    label_weights,
    load_tokenizer,
    rate_groups,
    start_from_frequencies,
)
from engine.training.optimiser import build_optimiser
from engine.training.vocabulary import prune_vocabulary

Flags = NDArray[np.bool_]
Batch = tuple[Tensor, Tensor, Tensor]
"""Tokens ``(B, T, D)``, presence ``(B, T)`` and category ``(B,)``."""

FEWEST_KEPT = 0.5  # of the words of a text that the frozen layers read whole


@dataclass(frozen=True)
class AbstractSettings(NoteSettings):
    """How a reader of abstracts is trained.

    Parameters
    ----------
    layers, vocabulary, key_size : int
        Layers and word pieces that are kept of the encoder; numbers of a key.
    key_lr : float
        Rate of the key.
    smoothing : float
        Share of the truth that is given to all categories alike, in [0, 1).
    contrast : float
        Weight of the contrastive loss beside the category's.
    temperature : float
        By which cosines are divided in it.
    queue : int
        Keys of past batches that are compared with; forgotten after each epoch.
    thinned : float
        Share of the texts that the frozen layers read with words absent too, in (0, 1].
    held : float
        Share of the texts that all figures are from, in (0, 1); the model does not learn from them.
    """

    epochs: int = 3
    frozen: int = 3
    layers: int = 5
    vocabulary: int = 5400
    key_size: int = 128
    key_lr: float = 5e-4
    smoothing: float = 0.1
    contrast: float = 0.2
    temperature: float = 0.1
    queue: int = 1024
    thinned: float = 0.33
    held: float = 0.15


@dataclass(frozen=True, eq=False)
class Abstracts:
    """N texts as the frozen layers left them whole, the first of them thinned too, and categories ``(N,)`` int64."""

    whole: Lower
    thinned: Lower
    target: NDArray[np.int64]


def begin(
    folder: Path, texts: Sequence[str], settings: AbstractSettings, *, num_labels: int
) -> tuple[LiteratureTransformer, Tokenizer]:
    """Take the lower layers and the most used word pieces of a BERT encoder; head and key are not learnt yet.

    Raises
    ------
    TrainingError
        The folder does not hold a BERT encoder.
    """
    tokenizer = load_tokenizer(folder)
    encoder, tokenizer = prune_vocabulary(
        start_from_encoder(folder, num_labels=num_labels), tokenizer, texts, size=settings.vocabulary
    )
    network = _network(encoder.config, layers=settings.layers, key_size=settings.key_size)
    own = network.state_dict()
    known = {name: value for name, value in encoder.state_dict().items() if name in own and "head." not in name}
    network.load_state_dict({**own, **known})
    # Rounded as it will be stored: what learns above it learns from what will be read.
    return network.half().float().requires_grad_(False).eval(), tokenizer


def read_abstracts(
    network: LiteratureTransformer,
    tokenizer: Tokenizer,
    texts: Sequence[Pieces],
    target: NDArray[np.int64],
    settings: AbstractSettings,
    *,
    out: Path,
    seed: int,
) -> Abstracts:
    """Read all texts by the layers that stay as they are; what has been read is kept in `out`."""
    bottom = _network(network.config, layers=settings.frozen, key_size=settings.key_size).eval()
    known = bottom.state_dict()
    bottom.load_state_dict({name: value for name, value in network.state_dict().items() if name in known})
    whole = read_lower(bottom, tokenizer, texts, out / "whole")
    some = texts[: round(settings.thinned * len(texts))]
    thinned = read_lower(bottom, tokenizer, some, out / "thinned", thinned=True, seed=seed)
    return Abstracts(whole, thinned, target)


def train_top(
    network: LiteratureTransformer,
    abstracts: Abstracts,
    learned: NDArray[np.int64],
    held: NDArray[np.int64],
    settings: AbstractSettings,
    *,
    out: Path,
    seed: int,
) -> LiteratureTransformer:
    """Train the layers above the frozen ones on the texts `learned`, and watch those `held`.

    Returns
    -------
    LiteratureTransformer
        The upper layers as a network of their own, averaged: it reads states instead of word pieces. The votes of
        single words are not in it: a linear model knows its training texts by heart, and would leave the layers
        nothing to learn.
    """
    torch.manual_seed(seed)
    top = _network(
        replace(network.config, vocab_size=1), layers=settings.layers - settings.frozen, key_size=settings.key_size
    )
    nn.init.orthogonal_(top.key.weight)
    for layer, begun in zip(top.layers, network.layers[settings.frozen :], strict=True):
        layer.load_state_dict(begun.state_dict())
    for part in (top.embeddings, top.votes):
        part.requires_grad_(False)
    truth = np.eye(network.config.num_labels, dtype=np.bool_)[abstracts.target[learned]]  # (n, L)
    start_from_frequencies(top, truth)
    weight = label_weights(truth, settings.rare_weight)  # (L,)
    queue = Queue(settings.queue)

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        queue.clear()
        return _batches(abstracts, learned, settings.batch_size, generator)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        hidden, presence, target = batch
        output = cast(LiteratureTransformer, model).encode(hidden, presence)
        value = F.cross_entropy(output.logits, target, weight=weight, label_smoothing=settings.smoothing)
        keys = F.normalize(output.embedding, dim=-1)  # (B, K)
        alike = contrast(keys, target, *queue.content(keys, target), temperature=settings.temperature)
        queue.push(keys.detach(), target)
        return value + settings.contrast * alike

    def validate(model: nn.Module) -> dict[str, float]:
        reader = cast(LiteratureTransformer, model)
        logits = reader.head(torch.from_numpy(read_top(reader, abstracts.whole, held)))  # (N, L)
        target = torch.from_numpy(abstracts.target[held])  # (N,)
        right = (logits.argmax(dim=1) == target).float().mean()
        return {"loss": float(F.cross_entropy(logits, target)), "accuracy": float(right)}

    loop = LoopSettings(settings.epochs, len(learned) // settings.batch_size, seed=seed, warmup=settings.warmup)
    groups = [
        *rate_groups(top, replace(settings, frozen=0)),
        {"params": list(top.key.parameters()), "lr": settings.key_lr},
    ]
    optimiser = build_optimiser("adamw", groups, lr=settings.lr, weight_decay=settings.weight_decay)
    return cast(LiteratureTransformer, fit(top, optimiser, Plan(batches, loss, validate), loop, out))


def read_top(top: LiteratureTransformer, lower: Lower, texts: NDArray[np.int64]) -> NDArray[np.float32]:
    """What the upper layers make of the first windows of some texts: means over tokens, ``(N, D)``."""
    generator = np.random.default_rng(0)  # draws nothing away: all words stay
    found = []
    for text in texts:
        with torch.inference_mode():
            output = top.encode(*padded([lower.tokens(int(text), 1.0, generator)]))
            found.append(torch.einsum("bt,btd->bd", output.readout, output.hidden[-1])[0].numpy())  # (D + L,)
    return np.stack(found)[:, : top.config.hidden_size]


def put_together(
    network: LiteratureTransformer, top: LiteratureTransformer, votes: Tensor, settings: AbstractSettings
) -> LiteratureTransformer:
    """The whole network: frozen layers, upper layers as they were learnt, and the votes ``(V, L)`` of word pieces."""
    learnt = {"votes.weight": votes}
    for name, value in top.state_dict().items():
        part, _, rest = name.partition(".")
        if part in {"head", "key"}:
            learnt[name] = value
        elif part == "layers":
            rank, _, weight = rest.partition(".")
            learnt[f"layers.{int(rank) + settings.frozen}.{weight}"] = value
    network.load_state_dict({**network.state_dict(), **learnt})
    return network.eval()


def _network(config: TextTransformerConfig, *, layers: int, key_size: int) -> LiteratureTransformer:
    """A network of other depth, with weights at random."""
    sizes = asdict(config) | {"model_type": LiteratureTransformerConfig.model_type, "num_hidden_layers": layers}
    return LiteratureTransformer(LiteratureTransformerConfig(**(sizes | {"key_size": key_size})))


def _batches(
    abstracts: Abstracts, texts: NDArray[np.int64], size: int, generator: np.random.Generator
) -> Iterator[Batch]:
    """Yield the texts in random order, with random words absent; some as the frozen layers read them so."""
    order = generator.permutation(texts)  # (n,)
    for first in range(0, len(order) - size + 1, size):
        chosen = order[first : first + size]  # (B,)
        rows = [_drawn(abstracts, int(text), generator) for text in chosen]
        yield *padded(rows), torch.from_numpy(abstracts.target[chosen])


def _drawn(abstracts: Abstracts, text: int, generator: np.random.Generator) -> Tensor:
    """Tokens ``(t, D)`` of a text with words absent: as the frozen layers read it so, or taken from what they left."""
    if text < len(abstracts.thinned.ends) and generator.random() < 1 / 2:
        return abstracts.thinned.tokens(text, 1.0, generator)
    return abstracts.whole.tokens(text, generator.uniform(FEWEST_KEPT, 1.0), generator)


class Queue:
    """The keys of the last batches, with their categories."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: list[tuple[Tensor, Tensor]] = []

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def push(self, keys: Tensor, target: Tensor) -> None:
        """Keep a batch ``(B, K)`` and ``(B,)``, and forget the oldest beyond the size."""
        self._kept.append((keys, target))
        while sum(len(each) for _, each in self._kept) > self._size:
            self._kept.pop(0)

    def content(self, keys: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Keys ``(Q, K)`` and categories ``(Q,)`` that are kept; those of `keys`, of length 0, where there are none."""
        if not self._kept:
            return keys.detach()[:0], target[:0]
        return torch.cat([each for each, _ in self._kept]), torch.cat([each for _, each in self._kept])


def contrast(keys: Tensor, target: Tensor, others: Tensor, known: Tensor, *, temperature: float) -> Tensor:
    """Loss of keys that do not lie with those of their category.

    Parameters
    ----------
    keys, target : Tensor
        ``(B, K)`` of length 1, and their categories ``(B,)``.
    others, known : Tensor
        The same of Q others, which learn nothing.

    Returns
    -------
    Tensor
        A number; 0 where no key has another one of its category.
    """
    bank, labels = torch.cat([keys, others]), torch.cat([target, known])  # (B + Q, K), (B + Q,)
    itself = torch.eye(len(keys), len(bank), dtype=torch.bool, device=keys.device)  # (B, B + Q)
    scores = (keys @ bank.T / temperature).masked_fill(itself, -torch.inf)  # (B, B + Q)
    alike = (target[:, None] == labels) & ~itself  # (B, B + Q)
    each = (scores.log_softmax(dim=1).masked_fill(~alike, 0.0)).sum(dim=1)  # (B,)
    counted = alike.sum(dim=1)  # (B,)
    some = counted > 0  # (B,)
    return -(each / counted.clamp(min=1)).sum() / some.sum().clamp(min=1)
