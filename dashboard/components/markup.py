"""HTML built as a tree, so that text from files and models is escaped by construction (`xml.etree.ElementTree`)."""

from __future__ import annotations

import re
from typing import Literal
from xml.etree import ElementTree

import streamlit as st

_MARKS = re.compile(r"[!-/:-@\[-`{-~]")  # the punctuation of ASCII, which Markdown lets be escaped


def literal(text: str) -> str:
    r"""Text for a label that Streamlit reads as Markdown: every sign stands for itself.

    Examples
    --------
    >>> literal("![x](http://a)")
    '\\!\\[x\\]\\(http\\:\\/\\/a\\)'
    """
    return _MARKS.sub(r"\\\g<0>", text)


def node(tag: str, *children: ElementTree.Element | str, **attributes: str) -> ElementTree.Element:
    """Make one HTML element.

    Parameters
    ----------
    children : Element or str
        Elements, or text that may come from anywhere.
    attributes : str
        Attributes; a trailing underscore is dropped (``class_``), other underscores become hyphens (``aria_label``).

    Examples
    --------
    >>> from xml.etree import ElementTree
    >>> ElementTree.tostring(node("b", "<script>", class_="at"), encoding="unicode", method="html")
    '<b class="at">&lt;script&gt;</b>'
    """
    made = ElementTree.Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    for child in children:
        if isinstance(child, ElementTree.Element):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


def show(tree: ElementTree.Element, *, width: Literal["stretch", "content"] = "stretch") -> None:
    """Put the tree on the page, as wide as there is room or as it needs."""
    st.html(ElementTree.tostring(tree, encoding="unicode", method="html"), width=width)
