"""Training of a model that reads a film with its note: each film of each epoch beside a note of its own.

The image encoder was taught before and stays as it is. The teacher is Bayes' rule: what the film's own model says,
calibrated, times the exact likelihood of the note (distillation: Hinton et al., arXiv 1503.02531). Either modality is
absent at times, and parts of both: what each adds is then a question that the model was trained to answer (modality
dropout: Neverova et al., ModDrop, IEEE TPAMI 38, 2016). What is hidden of a film or a note the teacher knows; on
average over such cases its answer is that of one who does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.fusion import Evidence, FusionTransformer, doubted
from engine.models.output import ModelInput
from engine.preprocess.text import SPECIAL, cut_windows, keep_words, split_pieces
from engine.training.chest_notes import posterior, write_note
from engine.training.chest_signs import KINDS
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups
from engine.training.questions import Batch, Questions, Seen, answer, as_questions, predict_answers, thinned_batch

NO_FILM, NO_NOTE = 0.4, 0.1  # shares of the batches that are notes without their films, and films without their notes
CHECKED = 6  # every so many held films draw the validation curve
_NOTES, _CHECKS = 64, 8  # notes a batch where no film is read, and batches of them that are checked on
_ALIKE = 8  # batches among which notes are sorted by length, so that little is padded


@dataclass(frozen=True)
class FilmNoteSettings:
    """How a model that reads films with notes is made.

    Parameters
    ----------
    films : int
        At most so many films to learn from, evenly taken: the notes are new in every epoch.
    note_steps : int
        Steps in which what words add is learnt, before any film is read.
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

    epochs: int = 3
    batch_size: int = 32
    lr: float = 1e-3
    weight_decay: float = 0.05
    films: int = 2000
    note_steps: int = 400
    rounds: int = 4
    views: int = 2
    dropout: float = 0.0
    warmup: float = 0.1
    average: float = 0.98
    vocabulary: int = 4000
    film_model: str = ""
    text_model: str = ""
    notes: str = ""


def learn_evidence(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    kinds: Sequence[str],
    settings: FilmNoteSettings,
    *,
    out: Path,
    seed: int,
) -> None:
    """Teach the network what words add, from notes alone, and leave it at that; the run's state goes to ``out/notes``.

    Parameters
    ----------
    kinds : sequence of str
        Labels of films, as often as they occur.
    """
    evidence = cast(Evidence, network.evidence)
    prior = np.array([kinds.count(kind) for kind in KINDS]) / len(kinds)  # (L,)
    words = network.text.embeddings.word_embeddings.requires_grad_(False)

    def batches(_: int, generator: np.random.Generator) -> Iterator[tuple[ModelInput, Tensor]]:
        for _ in range(settings.note_steps):
            chosen = generator.choice(len(kinds), size=_NOTES)
            notes = [write_note(kinds[rank], generator) for rank in chosen]
            cuts = [(split_pieces(note.text, tokenizer), 0) for note in notes]
            inputs, offsets = cut_windows(cuts, tokenizer, body=_body(network))
            shares = np.where(generator.random(_NOTES) < 1 / 2, 1.0, generator.uniform(0.3, 1.0, _NOTES))  # (B,)
            joint = np.stack([posterior(note, prior) for note in notes])  # (B, L)
            yield keep_words(inputs, offsets, shares, generator), torch.from_numpy(joint).float()

    def loss(model: nn.Module, batch: tuple[ModelInput, Tensor]) -> Tensor:
        inputs, joint = batch
        base = torch.from_numpy(np.log(prior)).float()  # (L,)
        added = model(words(inputs.values), inputs.presence).sum(dim=1)  # (B, L)
        return F.cross_entropy(base + doubted(added, network.config.astray), joint)

    def validate(model: nn.Module) -> Mapping[str, float]:
        held = islice(batches(0, np.random.default_rng((seed, 1))), _CHECKS)
        return {"loss": float(torch.stack([loss(model, batch) for batch in held]).mean())}

    trained = build_optimiser("adamw", decay_groups(evidence), lr=settings.lr, weight_decay=0.0)
    loop = LoopSettings(1, settings.note_steps, seed=seed, warmup=settings.warmup, average=settings.average)
    fitted = fit(evidence, trained, Plan(batches, loss, validate), loop, out / "notes")
    evidence.load_state_dict(fitted.state_dict())
    evidence.requires_grad_(False)


