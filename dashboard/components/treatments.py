"""Treatments to consider: what speaks against them first, then the ranking with the words and the past cases behind it.

A contradicted suggestion is marked and stays where it is: a reader who does not see it cannot judge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import streamlit as st

from dashboard.components.facts import table
from dashboard.components.findings import likelihood
from dashboard.components.markup import node, show
from dashboard.components.what_if import shortened
from engine import Analysis, Call, Caution, Cautions, Explanation, Finding, SimilarCases

OFFERED = 5  # suggestions at a time: the ranking was measured on so many
_QUOTES = 5
_NEAR = 3  # past cases that are named for one suggestion
_CALL_CLASS = {Call.RULED_IN: "at-call-in", Call.UNCERTAIN: "at-call-open", Call.RULED_OUT: "at-call-out"}


def offered(analysis: Analysis, thresholds: Sequence[float]) -> tuple[Finding, ...]:
    """Choose what is suggested: the first labels that reach their threshold and are not ruled out; none outside.

    Parameters
    ----------
    thresholds : sequence of float
        Of the card, the same for all labels.
    """
    if not analysis.domain.inside:
        return ()
    least = max(thresholds, default=0.0)
    passing = [f for f in analysis.findings if f.probability >= least and f.call is not Call.RULED_OUT]
    return tuple(passing[:OFFERED])


def suggested_line(suggested: Sequence[Finding], analysis: Analysis) -> None:
    """Sum the suggestions up in one line, each contradicted one named as such."""
    said = [
        f"{one.label} {one.probability:.2f}"
        + (" (contradicted)" if _contradicting(analysis.cautions, one.label) else "")
        for one in suggested
    ]
    words = ", ".join(said) + "." if said else "no suggestion: notes like this one support nothing well enough."
    show(node("div", node("b", "To consider, not ordered. "), words, class_="at-headline", data_task=analysis.task))


def contradictions(found: Cautions, suggested: Sequence[Finding]) -> None:
    """Show what the note states that speaks against treatments; those that speak against a suggestion first."""
    if not found.found:
        words = (
            f"None of {len(found.searched)} conditions that speak against treatments were found in this note; absence "
            "in the note is not absence in the patient."
        )
        show(node("div", words, class_="at-quiet at-no-cautions"))
        return
    labels = {finding.label for finding in suggested}
    first = [caution for caution in found.found if _objects(caution, labels)]
    rest = [caution for caution in found.found if caution not in first]
    count = f"{len(found.found)} condition{'' if len(found.found) == 1 else 's'}"
    title = node("strong", f"Before any suggestion: {count} stated in this note")
    box = node("div", title, _list(first, labels), class_="at-cautions", role="alert")
    if rest:
        more = f"{len(rest)} {'that speak' if first else 'conditions, which speak'} against nothing that is suggested"
        box.append(node("details", node("summary", more), _list(rest, labels)))
    show(box)


def suggestions(
    analysis: Analysis, suggested: Sequence[Finding], past: SimilarCases, explanation: Explanation | None, text: str
) -> None:
    """Show the ranking, each suggestion with its probability, its contradictions and the past cases that carry it.

    Parameters
    ----------
    explanation : Explanation or None
        The map that is shown on the note; its strongest words are quoted for its label.
    text : str
        The note.
    """
    show(node("h4", "Suggestions to consider – not orders", class_="at-suggestions-title"))
    if not suggested:
        why = (
            "the note is outside what the model was made for" if not analysis.domain.inside else "nothing is supported"
        )
        show(node("div", node("b", "No suggestion: "), f"{why} well enough by notes like this one."))
        return
    against = {finding.label: _contradicting(analysis.cautions, finding.label) for finding in suggested}
    rows = [_row(rank, one, against[one.label], past) for rank, one in enumerate(suggested, start=1)]
    show(node("table", node("tbody", *rows), class_="at-findings at-suggestions", aria_label="Suggestions to consider"))
    if explanation is not None and explanation.label is not None:
        words = quotes(explanation, text)
        said = " · ".join(f"“{one}”" for one in words) or "no word in particular"
        show(node("div", node("b", f"Words for {explanation.label}: "), said, class_="at-quotes"))


def past_notes(suggested: Sequence[Finding], past: SimilarCases) -> None:
    """Fold away the training notes that lie nearest, with what their plans named."""
    with st.expander(f"The {len(past.cases)} nearest of {past.searched:,} training notes"):
        labels = {finding.label for finding in suggested}
        rows = [
            (
                one.name,
                ", ".join(f"{label} *" if label in labels else label for label in one.labels) or "none of these",
                f"{one.distance / max(past.typical, 1e-6):.1f}",
            )
            for one in past.cases
        ]
        table(("Note of the data set", "Its plan named", "Distance"), rows, label="Similar past notes")
        st.caption(
            "* suggested here too. A distance of 1 is what is usual between neighbours. What was done is not what was "
            "right; the notes themselves are in the data set and are not kept here."
        )


def quotes(explanation: Explanation, text: str) -> list[str]:
    """Quote the words that speak most for a map's label, neighbours together, the strongest first."""
    ranked = sorted((span for span in explanation.spans if span.relevance > 1), key=lambda span: -span.relevance)
    chosen = sorted(ranked[: 2 * _QUOTES], key=lambda span: span.start)
    groups: list[tuple[int, int, float]] = []
    for span in chosen:
        if groups and text[groups[-1][1] : span.start].strip() == "":
            start, _, best = groups.pop()
            groups.append((start, span.end, max(best, span.relevance)))
        else:
            groups.append((span.start, span.end, span.relevance))
    strongest = sorted((group for group in groups if text[group[0] : group[1]].strip(" .,;:-()")), key=lambda g: -g[2])
    return list(dict.fromkeys(shortened(text[start:end]) for start, end, _ in strongest))[:_QUOTES]


