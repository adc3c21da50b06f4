"""Whether readers do better with the model than alone: multi-reader, multi-case figures from signed reviews.

Each figure is the mean over readers of each reader's own figure. Intervals are 95 % quantiles of a bootstrap that draws
readers and cases, crossed (Beiden, Wagner and Campbell, Acad Radiol 7, 2000; Owen, Ann Appl Stat 1, 2007: it errs on
the wide side). With fewer than `FEWEST_READERS` readers only cases are drawn, and a figure holds for these readers
alone; with fewer than `FEWEST_CASES` cases behind it, it has no interval. Reader alone and reader with the model are
compared on the same readings, so the interval of the gain is one of pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.kappa import cohen_kappa, fleiss_kappa
from engine.evaluation.metrics import accuracy, auroc, bootstrap_weights, interval, sensitivity, specificity
from engine.evaluation.readings import Endpoint, Readings, StudyReading
from engine.models.card import FEWEST_CASES
from engine.review import ReadingOrder
from engine.wording import count, listed
from engine.words import mark, spoken, tr

_BETWEEN = mark(" and ")
FEWEST_READERS = 3

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Traits = Mapping[str, Mapping[str, str]]
"""What is known of each case, by its id: for example its modality."""

_Call = Callable[[StudyReading], bool | None]
_Score = Callable[[StudyReading], float | None]


@dataclass(frozen=True)
class Estimate:
    """One figure of a reader study.

    Parameters
    ----------
    value : float or None
        None where it is not defined on these cases.
    low, high : float or None
        The 95 % interval; None where there are too few cases for one, or all resamples are alike.
    readings, readers, cases : int
        What is behind it.
    over_readers : bool
        Whether the interval speaks of other readers too, or of these alone.
    """

    value: float | None
    low: float | None
    high: float | None
    readings: int
    readers: int
    cases: int
    over_readers: bool = False

    @property
    def behind(self) -> str:
        """What is behind it, in words."""
        parts = ((self.readings, "reading"), (self.readers, "reader"), (self.cases, "case"))
        return listed(count(number, what) for number, what in parts)


@dataclass(frozen=True)
class ReaderComparison:
    """One figure of readers alone, with the model, and the gain: with less alone, on the same readings."""

    name: str
    alone: Estimate
    final: Estimate
    gain: Estimate


@dataclass(frozen=True)
class RaterAgreement:
    """Kappa of some raters before and after the model's answer; None where fewer than two cases were called by all."""

    raters: str
    kind: str
    alone: Estimate | None
    final: Estimate | None

    @property
    def named(self) -> str:
        """The raters, in the reader's language."""
        return tr(_BETWEEN).join(map(spoken, self.raters.split(_BETWEEN)))


@dataclass(frozen=True)
class ReadingTimes:
    """Seconds from opening a case to signing, in one order of reading."""

    order: ReadingOrder
    seconds: tuple[float, ...]

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """First quartile, median and third quartile."""
        first, median, third = np.percentile(self.seconds, (25, 50, 75))
        return float(first), float(median), float(third)


@dataclass(frozen=True)
class Switches:
    """What became of the reader's own call, where the model was right or where it was wrong.

    `to_wrong` where the model was wrong is over-reliance; `kept_wrong` where it was right is advice not taken.
    """

    model_right: bool
    kept_right: int
    to_right: int
    to_wrong: int
    kept_wrong: int


@dataclass(frozen=True)
class SubgroupStudy:
    """The share of right calls in one part of the readings."""

    trait: str
    value: str
    correct: ReaderComparison


@dataclass(frozen=True)
class ReaderStudy:
    """All figures of one endpoint.

    Parameters
    ----------
    comparisons : tuple of ReaderComparison
        Sensitivity, specificity, AUROC and the share of right calls, of readings that began without the model.
    model : mapping of str to Estimate
        The same of the model alone, on the cases that were read.
    model_first : mapping of str to Estimate
        The same of readings in which the model spoke first.
    """

    endpoint: Endpoint
    readings: Readings
    comparisons: tuple[ReaderComparison, ...]
    model: Mapping[str, Estimate]
    model_first: Mapping[str, Estimate]
    agreements: tuple[RaterAgreement, ...]
    times: tuple[ReadingTimes, ...]
    switches: tuple[Switches, ...]
    subgroups: tuple[SubgroupStudy, ...]


def reader_study(readings: Readings, endpoint: Endpoint, traits: Traits | None = None) -> ReaderStudy:
    """Compute all figures of one endpoint.

    Parameters
    ----------
    traits : mapping, optional
        What else tells the cases apart; figures are given for each value.
    """
    used = readings.used
    paired = [one for one in used if one.alone is not None]
    first = [one for one in used if one.order is ReadingOrder.MODEL_FIRST]
    by_model = list({one.case_id: one for one in used if one.model is not None}.values())
    return ReaderStudy(
        endpoint=endpoint,
        readings=readings,
        comparisons=compare(paired),
        model={name: _alone(by_model, figure, per_reader=False) for name, figure in _OF_MODEL.items()},
        model_first={name: _alone(first, figure) for name, figure in _FINAL.items()},
        agreements=agreements(used),
        times=tuple(_times(used)),
        switches=switches(paired),
        subgroups=tuple(_subgroups(paired, traits or {})),
    )


