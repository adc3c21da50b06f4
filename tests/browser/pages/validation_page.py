"""The Validation page over a made-up study of three readers, for the browser tests."""

from __future__ import annotations

import runpy
from pathlib import Path

import streamlit as st

import dashboard
from dashboard import keeping
from dashboard.components.frame import screen
from tests.engine.evaluation.readers import drawn_study


def main() -> None:
    """Draw the page; only in a server of its own, for it replaces what is kept."""
    reviews, answers, _ = drawn_study()
    keeping.kept_reviews = lambda: tuple(reviews)
    keeping.kept_answers = lambda: tuple(answers)
    st.set_page_config(page_title="Validation", layout="wide")
    with screen():
        runpy.run_path(str(Path(dashboard.__file__).parent / "views" / "validation.py"), run_name="validation")


if __name__ == "__main__":
    main()
