"""Writing a draft: beam search over the decoder, with a say in its length, the same each time.

Sutskever, Vinyals & Le, NeurIPS 2014 (beam search); Wu et al., 2016, arXiv 1609.08144, equation 14 (length penalty).
A draft has few pieces: all beams are read anew at each of them, and the network keeps no state between two of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.encoder_decoder import EncoderDecoder


@dataclass(frozen=True)
class BeamSettings:
    """How a draft is searched for.

    Parameters
    ----------
    beams : int
        Drafts that are kept at each piece.
    length : float
        Power of the length by which the log-probability is divided: 0 prefers short drafts, 1 compares means.
    shortest : int
        Fewest pieces of a draft.
    """

    beams: int = 4
    length: float = 0.6
    shortest: int = 2


@dataclass(frozen=True)
class Beam:
    """One draft.

    Parameters
    ----------
    pieces : tuple of int
        Without those that begin and end it.
    log_probability : float
        Of the whole draft, its end included; at most 0.
    score : float
        By which drafts are ranked: the log-probability over the length's penalty.
    """

    pieces: tuple[int, ...]
    log_probability: float
    score: float

    @property
    def confidence(self) -> float:
        """Geometric mean of the probabilities of its pieces, its end included, in [0, 1]."""
        return float(torch.tensor(self.log_probability / (len(self.pieces) + 1)).exp())


@torch.inference_mode()
def beam_search(
    network: EncoderDecoder, read: Tensor, presence: Tensor, ends: tuple[int, int], settings: BeamSettings
) -> tuple[Beam, ...]:
    """Write drafts of one text, the best first.

    Parameters
    ----------
    read, presence : Tensor
        ``(1, T, D)`` and ``(1, T)``, as of `EncoderDecoder.write`.
    ends : tuple of int
        The piece that begins a draft, and the one that ends it.
    """
    begin, end = ends
    width, longest = settings.beams, network.config.longest_draft
    drafts = torch.tensor([[begin]], device=read.device)  # (K, N), one open beam at first
    sums = torch.zeros(1, device=read.device)  # (K,) log-probabilities
    done: list[Beam] = []
    while drafts.shape[1] < longest:
        count = len(drafts)
        written = network.write(read.expand(count, -1, -1), presence.expand(count, -1), drafts)
        following = written.logits[:, -1].float().log_softmax(dim=-1)  # (K, V)
        following[:, begin] = -torch.inf
        if drafts.shape[1] <= settings.shortest:
            following[:, end] = -torch.inf
        totals = (sums[:, None] + following).flatten()  # (K * V,)
        best = totals.topk(min(2 * width, len(totals)))  # of twice as many, at least half do not end
        rows, pieces = best.indices // following.shape[1], best.indices % following.shape[1]  # (2 K,) both
        ending = pieces == end  # (2 K,)
        for rank in ending.nonzero()[:, 0].tolist():
            if rank < width:
                done.append(_beam(drafts[rows[rank]], float(best.values[rank]), settings))
        going = (~ending).nonzero()[:width, 0]  # (K,)
        drafts = torch.cat([drafts[rows[going]], pieces[going, None]], dim=1)  # (K, N + 1)
        sums = best.values[going]  # (K,)
        if len(done) >= width and _nothing_better(done, float(sums[0]), longest, settings):
            break
    # What never ended is worse than nothing that did; alone, it is cut where the decoder's places end.
    found = done or [_beam(draft, float(total), settings) for draft, total in zip(drafts, sums, strict=True)]
    return tuple(sorted(found, key=lambda beam: -beam.score)[:width])


def _beam(draft: Tensor, log_probability: float, settings: BeamSettings) -> Beam:
    pieces = tuple(draft[1:].tolist())
    return Beam(pieces, log_probability, log_probability / penalty(len(pieces) + 1, settings.length))


def penalty(length: int, power: float) -> float:
    """By what the log-probability of so many pieces is divided.

    >>> penalty(1, 0.6), penalty(7, 0.0)
    (1.0, 1.0)
    """
    return float(((5 + length) / 6) ** power)


def _nothing_better(done: list[Beam], best_open: float, longest: int, settings: BeamSettings) -> bool:
    """Whether no open beam can still come before the worst of the best that ended."""
    worst = sorted((beam.score for beam in done), reverse=True)[settings.beams - 1]
    return best_open / penalty(longest, settings.length) <= worst
