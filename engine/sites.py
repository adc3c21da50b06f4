"""The sites of a searched sequence, with what is expected of its like, as records, BED and CSV.

A window model answers for windows as they were drawn for its training, of which half are junctions; in a gene one place
in thousands is. What it says is moved to the density that is expected: Saerens, Latinne & Decaestecker, Neural
Computation 14, 2002, equation 2.4.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.case import Case
from engine.density import DENSITY, check_density
from engine.preprocess.sequence import is_reverse, letters_of, reverse_complement, site_of
from engine.tasks.splice_junction import ACCEPTOR, DONOR, TRAINED_SHARES, WINDOW

AT_LEAST = 0.01
JUNCTIONS = (DONOR, ACCEPTOR)
FORWARD, REVERSE = "+", "-"
_AROUND = 10
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Site:
    """A junction that the model thinks possible.

    Parameters
    ----------
    position : int
        The base of the sequence as it was given that follows it, counted from 0, on either strand.
    label : str
        Its kind.
    probability : float
        Calibrated, in [0, 1], at the density of junctions that is expected.
    context : str
        The ten bases before it and the ten after it, as its strand reads them.
    strand : str
        ``+`` for the sequence as it was given, ``-`` for its reverse complement.
    as_trained : float
        Calibrated, in [0, 1], for a window drawn as in the training set.
    """

    position: int
    label: str
    probability: float
    context: str
    strand: str = FORWARD
    as_trained: float = 0.0

    @property
    def frame(self) -> int:
        """The site as `Case.at` takes it: negative on the other strand."""
        return -self.position if self.strand == REVERSE else self.position

    @property
    def letters(self) -> tuple[int, int]:
        """First base of the two letters of the intron that mark it, and one past the last, from 0."""
        behind = (self.label == DONOR) == (self.strand == FORWARD)
        start = self.position if behind else self.position - 2
        return start, start + 2


@dataclass(frozen=True, eq=False)
class Scan:
    """What was found in one sequence, or in the part of it that was searched so far.

    Parameters
    ----------
    name, bases : str
        Of the sequence.
    frames : numpy.ndarray
        ``(S,)`` int64: places that the model rather calls a junction than none, as of `Site.frame`.
    log_odds : numpy.ndarray
        ``(S, 2)`` float32: calibrated log odds of a donor and of an acceptor against neither, for windows drawn as in
        the training set.
    allowed : numpy.ndarray
        ``(S, 2)`` bool: whether the letters there may be those of a donor, and of an acceptor; no other is listed.
    searched : int
        Places that were asked about.
    unknown : int
        Places among runs of N, which were not asked about.
    strands : int
        1 where only the sequence as it was given was searched, 2 with its reverse complement.
    share : float
        How much of the sequence was searched, in [0, 1]; below 1 where the search goes on, or was stopped.
    density : float
        Junctions expected in 1,000 bases, over all strands searched, in (0, `MOST_DENSITY`].
    at_least : float
        The lowest probability of a site that is listed, in [0, 1].
    """

    name: str
    bases: str
    frames: NDArray[np.int64]
    log_odds: NDArray[np.float32]
    allowed: NDArray[np.bool_]
    searched: int
    unknown: int = 0
    strands: int = 2
    share: float = 1.0
    density: float = DENSITY
    at_least: float = AT_LEAST

    def expecting(self, density: float) -> Scan:
        """The same with another density of junctions expected; nothing is asked anew.

        Raises
        ------
        ValueError
            If it is not in (0, `MOST_DENSITY`].
        """
        check_density(density)
        return replace(self, density=density)

    @property
    def length(self) -> int:
        """Bases of the sequence."""
        return len(self.bases)

    @property
    def shift(self) -> float:
        """What the density expected adds to the log odds of a donor; of an acceptor it adds about the same."""
        return float(self._shifts[0])

    @property
    def _shifts(self) -> NDArray[np.float64]:
        """For each junction, ``(2,)``: log odds at the density expected, less those of the training set."""
        expected = self.density / 1000 / self.strands / len(JUNCTIONS)  # of each kind at each place of a strand
        *trained, neither = TRAINED_SHARES
        return np.asarray(np.log(expected / (1 - len(JUNCTIONS) * expected)) - np.log(np.array(trained) / neither))

    @cached_property
    def _probabilities(self) -> NDArray[np.float64]:
        return _shares(self.log_odds + self._shifts)  # (S, 2)

    @cached_property
    def _listed(self) -> NDArray[np.int64]:
        """Places in the flat ``(2 S,)`` of the sites that are listed, most probable first."""
        probabilities = self._probabilities.ravel()
        listed = np.flatnonzero((probabilities >= self.at_least) & self.allowed.ravel())
        positions = np.abs(self.frames)[listed // len(JUNCTIONS)]
        return np.asarray(listed[np.lexsort((positions, -probabilities[listed]))])

    @property
    def count(self) -> int:
        """How many sites are listed."""
        return len(self._listed)

    @property
    def expected(self) -> float:
        """How many of the sites that are listed are junctions, by their own probabilities."""
        return float(self._probabilities.ravel()[self._listed].sum())

    @property
    def sites(self) -> tuple[Site, ...]:
        """All sites that are listed, most probable first."""
        return self.first(self.count)

    def first(self, count: int) -> tuple[Site, ...]:
        """So many of the most probable sites."""
        return tuple(self._site(int(place)) for place in self._listed[:count])

    def along(self) -> Iterator[Site]:
        """All sites that are listed, in their order along the sequence, one made after the other."""
        positions = np.abs(self.frames)[self._listed // len(JUNCTIONS)]
        return (self._site(int(place)) for place in self._listed[np.argsort(positions, kind="stable")])

    @property
    def best(self) -> int:
        """Frame of the most probable site; 0, which stands for the middle, where there is none."""
        return self.first(1)[0].frame if self.count else 0

    def _site(self, place: int) -> Site:
        row, kind = divmod(place, len(JUNCTIONS))
        frame, trained = int(self.frames[row]), _shares(self.log_odds[row].astype(np.float64))
        return Site(
            position=abs(frame),
            label=JUNCTIONS[kind],
            probability=float(self._probabilities[row, kind]),
            context=_context(self.bases, frame),
            strand=REVERSE if frame < 0 else FORWARD,
            as_trained=float(trained[kind]),
        )


def sites_bed(scans: Iterable[Scan]) -> str:
    """Write the two letters of each intron that mark a junction as BED lines (UCSC: from 0, the end not included)."""
    written = io.StringIO()
    for scan in scans:
        name = _BLANKS.sub("_", scan.name)
        if scan.share < 1:
            written.write(f"# {name}: the search was stopped, {scan.share:.1%} of the sequence was searched\n")
        for site in scan.along():
            start, end = site.letters
            written.write(f"{name}\t{start}\t{end}\t{site.label}\t{round(1000 * site.probability)}\t{site.strand}\n")
    return written.getvalue()


def sites_csv(scans: Iterable[Scan]) -> str:
    """Write all sites as one table, sequence after sequence, most probable first, bases counted from 1."""
    columns = (
        "Sequence",
        "Base",
        "Strand",
        "Junction",
        "Probability",
        "Junctions expected per kb",
        "As trained",
        "Around",
        "Share searched",
    )
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    for scan in scans:
        name = scan.name.lstrip("=+-@\t\r ")  # a spreadsheet would run it
        for site in scan.sites:
            figures = (f"{site.probability:.4g}", f"{scan.density:g}", f"{site.as_trained:.4f}")
            place = (name, site.position + 1, site.strand, site.label)
            writer.writerow((*place, *figures, site.context, f"{scan.share:.4g}"))
    return written.getvalue()


def fits_one_window(case: Case) -> bool:
    """Whether a sequence is no longer than what the model reads at once: then there is nothing to search."""
    return case.sequence is None or len(case.sequence.bases) <= WINDOW


def site_in_question(case: Case) -> int:
    """Position of the site that a case's sequence asks about; 0 where there is no sequence."""
    return site_of(case.sequence) if case.sequence else 0


def asks_reverse(case: Case) -> bool:
    """Whether a case's sequence asks about a site as the other strand reads it."""
    return case.sequence is not None and is_reverse(case.sequence)


def other_strand(bases: str) -> str:
    """The reverse complement of some bases."""
    return reverse_complement(letters_of(bases)).tobytes().decode("ascii")


def _shares(log_odds: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities of the labels from their log odds against the one that is left, ``(..., L)``."""
    odds = np.exp(log_odds, dtype=np.float64)
    return np.asarray(odds / (1 + odds.sum(axis=-1, keepdims=True)))


def _context(bases: str, frame: int) -> str:
    position = abs(frame)
    before, after = bases[max(0, position - _AROUND) : position], bases[position : position + _AROUND]
    if frame < 0:
        before, after = other_strand(after), other_strand(before)
    return f"{before}|{after}"
