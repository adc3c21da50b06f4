"""Whether a window of bases is one that a model of gene windows was made for: plain checks of its letters."""

from __future__ import annotations

from collections import Counter

from engine.case import Sequence
from engine.preprocess.sequence import BASES, site_of
from engine.words import mark, recorded

AROUND = 30  # bases on each side that are looked at
FEWEST = 45  # of them that must lie inside the sequence
UNCERTAIN = 0.1  # share of letters that stand for several bases, above which too little is known
MONOTONOUS = 0.75  # share of one base above which there is no gene


def sequence_reasons(sequence: Sequence) -> list[str]:
    """What puts the window around a sequence's site outside; empty where nothing does."""
    site = site_of(sequence)
    window = sequence.bases[max(0, site - AROUND) : site + AROUND]
    if len(window) < FEWEST:
        cut = mark("Only {n} of the {all} bases around this place are in the sequence.")
        return [recorded(cut, n=len(window), all=2 * AROUND)]
    counts = Counter(window)
    uncertain = sum(count for letter, count in counts.items() if letter not in BASES) / len(window)
    if uncertain > UNCERTAIN:
        return [recorded("{share:.0%} of its letters stand for several bases.", share=uncertain)]
    letter, most = counts.most_common(1)[0]
    if most / len(window) > MONOTONOUS:
        return [recorded("It is almost nothing but {letter}: no window of a gene.", letter=letter)]
    return []
