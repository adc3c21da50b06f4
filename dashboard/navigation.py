"""The pages that there are for who sits here: what is not allowed has no address."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.access import Role, allowed
from engine import mark, tr

_PAGES = (
    ("worklist", mark("Worklist"), Role.READER),
    ("open_case", mark("Open case"), Role.READER),
    ("review", mark("Review"), Role.READER),
    ("literature", mark("Literature"), Role.READER),
    ("validation", mark("Validation"), Role.LEAD),
    ("models", mark("Models"), Role.READER),
    ("training", mark("Training"), Role.READER),
    ("audit", mark("Audit"), Role.ADMIN),
)


def pages() -> list[Any]:
    """Make Streamlit's pages; whoever has not signed in has one, on which they can."""
    if not allowed(Role.READER):
        return [st.Page("views/sign_in.py", title=tr("Sign in"), default=True)]
    return [
        st.Page(f"views/{name}.py", title=tr(title), default=name == "worklist")
        for name, title, least in _PAGES
        if allowed(least)
    ]
