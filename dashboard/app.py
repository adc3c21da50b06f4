"""The page table of the dashboard, and nothing else (Streamlit, multipage apps by `st.navigation`)."""

from pathlib import Path

import streamlit as st

from dashboard.components.frame import screen

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="Attending", page_icon=str(ASSETS / "icon.png"), layout="wide")
st.logo(str(ASSETS / "logo.png"), size="large")
page = st.navigation(
    [
        st.Page("views/worklist.py", title="Worklist", default=True),
        st.Page("views/open_case.py", title="Open case"),
        st.Page("views/review.py", title="Review"),
        st.Page("views/literature.py", title="Literature"),
        st.Page("views/validation.py", title="Validation"),
        st.Page("views/models.py", title="Models"),
        st.Page("views/training.py", title="Training"),
        st.Page("views/audit.py", title="Audit"),
    ],
    position="top",
)
with screen():
    page.run()
