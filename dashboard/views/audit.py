"""Audit: what happened here, link by link, and whether the chain is whole."""

from __future__ import annotations

import re

import streamlit as st

from dashboard import keeping
from dashboard.components.facts import table
from dashboard.components.frame import tell, told
from dashboard.components.markup import node, show
from engine import Event, mark, spoken, tr, trn

_SHOWN = 200
_MEANING = mark(
    "Every case added or removed, every answer, draft and signature is a link that holds the hash of the one before. "
    "No link names a patient. Write the last hash down elsewhere from time to time: what is cut off at the very "
    "end cannot be seen from inside."
)


_DETAILS = (  # what is said of an event; the chain keeps it in English
    *(mark("content"), mark("digest"), mark("done"), mark("file"), mark("kind"), mark("links"), mark("model")),
    *(mark("names"), mark("places"), mark("revision"), mark("task"), mark("version")),
)
_DIGEST = re.compile(r"[0-9a-f]{32,}")


def _row(event: Event) -> tuple[str, ...]:
    detail = tr(", ").join(
        f"{tr(name) if name in _DETAILS else name} {_short(value)}" for name, value in event.detail.items()
    )
    return (
        str(event.place),
        event.at[:19].replace("T", " "),
        event.actor,
        spoken(event.action),
        _short(event.subject),
        detail,
    )


def _short(value: object) -> str:
    """What stands in a link: digests by their beginning, kinds and decisions in the reader's language."""
    words = str(value)
    return words[:12] if _DIGEST.fullmatch(words) else spoken(words)


def _verify() -> None:
    """Check everything when asked, and say what was found."""
    if not st.button(tr("Verify the chain and every kept file"), type="primary", key="verify"):
        return
    with st.spinner(tr("Reading every link and every file")):
        report = keeping.verify()
    if report.whole:
        words = tr(
            "Whole: {links:,} links, every review, answer and file as it was written. The last link is ",
            links=report.links,
        )
        show(node("div", words, node("code", report.digest), class_="at-line", role="status"))
        if report.remarks:
            show(node("ul", *(node("li", spoken(remark)) for remark in report.remarks), class_="at-notes"))
        return
    show(
        node(
            "div",
            trn("Not whole, {n} fault:", "Not whole, {n} faults:", len(report.faults)),
            class_="at-line at-alarm",
            role="alert",
        )
    )
    show(node("ul", *(node("li", spoken(fault)) for fault in report.faults[:50]), class_="at-notes"))


def main() -> None:
    """Draw the page."""
    st.subheader(tr("Audit"), anchor=False)
    st.caption(tr(_MEANING))
    problem = keeping.trouble()
    if problem is not None:
        tell(problem)
        return
    with told():
        _verify()
        events = keeping.events(_SHOWN)
        if not events:
            st.info(tr("Nothing has happened yet."))
            return
        head = (tr("Link"), "UTC", tr("Who"), tr("What"), tr("Case"), tr("Details"))
        table(head, [_row(event) for event in events], label=tr("The last {n} events", n=len(events)))


main()
