"""A button that gives a file: a link to where the server hands it out, the same whenever the page is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from dashboard.components.markup import node, show
from dashboard.handing_out import Parcel, address_of


def take_away(
    label: str,
    make: Callable[[], bytes | str],
    name: str,
    mime: str,
    *,
    key: str,
    kind: Literal["primary", "secondary"] = "secondary",
    hint: str = "",
    width: Literal["content", "stretch"] = "content",
    there: Callable[[], bool] = lambda: True,
) -> None:
    """Offer a file.

    Parameters
    ----------
    make : callable
        Makes its content when the reader takes it, in a thread of its own, where Streamlit must not be used.
    key : str
        Tells it from all others that this session is offered.
    hint : str
        What it is, for whoever rests on it.
    there : callable
        Whether what it tells of is still there when it is taken; called where `make` is.
    """
    address = address_of(Parcel(make, name, mime, there), key)
    said = {"title": hint} if hint else {}
    link = node("a", label, href=address, download=name, class_=f"at-take at-take-{kind}", **said)
    show(link, width=width)
