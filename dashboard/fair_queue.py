"""A queue that serves its owners in turns, however much each of them asks for (round-robin, Nagle 1985, RFC 970)."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

_T = TypeVar("_T")


class FairQueue(Generic[_T]):
    """Owners stand in a ring; whose turn it is gives its oldest item and goes to the end. Safe for many threads.

    What can wait is served, in the order of asking, as long as nothing else is there.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Hashable, deque[_T]] = OrderedDict()
        self._patient: deque[_T] = deque()

    def put(self, owner: Hashable, item: _T, *, patient: bool = False) -> None:
        """Let an item of an owner wait for its turn; a patient one until nothing else waits."""
        with self._changed:
            if patient:
                self._patient.append(item)
            else:
                self._waiting.setdefault(owner, deque()).append(item)
            self._changed.notify()

    def get(self) -> _T:
        """Take the next item out; waits until there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._patient)
            if not self._waiting:
                return self._patient.popleft()
            owner, items = self._waiting.popitem(last=False)
            item = items.popleft()
            if items:
                self._waiting[owner] = items
            return item

    def before(self, item: _T) -> tuple[_T, ...] | None:
        """What would be served before an item if nothing else came; None where it does not wait."""
        with self._changed:
            ahead: list[_T] = []
            for other in self._in_order():
                if other is item:
                    return tuple(ahead)
                ahead.append(other)
        return None

    def _in_order(self) -> Iterator[_T]:
        """All that wait, as they would be served: the first of each owner, then the second of each, and so on."""
        rounds = max(map(len, self._waiting.values()), default=0)
        for rank in range(rounds):
            for items in self._waiting.values():
                if rank < len(items):
                    yield items[rank]
        yield from self._patient
