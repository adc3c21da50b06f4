"""The chain of events: each link holds the SHA-256 of the one before, so that no link can be changed or taken out.

After Haber & Stornetta, How to time-stamp a digital document, J. Cryptology 3, 1991. What is cut off at the very end
cannot be seen from inside the chain: `ChainReport.digest` is to be written down elsewhere from time to time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.schema import EventRow, HeadRow
from engine.words import mark, recorded

GENESIS = "0" * 64
_HEAD = 1


class Action(StrEnum):
    """What can happen."""

    CASE_ADDED = mark("case added")
    CASE_OPENED = mark("case opened")
    CASE_REMOVED = mark("case removed")
    PIXELS_CHECKED = mark("pixels checked")
    ANSWER_KEPT = mark("answer kept")
    REVIEW_SAVED = mark("review saved")
    REVIEW_SIGNED = mark("review signed")
    REVIEW_AMENDED = mark("amendment begun")
    REPORT_EXPORTED = mark("report exported")
    REVIEWS_EXPORTED = mark("reviews exported")
    AUDIT_EXPORTED = mark("audit exported")
    BACKUP_MADE = mark("backup made")
    STORE_RESTORED = mark("store restored")
    READER_NAMED = mark("reader named")


@dataclass(frozen=True)
class Event:
    """One link as it is read back; `detail` holds digests, names of tasks and counts, nothing of a patient."""

    place: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    before: str
    digest: str


@dataclass(frozen=True)
class ChainReport:
    """What verifying found.

    Parameters
    ----------
    links : int
        How many links there are.
    digest : str
        The hash of the last one.
    faults : tuple of str
        In words, with the place of each; empty where the chain is whole.
    remarks : tuple of str
        What is no fault but should be known: a clock that was set back.
    """

    links: int
    digest: str
    faults: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def append(session: Session, actor: str, action: Action, subject: str, **detail: Any) -> Event:
    """Put a link at the end, in the transaction of what it tells of: both are kept, or neither."""
    head = session.execute(select(HeadRow).where(HeadRow.head_id == _HEAD).with_for_update()).scalar_one()
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    place, before = head.place + 1, head.digest
    digest = link_digest(place, at, actor, str(action), subject, detail, before)
    event = Event(place, at, actor, str(action), subject, detail, before, digest)
    session.add(EventRow(**asdict(event)))
    head.place, head.digest = place, digest
    return event


def link_digest(
    place: int, at: str, actor: str, action: str, subject: str, detail: Mapping[str, Any], before: str
) -> str:
    """Hash one link: SHA-256, hexadecimal, over its fields as JSON with sorted keys."""
    return content_digest([place, at, actor, action, subject, detail, before])


def content_digest(content: object) -> str:
    """SHA-256, hexadecimal, over anything that JSON can hold, with sorted keys and no spaces."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check(links: Iterable[Event], head_place: int, head_digest: str) -> ChainReport:
    """Walk the chain from its first link to its head. The order is that of the links, whatever the clock said.

    Parameters
    ----------
    links : iterable of Event
        In the order of their places.
    head_place, head_digest : int, str
        Where the chain is said to end.
    """
    faults: list[str] = []
    remarks: list[str] = []
    last, expected, time = GENESIS, 1, ""
    for link in links:
        if link.place != expected:
            faults.append(recorded("Link {place} is missing.", place=expected))
        if link.before != last:
            faults.append(recorded("Link {place} does not follow from the one before it.", place=link.place))
        if link.digest != link_digest(
            link.place, link.at, link.actor, link.action, link.subject, link.detail, link.before
        ):
            faults.append(recorded("Link {place} was changed.", place=link.place))
        if link.at < time:
            remarks.append(recorded("The clock was set back before link {place}.", place=link.place))
        last, expected, time = link.digest, link.place + 1, link.at
    if (head_place, head_digest) != (expected - 1, last):
        cut = mark("The chain ends at link {end}, but was last written at link {head}.")
        faults.append(recorded(cut, end=expected - 1, head=head_place))
    return ChainReport(expected - 1, last, tuple(faults), tuple(remarks))