@dataclass(frozen=True)
class _Figure:
    """How one figure is read off readings: who called, what counts, which cases are behind it."""

    metric: Callable[[Flags, Any, Floats], Floats]
    said: _Call | _Score
    of_truth: bool | None = None  # only the positive or only the negative cases are behind it
    needs_both: bool = False  # it is as well known as the rarer of the two


def _signed(call: bool | None, confidence: int | None) -> float | None:
    """How strongly a reader says yes: the confidence, negative where the answer is no."""
    if call is None or confidence is None:
        return None
    return float(confidence if call else -confidence)


def _correct(truth: Flags, called: Flags, weights: Floats) -> Floats:
    return accuracy(truth == called, weights)


def _figures(call: _Call, score: _Score) -> dict[str, _Figure]:
    return {
        mark("sensitivity"): _Figure(sensitivity, call, of_truth=True),
        mark("specificity"): _Figure(specificity, call, of_truth=False),
        "AUROC": _Figure(auroc, score, needs_both=True),
        mark("right calls"): _Figure(_correct, call),
    }


_ALONE = _figures(lambda one: one.alone, lambda one: _signed(one.alone, one.alone_confidence))
_FINAL = _figures(lambda one: one.final, lambda one: _signed(one.final, one.confidence))
_OF_MODEL = _figures(lambda one: one.model, lambda one: one.model_score)


def compare(paired: Sequence[StudyReading], names: Iterable[str] = tuple(_ALONE)) -> tuple[ReaderComparison, ...]:
    """Compare readers alone with the same readers with the model, on readings that have both."""
    return tuple(_compare(name, paired) for name in names)


def _compare(name: str, paired: Sequence[StudyReading]) -> ReaderComparison:
    before, after = _ALONE[name], _FINAL[name]
    rows = [one for one in paired if before.said(one) is not None and after.said(one) is not None]
    draws = _Draws(rows)
    alone, final = draws.samples(before), draws.samples(after)
    return ReaderComparison(name, *(draws.estimate(samples, before) for samples in (alone, final, final - alone)))


def _alone(rows: Sequence[StudyReading], figure: _Figure, *, per_reader: bool = True) -> Estimate:
    known = [one for one in rows if figure.said(one) is not None]
    draws = _Draws(known, per_reader=per_reader)
    return draws.estimate(draws.samples(figure), figure)


class _Draws:
    """Resamples of readers and cases for some readings; all figures of one instance share them, so pairs stay pairs."""

    def __init__(self, rows: Sequence[StudyReading], *, per_reader: bool = True) -> None:
        self.rows = rows
        self.truth: Flags = np.array([one.truth for one in rows], bool)  # (N,)
        names = [one.reader if per_reader else "model" for one in rows]
        self.readers, self.member = np.unique(names, return_inverse=True)  # (R,), (N,)
        self.over_readers = len(self.readers) >= FEWEST_READERS
        if rows:
            _, case = np.unique([one.case_id for one in rows], return_inverse=True)  # (N,)
            self.by_case = _drawn(int(case.max()) + 1)[:, case]  # (1+B, N)
            drawn = _drawn(len(self.readers), seed=1)  # (1+B, R)
            self.by_reader = drawn if self.over_readers else np.ones_like(drawn)

    def samples(self, figure: _Figure) -> Floats:
        """Return the figure and its resamples, ``(1+B,)``; NaN where no reader has it."""
        if not self.rows:
            return np.full(1, np.nan)
        said = np.array([figure.said(one) for one in self.rows])  # (N,) bool or float
        own = []
        for rank in range(len(self.readers)):
            rows = self.member == rank  # (N,)
            own.append(figure.metric(self.truth[rows], said[rows], self.by_case[:, rows]))
        per_reader = np.stack(own, axis=1)  # (1+B, R)
        weights = np.where(np.isfinite(per_reader), self.by_reader, 0.0)  # (1+B, R)
        total = weights.sum(axis=1)  # (1+B,)
        found: Floats = np.full(len(total), np.nan)
        np.divide((weights * np.nan_to_num(per_reader)).sum(axis=1), total, out=found, where=total > 0)
        return found

    def estimate(self, samples: Floats, figure: _Figure) -> Estimate:
        """Sum resamples up, with what is behind them: the positive cases, the negative ones, or all."""
        behind = [one for one in self.rows if figure.of_truth in (None, one.truth)]
        cases = {one.case_id: one.truth for one in behind}
        yes = sum(cases.values())
        fewest = min(yes, len(cases) - yes) if figure.needs_both else len(cases)
        counts = (len(behind), len({one.reader for one in behind}), len(cases))
        return _estimate(samples, fewest, counts, over_readers=self.over_readers)


