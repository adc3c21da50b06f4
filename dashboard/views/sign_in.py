"""Sign in: the only page of who has not."""

import streamlit as st

from dashboard import access
from dashboard.components.frame import tell


def main() -> None:
    """Draw the page."""
    st.subheader("Sign in", anchor=False)
    try:
        access.account()
    except access.SignedOut as refused:
        tell(refused)
    if st.button("Sign in", type="primary", key="sign-in"):
        st.login()
    if access.claims() and st.button("Sign out", key="sign-out-refused"):
        st.logout()


main()
