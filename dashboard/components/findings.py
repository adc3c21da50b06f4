"""Findings in words and in numbers, the first thing that a reader sees.

The words of likelihood are the calibrated language of Mastrandrea et al., IPCC guidance note on the treatment of
uncertainties, 2010, table 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from dashboard.components.markup import node, show
from engine import Analysis, Call, Finding

_SHOWN = 6
_LIKELIHOODS = (
    (0.9, "very likely"),
    (0.66, "likely"),
    (0.5, "more likely than not"),
    (0.33, "about as likely as not"),
    (0.1, "unlikely"),
)
_ABSTAINS = "The model abstains; its figures and maps are there to be inspected, not to be relied on."
_CALL_CLASS = {Call.RULED_IN: "at-call-in", Call.UNCERTAIN: "at-call-open", Call.RULED_OUT: "at-call-out"}


def likelihood(probability: float) -> str:
    """Say a probability in words.

    Parameters
    ----------
    probability : float
        In [0, 1].

    Examples
    --------
    >>> likelihood(0.87), likelihood(0.6), likelihood(0.4), likelihood(0.02)
    ('likely', 'more likely than not', 'about as likely as not', 'very unlikely')
    """
    return next((words for least, words in _LIKELIHOODS if probability >= least), "very unlikely")


def sentence(findings: Sequence[Finding]) -> str:
    """Sum the findings up in one sentence that never says more than the model's own calls.

    Examples
    --------
    >>> sentence((Finding("normal", 0.93, Call.RULED_IN), Finding("viral pneumonia", 0.07, Call.RULED_OUT)))
    'Ruled in: normal 0.93 (very likely).'
    >>> sentence((Finding("normal", 0.55, Call.UNCERTAIN), Finding("viral pneumonia", 0.45, Call.UNCERTAIN)))
    'No firm answer. Possible: normal 0.55, viral pneumonia 0.45.'
    >>> sentence((Finding("death", 0.01, Call.RULED_OUT),))
    'Ruled out: death 0.01 (very unlikely).'
    """
    ruled_in = [f for f in findings if f.call is Call.RULED_IN]
    if ruled_in:
        said = ", ".join(f"{f.label} {f.probability:.2f} ({likelihood(f.probability)})" for f in ruled_in[:3])
        more = f", and {len(ruled_in) - 3} more" if len(ruled_in) > 3 else ""
        return f"Ruled in: {said}{more}."
    possible = [f for f in findings if f.call is Call.UNCERTAIN]
    if possible:
        said = ", ".join(f"{f.label} {f.probability:.2f}" for f in possible[:3])
        more = f", and {len(possible) - 3} more" if len(possible) > 3 else ""
        return f"No firm answer. Possible: {said}{more}."
    if len(findings) == 1:
        return f"Ruled out: {findings[0].label} {findings[0].probability:.2f} ({likelihood(findings[0].probability)})."
    return "Every label is ruled out: the model recognises nothing that it was made for."


def headline(analysis: Analysis, title: str) -> None:
    """Show the sentence that sums up one analysis; outside its domain a model abstains, and the page says why."""
    if analysis.domain.inside:
        said = [node("b", f"{title}. "), sentence(analysis.findings)]
        show(node("div", *said, class_="at-headline", data_task=analysis.task))
        return
    why = " ".join(analysis.domain.reasons)
    said = [node("strong", "Outside what this model was made for. "), why, f" {_ABSTAINS} ({title})"]
    show(node("div", *said, class_="at-outside", role="alert", data_task=analysis.task))


def findings_table(analysis: Analysis, title: str) -> None:
    """Show each label with its probability and its call; labels that are ruled out fold away where there are many.

    Outside the model's domain the figures are shown without any call.
    """
    found = analysis.findings
    first = (
        found if len(found) <= _SHOWN else tuple(f for f in found if f.call is not Call.RULED_OUT)[:_SHOWN] or found[:3]
    )
    rest = tuple(f for f in found if f not in first)
    trusted = analysis.domain.inside
    block = node("div", _table(first, title, trusted))
    if rest:
        block.append(node("details", node("summary", f"{len(rest)} more labels"), _table(rest, "", trusted)))
    show(block)


def _table(findings: Sequence[Finding], title: str, trusted: bool) -> Element:
    body = node("tbody", *(_line(finding, trusted) for finding in findings))
    look = "at-findings" if trusted else "at-findings at-unreliable"
    return node("table", *([node("caption", title)] if title else []), body, class_=look)


def _line(finding: Finding, trusted: bool) -> Element:
    call = node("span", str(finding.call), class_=f"at-call {_CALL_CLASS[finding.call]}") if trusted else "no call"
    bar = node("span", node("i", style=f"width:{100 * finding.probability:.1f}%"), class_="at-bar", aria_hidden="true")
    return node(
        "tr",
        node("th", finding.label, node("span", likelihood(finding.probability), class_="at-words"), bar, scope="row"),
        node("td", f"{finding.probability:.2f}", class_="at-number"),
        node("td", call),
    )