@lru_cache(maxsize=32)
def _drawn(number: int, seed: int = 0) -> Floats:
    """How often each of so many cases, or readers, is drawn: ``(1+B, number)``; drawn once for all figures."""
    return bootstrap_weights([str(rank) for rank in range(number)], seed=seed)


def _estimate(samples: Floats, fewest: int, counts: tuple[int, int, int], *, over_readers: bool = False) -> Estimate:
    """A figure with its interval; without one where too few cases are behind it, or where all resamples are alike.

    Without a single mistake among the readings a bootstrap knows of none, and would claim certainty.
    """
    if not np.isfinite(samples[0]):
        return Estimate(None, None, None, *counts)
    found = interval(samples)
    if fewest < FEWEST_CASES or not found.low < found.high:
        return Estimate(found.value, None, None, *counts)
    return Estimate(found.value, found.low, found.high, *counts, over_readers=over_readers)


def switches(paired: Sequence[StudyReading]) -> tuple[Switches, ...]:
    """Count what became of the readers' own calls, where the model was right and where it was wrong."""
    known = [one for one in paired if one.model is not None]
    counted = Counter((one.model == one.truth, one.alone == one.truth, one.final == one.truth) for one in known)
    return tuple(
        Switches(
            right,
            kept_right=counted[right, True, True],
            to_right=counted[right, False, True],
            to_wrong=counted[right, True, False],
            kept_wrong=counted[right, False, False],
        )
        for right in (True, False)
    )


def agreements(used: Sequence[StudyReading]) -> tuple[RaterAgreement, ...]:
    """Kappa of every two readers, of all of them where there are more, and of each reader with the model."""
    readers = sorted({one.reader for one in used})
    calls: dict[str, tuple[dict[str, bool], dict[str, bool]]] = {
        reader: (
            {one.case_id: one.alone for one in used if one.reader == reader and one.alone is not None},
            {one.case_id: one.final for one in used if one.reader == reader},
        )
        for reader in readers
    }
    said = {one.case_id: one.model for one in used if one.model is not None}
    groups = [(*pair,) for pair in combinations(readers, 2)]
    found = [_agreement(group, [calls[reader] for reader in group]) for group in groups]
    if len(readers) > 2:
        found.insert(0, _agreement((mark("all readers"),), list(calls.values())))
    found += [_agreement((reader, mark("the model")), [calls[reader], (said, said)]) for reader in readers if said]
    return tuple(found)


def _agreement(names: Sequence[str], raters: Sequence[tuple[dict[str, bool], dict[str, bool]]]) -> RaterAgreement:
    alone, final = (_kappa([rater[moment] for rater in raters]) for moment in (0, 1))
    return RaterAgreement(_BETWEEN.join(names), "Cohen" if len(raters) == 2 else "Fleiss", alone, final)


def _kappa(raters: Sequence[Mapping[str, bool]]) -> Estimate | None:
    """Kappa on the cases that all of them called; None where those are fewer than two."""
    common = sorted(set(raters[0]).intersection(*raters[1:]))
    if len(common) < 2:
        return None
    called = np.array([[rater[case_id] for case_id in common] for rater in raters])  # (R, N)
    weights = _drawn(len(common))  # (1+B, N)
    if len(raters) == 2:
        samples = cohen_kappa(called[0], called[1], weights)
    else:
        yes = called.sum(axis=0)  # (N,)
        samples = fleiss_kappa(np.stack([yes, len(raters) - yes], axis=1), weights)
    counts = (called.size, len(raters), len(common))
    return _estimate(samples, len(common), counts)


def _times(used: Sequence[StudyReading]) -> Iterable[ReadingTimes]:
    for order in ReadingOrder:
        seconds = tuple(one.seconds for one in used if one.order is order and one.seconds is not None)
        if seconds:
            yield ReadingTimes(order, seconds)


def _subgroups(paired: Sequence[StudyReading], traits: Traits) -> Iterable[SubgroupStudy]:
    """Parts of the readings: the model right or wrong, inside its domain or not, map seen or not, and the traits."""
    parts: dict[tuple[str, str], list[StudyReading]] = {}
    for one in paired:
        known = dict(traits.get(one.case_id, {}))
        if one.model is not None:
            known[mark("model")] = mark("right") if one.model == one.truth else mark("wrong")
        if one.in_domain is not None:
            known[mark("case")] = (
                mark("inside the model's domain") if one.in_domain else mark("outside the model's domain")
            )
        known[mark("map")] = mark("seen") if one.map_seen else mark("not seen")
        for pair in known.items():
            parts.setdefault(pair, []).append(one)
    for (trait, value), rows in sorted(parts.items()):
        yield SubgroupStudy(trait, value, _compare("right calls", rows))
