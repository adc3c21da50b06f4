"""The attributes of an image that are kept, with a search over names and values."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.facts import facts
from dashboard.components.markup import node, show

_KEPT = "Names, numbers, dates and private attributes were left out when the file was read (PS3.15 annex E)."


@st.fragment
def tag_browser(tags: Mapping[str, str], *, key: str) -> None:
    """Show the attributes whose name or value holds what is searched for.

    Parameters
    ----------
    tags : mapping of str to str
        By DICOM keyword.
    """
    if not tags:
        show(node("div", "This file says nothing of its image.", class_="at-quiet"))
        return
    sought = st.text_input("Search the attributes", key=key, placeholder="Name or value")
    found = matching(tags, sought or "")
    if found:
        facts(found, label="Attributes of the image")
    else:
        show(node("div", "No attribute that was kept holds this.", class_="at-quiet", role="status"))
    show(node("div", _KEPT, class_="at-quiet"))


def matching(tags: Mapping[str, str], sought: str) -> dict[str, str]:
    """Choose the attributes that hold every word that is sought, whatever its case.

    Examples
    --------
    >>> matching({"Modality": "DX", "ViewPosition": "PA"}, "view pa")
    {'ViewPosition': 'PA'}
    """
    words = sought.casefold().split()
    return {name: value for name, value in tags.items() if all(word in f"{name} {value}".casefold() for word in words)}
