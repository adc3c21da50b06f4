"""Under which name each person reads who signs in: one name for one person, for good, as a link of the chain tells.

What a provider calls somebody may change, and two people may share it; reviews and links name their reader, though, so
that the name must be one person's alone, and none under which the machine itself acts.
"""

from __future__ import annotations

import unicodedata
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.chain import Action, append
from engine.store.database import Database
from engine.store.schema import EventRow

ANALYST = "analyst"
"""Who asks the models about waiting cases."""
RETENTION = "retention"
"""Who takes cases away where nobody does it by hand."""
COMMAND_LINE = "command line"
"""Who gives a command where the operating system knows no name; behind the name where it does."""

_SOMEBODY = "reader"  # who reads where nobody signs in and no name was given
_LONGEST = 100  # letters of a name: the tables hold 120


def name_of(database: Database, person: str, wanted: str) -> str:
    """Return the name of a person, the wanted one where it is free when they are first asked about.

    Parameters
    ----------
    person : str
        Whatever identifies them for good, 64 letters at most.
    wanted : str
        What the provider calls them now.
    """
    with database.reading() as session:
        found = _found(session, person)
    return found or _given(database, person, _tidy(wanted))


def _given(database: Database, person: str, wanted: str) -> str:
    """Give a free name; those who ask at once do so one after the other."""
    with database.writing() as session:
        if found := _found(session, person):
            return found
        named = session.scalars(select(EventRow.actor).where(EventRow.action == Action.READER_NAMED.value))
        taken = {_alike(name) for name in named}
        tried = chain([wanted], (f"{wanted} ({n})" for n in count(2)))
        name = next(name for name in tried if _alike(name) not in taken and not _reserved(_alike(name)))
        append(session, name, Action.READER_NAMED, person)
        return name


def _found(session: Session, person: str) -> str | None:
    named = select(EventRow.actor).filter_by(subject=person, action=Action.READER_NAMED.value)
    return session.scalar(named.order_by(EventRow.place).limit(1))


def _tidy(name: str) -> str:
    """Without letters that nobody sees, and no longer than the tables hold."""
    seen = "".join(letter for letter in name if letter.isspace() or unicodedata.category(letter)[0] != "C")
    return " ".join(seen.split())[:_LONGEST].strip() or _SOMEBODY


def _alike(name: str) -> str:
    """The same for names that look alike: in capitals, or in another form of the same letters."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _reserved(alike: str) -> bool:
    return alike in {ANALYST, RETENTION, COMMAND_LINE, _SOMEBODY} or alike.endswith(f"({COMMAND_LINE})")
