"""What stands beside an image: another map of it, or another case that nobody can take for the same patient."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.comparing import Beside
from dashboard.components import sources
from dashboard.components.picture import Shown
from engine import sample_case, sample_index, suitable_tasks
from tests.dashboard.views.test_review import opened


def films() -> list[str]:
    """The samples that the chest model answers for."""
    entries = [entry.case_id for entry in sample_index() if entry.modality.startswith("DX")]
    return [one for one in entries if any(task.name == "chest-xray" for task in suitable_tasks(sample_case(one)))]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Shown]:
    """What the viewer was given, the latest last."""
    found: list[Shown] = []

    def keep(case: Any, looked: Any, shown: Shown, **rest: Any) -> None:
        found.append(shown)

    monkeypatch.setattr(sources, "picture", keep)
    return found


def choose(app: AppTest, what: Beside, case_id: str) -> AppTest:
    return app.radio(f"beside-{case_id}").set_value(what).run()


def test_the_reader_chooses_what_stands_beside_the_image(drawn: list[Shown]) -> None:
    first, second, *_ = films()
    app = opened(first)
    assert drawn[-1].beside is None

    choose(app, Beside.MAP, first)
    beside = drawn[-1].beside
    assert beside is not None
    assert (beside.title, len(beside.overlays), beside.overlays[0].shown) == ("The same image", 1, True)

    choose(app, Beside.CASE, first)
    assert drawn[-1].beside is None, "no case is chosen yet"
    box = app.selectbox(f"beside-case-{first}")
    assert sample_case(second).title in box.options
    assert sample_case(first).title not in box.options, "no image is compared with itself"
    app = box.set_value(second).run()
    assert not app.exception
    beside = drawn[-1].beside
    assert beside is not None
    assert "not known to be the same patient" in beside.title
    assert beside.stack.digest == sample_case(second).images[0].digest
    assert not any(region.editable for region in beside.regions)

    choose(app, Beside.NOTHING, first)
    assert drawn[-1].beside is None
