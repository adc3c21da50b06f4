"""The names of those who sign in, over both databases: one name for one person, for good, and none of the machine's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.store.names import ANALYST, RETENTION
from engine.store.store import Store
from tests.engine.store.conftest import Open

ONE, OTHER = "1" * 64, "2" * 64


def test_a_person_keeps_the_first_name_whatever_the_provider_calls_them_later(store: Store, open_again: Open) -> None:
    assert store.reader_name(ONE, "Anna Mueller") == "Anna Mueller"
    assert open_again().reader_name(ONE, "Anna Huber") == "Anna Mueller"
    (event,) = [event for event in store.events() if event.action == "reader named"]
    assert (event.actor, event.subject) == ("Anna Mueller", ONE)
    assert store.verify().whole


@pytest.mark.parametrize(
    "same", ["Anna Mueller", "ANNA mueller", " Anna\u00a0 Mueller", "Ａnna Mueller", "Anna\u200b Mueller"]
)
def test_two_people_of_one_name_are_two_readers(store: Store, same: str) -> None:
    store.reader_name(ONE, "Anna Mueller")
    assert store.reader_name(OTHER, same).endswith(" (2)")
    assert store.reader_name("3" * 64, "Anna Mueller (2)") == "Anna Mueller (2) (2)"
    assert store.reader_name("4" * 64, "Anna Mueller") == "Anna Mueller (3)"


@pytest.mark.parametrize(
    "name", [ANALYST, RETENTION, "Analyst", "reader", "command line", "root (command line)", "\u200b"]
)
def test_nobody_goes_under_a_name_that_the_machine_uses(store: Store, name: str) -> None:
    assert store.reader_name(ONE, name).endswith(" (2)")


def test_a_name_fits_the_tables(store: Store) -> None:
    names = [store.reader_name(person, "ä" * 300) for person in (ONE, OTHER)]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 120


def test_those_who_sign_in_at_once_get_names_of_their_own(store: Store) -> None:
    people = [f"{number % 4:064}" for number in range(16)]
    with ThreadPoolExecutor(8) as at_once:
        names = list(at_once.map(lambda person: store.reader_name(person, "Anna"), people))
    assert len(set(zip(people, names, strict=True))) == len(set(names)) == 4
    assert store.verify().whole
