"""The reader's word on findings, regions and the map, with confidence and comment; saved as it is said, then signed.

A signature locks it; an amendment begins from what was signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import reviewing
from dashboard.components import together
from dashboard.components.frame import tell, told
from dashboard.components.markup import literal, node, show
from dashboard.components.names_warning import names_warning
from dashboard.components.verdict_boxes import (
    UNSAID,
    asked_about,
    before_of,
    box_of,
    elsewhere,
    key,
    spoken_key,
    standing,
    unfinished,
)
from dashboard.reading import Reading
from dashboard.tongue import speaks
from dashboard.uninterrupted import uninterrupted
from engine import (
    AttendingError,
    Case,
    Finding,
    Judgement,
    Mark,
    Plausibility,
    Review,
    Stance,
    mark,
    picture_in_words,
    spoken,
    tr,
)

_REDRAW, _PROBLEM, _SIGNING = "verdict-redraw", "verdict-problems", "verdict-signing"
_SURE = (UNSAID, *range(0, 101, 10))
_JUDGED = (Stance.AGREE, Stance.EDIT, Stance.REJECT)
_ASK = mark("Ask: what if it were not there?")
_MARKS = {mark("Mark: here"): Mark.HERE, mark("Mark: not there"): Mark.NOT_THERE}


def box_use(case_id: str, *, asks: bool) -> Mark | None:
    """What a drawn box says: a mark of the review, or None for a question to the model that reads the image.

    Parameters
    ----------
    asks : bool
        Whether there is a model to ask.
    """
    chosen = st.session_state.get(_use_key(case_id))
    return _MARKS.get(chosen or "", None if asks else Mark.HERE)


@st.fragment
@speaks
def verdict(case: Case, readings: Sequence[Reading]) -> None:
    """Take the reader's word on what the models found, or show what was signed; as it is elsewhere, if it changed."""
    if st.session_state.pop(_REDRAW, False):
        st.rerun(scope="app")  # a signature locks more of the page than this part of it
    with told():
        problems = st.session_state.get(_PROBLEM)
        while problems:
            tell(problems.pop())
        review = reviewing.current(case.case_id)
        if st.session_state.get(_SIGNING) and review.signed:
            st.toast(tr("Signed: version {version} is locked.", version=review.version))  # wherever the page stands
        # After it is told: a drawing that was broken off before that tells it the next time.
        st.session_state.pop(_SIGNING, None)
        if review.signed:
            st.empty()  # in place of all boxes at once: the browser would leave them standing until the page is drawn
            _signed(case, review)
        else:
            with st.container():
                _word(case, review, readings)


@uninterrupted
def _do(act: Callable[..., object], *of: object) -> None:
    """Do what a box or a button asks for before the page is drawn: whoever leaves it at once has said it all the same.

    What cannot be done is told where the page is drawn next.
    """
    _try(act, *of)


@uninterrupted
def _do_and_redraw(act: Callable[..., object], *of: object) -> None:
    """The same for what changes other parts of the page too."""
    st.session_state[_REDRAW] = True
    _try(act, *of)


def _try(act: Callable[..., object], *of: object) -> None:
    problems = st.session_state.setdefault(_PROBLEM, [])
    try:
        act(*of)
    except AttendingError as error:
        problems.append(error)


@speaks
def _keep(case_id: str, readings: Sequence[Reading]) -> None:
    """Keep what stands in the boxes."""
    reviewing.change(case_id, lambda review: standing(review, readings))


def _keep_and_sign(case_id: str, readings: Sequence[Reading]) -> None:
    """Lock what stands in the boxes, the comment that this very click ended among it."""
    st.session_state[_SIGNING] = True
    _keep(case_id, readings)
    if not unfinished(reviewing.current(case_id)):
        reviewing.sign(case_id)


def _word(case: Case, review: Review, readings: Sequence[Reading]) -> None:
    keep = {"on_change": _do, "args": (_keep, case.case_id, readings)}
    for reading in readings:
        _judge(review, reading, keep)
    others = elsewhere(review, readings)
    if others:
        show(node("div", tr("Said elsewhere in this case, and signed with it:"), class_="at-quiet"))
        show(node("ul", *(node("li", _line(said, case)) for said in others), class_="at-notes"))
    _rest(case, review, readings, keep)
    _sign(review, readings)


def _use_key(case_id: str) -> str:
    return f"box-use-{case_id}-{reviewing.loads()}"


def _judge(review: Review, reading: Reading, keep: Mapping[str, Any]) -> None:
    """Ask about one model's findings, and for those that it does not name."""
    task, findings = reading.task, reading.analysis.findings
    labels = [finding.label for finding in findings]
    for finding in asked_about(findings):
        before, box = before_of(review, reading, finding), box_of(reading, finding)
        stance = st.segmented_control(
            f"{literal(spoken(finding.label))} {finding.probability:.2f}",
            _JUDGED,
            default=before.stance if before else None,
            format_func=lambda stance: spoken(stance).capitalize(),
            key=key(review, *box),
            **keep,
        )
        if stance is Stance.EDIT:
            _instead(review, reading, finding, keep)
    held = [said.label for said in review.judgements if said.task == task.name and said.stance is Stance.ADD]
    st.multiselect(
        tr("Add to {title}", title=spoken(task.title)),
        [*labels, *(label for label in held if label not in labels)],
        default=held,
        accept_new_options=True,
        placeholder=tr("Add a finding"),
        label_visibility="collapsed",
        format_func=spoken,
        key=spoken_key(review, task.name, "add"),
        **keep,
    )


