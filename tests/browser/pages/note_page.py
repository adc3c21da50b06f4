"""A page with nothing but a note and the map on its words, for tests; what is struck is written below it."""

from __future__ import annotations

import streamlit as st

from dashboard.components.note_map import note_map
from engine import Explanation, Method, Span, Stretch

TEXT = "Acute chest pain. No fever today.\nRest and fluids."


def words() -> tuple[Span, ...]:
    """Every word of the note, each more relevant than the one before."""
    starts = [rank for rank, letter in enumerate(TEXT) if letter.isalpha() and not TEXT[rank - 1 : rank].isalpha()]
    ends = [next((at for at in range(start, len(TEXT)) if not TEXT[at].isalpha()), len(TEXT)) for start in starts]
    return tuple(Span(start, end, float(rank)) for rank, (start, end) in enumerate(zip(starts, ends, strict=True)))


def main() -> None:
    """Show the note with what was struck."""
    struck: list[Stretch] = st.session_state.setdefault("struck", [])
    explanation = Explanation(Method.RELEVANCE, "normal", 9.0, None, spans=words())
    note_map(TEXT, explanation, key="note", height=300, struck=struck, on_strike=struck.append)
    st.text(f"Struck: {[TEXT[one.start : one.end] for one in struck]}")


if __name__ == "__main__":
    main()
