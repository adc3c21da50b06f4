"""A warning under words that the reader types, or that are about to be printed, where they may name somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

import streamlit as st

from dashboard.components.markup import node, show
from engine import Case, Identifier, IdentifierKind, Stretch, find_identifiers, spoken, surrogates_of, tr

_MOST = 6
_LIKELY = 0.5
_PART = re.compile(r"[^\W\d_]{2,}")


def names_warning(what: str, text: str, *, key: str) -> None:
    """Say which words of a text may identify a person; silent where there are none.

    Parameters
    ----------
    what : str
        What the words are, as the beginning of a sentence: ``"The comment"``.
    key : str
        Under which this session remembers what was found, so that a text is searched once.
    """
    if not text.strip():
        return
    named = quoted(text, _found(text, key))
    if named:
        said = tr(
            "{what} may name somebody: {named}. Words are kept and printed as they stand here.", what=what, named=named
        )
        show(node("div", said, class_="at-problem", role="status"))


def printed_names_warning(case: Case, words: Sequence[str], *, key: str) -> None:
    """Say which words of a note that are about to be printed may identify a person; silent where there are none.

    Parameters
    ----------
    words : sequence of str
        Words of the note, each with whatever figure stands beside it.
    """
    if case.note is None or case.synthetic or not words:
        return
    text = case.note.text
    printed = {part for word in words for part in _PART.findall(word)}
    named = quoted(
        text, (one for one in _found(text, key) if printed.intersection(_PART.findall(text[one.start : one.end])))
    )
    if named:
        said = tr(
            "The report prints words of the note that may name somebody: {named}. Open the note again to replace them.",
            named=named,
        )
        show(node("div", said, class_="at-problem", role="status"))


def other_words(case: Case, *, key: str) -> dict[Stretch, str]:
    """What is printed for the words of a note that may identify a person, by their places.

    Raises
    ------
    StoreUnavailable
        If this installation's secret cannot be read or made: nothing is printed then.
    """
    if case.note is None or case.synthetic:
        return {}
    text = case.note.text
    remembered = st.session_state.get(key)
    if remembered is None or remembered[0] != text:
        surrogates = surrogates_of([case])
        words = {
            Stretch(one.start, one.end): surrogates.instead_of(text[one.start : one.end], one.kind)
            for one in find_identifiers(text)
        }
        remembered = st.session_state[key] = (text, words)
    found: dict[Stretch, str] = remembered[1]
    return found


def _found(text: str, key: str) -> tuple[Identifier, ...]:
    """What was found in a text, searched once as long as it stays the same."""
    remembered = st.session_state.get(key)
    if remembered is None or remembered[0] != text:
        remembered = st.session_state[key] = (text, tuple(filter(partial(_likely, text), find_identifiers(text))))
    found: tuple[Identifier, ...] = remembered[1]
    return found


def _likely(text: str, one: Identifier) -> bool:
    """Whether a warning is worth its room: what is replaced may be found too often, what interrupts may not."""
    written = text[one.start : one.end]
    return one.score >= _LIKELY and (one.kind is not IdentifierKind.NAME or written != written.lower())


def quoted(text: str, found: Iterable[Identifier]) -> str:
    """The words of identifiers with their kinds, each once, the first of them."""
    words = dict.fromkeys(f"{text[one.start : one.end]} ({spoken(one.kind.value)})" for one in found)
    more = tr(" and {n} more", n=len(words) - _MOST) if len(words) > _MOST else ""
    return tr(", ").join(list(words)[:_MOST]) + more