def train_film_notes(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    seen: Seen,
    taught: NDArray[np.float64],
    kinds: Sequence[str],
    held: tuple[Seen, Questions],
    settings: FilmNoteSettings,
    *,
    out: Path,
    seed: int,
) -> FusionTransformer:
    """Train all but the image encoder, and return the averaged weights; the run's state goes to `out`.

    Parameters
    ----------
    seen : Seen
        N films.
    taught : numpy.ndarray
        ``(N, L)``: what `teacher` says of each of them.
    kinds : sequence of str
        Their labels, N.
    held : tuple of Seen and Questions
        Films with notes that only draw the validation curve.
    """
    network.sight.requires_grad_(False)
    steps = settings.rounds * len(kinds) // settings.batch_size

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        order = np.concatenate([generator.permutation(len(kinds)) for _ in range(settings.rounds)])
        for chosen in np.array_split(order, -(-steps // _ALIKE)):
            notes = [write_note(kinds[rank], generator) for rank in chosen]
            read = as_questions([note.text for note in notes], chosen.tolist(), range(len(notes)), tokenizer)
            worth = np.stack([note.likelihood for note in notes])  # (N, L)
            for batch, blind, deaf in _mixed(seen, read, tokenizer, settings.batch_size, generator, _body(network)):
                rows = batch.answers.numpy()  # (B,)
                film = taught.mean(axis=0)[None] if blind else taught[chosen[rows]]  # (B, L) or (1, L)
                joint = torch.from_numpy(film * (1.0 if deaf else worth[rows])).float()  # (B, L)
                yield replace(batch, answers=joint / joint.sum(dim=1, keepdim=True))

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
) -> Iterator[tuple[Batch, bool, bool]]:
    """Batches of notes of like length, in some of which all films are absent, or all notes, and whether they are."""
    by_length = np.argsort([len(pieces.ids) for pieces in read.pieces], kind="stable")
    parts = np.array_split(by_length, -(-len(read) // size))
    for rank in generator.permutation(len(parts)):
        draw = generator.random()
        blind, deaf = draw < NO_FILM, draw > 1 - NO_NOTE
        some = read.at(parts[rank])
        yield thinned_batch(seen, some, tokenizer, generator, blind=blind, deaf=deaf, body=body), blind, deaf


def teacher(logits: NDArray[np.float32], truth: Sequence[int]) -> NDArray[np.float64]:
    """Probabilities ``(N, L)`` from the logits of a film's own model, calibrated on the films that are taught."""
    fitted = LogisticRegression(C=100.0, max_iter=1000).fit(logits, truth)
    return np.asarray(fitted.predict_proba(logits))


def _body(network: FusionTransformer) -> int:
    return network.config.longest - len(SPECIAL)


def read_films(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    seen: Seen,
    read: Questions,
    *,
    view: int = 0,
    blind: bool = False,
    deaf: bool = False,
) -> NDArray[np.float32]:
    """Logits ``(N, L)`` of films in a view with their notes, without the films (`blind`), or the notes (`deaf`)."""
    return predict_answers(network, tokenizer, seen, read, view=view, blind=blind, deaf=deaf, body=_body(network))


def _figures(network: FusionTransformer, tokenizer: Tokenizer, seen: Seen, read: Questions) -> dict[str, float]:
    truth = torch.from_numpy(read.answers)  # (N,)
    ways = {"loss": (False, False), "film_loss": (False, True), "note_loss": (True, False)}
    return {
        name: float(
            F.cross_entropy(torch.from_numpy(read_films(network, tokenizer, seen, read, blind=b, deaf=d)), truth)
        )
        for name, (b, d) in ways.items()
    }
