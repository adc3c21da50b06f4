"""A film read with its note: what each of the two carried of the answer, and which word looked where."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import streamlit as st

from dashboard import cache
from dashboard.components.markup import node, show
from dashboard.components.question_map import question_map
from dashboard.reading import Reading
from dashboard.state import Desk
from engine import Case, ModalityShare, mark, modality_share, spoken, tr, word_regions

SOURCE = "film and note"
GENERATED = mark("Taught on generated notes: how it reads real ones is not known.")
_NAMES = (mark("the image"), mark("the words"))


def modalities(share: ModalityShare, names: tuple[str, str] = _NAMES) -> None:
    """Say in figures what the image and the words made of an answer's probability.

    Parameters
    ----------
    names : tuple of str
        What to call the image and the words.
    """
    rows = [
        node(
            "tr",
            node("th", tr("From {name}", name=tr(name)), _bar(value), scope="row"),
            node("td", f"{value:+.2f}".replace("-", "−"), class_="at-number"),
        )
        for name, value in zip(names, (share.of_image, share.of_words), strict=True)
    ]
    caption = node(
        "caption",
        tr(
            "What made “{label}” {both:.2f}, from {neither:.2f} with neither",
            label=spoken(share.label),
            both=share.both,
            neither=share.neither,
        ),
    )
    show(node("table", caption, node("tbody", *rows), class_="at-findings at-effects"))


def shares(desk: Desk, case: Case, reading: Reading) -> None:
    """Say what the model would answer without the film, and without the note, and what each carried."""
    view, label = reading.view, reading.analysis.findings[0].label
    model, place = cache.model(view.task), case.at(view.image_index, view.frame)
    share = desk.shared((view, label), lambda: modality_share(place, model, label))
    show(node("div", in_words(share), class_="at-line", role="note"))
    modalities(share, (mark("the film"), mark("the note")))
    show(node("div", tr(GENERATED), class_="at-quiet"))


def in_words(share: ModalityShare) -> str:
    """Say what is left of an answer without the film, and without the note.

    Examples
    --------
    >>> in_words(ModalityShare("normal", 0.9, 0.4, 0.8, 0.3, "viral pneumonia", "normal"))
    'Without the film: “viral pneumonia”, and “normal” 0.40. Without the note: still “normal”, 0.80.'
    """
    film = tr("Without the film: {left}", left=_left(share.label, share.said_by_words, share.words))
    note = tr("Without the note: {left}", left=_left(share.label, share.said_by_image, share.image))
    return f"{film} {note}"


def _left(label: str, said: str, probability: float) -> str:
    if said == label:
        return tr("still “{label}”, {p:.2f}.", label=spoken(label), p=probability)
    return tr("“{said}”, and “{label}” {p:.2f}.", said=spoken(said), label=spoken(label), p=probability)


def looks(case: Case, reading: Reading) -> None:
    """Let the reader see, for every word of the note, where on the film it looked; computed when it is asked for."""
    if reading.explanation is None or case.note is None:
        return
    key = f"looks-{'-'.join(map(str, reading.view))}"
    if not st.toggle(tr("Which words looked where"), key=key):
        return
    place = case.at(reading.view.image_index, reading.view.frame)
    with st.spinner(tr("The model's attention is read")):
        regions = word_regions(place, cache.model(reading.view.task))
    question_map(place, case.note.text, regions, reading.explanation, key=f"{key}-map")


def _bar(value: float) -> Element:
    return node(
        "span", node("i", style=f"width:{100 * min(1.0, abs(value)):.1f}%"), class_="at-bar", aria_hidden="true"
    )
