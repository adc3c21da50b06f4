"""Reviews over both databases: two windows, two readers, the lock, amendments, and that no version is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from engine.errors import NotKept, ReviewConflict, ReviewLocked, StoreDamaged, StoreError
from engine.review import Review, Step
from engine.store.store import Store
from tests.engine.store.kept import READER, answer_of, case_of, line_of, review_of

CASE = case_of(1).case_id


@pytest.fixture
def store(store: Store) -> Store:
    """One case in it."""
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    return store


def test_what_is_saved_is_read_back(store: Store) -> None:
    saved = store.reviews.save(review_of(CASE, comment="„Schräg“ \U0001f600 \0 100 %"))
    assert saved.revision == 1
    assert store.reviews.latest(CASE, READER) == saved
    assert store.reviews.of(CASE) == store.reviews.all() == (saved,)
    assert store.reviews.latest(CASE, "nobody@example.org") is None


def test_two_windows_of_one_reader_do_not_overwrite_each_other(store: Store) -> None:
    first = store.reviews.save(review_of(CASE))
    newer = store.reviews.save(replace(first, comment="from the first window"))
    with pytest.raises(ReviewConflict, match="another window"):
        store.reviews.save(replace(first, comment="from the second window"))
    with pytest.raises(ReviewConflict):
        store.reviews.sign(first)
    with pytest.raises(ReviewConflict):
        store.reviews.save(review_of(CASE))
    assert store.reviews.latest(CASE, READER) == newer


def test_two_windows_that_begin_at_once_end_in_one_review_and_clear_words(store: Store) -> None:
    def begin(number: int) -> str:
        try:
            return store.reviews.save(review_of(CASE, comment=f"window {number}")).comment
        except ReviewConflict:
            return ""

    with ThreadPoolExecutor(8) as windows:
        kept = [comment for comment in windows.map(begin, range(8)) if comment]
    assert [review.comment for review in store.reviews.of(CASE)] == kept
    assert len(kept) == 1
    assert store.verify().whole


def test_two_readers_keep_their_own_words(store: Store) -> None:
    mine = store.reviews.save(review_of(CASE, comment="mine"))
    theirs = store.reviews.sign(review_of(CASE, reader="second@example.org", comment="theirs"))
    assert store.reviews.latest(CASE, READER) == mine
    assert store.reviews.latest(CASE, "second@example.org") == theirs
    assert store.reviews.readers() == [READER, "second@example.org"]


def test_a_signed_review_is_locked(store: Store) -> None:
    signed = store.reviews.sign(store.reviews.save(review_of(CASE)))
    assert signed.signed
    assert signed.seconds(Step.SIGNED) is not None
    for change in (store.reviews.save, store.reviews.sign):
        with pytest.raises(ReviewLocked, match="amendment"):
            change(replace(signed, comment="later"))
    assert store.reviews.latest(CASE, READER) == signed


def test_an_amendment_stands_beside_what_it_amends(store: Store) -> None:
    with pytest.raises(NotKept):
        store.reviews.amend(CASE, READER)
    draft = store.reviews.save(review_of(CASE, comment="first"))
    with pytest.raises(ReviewLocked, match="not signed"):
        store.reviews.amend(CASE, READER)
    signed = store.reviews.sign(draft)
    begun = store.reviews.amend(CASE, READER)
    assert (begun.version, begun.comment, begun.signed) == (2, "first", False)
    with pytest.raises(ReviewLocked):
        store.reviews.amend(CASE, READER)
    amended = store.reviews.sign(replace(begun, comment="second"))
    assert store.reviews.of(CASE) == (signed, amended)
    assert store.verify().whole


@pytest.mark.parametrize("version", [0, 2, 3])
def test_no_version_is_skipped(store: Store, version: int) -> None:
    with pytest.raises(ReviewConflict):
        store.reviews.save(replace(review_of(CASE), version=version))
    assert store.reviews.all() == ()


def test_nothing_is_kept_of_a_case_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotKept):
        store.reviews.save(Review("none", READER))
    with pytest.raises(NotKept):
        store.answers.keep(answer_of("none"), actor=READER)
    assert store.reviews.readers() == []
    assert store.verify().links == 1


def test_a_refused_save_leaves_no_link(store: Store) -> None:
    first = store.reviews.save(review_of(CASE))
    store.reviews.save(first)
    links = store.verify().links
    with pytest.raises(StoreError):
        store.reviews.save(first)
    assert store.verify().links == links


def test_a_review_that_cannot_be_read_says_so(store: Store) -> None:
    store.reviews.save(review_of(CASE))
    with store._database.writing() as session:
        session.connection().exec_driver_sql("UPDATE reviews SET content = '{}'")
    with pytest.raises(StoreDamaged, match="audit verify"):
        store.reviews.latest(CASE, READER)
