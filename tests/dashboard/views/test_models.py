"""The cards are told in plain words, each figure with its n and its interval."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from engine import TASKS, Method, known_sanity, shipped_card, shipped_model

APP = str(Path(dashboard.__file__).parent / "app.py")
SHARING = {"clinical-note", "literature", "radiology-report"}  # models with labels of few cases
PATIENCE = 120.0  # seconds, on a computer that has much else to do


@pytest.fixture(autouse=True)
def small_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of the model that is looked at is of one method on one case, kept in a folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("engine.evidence.SANITY_CASES", 1)
    monkeypatch.setattr("engine.evidence._cheap_methods", lambda model: (Method.ATTENTION,))


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is set by XDG_CACHE_HOME")
@pytest.mark.usefixtures("work_at_once")
def test_the_check_of_the_model_that_is_looked_at_begins_by_itself_and_is_kept() -> None:
    first, *others = TASKS
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/models.py").run()
    assert "Check" not in [button.label for button in app.button]
    until = time.monotonic() + PATIENCE
    while not known_sanity(shipped_model(first)) and time.monotonic() < until:
        time.sleep(0.2)
    html = "\n".join(element.proto.body for element in app.run().get("html"))
    assert html.count("Rank correlation left") == 1
    assert Method.ATTENTION.full_name in html
    assert not any(known_sanity(shipped_model(other)) for other in others)


def test_every_card_is_told() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/models.py").run()
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert [tab.label for tab in app.tabs] == [task.title for task in TASKS.values()]
    for name in TASKS:
        card = shipped_card(name)
        assert card.data.licence in html
        assert card.files["model.safetensors"] in html
        for metric in card.metrics.values():
            assert f"{metric.value:.3f}" in html
            assert f"{metric.n:,}" in html
    assert "(1.000 to 1.000)" not in html
    assert "1.000 (no interval)" in html
    assert "<td>504, 4 with the label</td>" in html


def test_of_calls_only_what_was_measured_is_claimed() -> None:
    """At most 10 % of the cases of a label was promised of every model, measured or not."""
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/models.py").run()
    html = "\n".join(element.proto.body for element in app.get("html"))
    said = dict(zip(TASKS, re.findall(r"Calls</th><td>(.*?)</td>", html), strict=True))
    assert said.pop("visual-question") == "how often ruled in and ruled out are wrong was not measured"
    for name, words in said.items():
        card = shipped_card(name)
        for figure in (card.metrics[each] for each in card.metrics if each.startswith("conformal_coverage")):
            assert f"{figure.value:.3f}" in words
            assert f"{figure.n:,} cases" in words
    assert {name for name, words in said.items() if words.endswith("on average only")} == SHARING


def test_every_card_can_be_taken_away_as_an_applied_model_card() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/models.py").run()
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert html.count(">Applied model card of CHAI, JSON</a>") == len(TASKS)
