"""Looking closer, page and engine together: every topic draws, and nothing is computed before it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.components.closer import Topic
from dashboard.components.smallest import in_words
from dashboard.state import Desk
from engine import Aim, Box, Period, Smallest, Stretch

APP = str(Path(dashboard.__file__).parent / "app.py")
PATIENCE = 120


def opened(case_id: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=PATIENCE).run()
    app.session_state["attending"].open(case_id)
    return app.switch_page("views/review.py").run()


def desk_of(app: AppTest) -> Desk:
    made: Desk = app.session_state["attending"]
    return made


def html_of(app: AppTest) -> str:
    assert not app.exception
    assert not app.error
    return "\n".join(element.proto.body for element in app.get("html"))


def finished(app: AppTest, lane: str) -> AppTest:
    """Wait for the work of a lane, and draw the page anew."""
    (job,) = [job for (name, _), job in desk_of(app).jobs.items() if name.startswith(lane)]
    assert job.wait(PATIENCE)
    assert job.failed == ""
    return app.run()


def choose(app: AppTest, topic: Topic) -> AppTest:
    (view,) = desk_of(app).analyses
    return app.button_group(key=f"closer-{'-'.join(map(str, view))}").set_value(topic).run()


@pytest.mark.usefixtures("work_at_once")
def test_the_badge_of_a_film_comes_by_itself() -> None:
    app = opened("chest-viral-1")
    assert "is being checked" in html_of(app)
    html = html_of(finished(app, "badge"))
    assert "data-verdict" in html
    assert "p = 0." in html
    assert "is being checked" not in html


@pytest.mark.usefixtures("work_at_once")
def test_the_smallest_parts_are_found_on_request() -> None:
    app = choose(opened("chest-viral-1"), Topic.SMALLEST)
    html = html_of(finished(app, "smallest"))
    assert "of 168 patches" in html
    assert "Without" in html


@pytest.mark.usefixtures("work_at_once")
def test_methods_are_compared_on_request() -> None:
    app = choose(opened("chest-viral-1"), Topic.AGREEMENT)
    html = html_of(finished(app, "agreement"))
    assert "at-matrix" in html
    assert "Noise that hardly changes the image" in html


def test_where_it_looked_and_heads_are_drawn_at_once() -> None:
    app = opened("chest-viral-1")
    assert desk_of(app).browsed is None
    assert "patient's right" in html_of(choose(app, Topic.WHERE))
    html = html_of(choose(app, Topic.HEADS))
    assert ">Layer 6</th>" in html
    assert desk_of(app).browsed is not None


def test_relevance_is_counted_by_lung_and_the_lungs_are_outlined_on_request() -> None:
    app = choose(opened("chest-viral-1"), Topic.WHERE)
    html = html_of(app)
    assert ">Right lung</th>" in html
    assert ">Left lung</th>" in html
    assert desk_of(app).outlined is not None
    (view,) = desk_of(app).analyses
    app.toggle(key=f"lungs-{'-'.join(map(str, view))}").set_value(True).run()
    assert "patient's right" in html_of(app)


def test_edits_are_listed_and_belong_to_their_case() -> None:
    app = opened("chest-viral-1")
    (view,) = desk_of(app).analyses
    desk_of(app).edits[view].take(Box(200, 200, 700, 600))
    html = html_of(app.run())
    assert "Box 1" in html
    assert "→" in html
    app.button(key="edits-chest-xray-undo").click().run()
    assert "Box 1" not in html_of(app)
    app.button(key="edits-chest-xray-redo").click().run()
    app.button(key="next-case").click().run()
    assert "Box 1" not in html_of(app)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (None, "Nothing was found that keeps"),
        (Smallest(Aim.KEEPS, "a", (), 0, 9, 0.6), "still answers a (0.60)"),
        (Smallest(Aim.KEEPS, "a", (Box(0, 0, 1, 1),), 1, 9, 0.6), "1 of 9 patches alone keeps the answer a"),
        (Smallest(Aim.KEEPS, "a", (Stretch(0, 4),), 2, 9, 0.6), "2 of 9 words alone keep the answer a"),
        (Smallest(Aim.KEEPS, "a", (Period(0, 2, "HR"),), 2, 9, 0.6), "2 of 9 hourly values alone keep the answer a"),
        (Smallest(Aim.FLIPS, "a", (Stretch(0, 4),), 2, 9, 0.4), "Without 2 of 9 words the answer is no longer a"),
    ],
)
def test_parts_in_words(part: Smallest | None, words: str) -> None:
    assert words in in_words(part.aim if part else Aim.KEEPS, part, "a")
