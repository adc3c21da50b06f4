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
from engine import Analysis, Call, Caution, Cautions, Explanation, Finding, SimilarCases, spoken, tr, trn

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
        f"{spoken(one.label)} {one.probability:.2f}"
        + (tr(" (contradicted)") if _contradicting(analysis.cautions, one.label) else "")
        for one in suggested
    ]
    words = (
        tr("{said}.", said=tr(", ").join(said))
        if said
        else tr("no suggestion: notes like this one support nothing well enough.")
    )
    show(node("div", node("b", tr("To consider, not ordered. ")), words, class_="at-headline", data_task=analysis.task))


def contradictions(found: Cautions, suggested: Sequence[Finding]) -> None:
    """Show what the note states that speaks against treatments.

    Conditions that speak against what is suggested, or against what the note itself names, come first.
    """
    if not found.found:
        show(node("div", _none_found(found), class_="at-quiet at-no-cautions"))
        return
    labels = {finding.label for finding in suggested} | set(found.named)
    first = [caution for caution in found.found if _objects(caution, labels)] or list(found.found)
    rest = [caution for caution in found.found if caution not in first]
    words = trn(
        "Before any suggestion: {n} condition stated in this note",
        "Before any suggestion: {n} conditions stated in this note",
        len(found.found),
    )
    title = node("strong", words)
    box = node("div", title, _list(first, labels, found.named), class_="at-cautions", role="alert")
    if rest:
        more = tr("{n} that speak against nothing that is suggested, or named in the note", n=len(rest))
        box.append(node("details", node("summary", more), _list(rest, labels, found.named)))
    show(box)


def _none_found(found: Cautions) -> str:
    if not found.searched:
        return tr(
            "What speaks against treatments is found by English words: nothing can be said of this note, which is in "
            "another language."
        )
    return tr(
        "None of {n} conditions that speak against treatments were found in this note; absence in the note "
        "is not absence in the patient.",
        n=len(found.searched),
    )


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
    show(node("h4", tr("Suggestions to consider – not orders"), class_="at-suggestions-title"))
    if not suggested:
        why = (
            tr("nothing is supported well enough by notes like this one.")
            if analysis.domain.inside
            else tr("the note is outside what the model was made for.")
        )
        show(node("div", node("b", tr("No suggestion: ")), why))
        return
    against = {finding.label: _contradicting(analysis.cautions, finding.label) for finding in suggested}
    rows = [_row(rank, one, against[one.label], past) for rank, one in enumerate(suggested, start=1)]
    show(
        node(
            "table", node("tbody", *rows), class_="at-findings at-suggestions", aria_label=tr("Suggestions to consider")
        )
    )
    if explanation is not None and explanation.label is not None:
        words = quotes(explanation, text)
        said = " · ".join(f"“{one}”" for one in words) or tr("no word in particular")
        show(
            node("div", node("b", tr("Words for {label}: ", label=spoken(explanation.label))), said, class_="at-quotes")
        )


def past_notes(suggested: Sequence[Finding], past: SimilarCases) -> None:
    """Fold away the training notes that lie nearest, with what their plans named."""
    with st.expander(tr("The {n} nearest of {searched:,} training notes", n=len(past.cases), searched=past.searched)):
        past_table(past, [finding.label for finding in suggested])


def past_table(past: SimilarCases, suggested: Sequence[str]) -> None:
    """Name training notes with what their plans named, labels that are suggested here too marked as such."""
    rows = [
        (
            one.name,
            tr(", ").join(f"{spoken(label)} *" if label in suggested else spoken(label) for label in one.labels)
            or tr("none of these"),
            f"{one.distance / max(past.typical, 1e-6):.1f}",
        )
        for one in past.cases
    ]
    table((tr("Note of the data set"), tr("Its plan named"), tr("Distance")), rows, label=tr("Similar past notes"))
    st.caption(
        tr(
            "* suggested here too. A distance of 1 is what is usual between neighbours. What was done is not what "
            "was right; the notes themselves are in the data set and are not kept here."
        )
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


def _stated(caution: Caution, labels: set[str], named: Sequence[str]) -> list[Element | str]:
    """The condition, its quotation, and what it speaks against among `labels`; what the note itself names as such."""
    name = (
        tr("possible {condition}", condition=spoken(caution.condition))
        if caution.possible
        else spoken(caution.condition)
    )
    words: list[Element | str] = [node("b", name[:1].upper() + name[1:]), f" – “{caution.quote}”"]
    objections = [one for one in caution.against if one.label in labels]
    words += [
        node("div", node("b", _against(one.label, named=one.label in named)), spoken(one.reason)) for one in objections
    ]
    if not objections:
        words.append(
            node(
                "div",
                tr("Against: {labels}.", labels=tr(", ").join(spoken(one.label) for one in caution.against)),
                class_="at-quiet",
            )
        )
    return words


def _against(label: str, *, named: bool) -> str:
    if named:
        return tr("Against {label}, which this note itself names: ", label=spoken(label))
    return tr("Against {label}: ", label=spoken(label))


def _list(found: Sequence[Caution], labels: set[str], named: Sequence[str]) -> Element:
    return node("ul", *(node("li", *_stated(caution, labels, named)) for caution in found))


def _objects(caution: Caution, labels: set[str]) -> bool:
    return any(one.label in labels for one in caution.against)


def _contradicting(found: Cautions | None, label: str) -> list[str]:
    return [c.condition for c in (found.found if found else ()) if any(one.label == label for one in c.against)]


def _row(rank: int, finding: Finding, against: Sequence[str], past: SimilarCases) -> Element:
    carrying = [case for case in past.cases if finding.label in case.labels]
    named = "; ".join(case.name for case in carrying[:_NEAR])
    behind = tr("{n} of the {all} nearest training notes", n=len(carrying), all=len(past.cases)) + (
        f": {named}" if named else ""
    )
    marks = (
        [
            node(
                "span",
                tr("Contradicted: {conditions}", conditions=tr(", ").join(map(spoken, against))),
                class_="at-contradicted",
            )
        ]
        if against
        else []
    )
    bar = node("span", node("i", style=f"width:{100 * finding.probability:.1f}%"), class_="at-bar", aria_hidden="true")
    about = node("span", likelihood(finding.probability), class_="at-words")
    head = node(
        "th",
        f"{rank}. {spoken(finding.label)}",
        about,
        *marks,
        bar,
        node("span", behind, class_="at-behind"),
        scope="row",
    )
    call = node("span", spoken(finding.call), class_=f"at-call {_CALL_CLASS[finding.call]}")
    return node("tr", head, node("td", f"{finding.probability:.2f}", class_="at-number"), node("td", call))
