"""Literature: the reader's own library of abstracts, ranked by likeness to a question, with the words that agree."""

import hashlib

import streamlit as st

from dashboard import cache, state
from dashboard.components.findings import headline
from dashboard.components.frame import told
from dashboard.components.library import TASK, filling, ready, results
from dashboard.components.markup import node, show
from engine import Case, Library, Note, analyse

_QUESTION = "literature-question"
_LONGEST = 20_000  # characters


def _category(question: str) -> None:
    """Say which category the question is about, or that the model abstains."""
    note = Note(question, hashlib.sha256(question.encode()).hexdigest())
    with told():
        headline(analyse(Case("question", "Question", note=note), cache.model(TASK)), "Category")


def _search(desk: state.Desk, library: Library) -> None:
    with st.form("literature-search", border=False):
        asked = st.text_area(
            "Question, or the text of an abstract or note",
            key=_QUESTION,
            height=90,
            max_chars=_LONGEST,
            placeholder="Does aspirin prevent stroke in atrial fibrillation?",
        )
        st.form_submit_button("Search", type="primary")
    question = (asked or "").strip()
    if question and ready(desk, library):
        _category(question)
        results(desk, library, question, key="literature")


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    st.subheader("Literature", anchor=False)
    library = cache.library()
    count = len(library)
    if not count:
        show(node("div", "Your library is empty. Fill it with abstracts, and search it by what you want to know."))
        filling(library, key="literature")
        return
    show(node("div", f"{count:,} abstract{'' if count == 1 else 's'} in the library of this installation."))
    with st.expander("Fill or empty the library"):
        filling(library, key="literature")
    _search(desk, library)


main()
