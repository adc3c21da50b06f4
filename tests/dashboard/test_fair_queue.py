"""Owners are served in turns, each in the order of its own asking, whatever is put in."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from dashboard.fair_queue import FairQueue

PUTS = st.lists(st.tuples(st.integers(0, 3), st.integers()), max_size=30)


def filled(puts: list[tuple[int, int]]) -> tuple[FairQueue[tuple[int, int, int]], list[tuple[int, int, int]]]:
    """A queue, and its items as (owner, rank, number)."""
    queue: FairQueue[tuple[int, int, int]] = FairQueue()
    items = [(owner, rank, number) for rank, (owner, number) in enumerate(puts)]
    for item in items:
        queue.put(item[0], item)
    return queue, items


def test_one_who_asks_for_ten_does_not_hold_up_another() -> None:
    queue, _ = filled([(0, 0)] * 10 + [(1, 0)])
    assert [queue.get()[0] for _ in range(11)] == [0, 1, *[0] * 9]


@given(PUTS)
def test_everything_comes_out_once_and_each_owners_in_its_order(puts: list[tuple[int, int]]) -> None:
    queue, items = filled(puts)
    served = [queue.get() for _ in items]
    assert sorted(served) == sorted(items)
    for owner in {item[0] for item in items}:
        ranks = [item[1] for item in served if item[0] == owner]
        assert ranks == sorted(ranks)


@given(PUTS)
def test_what_is_said_to_come_first_comes_first(puts: list[tuple[int, int]]) -> None:
    queue, items = filled(puts)
    foretold = {item: queue.before(item) for item in items}
    served = [queue.get() for _ in items]
    for rank, item in enumerate(served):
        assert foretold[item] == tuple(served[:rank])
        assert queue.before(item) is None


def test_who_takes_waits_until_there_is_something() -> None:
    queue: FairQueue[str] = FairQueue()
    taken: list[str] = []
    thread = threading.Thread(target=lambda: taken.append(queue.get()))
    thread.start()
    queue.put("me", "work")
    thread.join(30.0)
    assert taken == ["work"]


def test_what_can_wait_is_served_when_nothing_else_waits() -> None:
    queue, _ = filled([(0, 0)] * 2)
    late = (7, 0, 0)
    queue.put(0, late, patient=True)
    queue.put(1, (1, 2, 0))
    assert [item[0] for item in queue.before(late) or ()] == [0, 1, 0]
    assert [queue.get()[0] for _ in range(4)] == [0, 1, 0, 7]
