"""The reader's word on findings, regions and the map, with confidence and comment; saved as it is said, then signed.

A signature locks it; an amendment begins from what was signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import reviewing
from dashboard.components import together
from dashboard.components.frame import tell, told
from dashboard.components.markup import literal, node, show
from dashboard.components.names_warning import names_warning
from dashboard.reading import Reading
from dashboard.tongue import speaks
from engine import (
    Call,
    Case,
    Finding,
    Judgement,
    Mark,
    Plausibility,
    Review,
    ReviewConflict,
    ReviewLocked,
    Stance,
    language,
    mark,
    spoken,
    tr,
)

_ASKED = 3  # findings of one model that are asked about; others can be added
_UNSAID = "–"
_SURE = (_UNSAID, *range(0, 101, 10))
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
    notice, place = st.container(), st.empty()
    with told():
        try:
            with place.container():
                _word(case, readings)
        except (ReviewConflict, ReviewLocked) as error:
            with notice:
                tell(error)
            place.empty()  # a block drawn twice in one run would keep what it held
            with place.container():
                _word(case, readings)


def _word(case: Case, readings: Sequence[Reading]) -> None:
    review = reviewing.current(case.case_id)
    if review.signed:
        _signed(review)
        return
    said = [_judged(review, reading) for reading in readings]
    kept = replace(review, judgements=tuple(judgement for found in said for judgement in found))
    changed = _rest(case, kept, readings)
    reviewing.change(case.case_id, lambda current: replace(changed, revision=current.revision))
    _sign(case, reviewing.current(case.case_id))


def asked_about(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that a reader is asked about: those that are not ruled out, and the first in any case.

    Examples
    --------
    >>> [f.label for f in asked_about((Finding("a", 0.9, Call.RULED_IN), Finding("b", 0.1, Call.RULED_OUT)))]
    ['a']
    """
    open_ones = tuple(finding for finding in findings if finding.call is not Call.RULED_OUT)
    return open_ones[:_ASKED] or tuple(findings[:1])


def _key(review: Review, *parts: str) -> str:
    return "-".join(("verdict", review.case_id, review.reader, str(review.version), str(reviewing.loads()), *parts))


def _tongue() -> tuple[str, ...]:
    """What keeps the choices of one language apart from those of another: the browser sends back what it showed."""
    return () if language() == "en" else (language(),)


def _use_key(case_id: str) -> str:
    return f"box-use-{case_id}-{reviewing.loads()}"


def _judged(review: Review, reading: Reading) -> list[Judgement]:
    """What the reader says of one model's findings, with what they add."""
    task, analysis = reading.task, reading.analysis
    asked = asked_about(analysis.findings)
    labels = [finding.label for finding in analysis.findings]
    said = [judgement for finding in asked if (judgement := _stance(review, task.name, finding, labels))]
    others = [j for j in review.judgements if j.task == task.name and j.stance is not Stance.ADD]
    elsewhere = [j for j in others if j.label not in {finding.label for finding in asked}]
    return [*elsewhere, *said, *_added(review, task.name, spoken(task.title), labels)]


def _stance(review: Review, task: str, finding: Finding, labels: Sequence[str]) -> Judgement | None:
    before = review.judgement_of(task, finding.label)
    stance = st.segmented_control(
        f"{literal(spoken(finding.label))} {finding.probability:.2f}",
        _JUDGED,
        default=before.stance if before else None,
        format_func=lambda stance: spoken(stance).capitalize(),
        key=_key(review, task, finding.label),
    )
    if stance is None:
        return None
    instead = ""
    if stance is Stance.EDIT:
        others = [label for label in labels if label != finding.label]
        held = before.instead if before else ""
        options = [*others, held] if held and held not in others else others
        chosen = st.selectbox(
            tr("Instead of {label}", label=spoken(finding.label)),
            options,
            index=options.index(held) if held else None,
            accept_new_options=True,
            placeholder=tr("Choose or write what it is"),
            format_func=spoken,
            key=_key(review, task, finding.label, "instead", *_tongue()),
        )
        instead = chosen or ""
    return Judgement(task, finding.label, stance, finding.probability, instead)


