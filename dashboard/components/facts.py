"""Small tables of facts: provenance of an analysis, figures of a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboard.components.markup import node, show
from engine import Analysis, tr


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
    read = "" if analysis.coverage >= 0.9995 else tr(" · read {coverage:.0%} of the source", coverage=analysis.coverage)
    said = tr(
        "Model {task} · {digest} · {device} · {took:.2f} s{read}",
        task=analysis.task,
        digest=analysis.model_digest[:12],
        device=analysis.device,
        took=took,
        read=read,
    )
    show(node("div", said, class_="at-quiet", title=analysis.model_digest))


def provenance(analysis: Analysis) -> dict[str, str]:
    """Everything needed to name the analysis again, as rows of `facts`."""
    flags = {None: tr("the task has none"), True: tr("reached"), False: tr("not reached")}
    return {
        tr("Model"): analysis.task,
        tr("Operating point"): flags[analysis.flag],
        tr("SHA-256 of the weights"): analysis.model_digest,
        tr("Device"): analysis.device,
        tr("Read"): tr("{coverage:.1%} of the source", coverage=analysis.coverage),
        tr("Versions"): ", ".join(f"{name} {version}" for name, version in analysis.versions.items()),
        tr("Seconds"): ", ".join(f"{step} {took:.3f}" for step, took in analysis.seconds.items()),
    }
