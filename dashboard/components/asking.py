"""Asking a question about an image: suggestions, ranked answers, what came from the image, and where words looked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

import streamlit as st

from dashboard import cache
from dashboard.background import Job
from dashboard.components.answer_space import answer_space
from dashboard.components.badge import badge, map_line
from dashboard.components.findings import likelihood
from dashboard.components.frame import told
from dashboard.components.map_choice import map_choice
from dashboard.components.markup import node, show
from dashboard.components.names_warning import names_warning
from dashboard.components.question_map import question_map
from dashboard.components.together import modalities
from dashboard.components.waiting import awaited, in_turn
from dashboard.components.what_if import edit_list, invitation
from dashboard.edits import Edits
from dashboard.state import Desk, Question
from dashboard.uninterrupted import uninterrupted
from engine import (
    TASKS,
    Analysis,
    Case,
    Explanation,
    Faithfulness,
    ModalityShare,
    WhatIf,
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
    """All that the page says of one question, with what the reader takes away from it and the maps that were drawn."""

    case: Case
    analysis: Analysis
    share: ModalityShare
    regions: WordRegions
    what_if: WhatIf
    edits: Edits = field(default_factory=Edits)
    maps: dict[Question, Explanation] = field(default_factory=dict)

    @property
    def answers(self) -> list[str]:
        """The answers that are shown one by one, the most probable first."""
        return [finding.label for finding in self.analysis.findings[:_SHOWN]]

    def map(self, wanted: Question) -> Explanation:
        """Return the map that answers the reader's question to it, drawn when it is first asked for."""
        if wanted not in self.maps:
            self.maps[wanted] = in_turn(
                f"map {TASK} {wanted.method}",
                lambda: explain_case(self.case, cache.model(TASK), **wanted._asdict()),
            )
        return self.maps[wanted]


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
    with said:
        _headline(reply)
        line, effects = st.container(), st.container()
        show(_table(reply.analysis))
        _modalities(reply.share)
        name = f"{key}-{hash(question)}"
        wanted = map_choice(reply.answers, shipped_card(TASK).methods, cache.heads(TASK), key=f"{name}-map")
        explanation = reply.map(wanted)
        job = _check(desk, reply, wanted, explanation, key)
    with line:
        map_line(job.result, failed=job.failed, title=spoken(TASKS[TASK].title))
    with effects:
        _what_if(reply, wanted, name)
    with drawn:
        edits = reply.edits
        question_map(
            reply.case,
            question,
            reply.regions,
            explanation,
            key=f"{key}-map",
            taken=edits.places,
            on_taken=edits.take,
        )


def _reply(case: Case, place: tuple[int, int], question: str) -> Reply:
    model, narrowed = cache.model(TASK), replace(case.at(*place), question=question)
    return Reply(
        narrowed,
        analyse(narrowed, model),
        modality_share(narrowed, model),
        word_regions(narrowed, model),
        WhatIf(narrowed, model),
    )


def _what_if(reply: Reply, wanted: Question, key: str) -> None:
    """Show what the answer that the map speaks for would have without what the reader took away."""
    if not reply.edits.begun:
        invitation("question")
        return
    label = wanted.label or reply.answers[0]
    edit_list(
        reply.what_if.effects(reply.edits.places, label), reply.edits, text=reply.case.question, key=f"{key}-edits"
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


def _check(desk: Desk, reply: Reply, wanted: Question, explanation: Explanation, key: str) -> Job[Faithfulness]:
    """Let the map be checked behind the reader's back, and show its badge when it is there."""
    model = cache.model(TASK)
    job = desk.in_background(
        f"badge-{TASK}",
        (reply.case.case_id, reply.case.question, reply.analysis.image_index, reply.analysis.frame, wanted),
        lambda progress: measure_faithfulness(reply.case, model, explanation, progress=progress),
    )
    awaited(job, lambda found: badge(found, key=f"{key}-badge"), doing=tr("Checking whether this map can be believed"))
    return job


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
