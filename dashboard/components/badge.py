"""The badge of a map: whether it can be believed on this case, in words and with its p-value, before anyone looks."""

from __future__ import annotations

import streamlit as st

from dashboard.components.curves import curves
from dashboard.components.markup import node, show
from engine import Faithfulness, Verdict, map_warning, measured_against, p_in_words, spoken, tr

_LOOK = {Verdict.FAITHFUL: "at-faithful", Verdict.CHANCE: "at-doubtful", Verdict.WORSE: "at-doubtful"}


def badge(found: Faithfulness, *, key: str) -> None:
    """Show the verdict on the map that is shown, with the curves behind a click.

    Parameters
    ----------
    key : str
        Keeps the badges of several models apart.
    """
    pill = node("span", spoken(found.verdict), class_=f"at-call {_LOOK[found.verdict]}")
    numbers = node("span", p_in_words(found), class_="at-words")
    verdict = node("div", tr("This map: "), pill)
    against = node("div", measured_against(found), class_="at-quiet")
    show(node("div", verdict, spoken(found.sentence), numbers, against, class_="at-badge", data_verdict=found.verdict))
    if st.button(
        tr("Curves"), key=f"{key}-curves", help=tr("What happens to the answer as the marked parts go, or come")
    ):
        st.dialog(tr("What happens to the answer when the marked parts go"), width="large")(curves)(found)


def map_line(found: Faithfulness | None, *, failed: str, title: str) -> None:
    """Say in one line at the top of the page whether the map can be read as a reason; in red where it cannot.

    Parameters
    ----------
    found : Faithfulness or None
        None as long as it is being checked.
    failed : str
        Why it could not be checked; empty where it could.
    """
    words = map_warning(found) if found else failed
    if words:
        show(node("div", node("strong", words), f" ({title})", class_="at-line at-alarm", role="alert"))
        return
    said = (
        tr("faithful on this case ({figure})", figure=p_in_words(found))
        if found
        else tr("is being checked on this case …")
    )
    show(node("div", tr("{title}, its map: {said}", title=title, said=said), class_="at-line at-quiet"))
