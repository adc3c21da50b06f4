"""The choice of the language, in the page's frame; it also tells the browser which language the page speaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import tongue
from dashboard.uninterrupted import uninterrupted
from engine import LANGUAGES, language, tr

_HERE = Path(__file__).parent
_KEY = "language-choice"


def language_choice() -> None:
    """Offer the languages by the names that their speakers give them."""
    tags = {name: name.replace("_", "-") for name in LANGUAGES}  # as HTML writes them
    data = {
        "spoken": tags[language()],
        "languages": [[tags[name], own] for name, own in LANGUAGES.items()],
        "label": tr("Language"),
    }

    @uninterrupted
    def take() -> None:
        told = (st.session_state.get(_KEY) or {}).get("chosen")
        found = next((name for name, tag in tags.items() if tag == told), None)
        if found:
            tongue.choose(found)

    _component()(key=_KEY, data=data, on_chosen_change=take)


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_language",
        html='<div class="language"></div>',
        css=(_HERE / "language.css").read_text("utf-8"),
        js=(_HERE / "language.js").read_text("utf-8"),
    )
