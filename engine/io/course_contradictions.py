"""What contradicts itself within a course: pressures of one minute that no heart makes together.

Nothing is left out for it: which of the values is wrong cannot be told. How lines and transducers err: Li, Mark and
Clifford, Artificial arterial blood pressure artifact models, BioMedical Engineering OnLine 8:13, 2009.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.words import mark, recorded

_PRESSURES = (("SysABP", "DiasABP", "MAP"), ("NISysABP", "NIDiasABP", "NIMAP"))
_QUOTED = 3  # minutes named in one warning
_TURNED = (
    mark("{upper} is not above {lower} at 1 minute ({named})."),
    mark("{upper} is not above {lower} at {n} minutes ({named})."),
)
_BESIDE = (
    mark("{mean} is not between {lower} and {upper} at 1 minute ({named})."),
    mark("{mean} is not between {lower} and {upper} at {n} minutes ({named})."),
)

_Numbers = NDArray[np.float64]


def contradictions(hours: _Numbers, variables: Sequence[str], values: _Numbers) -> Iterator[str]:
    """Name the pressures that contradict one another at one minute.

    Parameters
    ----------
    hours, values : numpy.ndarray
        ``(N,)`` float64: when each observation was made, and what it was; one a variable and minute.
    variables : sequence of str
        N names.
    """
    names, minutes = np.asarray(variables, dtype=object), np.round(hours * 60)
    for upper, lower, mean in _PRESSURES:
        known = [dict(zip(minutes[names == one], values[names == one], strict=True)) for one in (upper, lower, mean)]
        high, low, middle = known
        pairs = {at: (high[at], low[at]) for at in sorted(high.keys() & low.keys())}
        turned = {at: both for at, both in pairs.items() if both[0] <= both[1]}
        beside = {
            at: (middle[at], low[at], high[at])
            for at in pairs.keys() - turned.keys()
            if at in middle and not low[at] <= middle[at] <= high[at]
        }
        said = {"upper": upper, "lower": lower, "mean": mean}
        for found, (one, several) in ((turned, _TURNED), (dict(sorted(beside.items())), _BESIDE)):
            if found:
                yield recorded(one if len(found) == 1 else several, n=len(found), named=_named(found), **said)


def _named(found: Mapping[float, tuple[float, ...]]) -> str:
    """The first of some minutes, with the pressures then in mmHg."""
    shown = [f"{'/'.join(f'{value:.3g}' for value in them)} at hour {at / 60:.3g}" for at, them in found.items()]
    return ", ".join(shown[:_QUOTED]) + (", ..." if len(shown) > _QUOTED else "")
