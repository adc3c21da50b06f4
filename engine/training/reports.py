"""Training of a model that reads findings: their labels, and the impression that was written below them, together.

Masking by attention: Covert et al., ICLR 2023 (arXiv 2206.05282). Rates that fall with depth: Howard & Ruder, ACL 2018.
Smoothed targets: Szegedy et al., CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.encoder_decoder import EncoderDecoder, EncoderDecoderConfig
from engine.models.output import ModelInput
from engine.models.pack import pack_present
from engine.models.text import start_from_encoder
from engine.preprocess.text import Pieces, cut_windows, keep_words
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.notes import Flags, load_tokenizer
from engine.training.optimiser import build_optimiser
from engine.training.vocabulary import prune_vocabulary

LEAST_KEPT = 0.1
THINNED = 1 / 3  # of the batches
SORTED_OVER = 8  # batches that are cut from one draw, by length: less padding
IGNORED = -100  # what cross-entropy leaves out


@dataclass(frozen=True)
class ReportSettings:
    """How a report model is trained.

    Parameters
    ----------
    vocabulary : int
        Word pieces that it keeps, for reading and writing.
    frozen : int
        How many of the lowest layers, with the embeddings, keep the weights that they began with.
    lr, writer_lr, head_lr : float
        Rate of the encoder's top layer, of the decoder, and of the labels' queries and head.
    depth_decay : float
        By how much the rate shrinks from each layer of the encoder to the one below, in (0, 1].
    label_weight : float
        With which the loss of all labels of a report is added to that of a piece of its impression.
    smoothing : float
        Share of a target that goes to all pieces alike, in [0, 1).
    """

    epochs: int = 16
    batch_size: int = 16
    vocabulary: int = 2000
    frozen: int = 2
    lr: float = 2e-4
    writer_lr: float = 8e-4
    head_lr: float = 3e-3
    depth_decay: float = 0.9
    weight_decay: float = 0.01
    label_weight: float = 0.5
    smoothing: float = 0.05
    warmup: float = 0.06


@dataclass(frozen=True, eq=False)
class LabelledReports:
    """N findings as word pieces, their labels ``(N, L)`` bool, and the pieces of their impressions; empty: unknown."""

    pieces: tuple[Pieces, ...]
    truth: Flags
    drafts: tuple[list[int], ...]

    def __len__(self) -> int:
        """N."""
        return len(self.pieces)


@dataclass(frozen=True, eq=False)
class ReportBatch:
    """B findings as tokens that leave the frozen layers, their labels ``(B, L)`` float32, and their impressions.

    Parameters
    ----------
    hidden, presence : Tensor
        ``(B, T, D)`` float32 and ``(B, T)`` bool.
    drafts : Tensor
        ``(B, N)`` int64; `IGNORED` after the end of an impression.
    """

    hidden: Tensor
    presence: Tensor
    truth: Tensor
    drafts: Tensor


def begin(
    folder: Path, texts: Sequence[str], labels: int, settings: ReportSettings
) -> tuple[EncoderDecoder, Tokenizer]:
    """Build a report model on the lower layers of a BERT encoder, with the pieces that some texts use.

    Raises
    ------
    TrainingError
        The folder does not hold a BERT encoder.
    """
    tokenizer = load_tokenizer(folder)
    encoder, tokenizer = prune_vocabulary(
        start_from_encoder(folder, num_labels=labels), tokenizer, texts, size=settings.vocabulary
    )
    known = asdict(encoder.config)
    sizes = {name: known[name] for name in ("hidden_size", "num_attention_heads", "intermediate_size", "vocab_size")}
    config = EncoderDecoderConfig(num_labels=labels, **sizes)
    config = replace(config, num_hidden_layers=min(config.num_hidden_layers, encoder.config.num_hidden_layers))
    network = EncoderDecoder(config)
    own, places = network.state_dict(), "embeddings.position_embeddings.weight"
    weights = {name: value for name, value in encoder.state_dict().items() if name in own}
    weights[places] = weights[places][: config.max_position_embeddings]
    network.load_state_dict({**own, **weights})
    return network, tokenizer


class Frozen:
    """The layers of a network that keep their weights, and what they make of whole reports, made once.

    Parameters
    ----------
    network : EncoderDecoder
        Its embeddings and lowest `count` layers are taken out of training; without dropout, so that nothing changes.
    """

    def __init__(self, network: EncoderDecoder, count: int) -> None:
        self.network, self.count = network, count
        for part in (network.embeddings, *network.layers[:count]):
            part.requires_grad_(False)

    @torch.no_grad()
    def read(self, inputs: ModelInput) -> tuple[Tensor, Tensor]:
        """Make the tokens ``(B, K, D)`` that leave the frozen layers, absent ones cut away, and ``(B, K)``."""
        for part in (self.network.embeddings, *self.network.layers[: self.count]):
            part.eval()
        hidden, presence = pack_present(self.network.embed(inputs), inputs.presence)  # (B, K, D), (B, K)
        mask = ~presence[:, None, None, :] * torch.finfo(hidden.dtype).min  # (B, 1, 1, K)
        for layer in self.network.layers[: self.count]:
            hidden, _ = layer.attention(hidden, mask)  # type: ignore[operator]
            hidden = layer.feed_forward_chunk(hidden)  # type: ignore[operator]  # (B, K, D)
        return hidden, presence

    def read_all(self, reports: LabelledReports, tokenizer: Tokenizer) -> tuple[Tensor, ...]:
        """Read whole reports one by one, ``(T, D)`` each."""
        device = self.network.piece_bias.device
        return tuple(self.read(cut_windows([(pieces, 0)], tokenizer)[0].to(device))[0][0] for pieces in reports.pieces)


def train_reports(
    network: EncoderDecoder,
    tokenizer: Tokenizer,
    training: LabelledReports,
    validation: LabelledReports,
    settings: ReportSettings,
    *,
    out: Path,
    seed: int,
) -> EncoderDecoder:
    """Train a report model and return its averaged weights; curves and the state to resume from go to `out`."""
    frozen = Frozen(network, settings.frozen)
    learned, held = (_Known(reports, tokenizer, frozen) for reports in (training, validation))
    frequency = (training.truth.sum(0) + 1) / (len(training) + 2)  # (L,)
    with torch.no_grad():
        network.head.bias.copy_(torch.from_numpy(np.log(frequency / (1 - frequency))))

    def batches(_: int, generator: np.random.Generator) -> Iterator[ReportBatch]:
        return _random_batches(learned, settings.batch_size, generator)

    def loss(model: nn.Module, batch: ReportBatch) -> Tensor:
        labels, draft = losses(cast(EncoderDecoder, model), batch, settings)
        return settings.label_weight * labels + draft

    def validate(model: nn.Module) -> dict[str, float]:
        labels, draft = _held_losses(cast(EncoderDecoder, model), held, settings)
        return {"loss": settings.label_weight * labels + draft, "labels": labels, "draft": draft}

    loop = LoopSettings(settings.epochs, len(training) // settings.batch_size, seed=seed, warmup=settings.warmup)
    optimiser = build_optimiser("adamw", _rate_groups(network, settings), lr=settings.lr, weight_decay=0.0)
    return cast(EncoderDecoder, fit(network, optimiser, Plan(batches, loss, validate), loop, out))


def losses(network: EncoderDecoder, batch: ReportBatch, settings: ReportSettings) -> tuple[Tensor, Tensor]:
    """Loss of all labels of a report, and of a piece of its impression; both means, without a dimension."""
    device = network.piece_bias.device
    presence, truth, drafts = batch.presence.to(device), batch.truth.to(device), batch.drafts.to(device)
    output = network.encode_from(settings.frozen, batch.hidden.to(device), presence)
    labels = F.binary_cross_entropy_with_logits(output.logits, truth, reduction="sum") / len(truth)
    said, follows = drafts[:, :-1].clamp(min=0), drafts[:, 1:]  # (B, N - 1) both
    written = network.write(output.hidden[-1], presence, said).logits  # (B, N - 1, V)
    smoothing = settings.smoothing if network.training else 0.0
    draft = F.cross_entropy(written.flatten(0, 1), follows.flatten(), ignore_index=IGNORED, label_smoothing=smoothing)
    return labels, draft


@dataclass(frozen=True, eq=False)
class _Known:
    """Reports, and what the frozen layers make of them."""

    reports: LabelledReports
    tokenizer: Tokenizer
    frozen: Frozen

    def __len__(self) -> int:
        return len(self.reports)

    @cached_property
    def tokens(self) -> tuple[Tensor, ...]:
        """The tokens ``(T, D)`` of each, read when they are first asked for."""
        return self.frozen.read_all(self.reports, self.tokenizer)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """``(N,)``: T of each."""
        return np.array([len(tokens) for tokens in self.tokens])


def _random_batches(known: _Known, batch_size: int, generator: np.random.Generator) -> Iterator[ReportBatch]:
    """Yield all reports in random order, those of like length together; in some batches random words are absent."""
    order, lengths = generator.permutation(len(known)), known.lengths  # (N,), (N,)
    stride = batch_size * SORTED_OVER
    batches = []
    for first in range(0, len(order), stride):
        drawn = order[first : first + stride]
        drawn = drawn[np.argsort(lengths[drawn], kind="stable")]
        batches += [drawn[start : start + batch_size] for start in range(0, len(drawn), batch_size)]
    whole = [batch for batch in batches if len(batch) == batch_size]
    for rank in generator.permutation(len(whole)):
        rows = whole[rank]
        if generator.random() >= THINNED:
            yield _batch(known, rows)
            continue
        inputs, offsets = cut_windows([(known.reports.pieces[row], 0) for row in rows], known.tokenizer)
        shares = generator.uniform(LEAST_KEPT, 1.0, size=len(rows))  # (B,)
        thinned = keep_words(inputs, offsets, shares, generator)
        yield _batch(known, rows, known.frozen.read(thinned.to(known.tokens[0].device)))


def _batch(known: _Known, rows: NDArray[np.int64], read: tuple[Tensor, Tensor] | None = None) -> ReportBatch:
    """A batch of some reports, whole unless it was read already with words absent."""
    if read is None:
        tokens = [known.tokens[row] for row in rows]
        hidden = nn.utils.rnn.pad_sequence(tokens, batch_first=True)  # (B, T, D)
        places = torch.arange(hidden.shape[1], device=hidden.device)  # (T,)
        lengths = torch.tensor([len(one) for one in tokens], device=hidden.device)  # (B,)
        read = hidden, places < lengths[:, None]
    drafts = [torch.tensor(known.reports.drafts[row], dtype=torch.int64) for row in rows]
    padded = nn.utils.rnn.pad_sequence(drafts, batch_first=True, padding_value=IGNORED)  # (B, N)
    return ReportBatch(*read, torch.from_numpy(known.reports.truth[rows]).float(), padded)


@torch.inference_mode()
def _held_losses(network: EncoderDecoder, held: _Known, settings: ReportSettings) -> tuple[float, float]:
    """Both losses, as means over batches of validation reports."""
    ranks = np.argsort(held.lengths, kind="stable")  # (N,)
    starts = range(0, len(held), settings.batch_size)
    found = [losses(network, _batch(held, ranks[start : start + settings.batch_size]), settings) for start in starts]
    labels, drafts = (float(torch.stack(each).mean()) for each in zip(*found, strict=True))
    return labels, drafts


def _rate_groups(network: EncoderDecoder, settings: ReportSettings) -> list[dict[str, Any]]:
    """Head, decoder and trained layers, each at its rate, lower for deeper layers; vectors do not decay."""
    writer = [network.to_writer, network.piece_to_writer, network.place_in_draft, network.writer_norm, network.writer]
    writer += [network.to_piece, network.piece_norm]
    parts: list[tuple[list[nn.Parameter], float]] = [
        ([network.queries, *network.head.parameters()], settings.head_lr),
        ([network.piece_bias, *(weight for part in writer for weight in part.parameters())], settings.writer_lr),
    ]
    for depth, layer in enumerate(reversed(network.layers[settings.frozen :])):
        parts.append((list(layer.parameters()), settings.lr * settings.depth_decay**depth))
    groups: list[dict[str, Any]] = []
    for weights, rate in parts:
        matrices = [weight for weight in weights if weight.ndim > 1]
        groups.append({"params": matrices, "lr": rate, "weight_decay": settings.weight_decay})
        groups.append({"params": [weight for weight in weights if weight.ndim <= 1], "lr": rate, "weight_decay": 0.0})
    return groups
