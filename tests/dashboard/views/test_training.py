"""Runs are told while they go on: how far they are, and their curves."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from engine.training.curves import write_curves, write_plan

APP = str(Path(dashboard.__file__).parent / "app.py")


def _opened() -> AppTest:
    return AppTest.from_file(APP, default_timeout=60).run().switch_page("views/training.py").run()


def _html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTENDING_RUNS", str(tmp_path))
    return tmp_path


def _write_run(place: Path, *, done: int, epochs: int = 4, age: float = 0.0) -> None:
    place.mkdir(parents=True)
    write_plan(place, {"epochs": epochs})
    rows = [
        {"epoch": n + 1, "seconds": 60.0, "training_loss": 1.0, "validation_loss": 0.9, "validation_accuracy": 0.5}
        for n in range(done)
    ]
    if rows:
        write_curves(place, rows)
    when = time.time() - age
    for path in place.iterdir():
        os.utime(path, (when, when))


def test_no_runs_are_said_to_be_none(runs: Path) -> None:
    app = _opened()
    assert not app.exception
    assert "There are no runs" in app.info[0].value


@pytest.mark.parametrize(
    ("done", "age", "said"),
    [
        (0, 0.0, "begun, 4 epochs to go"),
        (1, 0.0, "epoch 1 of 4 done, about 3 minutes left"),
        (1, 86400.0, "stopped after epoch 1 of 4"),
        (4, 86400.0, "done, 4 epochs"),
    ],
)
def test_how_far_a_run_is(runs: Path, done: int, age: float, said: str) -> None:
    _write_run(runs / "chest" / "run", done=done, age=age)
    assert said in _html(_opened())


def test_the_latest_run_is_drawn_and_another_can_be_chosen(runs: Path) -> None:
    _write_run(runs / "old", done=4, age=500.0)
    _write_run(runs / "new", done=2)
    app = _opened()
    charts = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert len(charts) == 2
    assert "Loss: less is better" in charts[0]
    assert "accuracy" in charts[1]
    assert "epoch 2 of 4" in _html(app)
    app.selectbox(key="run").set_value("old").run()
    assert "done, 4 epochs" in _html(app)
