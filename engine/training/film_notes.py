"""Training of a model that reads a film with its note: each film of each epoch beside a note of its own.

The image encoder was taught before and stays as it is. Either modality is absent at times, and parts of both: what
each adds is then a question that the model was trained to answer (modality dropout: Neverova et al., ModDrop, IEEE
TPAMI 38, 2016).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.fusion import FusionTransformer
from engine.preprocess.text import SPECIAL
from engine.training.chest_notes import write_note
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups
from engine.training.questions import Batch, Questions, Seen, answer, as_questions, predict_answers, thinned_batch

NO_FILM, NO_NOTE = 0.4, 0.1  # shares of the batches that are notes without their films, and films without their notes
CHECKED = 4  # every so many held films draw the validation curve
_ALIKE = 8  # batches among which notes are sorted by length, so that little is padded


@dataclass(frozen=True)
class FilmNoteSettings:
    """How a model that reads films with notes is made.

    Parameters
    ----------
    films : int
        At most so many films to learn from, evenly taken: the notes are new in every epoch.
    rounds : int
        How often each film is read in an epoch, each time with another note.
    views : int
        Random views of each film beside the plain one; every second lacks patches.
    vocabulary : int
        Word pieces that are kept.
    film_model, text_model : str
        Folders of the models that are begun with; empty for those that come with the package.
    notes : str
        Folder of real notes, whose words are to be spelt well too; empty for the generated notes alone.
    """

    epochs: int = 4
    batch_size: int = 32
    lr: float = 1e-3
    weight_decay: float = 0.05
    films: int = 2000
    rounds: int = 4
    views: int = 2
    dropout: float = 0.1
    warmup: float = 0.05
    average: float = 0.995
    vocabulary: int = 4000
    film_model: str = ""
    text_model: str = ""
    notes: str = ""


def train_film_notes(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    seen: Seen,
    kinds: Sequence[str],
    held: tuple[Seen, Questions],
    settings: FilmNoteSettings,
    *,
    labels: Sequence[str],
    out: Path,
    seed: int,
) -> FusionTransformer:
    """Train all but the image encoder, and return the averaged weights; the run's state goes to `out`.

    Parameters
    ----------
    seen : Seen
        N films.
    kinds : sequence of str
        Their labels, N.
    held : tuple of Seen and Questions
        Films with notes that only draw the validation curve.
    """
    network.sight.requires_grad_(False)
    answers = np.array([labels.index(kind) for kind in kinds])  # (N,)
    steps = settings.rounds * len(kinds) // settings.batch_size

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        order = np.concatenate([generator.permutation(len(kinds)) for _ in range(settings.rounds)])
        for chosen in np.array_split(order, -(-steps // _ALIKE)):
            texts = [write_note(kinds[rank], generator).text for rank in chosen]
            read = as_questions(texts, chosen.tolist(), answers[chosen].tolist(), tokenizer)
            yield from _mixed(seen, read, tokenizer, settings.batch_size, generator, _body(network))

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        logits = answer(cast(FusionTransformer, model), batch)  # (B, L)
        return F.cross_entropy(logits, batch.answers.to(logits.device))

    def validate(model: nn.Module) -> Mapping[str, float]:
        films, read = held
        some = read.at(np.arange(0, len(read), CHECKED))
        return _figures(cast(FusionTransformer, model), tokenizer, films, some)

    trained = build_optimiser("adamw", decay_groups(network), lr=settings.lr, weight_decay=settings.weight_decay)
    loop = LoopSettings(settings.epochs, steps, seed=seed, warmup=settings.warmup, average=settings.average)
    return cast(FusionTransformer, fit(network, trained, Plan(batches, loss, validate), loop, out))


def _mixed(
    seen: Seen, read: Questions, tokenizer: Tokenizer, size: int, generator: np.random.Generator, body: int
) -> Iterator[Batch]:
    """Batches of notes of like length; in some all films are absent, in some all notes."""
    by_length = np.argsort([len(pieces.ids) for pieces in read.pieces], kind="stable")
    parts = np.array_split(by_length, -(-len(read) // size))
    for rank in generator.permutation(len(parts)):
        draw = generator.random()
        blind, deaf = float(draw < NO_FILM), float(draw > 1 - NO_NOTE)
        yield thinned_batch(seen, read.at(parts[rank]), tokenizer, generator, blind=blind, deaf=deaf, body=body)


def _body(network: FusionTransformer) -> int:
    return network.config.longest - len(SPECIAL)


def read_films(
    network: FusionTransformer, tokenizer: Tokenizer, seen: Seen, read: Questions, *, view: int = 0
) -> dict[str, NDArray[np.float32]]:
    """Logits ``(N, L)`` of films with their notes, of the films alone, and of the notes alone."""
    body = _body(network)
    ways = {"both": (False, False), "film": (False, True), "note": (True, False)}
    return {
        name: predict_answers(network, tokenizer, seen, read, blind=blind, deaf=deaf, view=view, body=body)
        for name, (blind, deaf) in ways.items()
    }


def _figures(network: FusionTransformer, tokenizer: Tokenizer, seen: Seen, read: Questions) -> dict[str, float]:
    truth = torch.from_numpy(read.answers)  # (N,)
    logits = {name: torch.from_numpy(found) for name, found in read_films(network, tokenizer, seen, read).items()}
    losses = {f"{name}_loss": float(F.cross_entropy(found, truth)) for name, found in logits.items()}
    right = float((logits["both"].argmax(dim=1) == truth).float().mean())
    return {"loss": losses.pop("both_loss"), "accuracy": right, **losses}
