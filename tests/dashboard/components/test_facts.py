"""Provenance names the analysis completely, in one line and in a table."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.components.facts import provenance
from engine import Analysis, Domain


def _page(coverage: float) -> None:
    from dashboard.components.facts import facts, model_line, provenance, table
    from engine import Analysis, Domain

    made = Analysis("task", "case", (), Domain(True), "0123456789abcdef", "cpu", coverage, seconds={"predict": 0.25})
    model_line(made)
    facts(provenance(made), label="Provenance")
    table(("Name", "Value"), [("<i>a</i>", "1")], label="Figures")


def shown(coverage: float) -> str:
    app = AppTest.from_function(_page, args=(coverage,)).run()
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_the_line_names_model_device_and_seconds() -> None:
    assert "Model task · 0123456789ab · cpu · 0.25 s<" in shown(1.0)


def test_what_was_not_read_is_said() -> None:
    assert "read 62% of the source" in shown(0.62)


def test_tables_escape_their_text() -> None:
    assert "&lt;i&gt;a" in shown(1.0)


def test_the_operating_point_is_told() -> None:
    said = {
        flag: provenance(Analysis("t", "c", (), Domain(True), "ab", "cpu", flag=flag))["Operating point"]
        for flag in (None, True, False)
    }
    assert said == {None: "the task has none", True: "reached", False: "not reached"}
