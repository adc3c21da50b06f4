"""Read first: the reader's findings and confidence are recorded before the model's answer is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from dashboard import reviewing
from dashboard.components.markup import node, show
from engine import Case, OwnReading, ReadingOrder, Review, Step, Task, spoken, tr


def held_back(review: Review) -> bool:
    """Whether the model's answer waits for the reader's."""
    return review.order is ReadingOrder.READ_FIRST and all(timed.step is not Step.READ for timed in review.steps)


def own_reading(case: Case, tasks: Sequence[Task]) -> None:
    """Take what the reader sees, task by task; recording it brings the model's answer."""
    show(node("h3", tr("Your own reading"), class_="at-heading"))
    show(
        node(
            "div",
            tr("The model's answer is shown when yours is recorded. A question that you leave open is not counted."),
            class_="at-quiet",
        )
    )
    with st.form(f"own-{case.case_id}", border=False):
        said = [_asked(case, task) for task in tasks]
        if st.form_submit_button(tr("Record, and show the model's answer"), type="primary"):
            found = [own for own in said if own is not None]
            if found:
                _record(case, found)
            else:
                words = tr("Say first what you see, or that there is nothing of it.")
                show(node("div", words, class_="at-problem", role="alert"))


def _asked(case: Case, task: Task) -> OwnReading | None:
    """Ask for the labels of one task; None as long as nothing is said, which is not the same as finding nothing."""
    key = f"own-{case.case_id}-{task.name}"
    labels = task.labels
    if task.multi_label or len(labels) == 1:
        found = st.multiselect(
            spoken(task.title),
            labels,
            placeholder=tr("What you find"),
            format_func=spoken,
            key=key,
        )
        answered = st.checkbox(tr("Nothing of this"), key=f"{key}-nothing") or bool(found)
    else:
        found = [one for one in [st.radio(spoken(task.title), labels, index=None, format_func=spoken, key=key)] if one]
        answered = bool(found)
    sure = st.slider(tr("How sure you are, in percent"), 0, 100, 50, 5, key=f"{key}-sure")
    return OwnReading(task.name, tuple(found), sure) if answered else None


def _record(case: Case, said: Sequence[OwnReading]) -> None:
    now = datetime.now(UTC)

    def make(review: Review) -> Review:
        return replace(review, own=tuple(said)).took(Step.READ, now).took(Step.ANSWERED, now)

    reviewing.change(case.case_id, make)
    st.rerun()
