"""Findings in words and in numbers, the first thing that a reader sees."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from dashboard.components.markup import node, show
from engine import ABSTAINS, Analysis, Call, Finding, likelihood, spoken, sum_up, tr

_SHOWN = 6
_CALL_CLASS = {Call.RULED_IN: "at-call-in", Call.UNCERTAIN: "at-call-open", Call.RULED_OUT: "at-call-out"}


def headline(analysis: Analysis, title: str) -> None:
    """Show the sentence that sums up one analysis; outside its domain a model abstains, and the page says why."""
    if analysis.domain.inside:
        said = [node("b", tr("{title}. ", title=title)), sum_up(analysis.findings)]
        show(node("div", *said, class_="at-headline", data_task=analysis.task))
        return
    why = " ".join(map(spoken, analysis.domain.reasons))
    said = [node("strong", tr("Outside what this model was made for. ")), why, f" {tr(ABSTAINS)} ({title})"]
    show(node("div", *said, class_="at-outside", role="alert", data_task=analysis.task))


def findings_table(analysis: Analysis, title: str) -> None:
    """Show each label with its probability and its call; labels that are ruled out fold away where there are many.

    Outside the model's domain the figures are shown without any call; of words that it cannot read, none are shown.
    """
    if not analysis.domain.readable:
        show(node("div", node("b", tr("{title}. ", title=title)), tr("no call"), class_="at-quiet"))
        return
    found = analysis.findings
    first = (
        found if len(found) <= _SHOWN else tuple(f for f in found if f.call is not Call.RULED_OUT)[:_SHOWN] or found[:3]
    )
    rest = tuple(f for f in found if f not in first)
    trusted = analysis.domain.inside
    block = node("div", _table(first, title, trusted))
    if rest:
        block.append(node("details", node("summary", tr("{n} more labels", n=len(rest))), _table(rest, "", trusted)))
    show(block)


def _table(findings: Sequence[Finding], title: str, trusted: bool) -> Element:
    body = node("tbody", *(_line(finding, trusted) for finding in findings))
    look = "at-findings" if trusted else "at-findings at-unreliable"
    return node("table", *([node("caption", title)] if title else []), body, class_=look)


def _line(finding: Finding, trusted: bool) -> Element:
    call = (
        node("span", spoken(finding.call), class_=f"at-call {_CALL_CLASS[finding.call]}") if trusted else tr("no call")
    )
    bar = node("span", node("i", style=f"width:{100 * finding.probability:.1f}%"), class_="at-bar", aria_hidden="true")
    return node(
        "tr",
        node(
            "th",
            spoken(finding.label),
            node("span", likelihood(finding.probability), class_="at-words"),
            bar,
            scope="row",
        ),
        node("td", f"{finding.probability:.2f}", class_="at-number"),
        node("td", call),
    )