def _stated(caution: Caution, labels: set[str]) -> list[Element | str]:
    """The condition, its quotation, and what it speaks against among the suggestions."""
    name = f"possible {caution.condition}" if caution.possible else caution.condition
    words: list[Element | str] = [node("b", name[:1].upper() + name[1:]), f" – “{caution.quote}”"]
    objections = [one for one in caution.against if one.label in labels]
    words += [node("div", node("b", f"Against {one.label}: "), one.reason) for one in objections]
    if not objections:
        words.append(node("div", f"Against: {', '.join(one.label for one in caution.against)}.", class_="at-quiet"))
    return words


def _list(found: Sequence[Caution], labels: set[str]) -> Element:
    return node("ul", *(node("li", *_stated(caution, labels)) for caution in found))


def _objects(caution: Caution, labels: set[str]) -> bool:
    return any(one.label in labels for one in caution.against)


def _contradicting(found: Cautions | None, label: str) -> list[str]:
    return [c.condition for c in (found.found if found else ()) if any(one.label == label for one in c.against)]


def _row(rank: int, finding: Finding, against: Sequence[str], past: SimilarCases) -> Element:
    carrying = [case for case in past.cases if finding.label in case.labels]
    named = "; ".join(case.name for case in carrying[:_NEAR])
    behind = f"{len(carrying)} of the {len(past.cases)} nearest training notes" + (f": {named}" if named else "")
    marks = [node("span", f"Contradicted: {', '.join(against)}", class_="at-contradicted")] if against else []
    bar = node("span", node("i", style=f"width:{100 * finding.probability:.1f}%"), class_="at-bar", aria_hidden="true")
    about = node("span", likelihood(finding.probability), class_="at-words")
    head = node(
        "th", f"{rank}. {finding.label}", about, *marks, bar, node("span", behind, class_="at-behind"), scope="row"
    )
    call = node("span", str(finding.call), class_=f"at-call {_CALL_CLASS[finding.call]}")
    return node("tr", head, node("td", f"{finding.probability:.2f}", class_="at-number"), node("td", call))
