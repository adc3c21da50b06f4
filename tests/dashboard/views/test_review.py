"""Review of the samples that come with the package: words, maps and the way to the next case."""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

import dashboard
import engine.pipeline as pipeline_room
from dashboard import searching
from dashboard.components import sites
from dashboard.state import Desk
from engine import (
    Box,
    Case,
    Mark,
    MarkedRegion,
    Method,
    Note,
    ReadingOrder,
    SampleEntry,
    Scan,
    Step,
    fitting_tasks,
    open_store,
    sample_case,
    sample_index,
    shipped_model,
    suitable_tasks,
)

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
    together = any(task.source == "film and note" for task in tasks)  # then the others wait to be chosen
    fitting = [task for task in fitting_tasks(case) if task.source != "question"]
    assert html.count("at-findings") >= (2 if together else len(fitting))
    if not any(task.source == "image" for task in tasks) and sample_case(case_id).images:
        assert "No model here answers for this kind of image" in html
    assert {view.task for view in desk_of(app).analyses} == {task.name for task in tasks}
    assert case_id in desk_of(app).seen


@pytest.mark.usefixtures("work_at_once")
def test_a_search_that_ends_while_the_page_is_drawn_is_answered_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer for the middle stood beside the sites that had been found, until something was clicked."""
    go_on, scan, asked = threading.Event(), searching.scan, sites.site_asked

    def held(*arguments: Any, **named: Any) -> Scan:
        go_on.wait(60)
        return scan(*arguments, **named)

    def ends_meanwhile(case: Case, found: Scan | None) -> int:
        if found is None:
            go_on.set()
            searching.searches().of(case, shipped_model("splice-junction")).job.wait(60)
        return asked(case, found)

    monkeypatch.setattr(searching, "scan", held)
    monkeypatch.setattr(sites, "site_asked", ends_meanwhile)
    app = opened("sequence-gene-1")
    assert not app.exception
    assert "Ruled in: intron-exon" in html_of(app)
    assert "Ruled in: neither" not in html_of(app)


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


def test_a_note_too_short_for_suggestions_shows_its_contradictions_before_anything_else() -> None:
    note = Note("ALLERGIES: Penicillin (hives).\nPLAN: Amoxicillin 500 mg for ten days, then back to clinic.", "0" * 64)
    app = AppTest.from_file(APP, default_timeout=120).run()
    desk_of(app).add([Case("s" * 16, "Short", note=note)], keep=lambda _: False)
    desk_of(app).open("s" * 16)
    html = html_of(app.switch_page("views/review.py").run())
    assert not app.exception
    assert "Against penicillin, which this note itself names" in html
    assert "the note says too little" in html
    assert 0 < html.index('class="at-cautions"') < html.index('class="at-headline"')


def test_what_stands_behind_a_suggestion_is_found_when_it_is_asked_for(work_at_once: None) -> None:
    app = opened(next(e.case_id for e in sample_index() if e.case_id.startswith("note-heart-failure")))
    next(found for found in app.radio if found.label == "The note is read for").set_value(
        "Treatments to consider"
    ).run()
    choice = next(found for found in app.button_group if found.label == "Words and past notes behind")
    assert not any(lane == "behind" for lane, _ in desk_of(app).jobs)
    label = choice.options[-1]
    choice.set_value(label).run()
    (job,) = [job for (lane, _), job in desk_of(app).jobs.items() if lane == "behind"]
    assert job.wait(60)
    html = html_of(app.run())
    assert not app.exception
    assert f"training notes whose plans named {label}" in html


def box(app: AppTest, label: str) -> Selectbox:
    return next(found for found in app.selectbox if found.label == label)


def test_under_the_headline_of_a_film_stands_whether_its_answer_holds_when_it_is_moved(work_at_once: None) -> None:
    app = opened(first_film())
    (job,) = [job for (lane, _), job in desk_of(app).jobs.items() if lane == "steady-chest-xray"]
    job.wait(60)
    app.run()
    html = html_of(app)
    assert re.search(r"The answer held in \d of 8 small shifts", html)
    assert html.index("at-headline") < html.index("The answer held in") < html.index("at-findings")


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


def _blind(case_id: str) -> AppTest:
    """Open a case for a reader who reads first."""
    app = AppTest.from_file(APP, default_timeout=120)
    app.session_state["reading-order"] = ReadingOrder.READ_FIRST
    app.run()
    app.session_state["attending"].open(case_id)
    return app.switch_page("views/review.py").run()


def _everything_on(app: AppTest) -> str:
    """Every element of the page with all that is sent to the browser, as text; without our style sheet."""
    found: list[str] = []

    def collect(node: object) -> None:
        if hasattr(node, "children"):
            found.append(str(getattr(node, "proto", "")))
            for child in node.children.values():
                collect(child)
        else:
            found.append(str(node.proto))

    collect(app._tree)
    return "\n".join(text for text in found if "<style>" not in text)


def _first_of(source: str) -> str:
    """A sample that models answer for from this source alone."""
    found = (entry.case_id for entry in sample_index())
    return next(
        case_id for case_id in found if {str(task.source) for task in suitable_tasks(sample_case(case_id))} == {source}
    )


@pytest.mark.parametrize("source", ["image", "note", "course", "sequence"])
def test_read_first_nothing_of_the_model_is_on_the_page_before_ones_own_reading(
    source: str, request: pytest.FixtureRequest
) -> None:
    if source == "sequence":
        request.getfixturevalue("work_at_once")
    case_id = _first_of(source)
    app = _blind(case_id)
    assert not app.exception
    assert not app.error
    assert desk_of(app).analyses == {}
    assert desk_of(app).explanations == {}
    page = _everything_on(app)
    tasks = suitable_tasks(sample_case(case_id))
    hidden = ("at-findings", "at-headline", "at-badge", "Provenance", "Ground truth", "Your verdict", "Priority")
    assert [word for word in hidden if word in page] == []
    assert not any(shipped_model(task.name).digest in page for task in tasks)
    _record(app)
    assert not app.exception
    assert "at-findings" in _everything_on(app)
    assert desk_of(app).analyses


def _record(app: AppTest) -> None:
    """Say something of the first question, and record it."""
    labels = [radio for radio in app.radio if (radio.key or "").startswith("own-")]
    if labels:
        labels[0].set_value(labels[0].options[0])
    else:
        next(box for box in app.checkbox if (box.key or "").startswith("own-")).check()
    next(button for button in app.button if button.label.startswith("Record, and show")).click().run()


def test_that_a_case_was_opened_is_known_in_the_next_session() -> None:
    case_id = first_film()
    _blind(case_id)
    line = open_store().cases.line(case_id, "reader")
    assert line is not None
    assert line.state == "opened"


def test_read_first_a_mark_on_the_image_does_not_bring_the_answer() -> None:
    case_id = first_film()
    _blind(case_id)
    held = open_store().reviews.latest(case_id, "reader")
    assert held is not None
    open_store().reviews.save(replace(held, regions=(MarkedRegion(Box(0, 0, 9, 9), Mark.HERE),)))
    app = _blind(case_id)
    assert "at-findings" not in _everything_on(app)


def test_the_answer_stays_once_ones_own_reading_is_recorded() -> None:
    case_id = first_film()
    app = _blind(case_id)
    _record(app)
    later = _blind(case_id)
    assert "at-findings" in _everything_on(later)
    review = open_store().reviews.latest(case_id, "reader")
    assert [timed.step for timed in review.steps][:3] == [Step.OPENED, Step.READ, Step.ANSWERED]


def test_what_a_model_said_is_kept_once_with_its_headline() -> None:
    case_id = first_film()
    opened(case_id)
    opened(case_id)
    (answer,) = open_store().answers.of(case_id)
    line = open_store().cases.line(case_id, "reader")
    assert line is not None
    assert line.headline.startswith(answer.findings[0].label)
    assert line.state == "opened"


@pytest.mark.parametrize(("harm", "said"), [("missing", "There is no model in the folder"), ("changed", "is not the")])
def test_a_model_that_is_missing_or_was_changed_is_told_and_the_film_is_shown(
    harm: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if harm == "changed":
        shutil.copytree(pipeline_room.WEIGHTS / "chest-xray", tmp_path / "chest-xray")
        weights = tmp_path / "chest-xray" / "model.safetensors"
        content = weights.read_bytes()
        weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(pipeline_room, "WEIGHTS", tmp_path)
    st.cache_resource.clear()
    app = opened(next(e.case_id for e in sample_index() if e.case_id.startswith("chest-normal")))
    st.cache_resource.clear()
    html = html_of(app)
    assert not app.exception
    assert not app.error
    assert 'class="at-problem"' in html
    assert said in html
    assert "nstall" in html  # what to do: install it again
    assert "SYNTHETIC" in html
