"""Validation: what the kept reviews say of readers alone and with the model, against a reference standard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from dashboard import cache, keeping
from dashboard.components.frame import told
from dashboard.components.reader_study import reader_study_figures
from dashboard.components.take_away import take_away
from engine import (
    TASKS,
    Action,
    Answer,
    Endpoint,
    Query,
    Reference,
    Review,
    Task,
    Traits,
    latest_signed,
    pseudonymised,
    read_reference,
    reader_study,
    reviews_csv,
    reviews_json,
    sample_index,
    spoken,
    study_pack,
    study_readings,
    tr,
    trn,
)

_HALF = 0.5
_MOST = 100_000  # cases: more than a reader study has


def _header(reviews: Sequence[Review]) -> None:
    st.subheader(tr("Validation"), anchor=False)
    signed = latest_signed(reviews)
    drafts = len({(one.reader, one.case_id) for one in reviews if not one.signed})
    cases, readers = len({one.case_id for one in signed}), len({one.reader for one in signed})
    st.caption(
        tr(
            "{reviews} of {cases} by {readers}; {drafts}. Readers are shown by number.",
            reviews=trn("{n:,} signed review", "{n:,} signed reviews", len(signed)),
            cases=trn("{n:,} case", "{n:,} cases", cases),
            readers=trn("{n:,} reader", "{n:,} readers", readers),
            drafts=trn("{n:,} draft", "{n:,} drafts", drafts),
        )
    )


def _reference() -> Reference:
    """What the cases are: what the reader's table says, and without one the samples as they were generated."""
    given = st.file_uploader(
        tr("Reference standard: CSV with the columns case_id and label"),
        type="csv",
        help=tr("Several labels of a case in several rows, or with | between; an empty label where there is none."),
        key="reference",
    )
    if given is None:
        made = {entry.case_id: frozenset(entry.labels) for entry in sample_index()}
        st.caption(
            tr(
                "Without a table, the {n} synthetic samples have the reference they were generated with. They are a "
                "demonstration, never evidence.",
                n=len(made),
            )
        )
        return made
    with told():
        found = read_reference(given.getvalue())
        st.caption(trn("The table speaks of {n:,} case.", "The table speaks of {n:,} cases.", len(found)))
        return found
    return {}


def _task(reviews: Sequence[Review]) -> Task | None:
    """Let the reader choose among the tasks that were judged."""
    judged = {said.task for review in reviews for said in review.judgements}
    tasks = [task for name, task in TASKS.items() if name in judged]
    if not tasks:
        return None
    return st.selectbox(tr("Task"), tasks, format_func=lambda task: spoken(task.title), key="validation-task")


def _endpoint(task: Task, reference: Reference) -> Endpoint:
    """Let the reader say what a yes is; the task's own positive labels, else the label that is true most often."""
    counts = {label: sum(label in truth for truth in reference.values()) for label in task.labels}
    default = list(task.positive) or [max(task.labels, key=lambda label: counts[label])]
    chosen = st.multiselect(
        tr("A yes is any of"), task.labels, default=default, format_func=spoken, key=f"positive-{task.name}"
    )
    chosen = chosen or default
    return Endpoint(task.name, task.labels, tuple(chosen), _threshold(task, chosen))


def _threshold(task: Task, positive: Sequence[str]) -> float:
    """From which probability the model says yes: as its card has it for these labels, else a half."""
    trust = cache.card(task.name).trust
    if set(positive) == set(task.positive) and trust.operating_point is not None:
        return trust.operating_point
    if task.multi_label and len(positive) == 1 and trust.thresholds:
        return trust.thresholds[task.labels.index(positive[0])]
    return _HALF


def _traits() -> Traits:
    """What the worklist knows of the cases."""
    lines = keeping.page(Query(size=_MOST)).lines
    return {line.case_id: {"modality": line.modality} for line in lines if line.modality}


def _downloads(
    reviews: Sequence[Review],
    answers: Sequence[Answer],
    reference: Reference,
    endpoints: Sequence[Endpoint],
    traits: Traits,
) -> None:
    st.markdown(tr("**Take away**"))
    cards = {one.task: cache.card(one.task) for one in endpoints}
    with st.container(horizontal=True, gap="small"):
        _download(tr("Reviews, CSV"), lambda: reviews_csv(reviews), "reviews.csv", "text/csv")
        _download(tr("Reviews, JSON"), lambda: reviews_json(reviews, answers), "reviews.json", "application/json")
        if endpoints:
            _download(
                tr("Study pack (DECIDE-AI)"),
                lambda: study_pack(reviews, answers, reference, endpoints, cards, traits),
                "study-pack.zip",
                "application/zip",
                kind="primary",
            )
    st.caption(
        tr(
            "Every version of every review, readers by number. Comments are free text: look through them for names "
            "before you share a file. The pack adds figures, model cards and a checklist whose blanks are the "
            "investigators'."
        )
    )


def _download(
    label: str,
    make: Callable[[], bytes | str],
    name: str,
    mime: str,
    kind: Literal["primary", "secondary"] = "secondary",
) -> None:
    taken = keeping.recorded(make, Action.REVIEWS_EXPORTED, "reviews", file=name)
    take_away(label, taken, name, mime, key=name, kind=kind)


def main() -> None:
    """Draw the page."""
    with told():
        reviews, answers = pseudonymised(keeping.kept_reviews()), keeping.kept_answers()
        _header(reviews)
        if not reviews:
            st.info(tr("No review is kept yet. Open a case, judge what the model found, and sign."))
            return
        asked, given = st.columns([3, 2], gap="large")
        with given:
            reference = _reference()
        with asked:
            task = _task(reviews)
            endpoint = _endpoint(task, reference) if task else None
        traits = _traits()
        if endpoint is None:
            st.info(tr("No finding of a model was judged yet."))
        else:
            readings = study_readings(reviews, answers, reference, endpoint)
            if readings.used:
                reader_study_figures(reader_study(readings, endpoint, traits), key=endpoint.task)
            else:
                st.info(tr("No signed review of this task is of a case in the reference standard."))
        _downloads(reviews, answers, reference, [endpoint] if endpoint else [], traits)


main()
