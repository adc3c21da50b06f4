"""Literature: the reader's own library of abstracts, ranked by likeness to a question, with the words that agree."""

import hashlib

import streamlit as st

from dashboard import cache, state
from dashboard.components.findings import headline
from dashboard.components.frame import told
from dashboard.components.library import TASK, filling, ready, results
from dashboard.components.markup import node, show
from engine import Case, Library, Note, analyse, tr, trn

_QUESTION = "literature-question"
_LONGEST = 20_000  # characters


def _category(question: str) -> None:
    """Say which category the question is about, or that the model abstains."""
    note = Note(question, hashlib.sha256(question.encode()).hexdigest())
    with told():
        headline(analyse(Case("question", "Question", note=note), cache.model(TASK)), tr("Category"))


def _search(desk: state.Desk, library: Library) -> None:
    with st.form("literature-search", border=False):
        asked = st.text_area(
            tr("Question, or the text of an abstract or note"),
            key=_QUESTION,
            height=90,
            max_chars=_LONGEST,
            placeholder=tr("Does aspirin prevent stroke in atrial fibrillation?"),
        )
        st.form_submit_button(tr("Search"), type="primary")
    question = (asked or "").strip()
    if question and ready(desk, library):
        _category(question)
        results(desk, library, question, key="literature")


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    st.subheader(tr("Literature"), anchor=False)
    library = cache.library()
    count = len(library)
    if not count:
        show(node("div", tr("Your library is empty. Fill it with abstracts, and search it by what you want to know.")))
        filling(library, key="literature")
        return
    words = trn(
        "{n:,} abstract in the library of this installation.",
        "{n:,} abstracts in the library of this installation.",
        count,
    )
    show(node("div", words))
    with st.expander(tr("Fill or empty the library")):
        filling(library, key="literature")
    _search(desk, library)


main()
