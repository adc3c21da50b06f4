"""The reader's library of abstracts on a page: filling it, letting the model read it, and searching it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import cache
from dashboard.access import Role, allowed
from dashboard.components.frame import told
from dashboard.components.markup import node, show
from dashboard.components.unread import cut_short
from dashboard.components.waiting import awaited
from dashboard.components.word_match import word_match
from dashboard.state import Desk
from engine import (
    Found,
    Library,
    MatchCheck,
    check_match,
    mark,
    read_library,
    read_literature,
    sample_library,
    search_library,
    spoken,
    tr,
)

TASK = "literature"
HITS = 8
_REFUSED = 20  # rows that are named
_SAYS = "library-says"
_FILES, _FOLDER = mark("Files"), mark("A folder")


def filling(library: Library, *, key: str) -> None:
    """Let the reader fill the library from files, or with the invented abstracts, or empty it."""
    _said()
    turn = st.session_state.get(f"{key}-turn", 0)
    how = st.segmented_control(
        tr("What do you have?"), (_FILES, _FOLDER), default=_FILES, required=True, format_func=tr, key=f"{key}-how"
    )
    folder = how == _FOLDER
    given = st.file_uploader(
        tr("A folder of CSV, PubMed XML (also .gz) or text files")
        if folder
        else tr("CSV, PubMed XML (also .gz) or text files"),
        accept_multiple_files="directory" if folder else True,
        key=f"{key}-{'folder' if folder else 'files'}-{turn}",
    )
    with st.container(horizontal=True):
        sample = st.button(
            tr("Load the sample library"), key=f"{key}-sample", help=tr("40 invented abstracts, marked as such")
        )
        empty = len(library) > 0 and allowed(Role.LEAD) and st.button(tr("Empty the library"), key=f"{key}-empty")
    if given:
        _take(library, [(file.name, file.getvalue()) for file in given], key=key)
    if sample:
        _take(library, [sample_library()], key=key)
    if empty:
        _empty(library)
    st.caption(
        tr(
            "Abstracts are kept on this installation, for all who use it. What you search with is kept nowhere. "
            "A table needs a column “abstract”; title, pmid, year and journal are taken where they are there."
        )
    )


def ready(desk: Desk, library: Library) -> bool:
    """Let the model read what is new in the library, behind the reader's back; False until it has."""
    model = cache.model(TASK)
    job = desk.in_background("library", len(library), lambda progress: read_library(library, model, progress=progress))
    awaited(job, lambda _: None, doing=tr("The model reads the library"))
    return job.ended and not job.failed


def results(desk: Desk, library: Library, question: str, *, key: str) -> None:
    """Rank the library by its likeness to a question, and show why."""
    model = cache.model(TASK)
    with told(), st.spinner(tr("Comparing with every abstract")):
        asked = (TASK, question, len(library))
        found: Found = desk.literature(asked, lambda: search_library(library, model, question, count=HITS))
        show(
            node(
                "div",
                tr(
                    "{n} most alike of {searched:,} abstracts, every one compared. Alike to the model is neither "
                    "evidence nor quality: read the abstract.",
                    n=len(found.hits),
                    searched=found.searched,
                ),
                class_="at-quiet",
            )
        )
        cut_short(found.coverage, tr("What you search with"))
        word_match(question, found, key=f"{key}-match")
        _check(desk, question, found, key=key)


def like_note(desk: Desk, text: str, *, key: str) -> None:
    """Rank the library by its likeness to the note in hand; where it is empty, let the reader fill it."""
    library = cache.library()
    show(node("h4", tr("Abstracts like this note"), class_="at-heading"))
    if not len(library):
        show(node("div", tr("The library of this installation is empty: fill it, and its abstracts are ranked here.")))
        filling(library, key=key)
    elif ready(desk, library):
        results(desk, library, text, key=key)


def _check(desk: Desk, question: str, found: Found, *, key: str) -> None:
    """Offer to check whether the shaded words of the first hit carry its similarity."""
    if not found.hits or not st.toggle(tr("Check the shading of the first hit"), key=f"{key}-check"):
        return
    words, model = found.hits[0].abstract.words, cache.model(TASK)
    job = desk.in_background("match", (question, words), lambda _: check_match(question, words, model))
    awaited(job, _checked, doing=tr("Taking words away"))


def _checked(found: MatchCheck) -> None:
    show(node("div", in_words(found), class_="at-line" if found.passed else "at-line at-alarm", role="note"))


def in_words(found: MatchCheck) -> str:
    """Say what a check has found.

    Examples
    --------
    >>> in_words(MatchCheck(0.7, 0.4, 0.65, 0.6, 0.69, 10, 50, 40))
    'Without the 10 most shaded of 50 words the similarity is 0.40 instead of 0.70; without 10 random ones it is 0.65 \
(0.60 to 0.69 in 40 draws). The shading marks what carries it.'
    """
    verdict = (
        tr("The shading marks what carries it.") if found.passed else tr("The shading is no better than chance here.")
    )
    return tr(
        "Without the {removed} most shaded of {words} words the similarity is {without_marked:.2f} instead "
        "of {whole:.2f}; without {removed} random ones it is {without_random:.2f} ({low:.2f} to {high:.2f} "
        "in {draws} draws). {verdict}",
        removed=found.removed,
        words=found.words,
        without_marked=found.without_marked,
        whole=found.whole,
        without_random=found.without_random,
        low=found.low,
        high=found.high,
        draws=found.draws,
        verdict=verdict,
    )


def _take(library: Library, files: Sequence[tuple[str, bytes]], *, key: str) -> None:
    """Add files to the library and draw the page anew, with what was left out."""
    bar, said = st.progress(0.0, text=tr("Reading")), []
    for done, (name, data) in enumerate(files, start=1):
        with told():
            gathered = read_literature(name, data)
            added = library.add(gathered.abstracts)
            said.append(tr("{name}: {new} new, {known} known already", name=name, new=added.new, known=added.known))
            said += [
                tr(
                    "{name}, {where} was left out: {reason}",
                    name=name,
                    where=spoken(row.where),
                    reason=spoken(row.reason),
                )
                for row in gathered.refused[:_REFUSED]
            ]
            more = len(gathered.refused) - _REFUSED
            said += [tr("{name}: {more} more were left out", name=name, more=more)] if more > 0 else []
        bar.progress(done / len(files), text=tr("Read {done} of {n}", done=done, n=len(files)))
    st.session_state[_SAYS] = said
    st.session_state[f"{key}-turn"] = st.session_state.get(f"{key}-turn", 0) + 1
    if said:
        st.rerun()


def _empty(library: Library) -> None:
    with told():
        st.session_state[_SAYS] = [tr("{n} abstracts were taken out.", n=library.clear())]
        st.rerun()


def _said() -> None:
    """Say once what the last filling did."""
    for line in st.session_state.pop(_SAYS, ()):
        show(node("div", line, class_="at-quiet", role="status"))
