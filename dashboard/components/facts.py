"""Small tables of facts: provenance of an analysis, figures of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboard.components.markup import node, show
from engine import Analysis


def facts(rows: Mapping[str, str], *, label: str) -> None:
    """Show names with what is said of them.

    Parameters
    ----------
    rows : mapping of str to str
        Text from anywhere.
    label : str
        What the table is about, for screen readers.
    """
    lines = (node("tr", node("th", name, scope="row"), node("td", said)) for name, said in rows.items())
    show(node("table", node("tbody", *lines), class_="at-facts", aria_label=label))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, label: str) -> None:
    """Show a table with a head; the first cell of a row names it."""
    names = node("thead", node("tr", *(node("th", name, scope="col") for name in head)))
    lines = (node("tr", node("th", row[0], scope="row"), *(node("td", cell) for cell in row[1:])) for row in rows)
    show(node("table", names, node("tbody", *lines), class_="at-facts at-table", aria_label=label))


def model_line(analysis: Analysis) -> None:
    """Say in one line which model answered, where, and how long it took."""
    took = sum(analysis.seconds.values())
    read = "" if analysis.coverage >= 0.9995 else f" · read {analysis.coverage:.0%} of the source"
    said = f"Model {analysis.task} · {analysis.model_digest[:12]} · {analysis.device} · {took:.2f} s{read}"
    show(node("div", said, class_="at-quiet", title=analysis.model_digest))


def provenance(analysis: Analysis) -> dict[str, str]:
    """Everything needed to name the analysis again, as rows of `facts`."""
    flags = {None: "the task has none", True: "reached", False: "not reached"}
    return {
        "Model": analysis.task,
        "Operating point": flags[analysis.flag],
        "SHA-256 of the weights": analysis.model_digest,
        "Device": analysis.device,
        "Read": f"{analysis.coverage:.1%} of the source",
        "Versions": ", ".join(f"{name} {version}" for name, version in analysis.versions.items()),
        "Seconds": ", ".join(f"{step} {took:.3f}" for step, took in analysis.seconds.items()),
    }
