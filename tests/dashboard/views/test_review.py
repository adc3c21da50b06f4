"""Review of the samples that come with the package: words, maps and the way to the next case."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

import dashboard
from dashboard.state import Desk
from engine import Method, SampleEntry, sample_case, sample_index, suitable_tasks

APP = str(Path(dashboard.__file__).parent / "app.py")


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def opened(case_id: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).run()
    app.session_state["attending"].open(case_id)
    return app.switch_page("views/review.py").run()


def desk_of(app: AppTest) -> Desk:
    made: Desk = app.session_state["attending"]
    return made


@pytest.mark.parametrize("entry", sample_index(), ids=lambda entry: entry.case_id)
def test_every_sample_is_reviewed(entry: SampleEntry, request: pytest.FixtureRequest) -> None:
    case_id = entry.case_id
    if entry.modality == "DNA":
        request.getfixturevalue("work_at_once")  # a long sequence is searched before it is answered for
    app = opened(case_id)
    assert not app.exception
    assert not app.error
    html = html_of(app)
    assert "SYNTHETIC" in html
    case = sample_case(case_id)
    tasks = [task for task in suitable_tasks(case) if task.source != "question"]
    assert len(desk_of(app).replies) == bool(case.question)  # nothing is answered before something is asked
    assert html.count("at-findings") >= len(tasks)
    if not any(task.source == "image" for task in tasks) and sample_case(case_id).images:
        assert "No model here answers for this kind of image" in html
    assert {view.task for view in desk_of(app).analyses} == {task.name for task in tasks}
    assert case_id in desk_of(app).seen


def first_film() -> str:
    return next(
        e.case_id
        for e in sample_index()
        if any(task.name == "chest-xray" for task in suitable_tasks(sample_case(e.case_id)))
    )


def test_maps_are_computed_once_for_each_question() -> None:
    app = opened(first_film())
    assert len(desk_of(app).explanations) == 1
    app.selectbox[0].set_value(app.selectbox[0].options[-1]).run()
    assert len(desk_of(app).explanations) == 2
    kept = dict(desk_of(app).explanations)
    app.selectbox[0].set_value(app.selectbox[0].options[0]).run()
    assert len(desk_of(app).analyses) == 1
    assert all(desk_of(app).explanations[key] is value for key, value in kept.items())


def test_every_method_and_head_draws() -> None:
    app = opened(first_film())
    next(found for found in app.button_group if found.label == "Map").set_value("More methods").run()
    for method in (Method.RELEVANCE, Method.ROLLOUT, Method.ATTENTION):
        box(app, "Method").set_value(method).run()
        assert not app.exception
        assert not app.error
    for option in range(1, len(box(app, "Head").options)):
        box(app, "Head").select_index(option).run()
        assert not app.exception
        assert not app.error


def box(app: AppTest, label: str) -> Selectbox:
    return next(found for found in app.selectbox if found.label == label)


def test_next_and_previous_case() -> None:
    first, second = (entry.case_id for entry in sample_index()[:2])
    app = opened(first)
    assert app.button(key="previous-case").disabled
    app.button(key="next-case").click().run()
    assert desk_of(app).current == second
    app.button(key="previous-case").click().run()
    assert desk_of(app).current == first


def test_without_a_case_the_page_says_so() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/review.py").run()
    assert app.info[0].value == "No case is open."
