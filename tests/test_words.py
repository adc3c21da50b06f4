"""Every sentence that the dashboard shows goes through the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM = Path(__file__).resolve().parents[1] / "dashboard"
SHOWN = {
    "awaited", "button", "caption", "checkbox", "dialog", "error", "expander", "facts", "file_uploader",
    "form_submit_button", "header", "info", "markdown", "multiselect", "node", "number_input",
    "popover", "progress", "quiet_figure", "radio", "segmented_control", "select_slider", "selectbox", "slider",
    "spinner", "subheader", "success", "table", "tabs", "take_away", "text_area", "text_input", "title", "toast",
    "toggle", "warning", "write",
}  # fmt: skip
SAID_IN = {
    "across", "alt", "aria_label", "body", "captions", "doing", "help", "hint", "label", "placeholder", "text",
    "title", "up",
}  # fmt: skip
SAME = frozenset({"BED", "CSV", "UTC", "n"})  # abbreviations that every language writes alike


def _literals(node: ast.AST) -> Iterator[str]:
    """The strings of an expression that are shown as they are: what another function makes of its own is not."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call | ast.Lambda | ast.Compare | ast.Subscript):
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


def _shown(call: ast.Call) -> Iterator[str]:
    """What a call puts on the screen without asking the catalogues."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in SHOWN or ast.unparse(call.func).startswith("_log."):
        return
    given = call.args[1:] if name == "node" else call.args[:1] if name == "take_away" else call.args
    given = [*given, *(keyword.value for keyword in call.keywords if keyword.arg in SAID_IN)]
    for literal in (literal for argument in given for literal in _literals(argument)):
        if re.search(r"[^\W\d_]{2}", literal) and literal not in SAME:
            yield literal


def _bare(source: str) -> list[str]:
    return [said for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) for said in _shown(node)]


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOM)))
def test_no_sentence_reaches_the_screen_past_the_catalogues(path: Path) -> None:
    assert not _bare(path.read_text("utf-8"))


def test_a_sentence_past_the_catalogues_is_found() -> None:
    assert _bare('st.caption("Read it first.")') == ["Read it first."]
    assert _bare('show(node("div", f"{n} files were lost", class_="at-line"))') == [" files were lost"]
    assert not _bare('st.caption(tr("Read it first."))')
