"""How long what is kept stays: after ATTENDING_KEEP_DAYS a case goes with its pixels, words, answers and reviews.

The chain keeps that the case was there and why it went, and stays whole. Samples stay.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime, timedelta

from engine.errors import AttendingError, UsageError
from engine.store.names import RETENTION
from engine.store.store import Store
from engine.words import tr

logger = logging.getLogger(__name__)

LONGEST = 36_500  # days
_DAY = 24 * 3600.0  # seconds


def keep_days() -> int | None:
    """How many days a case is kept, as ATTENDING_KEEP_DAYS says; None is for ever.

    Raises
    ------
    UsageError
        If it is no number of days from 1 to 36,500.
    """
    asked = os.environ.get("ATTENDING_KEEP_DAYS", "").strip()
    if not asked:
        return None
    try:
        return checked_days(int(asked))
    except ValueError as exc:
        raise _no_period(f"ATTENDING_KEEP_DAYS={asked}") from exc


def checked_days(days: int) -> int:
    """Return a retention period as it is.

    Raises
    ------
    UsageError
        If it is none.
    """
    if not 1 <= days <= LONGEST:
        raise _no_period(f"{days}")
    return days


def ends_before(days: int) -> datetime:
    """The moment before which a case must have been added to be taken away now."""
    return datetime.now(UTC) - timedelta(days=days)


class Retention:
    """Takes cases away whose time is over, at the first call and once a day from then on.

    Parameters
    ----------
    days : int or None
        How long a case is kept; None takes nothing away.
    """

    def __init__(self, store: Store, days: int | None) -> None:
        self._store = store
        self._days = days
        self._next = time.monotonic()

    def look(self) -> int:
        """Take away what is due, where a day has gone by; return how many cases that were.

        A store that does not answer is asked again the next day: the failure is in the log.
        """
        if self._days is None or time.monotonic() < self._next:
            return 0
        self._next = time.monotonic() + _DAY
        try:
            gone = self._store.cases.retire(ends_before(self._days), actor=RETENTION, kept_days=self._days)
        except AttendingError as error:
            logger.warning("Cases whose time is over could not be taken away: %s", error.happened)
            return 0
        if gone:
            logger.info("%d cases were taken away after %d days.", gone, self._days)
        return gone


def _no_period(said: str) -> UsageError:
    return UsageError(tr("{said} is no retention period.", said=said), tr("Give 1 to {most} days.", most=LONGEST))
