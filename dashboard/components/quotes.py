"""The sentences of a long note that carry the answer of the map that is shown."""

from __future__ import annotations

from dashboard.components.markup import node, show
from engine import Explanation, key_sentences, spoken, tr

_LONG = 120  # words of a note, under which it is its own summary


def quotes_of(text: str, explanation: Explanation) -> None:
    """Quote the three sentences that speak most for the label of a map; nothing for a short note or a map without."""
    if len(text.split()) < _LONG or explanation.label is None:
        return
    found = key_sentences(text, explanation.spans)
    if not found:
        return
    lines = []
    for one in found:
        said = " ".join(text[one.start : one.end].split())
        lines.append(node("li", f"“{said}”", node("span", f" {one.share:.0%}", class_="at-quiet")))
    title = node(
        "div",
        node("b", tr("The note in short, for {label}: ", label=spoken(explanation.label))),
        tr("sentences quoted by the map."),
    )
    about = tr("Shares of what the map gives to all sentences that speak for it. Read the note.")
    show(node("div", title, node("ol", *lines), node("div", about, class_="at-quiet"), class_="at-short"))
