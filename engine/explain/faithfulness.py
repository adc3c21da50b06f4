"""Whether a map marks what an answer rests on: parts are taken away and brought back in the order of the map.

Deletion and insertion: Petsiuk, Das & Saenko, RISE, BMVC 2018. Sufficiency and comprehensiveness: DeYoung et al.,
ERASER, ACL 2020. A part is removed by being absent, as the model was trained with, not by being painted over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.explain.baselines import Order, blob_orders, random_orders
from engine.measured import Band, Comparison, Curve, Verdict
from engine.words import mark, recorded

Floats = NDArray[np.float64]
Ask = Callable[[NDArray[np.bool_]], Floats]
"""What is kept in M variants, ``(M, U)`` -> the probability of the explained label in each, ``(M,)``."""
Progress = Callable[[float], None]

STEPS = 20
STEP_SHARES = tuple(step / STEPS for step in range(1, STEPS))
ERASER_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
# Maps that know nothing are measured at one of `STEP_SHARES` only, to keep the cost down: random ones by halves, which
# are steadiest; blobs by fifths, because the middle half of an image is most of it.
CHANCE_SHARE = 0.5
BLOB_SHARE = 0.2
SEEDS = 20  # maps of each kind that know nothing
LEVEL = 0.05  # of the one-sided test by rank: all of 20 have to be beaten
LEAST_GAP = 0.01  # of probability: below, the answer rests on nothing that could be marked
AT_ONCE = 32  # variants asked for between two reports of progress


@dataclass(frozen=True)
class RemovalEvidence:
    """What `measure` finds; the fields are those of `engine.results.Faithfulness`."""

    verdict: Verdict
    sentence: str
    deletion: Curve
    insertion: Curve
    chance: Comparison
    blob: Comparison
    sufficiency: float
    comprehensiveness: float
    passes: float


def measure(
    ask: Ask, relevance: Floats, places: NDArray[np.integer], *, seed: int = 0, progress: Progress | None = None
) -> RemovalEvidence:
    """Measure one map by removals, and maps that know nothing beside it.

    A random map and its reverse have opposite gaps, so that ten random orders give twenty maps.

    Parameters
    ----------
    relevance : numpy.ndarray
        ``(U,)``: the map at every part; only its order counts, and ties are broken at random.
    places : numpy.ndarray
        ``(U, 2)`` int: row and column of each part.
    progress : callable or None
        Called with the share done; what it raises ends the measurement.
    """
    generator = np.random.default_rng(seed)
    parts = len(relevance)
    order = np.lexsort((generator.random(parts), -relevance))  # (U,)
    few = max(1, round(ERASER_SHARES[0] * parts))
    nothing, everything = (float(ask(np.full((1, parts), kept))[0]) for kept in (False, True))
    extreme = np.stack([_first(order, few), ~_first(order, few)])  # (2, U)
    random = _ends(random_orders(parts, SEEDS // 2, generator), (CHANCE_SHARE,))
    blobs = _ends(blob_orders(places, SEEDS, generator), (BLOB_SHARE,))
    questions = [extreme, _ends([order], STEP_SHARES), random, blobs]
    (kept_few, lost_few), *ends = _ask_all(ask, questions, progress)
    own, by_random, by_blob = (found.reshape(-1, 2) for found in ends)  # (., 2): first and last parts of an order
    there_and_back = np.concatenate([by_random, by_random[:, ::-1]])  # (SEEDS, 2)
    limits = nothing, everything
    chance = _compare(mark("random maps"), CHANCE_SHARE, own, there_and_back, limits)
    blob = _compare(mark("blobs in the middle"), BLOB_SHARE, own, by_blob, limits)
    verdict, sentence = judge(chance, blob)
    at = [STEP_SHARES.index(share) for share in ERASER_SHARES[1:]]
    return RemovalEvidence(
        verdict,
        sentence,
        deletion=Curve((0.0, *STEP_SHARES, 1.0), (everything, *own[::-1, 1].tolist(), nothing)),
        insertion=Curve((0.0, *STEP_SHARES, 1.0), (nothing, *own[:, 0].tolist(), everything)),
        chance=chance,
        blob=blob,
        sufficiency=everything - float(np.mean([kept_few, *own[at, 0]])),
        comprehensiveness=everything - float(np.mean([lost_few, *own[[-1 - rank for rank in at], 1]])),
        passes=1.0 + float(sum(rows.mean(axis=1).sum() for rows in questions)),
    )


def judge(chance: Comparison, blob: Comparison) -> tuple[Verdict, str]:
    """Say what the comparisons say of a map, in a word and in a sentence."""
    over_chance, over_blob = _beaten(chance), _beaten(blob)
    if max(map(abs, (chance.gap, *chance.gaps, blob.gap, *blob.gaps))) < LEAST_GAP:
        return Verdict.CHANCE, recorded("The answer hardly moves, whichever parts are removed first.")
    if chance.p_worse <= LEVEL:
        worse = mark("What it marks matters less than parts picked at random: it does worse than all {n}.")
        return Verdict.WORSE, recorded(worse, n=SEEDS)
    if chance.p_better > LEVEL:
        alike = mark("{as_good} of {n} random maps do as well as this map or better.")
        return Verdict.CHANCE, recorded(alike, as_good=SEEDS - over_chance, n=SEEDS)
    if blob.p_better > LEVEL:
        central = mark(
            "It does better than {maps} of {n} random maps, but only than {blobs} of {n} blobs in the middle, which "
            "know nothing of the case."
        )
        return Verdict.CHANCE, recorded(central, maps=over_chance, blobs=over_blob, n=SEEDS)
    faithful = mark(
        "Removing what it marks changes the answer more than {maps} of {n} random maps and {blobs} of {n} blobs in the "
        "middle do."
    )
    return Verdict.FAITHFUL, recorded(faithful, maps=over_chance, blobs=over_blob, n=SEEDS)


def rank_p(value: float, others: Floats) -> float:
    """One-sided p-value by rank: ``(1 + k) / (1 + n)``, k of n `others` being at least as large."""
    return float((1 + (others >= value).sum()) / (1 + len(others)))


def _compare(against: str, share: float, steps: Floats, others: Floats, limits: tuple[float, float]) -> Comparison:
    """Compare a map ``(S, 2)`` with others ``(K, 2)``: probabilities with the first and with the last parts alone.

    `limits` are the probabilities with no part and with all of them.
    """
    first, last = steps[STEP_SHARES.index(share)]
    gap, gaps = float(first - last), others[:, 0] - others[:, 1]  # (), (K,)
    nothing, everything = limits
    return Comparison(
        against,
        share,
        gap,
        tuple(gaps.tolist()),
        p_better=rank_p(gap, gaps),
        p_worse=rank_p(-gap, -gaps),
        deletion=_band(1 - share, others[:, 1], everything, nothing),
        insertion=_band(share, others[:, 0], nothing, everything),
    )


def _band(share: float, values: Floats, start: float, end: float) -> Band:
    """Lowest, mean and highest of curves that all go from `start` to `end` by way of `values` ``(K,)``."""
    low, mean, high = ((start, float(found), end) for found in (values.min(), values.mean(), values.max()))
    return Band((0.0, share, 1.0), low, mean, high)


def _first(order: Order, count: int) -> NDArray[np.bool_]:
    """Keep the first parts of an order, ``(U,)``."""
    kept = np.zeros(len(order), np.bool_)
    kept[order[:count]] = True
    return kept


def _ends(orders: Sequence[Order], shares: Sequence[float]) -> NDArray[np.bool_]:
    """Keep the first, then the last parts of each order at each share: ``(orders * shares * 2, U)``."""
    counts = [round(share * len(orders[0])) for share in shares]
    return np.array([_first(way, count) for order in orders for count in counts for way in (order, order[::-1])])


def _ask_all(ask: Ask, questions: Sequence[NDArray[np.bool_]], progress: Progress | None) -> list[Floats]:
    """Ask all questions ``(M, U)`` together, those of like length at once, and give each its answers ``(M,)``."""
    rows = np.concatenate(questions)  # (all, U)
    work = rows.sum(axis=1)  # (all,)
    by_length = np.argsort(work, kind="stable")
    found = np.empty(len(rows))
    for start in range(0, len(rows), AT_ONCE):
        chosen = by_length[start : start + AT_ONCE]
        found[chosen] = ask(rows[chosen])
        if progress is not None:
            progress(float(work[by_length[: start + AT_ONCE]].sum() / work.sum()))
    return np.split(found, np.cumsum([len(part) for part in questions])[:-1])


def _beaten(comparison: Comparison) -> int:
    """How many maps that know nothing do worse."""
    return sum(gap < comparison.gap for gap in comparison.gaps)
