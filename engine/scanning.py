"""A long sequence searched for the sites that a window model knows, place after place, on both strands.

Only places whose letters may be those of a junction are asked about: GT after a donor, AG before an acceptor (the GT-AG
rule: Breathnach & Chambon, Annu Rev Biochem 50, 1981), which 99 % of the junctions in the training set have.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case
from engine.density import DENSITY, check_density
from engine.errors import NoSuitableTask
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.output import TokenNetwork
from engine.models.room import with_room
from engine.preprocess.sequence import cut_sites, find_pairs, known_around, letters_of, reverse_complement
from engine.sites import AT_LEAST, JUNCTIONS, Scan
from engine.tasks.splice_junction import NEITHER, WINDOW
from engine.trust.calibration import calibrate
from engine.words import tr

Progress: TypeAlias = Callable[[float], None]
Found: TypeAlias = Callable[[Scan], None]
Stop: TypeAlias = Callable[[], bool]
Bases: TypeAlias = NDArray[np.uint8]
Places: TypeAlias = NDArray[np.int64]

LEAST_KNOWN = WINDOW * 3 // 4  # bases of a window that must lie inside the sequence and not be N
_STRETCH = 16_384  # bases that are searched on both strands before the next: what was found grows along the sequence
_FEW, _MANY = 64, 4096  # windows at once on a processor, whose caches hold no more, and on an accelerator
_ROUNDS = 4  # batches of each thread between two calls of progress
_TELL_EVERY = 2.0  # seconds
_NO_ANSWERS = np.empty((0, len(JUNCTIONS)), np.float32)


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Bases of one strand with their places ``(S,)``, and these as `Site.frame` says them ``(S,)``.

    `allowed` ``(S, 2)`` says whether the letters may be a donor's, and an acceptor's.
    """

    letters: Bases
    places: Places
    allowed: NDArray[np.bool_]
    frames: Places
    unknown: int


@with_room
def scan(
    case: Case,
    model: LoadedModel,
    *,
    both_strands: bool = True,
    density: float = DENSITY,
    at_least: float = AT_LEAST,
    progress: Progress | None = None,
    found: Found | None = None,
    stop: Stop | None = None,
) -> Scan:
    """Search a case's sequence for junctions.

    Parameters
    ----------
    both_strands : bool
        Search the reverse complement too: which strand a gene lies on is not said by its sequence.
    density : float
        Junctions expected in 1,000 bases, over all strands searched, in (0, `MOST_DENSITY`].
    at_least : float
        The lowest probability of a site that is listed, in [0, 1].
    progress : callable or None
        Called with the share done, in [0, 1]; what it raises ends the search.
    found : callable or None
        Called every few seconds with what was found so far.
    stop : callable or None
        Asked again and again; as soon as it says True the search ends, and what was found until then is returned.

    Raises
    ------
    NoSuitableTask
        The case has no sequence.
    ValueError
        The density is out of its range.
    """
    if case.sequence is None:
        raise NoSuitableTask(tr("The case has no sequence to search."), tr("Open a FASTA file."))
    check_density(density)
    bases = case.sequence.bases
    begun = _nothing(case.title, bases)
    begun = replace(begun, strands=1 + both_strands, density=density, at_least=at_least)
    gathered, told = _Gathered(begun), time.monotonic()
    with closing(_answers(model, letters_of(bases), both_strands=both_strands)) as answers:  # with its threads
        for answered in answers:
            gathered.add(answered)
            if progress is not None:
                progress(answered.share)
            if found is not None and time.monotonic() - told > _TELL_EVERY:
                found(gathered.scan())
                told = time.monotonic()
            if stop is not None and stop():
                return gathered.scan()
    return replace(gathered.scan(), share=1.0)  # its sum may fall short by a rounding


def _nothing(name: str, bases: str) -> Scan:
    """A search that has not begun."""
    none = np.empty((0, len(JUNCTIONS)))
    return Scan(name, bases, np.empty(0, np.int64), none.astype(np.float32), none.astype(np.bool_), 0, share=0.0)


@dataclass(frozen=True, eq=False)
class _Answered:
    """Some places of a sequence, as of `Scan`, with the share of the sequence that is done after them."""

    share: float
    frames: Places
    log_odds: NDArray[np.float32]
    allowed: NDArray[np.bool_]
    unknown: int


