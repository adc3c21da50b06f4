"""The worklist over both databases: pages that never overlap, searches with any sign, filters, orders, each reader."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.store.store import Store
from engine.store.worklist import Line, Order, Query, ReviewState
from tests.engine.store.kept import READER, review_of

SIGNS = ["100%", "a_b", "back\\slash", "o'clock", 'say "so"', "Übersicht", "semi;colon", "ΣΊΣΥΦΟΣ", "-- ", "a%b"]
STEP = timedelta(seconds=1)


def sample(number: int, **fields: object) -> Line:
    title = f"{SIGNS[number % len(SIGNS)]} {number:04d}"
    given = Line(f"{number:064d}", title, "film", "DX", ("chest-xray",), synthetic=True)
    return replace(given, **fields)  # type: ignore[arg-type]


def fill(store: Store, count: int) -> None:
    """Of five cases, the models have not answered for one; tasks take turns."""
    tasks = [("chest-xray",), ("breast-ultrasound",), ("chest-xray", "clinical-note")]
    lines = (
        sample(number, priority=None if number % 5 == 0 else number % 7 / 7, tasks=tasks[number % 3])
        for number in range(count)
    )
    store.cases.add_samples(lines)


@pytest.mark.parametrize("order", Order)
def test_pages_of_2000_cases_never_overlap_and_miss_none(store: Store, order: Order) -> None:
    fill(store, 2000)
    pages = [store.cases.page(Query(order=order, first=first, size=300)) for first in range(0, 2000, 300)]
    shown = [line.case_id for page in pages for line in page.lines]
    assert {page.total for page in pages} == {2000}
    assert len(set(shown)) == len(shown) == 2000
    assert tuple(shown) == store.cases.order(Query(order=order))
    assert store.cases.page(Query(order=order, first=2000)).lines == ()


def test_orders(store: Store) -> None:
    fill(store, 40)
    by_priority = [line.priority for line in store.cases.page(Query()).lines]
    known = [priority for priority in by_priority if priority is not None]
    assert known == sorted(known, reverse=True)
    assert by_priority[len(known) :] == [None] * 8
    newest = [line.added_at for line in store.cases.page(Query(order=Order.NEWEST)).lines]
    assert newest == sorted(newest, reverse=True)  # type: ignore[type-var]
    assert all(at is not None and at.tzinfo is UTC for at in newest)


def test_titles_are_ordered_whatever_their_capitals(store: Store) -> None:
    titles = ["beta", "Alpha", "gamma", "ALPHA 2", "Beta 2"]
    store.cases.add_samples(sample(number, title=title) for number, title in enumerate(titles))
    shown = [line.title for line in store.cases.page(Query(order=Order.TITLE)).lines]
    assert shown == ["Alpha", "ALPHA 2", "beta", "Beta 2", "gamma"]


@pytest.mark.parametrize("sign", [sign.strip() for sign in SIGNS if sign != "Übersicht"])
def test_every_sign_is_searched_as_it_stands(store: Store, sign: str) -> None:
    fill(store, 20)
    found = {line.title for line in store.cases.page(Query(search=sign)).lines}
    assert found == {
        sample(number).title for number in range(20) if all(w in sample(number).title for w in sign.split())
    }
    assert found


@pytest.mark.parametrize("search", ["übersicht", "ÜBERSICHT", "Übers 0005"])
def test_capitals_do_not_matter_beyond_ascii_either(store: Store, search: str) -> None:
    fill(store, 10)
    assert [line.title for line in store.cases.page(Query(search=search)).lines] == ["Übersicht 0005"]


def test_all_words_are_asked_for_in_any_column(store: Store) -> None:
    store.cases.add_samples(
        [
            sample(0, title="One", headline="viral 0.7", modality="DX"),
            sample(1, title="Two", modality="US", kind="scan"),
        ]
    )
    for search, expected in {"viral dx": ["One"], "SCAN us": ["Two"], "viral us": [], "  ": ["One", "Two"]}.items():
        page = store.cases.page(Query(search=search, order=Order.TITLE))
        assert [line.title for line in page.lines] == expected
        assert page.total == len(expected)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=st.text(max_size=300))
def test_any_search_is_answered(store: Store, search: str) -> None:
    assert store.cases.page(Query(search=search)).total == 0


def test_a_search_without_end_is_answered(store: Store) -> None:
    fill(store, 10)
    assert store.cases.page(Query(search="0 " * 50_000)).total == 10
    assert store.cases.page(Query(search="9" * 100_000)).total == 0


def test_tasks_are_whole_words(store: Store) -> None:
    fill(store, 9)
    for task, expected in {"chest-xray": 6, "clinical-note": 3, "chest": 0, "xray clinical": 0, "%": 0, "": 9}.items():
        assert store.cases.page(Query(task=task)).total == expected


def test_each_reader_sees_how_far_they_are(store: Store) -> None:
    fill(store, 4)
    opened, drafted, signed, _ = (sample(number).case_id for number in range(4))
    store.reviews.save(replace(review_of(opened), judgements=(), regions=(), plausible=None, confidence=None))
    store.reviews.save(review_of(drafted))
    store.reviews.sign(review_of(signed))
    page = store.cases.page(Query(READER, order=Order.TITLE))
    states = {line.case_id: line.state for line in page.lines}
    assert [states[sample(number).case_id] for number in range(4)] == [
        ReviewState.OPENED,
        ReviewState.DRAFT,
        ReviewState.SIGNED,
        ReviewState.UNSEEN,
    ]
    assert (page.total, page.unseen) == (4, 1)
    assert store.cases.page(Query("another@example.org")).unseen == 4
    for state in ReviewState:
        found = store.cases.page(Query(READER, states=(state,)))
        assert [line.state for line in found.lines] == [state]
        assert found.total == 1
    store.reviews.amend(signed, READER)
    line = store.cases.line(signed, READER)
    assert line is not None
    assert line.state is ReviewState.DRAFT
    assert store.cases.line("none") is None


def test_samples_are_offered_again_without_effect(store: Store) -> None:
    fill(store, 5)
    fill(store, 7)
    assert store.cases.page(Query()).total == 7
    assert store.verify().links == 0
    assert store.verify().whole


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_page_of_many_costs_about_as_much_as_one_of_few(store: Store, tmp_path: Path) -> None:
    """A ratio of medians, measured in turns: what else the machine does weighs on both."""
    few = Store(tmp_path / "few")
    fill(few, 500)
    fill(store, 5000)
    pairs = [(_seconds(few), _seconds(store)) for _ in range(15)]
    few.close()
    of_few, of_many = map(statistics.median, zip(*pairs, strict=True))
    assert of_many < 6 * of_few


def _seconds(store: Store) -> float:
    begun = time.perf_counter()
    assert len(store.cases.page(Query(READER)).lines) == 50
    return time.perf_counter() - begun


def test_times_are_utc_in_every_database(store: Store) -> None:
    before = datetime.now(UTC)
    fill(store, 1)
    (line,) = store.cases.page(Query()).lines
    assert line.added_at is not None
    assert before - STEP < line.added_at < datetime.now(UTC) + STEP


def test_a_word_of_another_language_finds_what_it_means_and_pages_stay_whole(store: Store) -> None:
    headlines = ("viral pneumonia 0.55", "normal 0.93 · death 0.10", "abnormal 0.70", "")
    titles = ("Film of the thorax", "DX chest AP · 01ab", "Note · 02cd", "CT, 24 images")
    store.cases.add_samples(
        [sample(number, title=titles[number % 4], headline=headlines[number % 4]) for number in range(40)]
    )

    def found(search: str, *meant: str, blind: bool = False, first: int = 0) -> list[str]:
        query = Query(search=search, meant={search: meant}, blind=blind, size=6, first=first)
        page = store.cases.page(query)
        assert (page.total, len(store.cases.order(query))) in ((10, 10), (0, 0))
        return [line.case_id for line in page.lines]

    assert len(found("病毒性肺炎", "viral pneumonia", "viral pneumonia of {part}")) == 6
    assert not set(found("肺炎", "viral pneumonia")) & set(found("肺炎", "viral pneumonia", first=6))
    assert len(found("正常", "normal", first=6)) == 4, "abnormal is another word"
    assert len(found("胸部", "chest")) == 6, "within a title, in small letters"
    assert len(found("图像", "CT, {n} images")) == 6
    assert found("正常", "normal", blind=True) == []
    assert found("正常", "n%l", "n_rmal") == []
    assert found("正常") == []
