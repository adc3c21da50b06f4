"""A long sequence searched for the sites that a window model knows, place after place.

Only places with the letters of a junction are asked about: GT after a donor, AG before an acceptor (the GT-AG rule:
Breathnach & Chambon, Annu Rev Biochem 50, 1981), which 99 % of the junctions in the training set have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case
from engine.errors import NoSuitableTask
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.output import TokenNetwork
from engine.models.room import with_room
from engine.preprocess.sequence import cut_sites, letters_of, site_of
from engine.tasks.splice_junction import ACCEPTOR, DONOR, WINDOW
from engine.trust.calibration import calibrate
from engine.words import tr

Progress: TypeAlias = Callable[[float], None]

AT_LEAST = 0.5
LEAST_INSIDE = WINDOW * 3 // 4  # bases of a window that must lie inside the sequence
_AT_ONCE = 256


@dataclass(frozen=True)
class Site:
    """A junction that the model believes in.

    Parameters
    ----------
    position : int
        The base that follows it, counted from 0.
    label : str
        Its kind.
    probability : float
        Calibrated, in [0, 1], for a window drawn as in the training set.
    context : str
        The ten bases before it and the ten after it.
    """

    position: int
    label: str
    probability: float
    context: str


@dataclass(frozen=True)
class Scan:
    """The sites of one sequence, most probable first, among `searched` places of its `length` bases."""

    sites: tuple[Site, ...]
    searched: int
    length: int

    @property
    def best(self) -> int:
        """Position of the most probable site; 0, which stands for the middle, where there is none."""
        return self.sites[0].position if self.sites else 0

    def to_bed(self, name: str) -> str:
        """Write the two letters of each intron that mark a junction as BED lines (UCSC: from 0, the end not included).

        Parameters
        ----------
        name : str
            Of the sequence, the first column.
        """
        lines = []
        for site in sorted(self.sites, key=lambda site: site.position):
            start = site.position if site.label == DONOR else site.position - 2
            lines.append(f"{name}\t{start}\t{start + 2}\t{site.label}\t{round(1000 * site.probability)}\t+\n")
        return "".join(lines)


@with_room
def scan(case: Case, model: LoadedModel, *, at_least: float = AT_LEAST, progress: Progress | None = None) -> Scan:
    """Search a case's sequence for junctions.

    Parameters
    ----------
    at_least : float
        The lowest probability of a site that is kept, in [0, 1].
    progress : callable or None
        Called with the share done, in [0, 1]; what it raises ends the search.

    Raises
    ------
    NoSuitableTask
        The case has no sequence.
    """
    if case.sequence is None:
        raise NoSuitableTask(tr("The case has no sequence to search."), tr("Open a FASTA file."))
    bases = case.sequence.bases
    letters = letters_of(bases)  # (N,)
    places = _places(letters)  # (S,)
    found: list[Site] = []
    for first in range(0, len(places), _AT_ONCE):
        chosen = places[first : first + _AT_ONCE]  # (b,)
        probabilities = _ask(model, letters, chosen)  # (b, L)
        for label in (DONOR, ACCEPTOR):
            column = probabilities[:, model.labels.index(label)]  # (b,)
            found += [
                Site(int(chosen[row]), label, float(column[row]), _context(bases, int(chosen[row])))
                for row in np.flatnonzero(column >= at_least)
            ]
        if progress is not None:
            progress(min(1.0, (first + _AT_ONCE) / len(places)))
    found.sort(key=lambda site: (-site.probability, site.position))
    return Scan(tuple(found), len(places), len(bases))


def fits_one_window(case: Case) -> bool:
    """Whether a sequence is no longer than what the model reads at once: then there is nothing to search."""
    return case.sequence is None or len(case.sequence.bases) <= WINDOW


def site_in_question(case: Case) -> int:
    """Position of the site that a case's sequence asks about; 0 where there is no sequence."""
    return site_of(case.sequence) if case.sequence else 0


def _places(letters: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Positions ``(S,)``, ascending, where the letters allow a junction and most of the window is inside."""
    donors = _pairs(letters, b"GT")  # (D,)
    acceptors = _pairs(letters, b"AG") + 2  # (A,)
    places = np.union1d(donors, acceptors)  # (S,)
    outside = LEAST_INSIDE - WINDOW // 2
    return places[(places >= outside) & (places <= len(letters) - outside)]


def _pairs(letters: NDArray[np.uint8], pair: bytes) -> NDArray[np.int64]:
    """Positions of the first of two letters that follow one another."""
    return np.flatnonzero((letters[:-1] == pair[0]) & (letters[1:] == pair[1]))


def _ask(model: LoadedModel, letters: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[Any]:
    """Calibrated probabilities ``(S, L)`` of the windows around some places ``(S,)``."""
    inputs = cut_sites(letters, places, WINDOW).to(model.device)
    with torch.inference_mode(), precision(model.device):
        logits = cast(TokenNetwork, model.network)(inputs).logits.float().cpu()  # (S, L)
    return calibrate(logits, model.card.trust, multi_label=False)


def _context(bases: str, position: int) -> str:
    return f"{bases[max(0, position - 10) : position]}|{bases[position : position + 10]}"
