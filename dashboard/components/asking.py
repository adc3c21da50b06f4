"""Asking a question about an image: suggestions, ranked answers, what came from the image, and where words looked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import streamlit as st

from dashboard import cache
from dashboard.components.answer_space import answer_space
from dashboard.components.badge import badge
from dashboard.components.findings import likelihood
from dashboard.components.frame import told
from dashboard.components.markup import node, show
from dashboard.components.names_warning import names_warning
from dashboard.components.question_map import question_map
from dashboard.components.together import modalities
from dashboard.components.waiting import awaited
from dashboard.state import Desk
from dashboard.uninterrupted import uninterrupted
from engine import (
    TASKS,
    Analysis,
    Case,
    Explanation,
    ModalityShare,
    WordRegions,
    analyse,
    explain_case,
    mark,
    measure_faithfulness,
    modality_share,
    shipped_card,
    spoken,
    tr,
    word_regions,
)

TASK = "visual-question"
LONGEST = 200  # characters of a question
_SHOWN = 5  # answers
_KEPT = 12  # answers of a session that are listed
_SUGGESTED = {
    "CR": (
        mark("Is this film normal?"),
        mark("Is there pneumonia?"),
        mark("Is the heart enlarged?"),
        mark("What plane is this?"),
    ),
    "CT": (
        mark("What part of the body is shown?"),
        mark("What plane is this?"),
        mark("Is there a mass?"),
        mark("Is contrast used?"),
    ),
    "MR": (
        mark("What part of the body is shown?"),
        mark("What plane is this?"),
        mark("Is there a midline shift?"),
        mark("Is there a mass?"),
    ),
    "US": (
        mark("What part of the body is shown?"),
        mark("Is there a mass in the breast?"),
        mark("Is the mass benign or malignant?"),
    ),
    "": (
        mark("What modality is this?"),
        mark("What part of the body is shown?"),
        mark("What plane is this?"),
        mark("Is this normal?"),
    ),
}


@dataclass(frozen=True, eq=False)
class Reply:
    """All that the page says of one question."""

    case: Case
    analysis: Analysis
    share: ModalityShare
    regions: WordRegions
    explanation: Explanation


def suggestions(modality: str) -> tuple[str, ...]:
    """Questions that fit a kind of image.

    Examples
    --------
    >>> suggestions("DX")[0], suggestions("XA")[0]
    ('Is this film normal?', 'What modality is this?')
    """
    kind = "CR" if modality in {"CR", "DX", "RG"} else modality
    return _SUGGESTED.get(kind, _SUGGESTED[""])


def asking(desk: Desk, case: Case, place: tuple[int, int]) -> None:
    """Let the reader ask about the image at a place of the case; nothing is answered before something is asked.

    Parameters
    ----------
    place : tuple of int
        Index in ``case.images``, and the frame in that image.
    """
    if TASK not in TASKS:
        return
    key = f"question-{case.case_id}"
    with st.container(border=True):
        show(
            node(
                "div",
                node("b", tr("Ask about this image. ")),
                tr("The answer comes from a list, and may be “cannot tell”."),
            )
        )
        answer_space(shipped_card(TASK), key=key)
        if case.question and key not in st.session_state:
            st.session_state[key] = case.question
        asked = st.text_input(
            tr("Question"),
            key=key,
            max_chars=LONGEST,
            placeholder=tr("Type a question and press Enter"),
            label_visibility="collapsed",
        )
        _suggest(case.images[place[0]].modality, key)
        question = " ".join((asked or "").split())
        if question:
            if question not in suggestions(case.images[place[0]].modality):
                names_warning(tr("The question"), question, key=f"{key}-names")
            with told():
                _answer(desk, case, place, question, key)
        _history(desk, case, key)


def _suggest(modality: str, key: str) -> None:
    @uninterrupted
    def take(question: str) -> None:
        st.session_state[key] = question

    with st.container(horizontal=True):
        for rank, question in enumerate(suggestions(modality)):
            st.button(tr(question), key=f"{key}-suggested-{rank}", on_click=take, args=(question,), type="tertiary")


def _answer(desk: Desk, case: Case, place: tuple[int, int], question: str, key: str) -> None:
    with st.spinner(tr("The model looks and reads")):
        reply = desk.reply((case.case_id, place, question), lambda: _reply(case, place, question))
    drawn, said = st.columns([3, 2], gap="medium")
    with drawn:
        question_map(reply.case, question, reply.regions, reply.explanation, key=f"{key}-map")
    with said:
        _headline(reply)
        show(_table(reply.analysis))
        _modalities(reply.share)
        _check(desk, reply, key)


def _reply(case: Case, place: tuple[int, int], question: str) -> Reply:
    model, narrowed = cache.model(TASK), replace(case.at(*place), question=question)
    return Reply(
        narrowed,
        analyse(narrowed, model),
        modality_share(narrowed, model),
        word_regions(narrowed, model),
        explain_case(narrowed, model),
    )


def _headline(reply: Reply) -> None:
    """Say the answer in words; that the model cannot tell, or was not made for this, goes before it."""
    first = reply.analysis.findings[0]
    if not reply.analysis.domain.inside:
        why = " ".join(map(spoken, reply.analysis.domain.reasons))
        said = [
            node("strong", tr("Outside what this model was made for. ")),
            why,
            tr(" Its figures are not to be relied on."),
        ]
        show(node("div", *said, class_="at-outside", role="alert", data_task=TASK))
        return
    if not reply.analysis.sure:
        text = tr(
            "Cannot tell. Its most probable answer, “{label}”, has only {probability:.2f}.",
            label=spoken(first.label),
            probability=first.probability,
        )
        show(node("div", node("b", text), class_="at-headline", role="status", data_task=TASK))
        return
    text = f"{spoken(first.label)} {first.probability:.2f}"
    words = f" ({likelihood(first.probability)})"
    show(node("div", node("b", text), words, class_="at-headline", role="status", data_task=TASK))


def _table(analysis: Analysis) -> Element:
    rows = [_line(spoken(finding.label), finding.probability) for finding in analysis.findings[:_SHOWN]]
    rest = sum(finding.probability for finding in analysis.findings[_SHOWN:])
    rows.append(_line(tr("{n} other answers together", n=len(analysis.findings) - _SHOWN), rest))
    trusted = analysis.sure and analysis.domain.inside
    look = "at-findings" if trusted else "at-findings at-unreliable"
    return node("table", node("caption", tr("Answers, the most probable first")), node("tbody", *rows), class_=look)


def _line(label: str, probability: float) -> Element:
    bar = node("span", node("i", style=f"width:{100 * probability:.1f}%"), class_="at-bar", aria_hidden="true")
    return node("tr", node("th", label, bar, scope="row"), node("td", f"{probability:.2f}", class_="at-number"))


def _modalities(share: ModalityShare) -> None:
    """Say what the image added: first in a sentence, then in figures."""
    look = "at-line at-alarm" if share.carried_by_words else "at-line"
    show(node("div", spoken(share.sentence), class_=look, role="note"))
    modalities(share)


def _check(desk: Desk, reply: Reply, key: str) -> None:
    """Let the map be checked behind the reader's back."""
    model = cache.model(TASK)
    job = desk.in_background(
        f"badge-{TASK}",
        (reply.case.case_id, reply.case.question, reply.analysis.image_index, reply.analysis.frame),
        lambda progress: measure_faithfulness(reply.case, model, reply.explanation, progress=progress),
    )
    awaited(job, lambda found: badge(found, key=f"{key}-badge"), doing=tr("Checking whether this map can be believed"))


def _history(desk: Desk, case: Case, key: str) -> None:
    """List what was asked of this case in this session, the latest first."""
    replies = [reply for asked, reply in desk.replies.items() if asked[0] == case.case_id][::-1]
    if len(replies) < 2:
        return
    with st.expander(tr("Asked before ({n})", n=len(replies))):
        rows = [
            node("tr", node("th", one.case.question, scope="row"), node("td", _short(one))) for one in replies[:_KEPT]
        ]
        show(node("table", node("tbody", *rows), class_="at-facts"))


def _short(reply: Reply) -> str:
    first = reply.analysis.findings[0]
    if not reply.analysis.domain.inside:
        return tr("outside the model's domain")
    return f"{spoken(first.label)} {first.probability:.2f}" if reply.analysis.sure else tr("cannot tell")
