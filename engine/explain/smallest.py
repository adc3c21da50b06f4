"""The smallest part of a case that does something, in the order of a map: a short search, then what is not needed.

Minimal sufficient subsets: Carter et al., What Made You Do This?, AISTATS 2019 (by backward selection; here the map's
order takes the place of its first pass, so that a few batches are enough).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Margins = Callable[[Sequence[Flags]], NDArray[np.float64]]
"""Parts, each ``(U,)`` bool, to margins ``(V,)``: above 0 where the part does what is asked."""

_SIZES = 16  # tried in one pass of the search
_AT_ONCE = 4  # of them together, small parts first: the answer is often small, and small parts cost least


def smallest_part(relevance: NDArray[np.float64], margins: Margins) -> Flags | None:
    """Find a small part that does what is asked.

    Units are taken from the most relevant down until the part does it; then those that it can do without are put back,
    the least missed first. No proof that none is smaller.

    Parameters
    ----------
    relevance : numpy.ndarray
        ``(U,)`` float64.
    margins : callable
        Asks the model.

    Returns
    -------
    numpy.ndarray or None
        ``(U,)`` bool; None where no beginning of the order does it.
    """
    order = np.argsort(-relevance, kind="stable")  # (U,)
    taken = _first_that_does(order, margins)
    return None if taken is None else _without_the_spare(taken, margins)


def _first_that_does(order: NDArray[np.intp], margins: Margins) -> Flags | None:
    """The shortest beginning of the order: a coarse search, then finer ones inside its last step."""
    low, high = 0, len(order)
    while True:
        sizes = _sizes(low + 1, high)
        first = next(_ranks_that_do(order, sizes, margins), None)
        if first is None:
            return None
        low, high = (sizes[first - 1] if first else low), sizes[first]
        if high - low == 1:
            return _beginning(order, high)


def _ranks_that_do(order: NDArray[np.intp], sizes: Sequence[int], margins: Margins) -> Iterator[int]:
    """Ranks of the sizes that do it, from the smallest on, asked for only as far as they are wanted."""
    for start in range(0, len(sizes), _AT_ONCE):
        found = margins([_beginning(order, size) for size in sizes[start : start + _AT_ONCE]])
        yield from (start + int(rank) for rank in np.flatnonzero(found > 0))


def _sizes(low: int, high: int) -> list[int]:
    """Some sizes from `low` to `high`, both among them, by equal factors."""
    return [int(size) for size in np.unique(np.geomspace(low, high, _SIZES).round())]


def _without_the_spare(taken: Flags, margins: Margins) -> Flags:
    """Put back units as long as one can be missed: as many at once, the least missed first, as the margin allows."""
    while taken.sum() > 1:
        members = np.flatnonzero(taken)
        left = margins([_less(taken, members[rank : rank + 1]) for rank in range(len(members))])  # (members,)
        spare = members[np.argsort(-left)][: min(int((left > 0).sum()), len(members) - 1)]
        if not len(spare):
            break
        tried = [_less(taken, spare[:size]) for size in _sizes(1, len(spare))]
        taken = tried[int(np.flatnonzero(margins(tried) > 0)[-1])]  # the first, without one unit, is known to do
    return taken


def _beginning(order: NDArray[np.intp], size: int) -> Flags:
    taken = np.zeros(len(order), np.bool_)
    taken[order[:size]] = True
    return taken


def _less(taken: Flags, units: NDArray[np.intp]) -> Flags:
    left = taken.copy()
    left[units] = False
    return left
