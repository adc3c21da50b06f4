"""The chain of events: whatever is done to a link is found, and the end is to be written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.store.chain import GENESIS, Event, check, content_digest, link_digest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def chain_of(details: list[dict[str, Any]]) -> list[Event]:
    links: list[Event] = []
    for place, detail in enumerate(details, start=1):
        before = links[-1].digest if links else GENESIS
        at = f"2026-11-21T08:00:{place:02d}.000000+00:00"
        digest = link_digest(place, at, "reader", "case added", "case", detail, before)
        links.append(Event(place, at, "reader", "case added", "case", detail, before, digest))
    return links


def is_whole(links: list[Event], end: Event) -> bool:
    return check(links, end.place, end.digest).whole


LINKS = chain_of([{"n": n} for n in range(5)])


def test_a_chain_is_whole_and_names_its_end() -> None:
    report = check(LINKS, 5, LINKS[-1].digest)
    assert report.whole
    assert (report.links, report.digest) == (5, LINKS[-1].digest)
    assert check([], 0, GENESIS).whole


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    "change",
    [
        {"place": 9},
        {"at": "2026-11-21T08:00:00.000000+00:00"},
        {"actor": "nobody"},
        {"action": "case removed"},
        {"subject": "another"},
        {"detail": {"n": 7}},
        {"before": "f" * 64},
        {"digest": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_changed_field_of_any_link_is_found(place: int, change: dict[str, Any]) -> None:
    links = list(LINKS)
    links[place] = replace(links[place], **change)
    assert not is_whole(links, LINKS[-1])


@pytest.mark.parametrize("place", range(5))
def test_a_link_taken_out_is_found(place: int) -> None:
    assert not is_whole(LINKS[:place] + LINKS[place + 1 :], LINKS[-1])


def test_exchanged_links_are_found() -> None:
    assert not is_whole([LINKS[1], LINKS[0], *LINKS[2:]], LINKS[-1])


def test_an_end_cut_off_is_found_by_the_head_and_else_by_what_was_written_down() -> None:
    cut = check(LINKS[:3], 5, LINKS[-1].digest)
    assert cut.faults == ("The chain ends at link 3, but was last written at link 5.",)
    forged = check(LINKS[:3], 3, LINKS[2].digest)
    assert forged.whole
    assert forged.digest != LINKS[-1].digest


def test_a_changed_link_that_was_hashed_anew_is_found_by_the_next_one() -> None:
    forged = replace(LINKS[1], actor="nobody")
    digest = link_digest(2, forged.at, forged.actor, forged.action, forged.subject, forged.detail, forged.before)
    report = check([LINKS[0], replace(forged, digest=digest), *LINKS[2:]], 5, LINKS[-1].digest)
    assert report.faults == ("Link 3 does not follow from the one before it.",)


def test_a_clock_set_back_is_remarked_and_no_fault() -> None:
    late = replace(LINKS[0], at="2027-01-01T00:00:00.000000+00:00")
    digest = link_digest(1, late.at, late.actor, late.action, late.subject, late.detail, late.before)
    second = replace(LINKS[1], before=digest)
    digest_2 = link_digest(2, second.at, second.actor, second.action, second.subject, second.detail, digest)
    report = check([replace(late, digest=digest), replace(second, digest=digest_2)], 2, digest_2)
    assert report.whole
    assert report.remarks == ("The clock was set back before link 2.",)


@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), min_size=1, max_size=6), st.data())
def test_one_changed_detail_is_found_wherever_it_is(details: list[dict[str, Any]], data: st.DataObject) -> None:
    links = chain_of(details)
    assert is_whole(links, links[-1])
    place = data.draw(st.integers(0, len(links) - 1))
    other = data.draw(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
    if content_digest(other) != content_digest(links[place].detail):
        forged = [*links[:place], replace(links[place], detail=other), *links[place + 1 :]]
        assert not is_whole(forged, links[-1])


@given(JSON, JSON)
def test_different_contents_have_different_digests(one: Any, other: Any) -> None:
    assert (content_digest(one) == content_digest(other)) is (repr(one) == repr(other) or _same(one, other))


def _same(one: Any, other: Any) -> bool:
    """Equal in value and type, in whatever order their keys stand."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other) and repr(one) == repr(other)
