"""The worklist as a table that is read at a glance and opened by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.components.scripts import script, words_of

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class CaseLine:
    """One line: all its words may come from files.

    Parameters
    ----------
    said : bool
        Whether `finding` is what a model said, and not why nothing is shown.
    state : str
        How far the reader is with it, in words.
    unseen : bool
        Whether the reader has not opened it yet.
    priority : float or None
        In [0, 1], as a bar; None where no model has answered.
    mark : str
        A word beside the title; empty for none.
    """

    case_id: str
    title: str
    kind: str
    modality: str
    finding: str
    said: bool
    state: str
    unseen: bool
    priority: float | None
    current: bool
    mark: str


def case_table(lines: Sequence[CaseLine], *, key: str) -> str | None:
    """Show the worklist.

    Returns
    -------
    str or None
        The case id that the reader has just opened; None where nothing was opened.
    """
    data = {"lines": [asdict(line) for line in lines], "words": words_of("case_table.js")}
    answer = _component()(key=key, data=data, on_opened_change=lambda: None)
    opened: str | None = answer.opened
    return opened


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_case_table",
        html='<div class="case-table"></div>',
        css=(_HERE / "case_table.css").read_text("utf-8"),
        js=script("case_table.js"),
    )