class _Gathered:
    """What was found so far; of places that are rather none nothing is kept."""

    def __init__(self, begun: Scan) -> None:
        self._begun = begun
        self._found = [(begun.frames, begun.log_odds, begun.allowed)]
        self._searched, self._unknown, self._share = 0, 0, 0.0

    def add(self, answered: _Answered) -> None:
        kept = np.exp(answered.log_odds).sum(axis=1) >= 1  # (b,)
        self._found.append((answered.frames[kept], answered.log_odds[kept], answered.allowed[kept]))
        self._searched += len(kept)
        self._unknown += answered.unknown
        self._share = answered.share

    def scan(self) -> Scan:
        frames, log_odds, allowed = (np.concatenate(parts) for parts in zip(*self._found, strict=True))
        self._found = [(frames, log_odds, allowed)]
        return replace(
            self._begun,
            frames=frames,
            log_odds=log_odds,
            allowed=allowed,
            searched=self._searched,
            unknown=self._unknown,
            share=self._share,
        )


def _answers(model: LoadedModel, letters: Bases, *, both_strands: bool) -> Generator[_Answered, None, None]:
    """Ask about stretch after stretch, a few batches of one strand at a time."""
    threads, at_once = _pace(model.device)
    strands = (False, True)[: 1 + both_strands]
    with _alone(), ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        for first in range(0, len(letters), _STRETCH):
            last = min(first + _STRETCH, len(letters))
            for strand in strands:
                stretch = _stretch(letters, first, last, reverse=strand)
                whole = (last - first) / len(letters) / len(strands)
                begun = first / len(letters) + strand * whole
                for part, done in _parts(len(stretch.places), threads * at_once * _ROUNDS):
                    batches = [slice(at, min(at + at_once, part.stop)) for at in range(part.start, part.stop, at_once)]
                    answers = [_NO_ANSWERS, *pool.map(partial(_ask, model, stretch), batches)]
                    yield _Answered(
                        begun + done * whole,
                        stretch.frames[part],
                        np.concatenate(answers),
                        stretch.allowed[part],
                        stretch.unknown if part.start == 0 else 0,
                    )


@contextmanager
def _alone() -> Iterator[None]:
    """Leave one thread to each operation that a thread of a search begins: with several, small batches mostly wait."""
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)  # new threads, and those that never chose, begin with what was said last


def _parts(count: int, size: int) -> Iterator[tuple[slice, float]]:
    """Parts of `count` things, at least one, with the share that is done after each."""
    for start in range(0, max(count, 1), size):
        stop = min(start + size, count)
        yield slice(start, stop), stop / count if count else 1.0


def _pace(device: torch.device) -> tuple[int, int]:
    """Threads that ask, and windows that each asks about at once."""
    if device.type != "cpu":
        return 1, _MANY
    return os.cpu_count() or 1, _FEW


def _stretch(letters: Bases, first: int, last: int, *, reverse: bool) -> _Stretch:
    """The places before the bases [first, last) of a whole sequence on one strand."""
    low, high = max(0, first - WINDOW // 2), min(len(letters), last + WINDOW // 2)
    piece = letters[low:high]
    if reverse:
        piece = reverse_complement(piece)
    places, allowed, known = _places(piece)
    positions = high - places if reverse else low + places
    here = (positions >= first) & (positions < last)
    inside = known_around(np.zeros_like(piece), WINDOW) >= LEAST_KNOWN  # (N + 1,)
    unknown = inside & (known < LEAST_KNOWN)
    at = np.arange(len(known))
    at = high - at if reverse else low + at
    frames = -positions[here] if reverse else positions[here]
    return _Stretch(piece, places[here], allowed[here], frames, int(unknown[(at >= first) & (at < last)].sum()))


def _places(letters: Bases) -> tuple[Places, NDArray[np.bool_], Places]:
    """Positions ``(S,)``, ascending, where letters may be a junction's, of which kind, and what is known around all.

    The second is ``(S, 2)``, the last ``(N + 1,)``.
    """
    known = known_around(letters, WINDOW)
    donors, acceptors = find_pairs(letters, "GT"), find_pairs(letters, "AG") + 2  # (D,), (A,)
    places = np.union1d(donors, acceptors)  # (S,)
    places = places[known[places] >= LEAST_KNOWN]
    return places, np.stack([np.isin(places, donors), np.isin(places, acceptors)], axis=1), known


def _ask(model: LoadedModel, stretch: _Stretch, part: slice) -> NDArray[np.float32]:
    """Calibrated log odds ``(b, 2)`` of both junctions against neither at some places of a stretch."""
    inputs = cut_sites(stretch.letters, stretch.places[part], WINDOW).to(model.device)
    with torch.inference_mode(), precision(model.device):
        logits = cast(TokenNetwork, model.network)(inputs).logits.float().cpu()  # (b, L)
    log = np.log(calibrate(logits, model.card.trust, multi_label=False))  # (b, L)
    junctions = [model.labels.index(label) for label in JUNCTIONS]
    return np.asarray(log[:, junctions] - log[:, [model.labels.index(NEITHER)]], np.float32)
