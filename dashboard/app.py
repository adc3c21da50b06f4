"""The entrance of the dashboard, and nothing else (Streamlit, multipage apps by `st.navigation`)."""

from pathlib import Path

import streamlit as st

from dashboard.components.frame import screen
from dashboard.navigation import pages
from dashboard.tongue import chosen
from engine import speaking

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="Attending", page_icon=str(ASSETS / "icon.png"), layout="wide")
st.logo(str(ASSETS / "logo.png"), size="large")
with speaking(chosen()):
    page = st.navigation(pages(), position="top")
    with screen():
        page.run()
