"""Handles that all sessions share: models, their cards and our own samples; never anything of a patient.

The engine's names are asked for when they are used: the worklist does not wait for torch.
"""

from __future__ import annotations

import atexit
import functools
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

import engine
from engine import tr

if TYPE_CHECKING:
    from engine import Card, Case, Library, LoadedModel


_FAREWELL = 3.0  # seconds for the answer that is being made when the program ends
_loaded: set[str] = set()
_ending = threading.Event()


def model(task_name: str) -> LoadedModel:
    """Return the shipped model of a task, loaded and verified once a process."""
    if task_name in _loaded:
        return _model(task_name)
    with st.spinner(tr("Loading the model")):
        found = _model(task_name)
    _loaded.add(task_name)
    return found


@st.cache_resource(show_spinner=False)
def _model(task_name: str) -> LoadedModel:
    return engine.shipped_model(task_name)


def heads(task_name: str) -> int:
    """Return the number of attention heads in the last layer of the shipped model of a task."""
    return model(task_name).heads


@st.cache_resource(show_spinner=False)
def card(task_name: str) -> Card:
    """Return the card of the shipped model of a task."""
    return engine.shipped_card(task_name)


@st.cache_resource(show_spinner=False, max_entries=16)
def sample(case_id: str) -> Case:
    """Return one of the synthetic cases that come with the package."""
    return engine.sample_case(case_id)


@functools.cache
def library() -> Library:
    """Return this installation's library of abstracts, opened once a process."""
    return engine.Library()


@functools.cache
def warm_up() -> threading.Thread:
    """Load the models behind the reader's back, once a process, so that the first case does not wait for them."""
    thread = threading.Thread(target=_load_all, name="warm-up", daemon=True)
    thread.start()
    return thread


@functools.cache
def _end_before_the_readers_of_files() -> None:
    """See to it that nothing is computed while the program ends; what is registered last comes first."""
    atexit.register(_end, threading.current_thread())


def _end(thread: threading.Thread) -> None:
    """A thread within torch would be torn down with it, and abort the whole program."""
    _ending.set()
    thread.join(_FAREWELL)


def _load_all() -> None:
    """Answer and explain one of our own cases by every model: what is slow once is done before a reader waits."""
    waiting = set(engine.TASKS)
    for entry in engine.sample_index():
        if not waiting or _ending.is_set():
            return
        case = engine.sample_case(entry.case_id)
        _end_before_the_readers_of_files()
        for task in engine.suitable_tasks(case):
            if task.name in waiting and not _ending.is_set():
                waiting.discard(task.name)
                with suppress(engine.AttendingError):  # told to the reader who asks for this model
                    engine.explain_case(case, engine.shipped_model(task.name))
    for name in waiting:  # what only a reader can ask has no case
        if not _ending.is_set():
            with suppress(engine.AttendingError):
                engine.shipped_model(name)
