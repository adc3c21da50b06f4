"""Which sign-ins are over before their time: those of somebody who has signed out, wherever they are still open.

Streamlit ends a sign-in in one tab alone, and each tab may have a sign-in of its own: what stays open on a shared
computer would go on under the name of who has left. So signing out ends all that this server has seen of a person.
"""

from __future__ import annotations

import threading


class Endings:
    """Up to which time the sign-ins of each person would hold, and up to which they were ended.

    It grows with the people who were here within the hours of a sign-in, and no further.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    def see(self, person: str, until: float, now: float) -> None:
        """Note that somebody is here by a sign-in that holds until then; all in seconds since 1970."""
        with self._lock:
            if person not in self._seen:
                self._forget(now)
            self._seen[person] = max(until, self._seen.get(person, until))

    def end(self, person: str, now: float) -> None:
        """End every sign-in of a person that was seen."""
        with self._lock:
            self._forget(now)
            if person in self._seen:
                self._ended[person] = self._seen[person]

    def over(self, person: str, until: float) -> bool:
        """Whether a sign-in that would hold until then was ended; one that comes later holds again."""
        return until <= self._ended.get(person, float("-inf"))

    def _forget(self, now: float) -> None:
        for held in (self._seen, self._ended):
            for person in [person for person, until in held.items() if until < now]:
                del held[person]
