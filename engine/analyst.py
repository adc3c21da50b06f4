"""Asks the models about kept cases that nobody has opened yet, one after the other, so that a worklist can be ordered.

What waits is written in the store: work goes on after a restart where it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

from engine.case import Case
from engine.errors import AttendingError, NotKept, StoreUnavailable
from engine.logs import log_error
from engine.pipeline import analyse, fitting_tasks, shipped_model
from engine.review import Answer, answer_of
from engine.samples import sample_case
from engine.sites import fits_one_window
from engine.store.names import ANALYST
from engine.store.retention import Retention
from engine.store.store import Store
from engine.tasks.task import Source, Task
from engine.triage import in_few_words, priority

_IDLE = 3.0  # seconds between looks at an empty queue
_BREATH = 0.2  # seconds between cases: readers' own questions come first


def read_waiting(
    store: Store, stop: threading.Event, *, retention: Retention, room: Callable[[], object] = lambda: None
) -> None:
    """Read one waiting case after the other until `stop` is set.

    Parameters
    ----------
    retention : Retention
        Takes away, once a day, what has been kept for long enough.
    room : callable
        Called before each case: returns when readers' own questions leave room.
    """
    while not stop.is_set():
        retention.look()
        try:
            case_id = store.cases.next_waiting()
            if case_id is not None:
                room()
                read_kept(store, case_id)
            stop.wait(_IDLE if case_id is None else _BREATH)
        except AttendingError as error:  # a store that is busy or gone for a while
            log_error(__name__, "The analyst waits.", error)
            stop.wait(_IDLE)


def read_kept(store: Store, case_id: str) -> None:
    """Ask all suitable models about one kept case, its first image or first window, and keep their answers.

    A case that cannot be read stops waiting: the reader who opens it is told why.

    Raises
    ------
    StoreUnavailable
        If the store is busy or gone: the case waits on.
    """
    tasks: list[str] = []
    try:
        case = kept_case(store, case_id).at(0, 0)
        if fits_one_window(case):
            asked = cache(lambda name: analyse(case, shipped_model(name)))  # the choice of models is by their answers
            for task in fitting_tasks(case, lambda task: asked(task.name)):
                tasks.append(task.name)
                keep_answer(store, answer_of(asked(task.name)), task, actor=ANALYST)
    except StoreUnavailable:
        raise  # the case goes on waiting
    except Exception as error:  # the queue must go on
        log_error(__name__, "A case could not be read.", error)
    store.cases.asked(case_id, tasks)


def kept_case(store: Store, case_id: str) -> Case:
    """Read a case of the worklist: from the store, or from the package where it is a sample.

    Raises
    ------
    NotKept, CaseError
        If there is none.
    """
    try:
        return store.cases.read(case_id)
    except NotKept:
        return sample_case(case_id)


def keep_answer(store: Store, answer: Answer, task: Task, *, actor: str) -> None:
    """Keep an answer with what the worklist makes of it; a suggestion is no finding, and is not told there."""
    headline = "" if task.offered else in_few_words(answer, to_question=task.source is Source.QUESTION)
    store.answers.keep(answer, actor=actor, priority=priority(answer, task.positive), headline=headline)
