"""Sign in: the only page of who has not."""

import streamlit as st

from dashboard import access
from dashboard.components.frame import tell
from engine import tr


def main() -> None:
    """Draw the page."""
    st.subheader(tr("Sign in"), anchor=False)
    try:
        access.account()
    except access.SignedOut as refused:
        tell(refused)
    if st.button(tr("Sign in"), type="primary", key="sign-in"):
        st.login()
    if access.claims() and st.button(tr("Sign out"), key="sign-out-refused"):
        access.sign_out()


main()
