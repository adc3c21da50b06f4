"""The cards are told in plain words, each figure with its n and its interval."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from engine import TASKS, shipped_card

APP = str(Path(dashboard.__file__).parent / "app.py")


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


def test_every_card_can_be_taken_away_as_an_applied_model_card() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/models.py").run()
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert html.count(">Applied model card of CHAI, JSON</a>") == len(TASKS)
