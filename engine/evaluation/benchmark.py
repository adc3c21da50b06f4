"""Our explanations beside those of other tools, in one run on the same weights and films: cost and evidence.

A time is a multiple of one plain forward pass of the same network (fp32, fused attention, one film, nothing returned
but logits), which is run right before each timing: whatever else the computer does slows both. Deletion and insertion
are the areas of the curves of `engine.explain.faithfulness`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case
from engine.evaluation.contenders import COMPARISON, Contender, our_contenders
from engine.evaluation.peers import MISSING, PlainTransformer, peers
from engine.evaluation.trial import Trial
from engine.explain.faithfulness import RemovalEvidence
from engine.measured import Verdict
from engine.models.checkpoint import LoadedModel
from engine.models.vision import ImageTransformer
from engine.pipeline import prepare_case

Progress = Callable[[int, int], None]

_PLAIN_RUNS = 3  # of which the median counts


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    multiple, low, high : float
        Median and quartiles of the time, in plain forward passes.
    timings : int
        How many timings are behind them.
    deletion, insertion : float or None
        Mean areas over the films, in [0, 1]; None for work that makes no map. Low deletion and high insertion are good.
    faithful : int or None
        On how many films the badge says that the map is faithful.
    """

    name: str
    by: str
    multiple: float
    low: float
    high: float
    timings: int
    deletion: float | None
    insertion: float | None
    faithful: int | None


@dataclass(frozen=True)
class Benchmark:
    """The whole table, fastest first and maps that know nothing last, with what is needed to read it.

    Parameters
    ----------
    films : int
        How many films were explained.
    plain_milliseconds : float
        Median time of the plain forward pass.
    missing : tuple of str
        Peers that are not installed.
    """

    rows: tuple[Row, ...]
    films: int
    plain_milliseconds: float
    threads: int
    model_digest: str
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The record that ``attending benchmark --json`` writes."""
        return {**asdict(self), "versions": {name: version(name) for name in ("attending", "torch", "transformers")}}

    def to_markdown(self) -> str:
        """The table as the README holds it."""
        return "\n".join(
            [
                "| what | by | time | deletion | insertion | faithful |",
                "|---|---|---|---|---|---|",
                *(_line(row, self.films) for row in self.rows),
                *(f"| | {name} | {MISSING} | | | |" for name in self.missing),
                "",
                f"Time: median (quartiles), in plain forward passes of {self.plain_milliseconds:.0f} ms, threads: "
                f"{self.threads}. Areas: means over {self.films} synthetic films; a faithful map has a low deletion "
                f"and a high insertion area. Model {self.model_digest[:12]}.",
            ]
        )


def benchmark_explanations(model: LoadedModel, cases: Sequence[Case], *, progress: Progress | None = None) -> Benchmark:
    """Explain the films of some cases by all methods of ours and of the peers that are installed.

    Parameters
    ----------
    model : LoadedModel
        An image classifier of ours, on the CPU.
    progress : callable or None
        Told (films done, all films) after each film.
    """
    network = cast(ImageTransformer, model.network)
    plain = PlainTransformer(network, attention="sdpa")
    others, missing = peers(network)
    tallies = [_Tally(contender) for contender in (*our_contenders(model, network), *others)]
    milliseconds: list[float] = []
    for done, case in enumerate(cases):
        trial = Trial.of(prepare_case(case, model).inputs, model, network)
        milliseconds += _race(tallies, plain, trial)
        if progress is not None:
            progress(done + 1, len(cases))
    rows = sorted((tally.row() for tally in tallies), key=lambda row: (row.by == COMPARISON, row.multiple))
    median = float(np.median(milliseconds))
    return Benchmark(tuple(rows), len(cases), median, torch.get_num_threads(), model.digest, tuple(missing))


@dataclass
class _Tally:
    """What was seen of one contender so far."""

    contender: Contender
    multiples: list[float] = field(default_factory=list)
    evidence: list[RemovalEvidence] = field(default_factory=list)

    def row(self) -> Row:
        low, median, high = np.quantile(self.multiples, (0.25, 0.5, 0.75)).tolist()
        areas: NDArray[np.float64] = np.array([(found.deletion.area, found.insertion.area) for found in self.evidence])
        deletion, insertion = areas.mean(axis=0).tolist() if self.evidence else (None, None)
        faithful = sum(found.verdict is Verdict.FAITHFUL for found in self.evidence) if self.evidence else None
        timings = len(self.multiples)
        name, by = self.contender.name, self.contender.by
        return Row(name, by, median, low, high, timings, deletion, insertion, faithful)


def _race(tallies: Sequence[_Tally], plain: PlainTransformer, trial: Trial) -> list[float]:
    """Time all contenders on one film, in turns, and judge their maps; returns the plain passes' milliseconds."""
    milliseconds = []
    for turn in range(max(tally.contender.rounds for tally in tallies)):
        for tally in (tally for tally in tallies if turn < tally.contender.rounds):
            unit = float(np.median([_seconds(partial(plain, trial.inputs))[0] for _ in range(_PLAIN_RUNS)]))
            seconds, found = _seconds(partial(tally.contender.run, trial))
            tally.multiples.append(seconds / unit)
            milliseconds.append(1000.0 * unit)
            if turn == 0 and found is not None:
                tally.evidence.append(trial.judge(found))
    return milliseconds


def _seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _line(row: Row, films: int) -> str:
    """One line of Markdown."""
    times = "" if row.by == COMPARISON else f"{_short(row.multiple)} ({_short(row.low)} to {_short(row.high)})"
    if row.deletion is None or row.insertion is None:
        return f"| {row.name} | {row.by} | {times} | | | |"
    return f"| {row.name} | {row.by} | {times} | {row.deletion:.3f} | {row.insertion:.3f} | {row.faithful} of {films} |"


def _short(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"
