"""The reader's review of the case that is open: read once, changed in this session, saved at every change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import streamlit as st

from dashboard import keeping
from engine import Box, KeyImage, Mark, MarkedRegion, Measurement, Review, ReviewConflict, ReviewLocked, Step

_KEY = "attending-reviews"


@dataclass
class _Held:
    """The reviews of this session by case and reader, and how often one was read again.

    Streamlit may break a page off at every touch of the session's state: what the store has taken and what is held
    here change together because the session's state is touched before both, and between them never.
    """

    reviews: dict[tuple[str, str], Review] = field(default_factory=dict)
    loads: int = 0


def current(case_id: str) -> Review:
    """Return the reader's review of a case, begun where there is none."""
    key = (case_id, keeping.reader())
    reviews = _held().reviews
    if key not in reviews:
        reviews[key] = keeping.review_of(case_id)
    return reviews[key]


def change(case_id: str, make: Callable[[Review], Review]) -> Review:
    """Change the review, and keep it where the case is kept.

    Raises
    ------
    ReviewConflict, ReviewLocked
        If it was changed or signed in another window: it is loaded again, and this change is lost.
    StoreError
        If it cannot be kept: nothing is changed.
    """
    before = current(case_id)
    after = make(before)
    if after == before:
        return before
    return _put(after, lambda store, review: store.reviews.save(review))


def took(case_id: str, *steps: Step) -> Review:
    """Note that steps of the reading were taken now; those that were taken before keep their time."""
    now = datetime.now(UTC)

    def make(review: Review) -> Review:
        for step in steps:
            review = review.took(step, now)
        return review

    return current(case_id) if current(case_id).signed else change(case_id, make)


def sign(case_id: str) -> Review:
    """Lock the review."""
    return _put(current(case_id), lambda store, review: store.reviews.sign(review))


def amend(case_id: str) -> Review:
    """Begin the next version of a signed review."""
    return _put(current(case_id), lambda store, review: store.reviews.amend(review.case_id, review.reader))


def mark(case_id: str, box: Box, said: Mark, place: tuple[int, int]) -> None:
    """Add a region to the review, in source pixels of one frame."""
    region = MarkedRegion(box, said, *place)
    change(case_id, lambda review: replace(review, regions=(*review.regions, region)))


def unmark(case_id: str, region: MarkedRegion) -> None:
    """Take a region out of the review again."""
    change(case_id, lambda review: replace(review, regions=tuple(r for r in review.regions if r != region)))


def change_mark(case_id: str, region: MarkedRegion, box: Box | None) -> None:
    """Move or size a region of the review, or take it out where there is no box any more."""

    def make(review: Review) -> Review:
        regions = [replace(one, box=box) if one == region and box else one for one in review.regions]
        return replace(review, regions=tuple(one for one in regions if box or one != region))

    change(case_id, make)


def keyed(case_id: str, images: Collection[int], found: Sequence[KeyImage]) -> None:
    """Put the key images among some images in place of those that were there before."""

    def make(review: Review) -> Review:
        elsewhere = [key for key in review.key_images if key.image_index not in images]
        return replace(review, key_images=tuple(sorted([*elsewhere, *found])))

    change(case_id, make)


def measured(case_id: str, images: Collection[int], found: Sequence[Measurement]) -> None:
    """Put what is measured on some images in place of what was measured there before."""

    def make(review: Review) -> Review:
        elsewhere = [one for one in review.measurements if one.image_index not in images]
        return replace(review, measurements=(*elsewhere, *found))

    change(case_id, make)


def loads() -> int:
    """How often a review was read again: what stood on the page before is no word on the one that was read."""
    return _held().loads


def can_be_kept(case_id: str) -> bool:
    """Whether what is said of this case is kept beyond the session."""
    return keeping.line(case_id) is not None and keeping.store() is not None


def _put(review: Review, how: Callable[[keeping.Store, Review], Review]) -> Review:
    held, store, key = _held(), keeping.store(), (review.case_id, review.reader)
    if store is not None and can_be_kept(review.case_id):
        try:
            review = how(store, review)
        except (ReviewConflict, ReviewLocked):
            held.reviews.pop(key, None)
            held.loads += 1
            raise
    held.reviews[key] = review
    return review


def _held() -> _Held:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _Held()
    kept: _Held = st.session_state[_KEY]
    return kept
