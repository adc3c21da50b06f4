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
    show(node("div", tr("The model's answer is shown when yours is recorded."), class_="at-quiet"))
    with st.form(f"own-{case.case_id}", border=False):
        said = [_asked(case, task) for task in tasks]
        if st.form_submit_button(tr("Record, and show the model's answer"), type="primary"):
            _record(case, said)


def _asked(case: Case, task: Task) -> OwnReading:
    key = f"own-{case.case_id}-{task.name}"
    labels = task.labels
    if task.multi_label or len(labels) == 1:
        found = st.multiselect(
            spoken(task.title),
            labels,
            placeholder=tr("What you find; leave empty for nothing"),
            format_func=spoken,
            key=key,
        )
    else:
        one = st.radio(spoken(task.title), labels, index=None, format_func=spoken, key=key)
        found = [one] if one else []
    sure = st.slider(tr("How sure you are, in percent"), 0, 100, 50, 5, key=f"{key}-sure")
    return OwnReading(task.name, tuple(found), sure)


def _record(case: Case, said: Sequence[OwnReading]) -> None:
    now = datetime.now(UTC)

    def make(review: Review) -> Review:
        return replace(review, own=tuple(said)).took(Step.READ, now).took(Step.ANSWERED, now)

    reviewing.change(case.case_id, make)
    st.rerun()
