"""Training of a note classifier: random windows of whole notes, random words absent, several labels at once.

Masking by attention: Covert et al., ICLR 2023 (arXiv 2206.05282). Rates that fall with depth: Howard & Ruder, ACL 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import TrainingError
from engine.models.output import ModelInput, combine
from engine.models.text import TextTransformer
from engine.preprocess.text import WINDOW, Pieces, TokenOffsets, cut_windows, keep_words, window_starts
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Batch = tuple[ModelInput, Tensor]

# The first window names the visit and the diagnosis more often than any other: it is drawn more often than by chance.
FIRST_WINDOW = 1 / 3
LEAST_KEPT = 0.1


@dataclass(frozen=True)
class NoteSettings:
    """How a note classifier is trained.

    Parameters
    ----------
    frozen : int
        How many of the lowest layers, with the embeddings, keep the weights that they began with.
    lr, head_lr : float
        Rate of the top layer and of the head.
    depth_decay : float
        By how much the rate shrinks from each layer to the one below, in (0, 1].
    rare_weight : float
        The loss of a label counts with ``n ** -rare_weight`` where n notes have it.
    vocabulary : int
        How many word pieces are kept of the encoder's own, those of the notes first; the embeddings of the others go.
    """

    epochs: int = 4
    batch_size: int = 16
    frozen: int = 2
    lr: float = 1.5e-4
    head_lr: float = 2e-3
    depth_decay: float = 0.9
    weight_decay: float = 0.01
    rare_weight: float = 0.25
    warmup: float = 0.06
    vocabulary: int = 7_000


@dataclass(frozen=True, eq=False)
class LabelledNotes:
    """N notes as word pieces, and their labels ``(N, L)`` bool."""

    pieces: tuple[Pieces, ...]
    truth: Flags


def train_notes(
    network: TextTransformer,
    tokenizer: Tokenizer,
    training: LabelledNotes,
    validation: LabelledNotes,
    settings: NoteSettings,
    *,
    out: Path,
    seed: int,
) -> TextTransformer:
    """Train a note classifier and return its averaged weights; curves and the state to resume from go to `out`."""
    for part in (network.embeddings, *network.layers[: settings.frozen]):
        part.requires_grad_(False)
    start_from_frequencies(network, training.truth)
    weight = label_weights(training.truth, settings.rare_weight).to(next(network.parameters()).device)  # (L,)

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        return random_batches(training, tokenizer, settings.batch_size, generator)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        inputs, truth = batch
        device = weight.device
        logits = model(ModelInput(inputs.values.to(device), inputs.presence.to(device))).logits  # (B, L)
        return F.binary_cross_entropy_with_logits(logits, truth.to(device), weight=weight.expand_as(logits))

    def validate(model: nn.Module) -> dict[str, float]:
        logits = predict_notes(model, tokenizer, validation.pieces, first_only=True)  # (N, L)
        value = F.binary_cross_entropy_with_logits(torch.from_numpy(logits), torch.from_numpy(validation.truth).float())
        return {"loss": float(value)}

    steps = len(training.pieces) // settings.batch_size
    loop = LoopSettings(settings.epochs, steps, seed=seed, warmup=settings.warmup)
    optimiser = build_optimiser(
        "adamw", rate_groups(network, settings), lr=settings.lr, weight_decay=settings.weight_decay
    )
    return cast(TextTransformer, fit(network, optimiser, Plan(batches, loss, validate), loop, out))


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load ``tokenizer.json``, set to cut nothing off and to pad nothing.

    Raises
    ------
    TrainingError
        Where the folder does not hold one.
    """
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise TrainingError("There is no tokenizer.json to begin with.", "Give --set init=FOLDER of all-MiniLM-L6-v2.")
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def random_batches(
    notes: LabelledNotes, tokenizer: Tokenizer, batch_size: int, generator: np.random.Generator
) -> Iterator[Batch]:
    """Yield one random window of every note in random order; in half of the batches random words are absent.

    Yields
    ------
    tuple of ModelInput and Tensor
        Windows ``(B, T)`` and the truth ``(B, L)`` float32.
    """
    order = generator.permutation(len(notes.pieces))  # (N,)
    for first in range(0, len(order) - batch_size + 1, batch_size):
        chosen = order[first : first + batch_size]  # (B,)
        cuts = [(notes.pieces[row], _random_start(notes.pieces[row], generator)) for row in chosen]
        inputs, offsets = cut_windows(cuts, tokenizer)
        share = generator.uniform(LEAST_KEPT, 1.0) if generator.random() < 1 / 2 else 1.0
        yield _thinned(inputs, offsets, share, generator), torch.from_numpy(notes.truth[chosen]).float()


def predict_notes(
    network: nn.Module,
    tokenizer: Tokenizer,
    notes: Sequence[Pieces],
    *,
    first_only: bool = False,
    kept: float = 1.0,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Logits of whole notes.

    Parameters
    ----------
    first_only : bool
        Read the first window only: quick, for curves and comparisons.
    kept : float
        Share of the words, drawn at random, that are present, in (0, 1].

    Returns
    -------
    numpy.ndarray
        ``(N, L)`` float32.
    """
    generator = np.random.default_rng(seed)
    device = next(network.parameters()).device
    logits = []
    for pieces in notes:
        starts = [0] if first_only else window_starts(len(pieces.ids))
        inputs, offsets = cut_windows([(pieces, start) for start in starts], tokenizer)
        inputs = _thinned(inputs, offsets, kept, generator)
        with torch.inference_mode():
            output = network(ModelInput(inputs.values.to(device), inputs.presence.to(device)))
        logits.append(combine(output.logits).float().cpu().numpy())  # (L,)
    return np.stack(logits)  # (N, L)


def _thinned(inputs: ModelInput, offsets: TokenOffsets, kept: float, generator: np.random.Generator) -> ModelInput:
    return inputs if kept == 1 else keep_words(inputs, offsets, np.full(len(offsets.words), kept), generator)


def _random_start(pieces: Pieces, generator: np.random.Generator) -> int:
    latest = len(pieces.ids) - (WINDOW - 2)
    if latest <= 0 or generator.random() < FIRST_WINDOW:
        return 0
    return int(generator.integers(latest + 1))


def start_from_frequencies(network: TextTransformer, truth: Flags) -> None:
    """Let the head begin with the labels' log odds, so that rare ones need no unlearning (Lin et al., ICCV 2017)."""
    frequency = (truth.sum(0) + 1) / (len(truth) + 2)  # (L,)
    with torch.no_grad():
        network.head.bias.copy_(torch.from_numpy(np.log(frequency / (1 - frequency))))


def label_weights(truth: Flags, power: float) -> Tensor:
    """Weights ``(L,)`` of mean 1 that grow with a label's rarity."""
    weights = np.maximum(truth.sum(0), 1) ** -power  # (L,)
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)


def rate_groups(network: TextTransformer, settings: NoteSettings) -> list[dict[str, Any]]:
    """Head and trained layers, each at its rate, lower for deeper layers; vectors do not decay."""
    trained = list(network.layers[settings.frozen :])
    rates: list[tuple[nn.Module, float]] = [(network.head, settings.head_lr)]
    rates += [(layer, settings.lr * settings.depth_decay**depth) for depth, layer in enumerate(reversed(trained))]
    groups = []
    for part, rate in rates:
        weights = list(part.parameters())
        groups.append({"params": [w for w in weights if w.ndim > 1], "lr": rate})
        groups.append({"params": [w for w in weights if w.ndim <= 1], "lr": rate, "weight_decay": 0.0})
    return groups
