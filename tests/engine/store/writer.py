"""A nursery of writers that keep cases, drafts and signatures without end, and tell of each act: the tests kill them.

One request a line on standard input, a list of writers ``[folder, url, seed, journal]``; answered by the list of their
process ids, and once all are dead by the list of the signals that ended them. A writer puts one line of JSON into its
journal for each act that was acknowledged to it. They are forked, so that each begins without the time of imports.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine

from engine.store.store import Store
from tests.engine.store.kept import READER, answer_of, case_of, line_of, review_of


def main() -> None:
    """Answer requests until there are no more."""
    for driver in ("sqlite://", "postgresql+psycopg://"):
        create_engine(driver)  # loads it
    for request in sys.stdin:
        writers = [_fork(*words) for words in json.loads(request)]
        _answer(writers)
        _answer([os.WTERMSIG(os.waitpid(writer, 0)[1]) for writer in writers])


def _answer(numbers: list[int]) -> None:
    sys.stdout.write(json.dumps(numbers) + "\n")
    sys.stdout.flush()


def _fork(folder: str, url: str | None, seed: int, journal: str) -> int:
    writer = os.fork()
    if writer == 0:
        _write(Path(folder), url, 1_000_000 * seed, os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    return writer


def _write(folder: Path, url: str | None, first: int, journal: int) -> None:
    """Write until killed."""

    def say(*act: object) -> None:
        os.write(journal, json.dumps(act).encode() + b"\n")

    store = Store(folder, url)
    for number in count(first):
        case = case_of(number)
        store.cases.add(case, line_of(case), actor=READER)
        say("case", case.case_id)
        store.answers.keep(answer_of(case.case_id), actor=READER)
        say("answer", case.case_id)
        draft = store.reviews.save(review_of(case.case_id, comment="first"))
        say("draft", case.case_id)
        store.reviews.sign(store.reviews.save(replace(draft, comment="second")))
        say("signed", case.case_id)
        if number % 3 == 2:
            store.cases.remove(case.case_id, actor=READER)
            say("removed", case.case_id)


if __name__ == "__main__":
    main()
