"""Looking closer at one map: where it lies, the smallest part that matters, other methods, single heads.

Nothing of this is computed before the reader asks for it.
"""

from __future__ import annotations

from enum import StrEnum

import streamlit as st

from dashboard import cache
from dashboard.background import Progress
from dashboard.components.agreement import agreement
from dashboard.components.facts import table
from dashboard.components.head_browser import head_browser, unit_of
from dashboard.components.lungs import ask_for_outline, lungs_on
from dashboard.components.smallest import Found, drawn, search, smallest_parts
from dashboard.components.waiting import awaited
from dashboard.components.what_if import text_of
from dashboard.components.where import where
from dashboard.state import Desk, Question, View
from engine import (
    Agreement,
    Case,
    Explanation,
    Heads,
    Place,
    WhatIf,
    attention_heads,
    mark,
    measure_agreement,
    measure_sensitivity,
    tr,
)


class Topic(StrEnum):
    """What the reader may look at more closely."""

    WHERE = mark("Where it looked")
    SMALLEST = mark("Smallest part that matters")
    AGREEMENT = mark("Methods compared")
    HEADS = mark("Layers and heads")


def closer(desk: Desk, case: Case, view: View, question: Question, explanation: Explanation, label: str) -> None:
    """Let the reader choose a topic, and show it.

    Parameters
    ----------
    label : str
        What the map speaks for, or the model's answer where the method does not depend on the label.
    """
    fused = bool(explanation.spans) and explanation.map is not None  # which word looked where is shown elsewhere
    topics = [topic for topic in Topic if topic is not Topic.HEADS or not fused]
    topic = st.segmented_control(
        tr("Look closer"), topics, key=f"closer-{_name(view)}", label_visibility="collapsed", format_func=tr
    )
    match topic:
        case Topic.WHERE:
            places = desk.edits[view].places
            lungs = lungs_on(desk, case, view)
            where(case, explanation, places, image_index=view.image_index, frame=view.frame, lungs=lungs)
            if lungs:
                ask_for_outline(view)
        case Topic.SMALLEST:
            _smallest(desk, case, view, question, explanation, label)
        case Topic.AGREEMENT:
            _agreement(desk, case, view, question, explanation, label)
        case Topic.HEADS:
            _heads(desk, case, view)


def questions(desk: Desk, case: Case, view: View) -> WhatIf:
    """Return what can be asked of a view's model about its case."""
    place = {"image_index": view.image_index, "frame": view.frame}
    return desk.what_if(view, lambda: WhatIf(case, cache.model(view.task), **place))


def begin_questions(desk: Desk, case: Case, view: View, label: str) -> None:
    """Ask about the whole case behind the reader's back, so that the first edit need not wait for it."""
    model, place = cache.model(view.task), {"image_index": view.image_index, "frame": view.frame}
    what_ifs = desk.what_ifs  # not the desk: work that waits must not keep a session alive
    desk.in_background(
        _lane("what-if", view),
        view,
        lambda _: what_ifs.setdefault(view, WhatIf(case, model, **place)).effects([], label),
    )


def part_drawn(desk: Desk, view: View, question: Question | None) -> tuple[Place, ...]:
    """Return the smallest part that the reader wants drawn on the source."""
    return drawn(desk.done(_lane("smallest", view), (view, question)), f"part-{_name(view)}")


def _smallest(desk: Desk, case: Case, view: View, question: Question, explanation: Explanation, label: str) -> None:
    what_if = questions(desk, case, view)
    lane = _lane("smallest", view)
    job = desk.in_background(lane, (view, question), lambda progress: search(what_if, explanation, label, progress))
    asked = case.at(0, view.frame) if case.sequence else case
    text = text_of(asked, "sequence" if case.sequence else "note") if explanation.spans else ""

    def draw(found: Found) -> None:
        smallest_parts(found, label, text=text, key=f"part-{_name(view)}")

    awaited(job, draw, doing=tr("Looking for the smallest parts"))


def _agreement(desk: Desk, case: Case, view: View, question: Question, explanation: Explanation, label: str) -> None:
    model, place = cache.model(view.task), {"image_index": view.image_index, "frame": view.frame}

    def compare(progress: Progress) -> tuple[Agreement, float | None]:
        found = measure_agreement(case, model, label=label, progress=progress, **place)
        alone = explanation.map is not None and not explanation.spans
        return found, None if not alone else measure_sensitivity(case, model, explanation, **place)

    job = desk.in_background(_lane("agreement", view), (view, question), compare)
    awaited(job, lambda found: agreement(*found), doing=tr("Comparing the methods"))


def _heads(desk: Desk, case: Case, view: View) -> None:
    model, place = cache.model(view.task), {"image_index": view.image_index, "frame": view.frame}
    window = st.session_state.get(f"window-{_name(view)}", 1) - 1
    heads = desk.heads_of((view, window), lambda: attention_heads(case, model, window=window, **place))
    if heads.windows > 1:
        st.slider(
            tr("Part of the note"),
            1,
            heads.windows,
            key=f"window-{_name(view)}",
            help=tr("The model reads long notes in overlapping parts"),
        )
    head_browser(case, heads, image_index=view.image_index, frame=view.frame, key=f"heads-{_name(view)}-{window}")
    _heads_table(heads, unit_of(case, heads))


def _heads_table(heads: Heads, unit: str) -> None:
    digits = 0 if heads.pieces else 1
    head = (
        tr("Bits · {unit} away", unit=unit),
        *(tr("Head {rank}", rank=rank + 1) for rank in range(heads.entropy.shape[1])),
    )
    rows = [
        (
            tr("Layer {rank}", rank=rank + 1),
            *(f"{bits:.1f} · {apart:.{digits}f}" for bits, apart in zip(entropy, distance, strict=True)),
        )
        for rank, (entropy, distance) in enumerate(zip(heads.entropy, heads.distance, strict=True))
    ]
    table(head, rows, label=tr("Entropy and mean distance of every head"))


def _lane(kind: str, view: View) -> str:
    return f"{kind} {view.task}"


def _name(view: View) -> str:
    return "-".join(map(str, view))
