"""The worklist lists the samples, and leads to the next unseen one."""

from __future__ import annotations

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from engine import sample_index

APP = str(Path(dashboard.__file__).parent / "app.py")


def lines(app: AppTest) -> list[dict[str, object]]:
    (table,) = app.get("bidi_component")
    found: list[dict[str, object]] = json.loads(table.proto.json)["lines"]
    return found


def test_all_samples_are_there_unseen_and_marked() -> None:
    found = lines(AppTest.from_file(APP, default_timeout=60).run())
    assert [line["case_id"] for line in found] == [entry.case_id for entry in sample_index()]
    assert all(line["mark"] == "SYNTHETIC" and line["state"] == "not seen" for line in found)


def test_the_next_unseen_case_opens_and_comes_back_seen() -> None:
    app = AppTest.from_file(APP, default_timeout=120).run()
    app.button(key="next-unseen").click().run()
    first = sample_index()[0].case_id
    assert app.session_state["attending"].current == first
    app.button(key="to-worklist").click().run()
    line = next(line for line in lines(app) if line["case_id"] == first)
    assert line["state"] == "opened"
    assert line["current"]