def _instead(review: Review, reading: Reading, finding: Finding, keep: Mapping[str, Any]) -> None:
    """Ask what it is instead."""
    before = before_of(review, reading, finding)
    others = [other.label for other in reading.analysis.findings if other.label != finding.label]
    held = before.instead if before else ""
    options = [*others, held] if held and held not in others else others
    st.selectbox(
        tr("Instead of {label}", label=spoken(finding.label)),
        options,
        index=options.index(held) if held else None,
        accept_new_options=True,
        placeholder=tr("Choose or write what it is"),
        format_func=spoken,
        key=spoken_key(review, *box_of(reading, finding), "instead"),
        **keep,
    )


def _rest(case: Case, review: Review, readings: Sequence[Reading], keep: Mapping[str, Any]) -> None:
    """Ask about the case as a whole."""
    if case.images:
        _regions(review, asks=any(reading.task.source in {"image", together.SOURCE} for reading in readings))
    if any(reading.explanation for reading in readings):
        st.segmented_control(
            tr("The map is"),
            list(Plausibility),
            default=review.plausible,
            format_func=lambda said: spoken(said).capitalize(),
            key=key(review, "map"),
            **keep,
        )
    st.select_slider(
        tr("How sure you are, in percent"),
        _SURE,
        value=UNSAID if review.confidence is None else review.confidence,
        key=key(review, "sure"),
        **keep,
    )
    comment = st.text_area(tr("Comment"), review.comment, height=76, max_chars=4000, key=key(review, "comment"), **keep)
    names_warning(tr("The comment"), comment or "", key=key(review, "comment-names"))


def _regions(review: Review, *, asks: bool) -> None:
    """Say what the next drawn box means, and list the marks that there are."""
    st.selectbox(
        tr("A box drawn on the image"),
        [*([_ASK] if asks else []), *_MARKS],
        format_func=tr,
        key=_use_key(review.case_id),
    )
    for rank, region in enumerate(review.regions, start=1):
        box = region.box
        size = tr("{width:.0f} × {height:.0f} pixels", width=box.right - box.left, height=box.bottom - box.top)
        st.button(
            tr("Remove mark {rank}: {mark}, {size}", rank=rank, mark=spoken(region.mark), size=size),
            key=key(review, "unmark", str(rank)),
            on_click=_do_and_redraw,
            args=(reviewing.unmark, review.case_id, region),
        )


def _sign(review: Review, readings: Sequence[Reading]) -> None:
    if not reviewing.can_be_kept(review.case_id):
        show(
            node(
                "div",
                tr("This case belongs to this session alone: what you say of it ends with it."),
                class_="at-quiet",
            )
        )
        return
    open_edit = unfinished(review)
    st.button(
        tr("Sign as {reader}", reader=literal(review.reader)),
        type="primary",
        disabled=open_edit,
        key=key(review, "sign"),
        on_click=_do_and_redraw,
        args=(_keep_and_sign, review.case_id, readings),
    )
    draft = tr("Saved as a draft, change {revision}.", revision=review.revision) if review.revision else ""
    saved = tr("Say what it is instead, then sign.") if open_edit else draft
    show(node("div", saved, class_="at-quiet", role="status"))


def _signed(case: Case, review: Review) -> None:
    at = f"{review.signed_at:%Y-%m-%d %H:%M} UTC" if review.signed_at else ""
    show(
        node(
            "div",
            tr("Signed by {reader}, {at}, version {version}.", reader=review.reader, at=at, version=review.version),
            class_="at-line",
            role="status",
        )
    )
    show(node("ul", *(node("li", line) for line in in_words(review, case)), class_="at-notes"))
    st.button(
        tr("Amend"),
        key=key(review, "amend"),
        help=tr("Begins a new version; the signed one stays."),
        on_click=_do_and_redraw,
        args=(reviewing.amend, review.case_id),
    )


def in_words(review: Review, case: Case) -> list[str]:
    """Put a review of a case into short lines.

    Examples
    --------
    >>> said = Judgement("t", "normal", Stance.EDIT, 0.6, "viral pneumonia")
    >>> in_words(Review("c", "r", judgements=(said,)), Case("c", "Film"))
    ['Edit: normal 0.60 is viral pneumonia']
    """
    lines = [_line(said, case) for said in review.judgements]
    lines += [tr("{n} marked on the image", n=len(review.regions))] if review.regions else []
    lines += [tr("{n} key images", n=len(review.key_images))] if review.key_images else []
    lines += [tr("Measured: {said}", said=one.said) for one in review.measurements if one.said]
    lines += [tr("The map is {plausible}", plausible=spoken(review.plausible))] if review.plausible else []
    lines += [tr("Sure to {confidence} %", confidence=review.confidence)] if review.confidence is not None else []
    return [*lines, review.comment] if review.comment else lines


def _line(said: Judgement, case: Case) -> str:
    place = "" if said.stance is Stance.ADD else picture_in_words(case, said.image_index, said.frame)
    of = tr(" ({place})", place=place) if place else ""
    figure = "" if said.probability is None else f" {said.probability:.2f}"
    instead = tr(" is {instead}", instead=spoken(said.instead)) if said.instead else ""
    return f"{spoken(said.stance).capitalize()}: {spoken(said.label)}{figure}{instead}{of}"