def _added(review: Review, task: str, title: str, labels: Sequence[str]) -> list[Judgement]:
    held = [said.label for said in review.judgements if said.task == task and said.stance is Stance.ADD]
    chosen = st.multiselect(
        tr("Add to {title}", title=title),
        [*labels, *(label for label in held if label not in labels)],
        default=held,
        accept_new_options=True,
        placeholder=tr("Add a finding"),
        label_visibility="collapsed",
        format_func=spoken,
        key=_key(review, task, "add", *_tongue()),
    )
    return [Judgement(task, label, Stance.ADD) for label in chosen]


def _rest(case: Case, review: Review, readings: Sequence[Reading]) -> Review:
    """What is said of the case as a whole."""
    if case.images:
        _regions(review, asks=any(reading.task.source in {"image", together.SOURCE} for reading in readings))
    plausible = review.plausible
    if any(reading.explanation for reading in readings):
        plausible = st.segmented_control(
            tr("The map is"),
            list(Plausibility),
            default=plausible,
            format_func=lambda said: spoken(said).capitalize(),
            key=_key(review, "map"),
        )
    sure = st.select_slider(
        tr("How sure you are, in percent"),
        _SURE,
        value=_UNSAID if review.confidence is None else review.confidence,
        key=_key(review, "sure"),
    )
    comment = st.text_area(tr("Comment"), review.comment, height=76, max_chars=4000, key=_key(review, "comment"))
    names_warning(tr("The comment"), comment or "", key=_key(review, "comment-names"))
    return replace(
        review, plausible=plausible, confidence=None if sure == _UNSAID else int(sure), comment=comment or ""
    )


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
        if st.button(
            tr("Remove mark {rank}: {mark}, {size}", rank=rank, mark=spoken(region.mark), size=size),
            key=_key(review, "unmark", str(rank)),
        ):
            reviewing.unmark(review.case_id, region)
            st.rerun(scope="app")


def _sign(case: Case, review: Review) -> None:
    if not reviewing.can_be_kept(case.case_id):
        show(
            node(
                "div",
                tr("This case belongs to this session alone: what you say of it ends with it."),
                class_="at-quiet",
            )
        )
        return
    unfinished = any(said.stance is Stance.EDIT and not said.instead for said in review.judgements)
    if st.button(
        tr("Sign as {reader}", reader=literal(review.reader)),
        type="primary",
        disabled=unfinished,
        key=_key(review, "sign"),
    ):
        reviewing.sign(case.case_id)
        st.rerun(scope="app")
    draft = tr("Saved as a draft, change {revision}.", revision=review.revision) if review.revision else ""
    saved = tr("Say what it is instead, then sign.") if unfinished else draft
    show(node("div", saved, class_="at-quiet", role="status"))


def _signed(review: Review) -> None:
    at = f"{review.signed_at:%Y-%m-%d %H:%M} UTC" if review.signed_at else ""
    show(
        node(
            "div",
            tr("Signed by {reader}, {at}, version {version}.", reader=review.reader, at=at, version=review.version),
            class_="at-line",
            role="status",
        )
    )
    show(node("ul", *(node("li", line) for line in in_words(review)), class_="at-notes"))
    if st.button(tr("Amend"), key=_key(review, "amend"), help=tr("Begins a new version; the signed one stays.")):
        reviewing.amend(review.case_id)
        st.rerun(scope="app")


def in_words(review: Review) -> list[str]:
    """Put a review into short lines.

    Examples
    --------
    >>> in_words(Review("c", "r", judgements=(Judgement("t", "normal", Stance.EDIT, 0.6, "viral pneumonia"),)))
    ['Edit: normal 0.60 is viral pneumonia']
    """
    lines = [_line(said) for said in review.judgements]
    lines += [tr("{n} marked on the image", n=len(review.regions))] if review.regions else []
    lines += [tr("{n} key images", n=len(review.key_images))] if review.key_images else []
    lines += [tr("Measured: {said}", said=one.said) for one in review.measurements if one.said]
    lines += [tr("The map is {plausible}", plausible=spoken(review.plausible))] if review.plausible else []
    lines += [tr("Sure to {confidence} %", confidence=review.confidence)] if review.confidence is not None else []
    return [*lines, review.comment] if review.comment else lines


def _line(said: Judgement) -> str:
    figure = "" if said.probability is None else f" {said.probability:.2f}"
    instead = tr(" is {instead}", instead=spoken(said.instead)) if said.instead else ""
    return f"{spoken(said.stance).capitalize()}: {spoken(said.label)}{figure}{instead}"
