"""Searches in the background: kept while the reader looks at other cases, forgotten with their case."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

import numpy as np
import pytest

from dashboard import searching
from dashboard.background import Progress
from dashboard.searching import Searches
from engine import Case, LoadedModel, Scan, Sequence, shipped_model


def _case(name: str) -> Case:
    return Case(name, name, sequence=Sequence("ACGT" * 30, ""))


def _found(case: Case, share: float) -> Scan:
    none = np.empty((0, 2))
    return Scan(case.title, "", np.empty(0, np.int64), none.astype(np.float32), none.astype(bool), 0, share=share)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Searches tell what they found so far and then wait for this."""
    go_on = threading.Event()

    def scan(
        case: Case,
        _: LoadedModel,
        *,
        progress: Progress,
        found: Callable[[Scan], None],
        stop: Callable[[], bool],
    ) -> Scan:
        found(_found(case, 0.5))
        while not go_on.wait(0.01):
            progress(0.5)
            if stop():
                return _found(case, 0.5)
        return _found(case, 1.0)

    monkeypatch.setattr(searching, "scan", scan)
    return go_on


@pytest.mark.usefixtures("work_at_once")
def test_a_search_goes_on_while_another_case_is_looked_at(held: threading.Event) -> None:
    made, model = Searches(), shipped_model("splice-junction")
    first = made.of(_case("a"), model)
    made.of(_case("b"), model)
    assert made.of(_case("a"), model) is first
    held.set()
    assert first.job.wait(30)
    assert first.job.result is not None
    assert first.job.result.share == 1.0
    assert first.so_far is not None
    assert first.so_far.share == 0.5


@pytest.mark.usefixtures("work_at_once")
def test_what_a_stopped_search_has_found_is_kept_and_it_may_begin_anew(held: threading.Event) -> None:
    made, model, case = Searches(), shipped_model("splice-junction"), _case("a")
    search = made.of(case, model)
    assert not search.stopped
    search.stop()
    assert search.job.wait(30)
    assert search.stopped
    assert search.found is not None
    assert search.found.share == 0.5
    made.anew(case, model)
    held.set()
    again = made.of(case, model)
    assert again is not search
    assert again.job.wait(30)
    assert again.found is not None
    assert again.found.share == 1.0


@pytest.mark.usefixtures("work_at_once", "held")
def test_searches_end_with_their_case_and_with_their_session() -> None:
    made, model = Searches(), shipped_model("splice-junction")
    removed, left = made.of(_case("a"), model), made.of(_case("b"), model)
    made.forget("a")
    assert removed.job.wait(30)
    assert removed.job.result is None
    del made
    gc.collect()
    assert left.job.wait(30)


def test_sequences_of_one_upload_are_known_together() -> None:
    made, pair = Searches(), [_case("a"), _case("b")]
    made.opened([*pair, Case("note", "note")])
    assert [case.case_id for case in made.beside(pair[0])] == ["a", "b"]
    assert made.beside(_case("c")) == ()
    made.opened([_case("a")])
    assert made.beside(pair[0]) == ()
