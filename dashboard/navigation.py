"""The pages that there are for who sits here: what is not allowed has no address."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.access import Role, allowed

_PAGES = (
    ("worklist", "Worklist", Role.READER),
    ("open_case", "Open case", Role.READER),
    ("review", "Review", Role.READER),
    ("validation", "Validation", Role.LEAD),
    ("models", "Models", Role.READER),
    ("training", "Training", Role.READER),
    ("audit", "Audit", Role.ADMIN),
)


def pages() -> list[Any]:
    """Make Streamlit's pages; whoever has not signed in has one, on which they can."""
    if not allowed(Role.READER):
        return [st.Page("views/sign_in.py", title="Sign in", default=True)]
    return [
        st.Page(f"views/{name}.py", title=title, default=name == "worklist")
        for name, title, least in _PAGES
        if allowed(least)
    ]
