"""How far the methods agree on one case: a small matrix of rank correlations."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from dashboard.components.markup import node, show
from engine import Agreement, spoken, tr

_BLUE, _RED = "108, 178, 224", "224, 108, 108"


def agreement(found: Agreement, sensitivity: float | None) -> None:
    """Show the matrix, shaded by the correlation: blue where two maps agree, red where they contradict.

    Parameters
    ----------
    sensitivity : float or None
        Largest change of the map that is shown, as a share of it, under noise that hardly changes the image.
    """
    numbers = [node("th", str(rank), scope="col") for rank in range(1, len(found.methods) + 1)]
    head = node("thead", node("tr", node("th", tr("Rank correlation of the maps")), *numbers))
    rows = [
        node("tr", node("th", f"{rank}  {spoken(method.full_name)}", scope="row"), *(_cell(value) for value in values))
        for rank, (method, values) in enumerate(zip(found.methods, found.correlations, strict=True), start=1)
    ]
    label = tr("Agreement of the methods for {label}", label=spoken(found.label))
    show(node("table", head, node("tbody", *rows), class_="at-facts at-table at-matrix", aria_label=label))
    words = tr(
        "For {label}. 1: two maps order the parts alike; 0: they have nothing in common. Agreement is no proof.",
        label=spoken(found.label),
    )
    show(node("div", words, class_="at-quiet"))
    if sensitivity is not None:
        noise = tr(
            "Noise that hardly changes the image changed the map that is shown by up to {share:.0%} in a few draws.",
            share=sensitivity,
        )
        show(node("div", noise, class_="at-quiet"))


def _cell(value: float) -> Element:
    color = _BLUE if value > 0 else _RED
    return node("td", f"{value:.2f}".replace("-", "−"), style=f"background: rgba({color}, {0.6 * abs(value):.2f})")
