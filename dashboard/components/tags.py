"""The attributes of an image that are kept, with a search over names and values."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.facts import facts
from dashboard.components.markup import node, show
from dashboard.tongue import speaks
from engine import mark, tr

_KEPT = mark("Names, numbers, dates and private attributes were left out when the file was read (PS3.15 annex E).")


@st.fragment
@speaks
def tag_browser(tags: Mapping[str, str], *, key: str) -> None:
    """Show the attributes whose name or value holds what is searched for.

    Parameters
    ----------
    tags : mapping of str to str
        By DICOM keyword.
    """
    if not tags:
        show(node("div", tr("This file says nothing of its image."), class_="at-quiet"))
        return
    sought = st.text_input(tr("Search the attributes"), key=key, placeholder=tr("Name or value"))
    found = matching(tags, sought or "")
    if found:
        facts(found, label=tr("Attributes of the image"))
    else:
        show(node("div", tr("No attribute that was kept holds this."), class_="at-quiet", role="status"))
    show(node("div", tr(_KEPT), class_="at-quiet"))


def matching(tags: Mapping[str, str], sought: str) -> dict[str, str]:
    """Choose the attributes that hold every word that is sought, whatever its case.

    Examples
    --------
    >>> matching({"Modality": "DX", "ViewPosition": "PA"}, "view pa")
    {'ViewPosition': 'PA'}
    """
    words = sought.casefold().split()
    return {name: value for name, value in tags.items() if all(word in f"{name} {value}".casefold() for word in words)}
