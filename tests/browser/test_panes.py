"""Two pictures side by side: they move together or alone, each with its own letters, scale, title and measurements."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.viewer_steps import PAGE, data, eventually, heard, settle

pytestmark = pytest.mark.browser

VIEWS = "(root) => root.attendingViewer.panes.map(({ stage }) => [stage.zoom, ...stage.view.at, stage.frame])"


@pytest.fixture
def show(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Callable[..., Locator]:
    """Open a case of the viewer's page."""
    address = serve_streamlit(PAGE)

    def open_case(query: str) -> Locator:
        page = new_page()
        page.goto(f"{address}/?{query}")
        viewer = page.locator('.viewer[data-ready="1"]')
        viewer.wait_for()
        settle(viewer)
        return viewer

    return open_case


def views(viewer: Locator) -> list[list[float]]:
    """Zoom, place amid the picture and frame of each pane."""
    found: list[list[float]] = viewer.evaluate(VIEWS)
    return found


def alike(viewer: Locator) -> bool:
    one, other = views(viewer)
    return one == pytest.approx(other, abs=0.01)


def test_two_panes_move_together_until_the_link_is_cut(show: Callable[..., Locator]) -> None:
    viewer = show("case=series")
    viewer.press("c")
    eventually(lambda: data(viewer, "panes") == "2")
    settle(viewer)
    start = views(viewer)[0][0]
    viewer.press("+")
    viewer.press("PageDown")
    eventually(lambda: alike(viewer) and views(viewer)[1][3] == 10 and views(viewer)[1][0] > start)

    viewer.press("l")
    viewer.press("p")
    viewer.press("ArrowDown")
    viewer.press("-")
    eventually(lambda: [view[3] for view in views(viewer)] == [10, 11])
    assert views(viewer)[0][0] > views(viewer)[1][0]

    viewer.press("l")
    eventually(lambda: alike(viewer) and views(viewer)[0][3] == 11)
    viewer.press("c")
    eventually(lambda: data(viewer, "panes") == "1")
    viewer.press("c")
    eventually(lambda: data(viewer, "panes") == "2" and alike(viewer))


def test_each_pane_says_what_it_shows_and_keeps_its_own_marks(show: Callable[..., Locator]) -> None:
    viewer = show("case=ct&beside=detector")
    eventually(lambda: data(viewer, "panes") == "2")
    settle(viewer)
    titles = viewer.locator("[data-part='title']").all_inner_texts()
    assert [title.splitlines()[0] for title in titles] == ["Current", "Prior: detector"]
    assert viewer.locator(".letter.right").all_inner_texts() == ["L", "L"]
    scales = viewer.locator("[data-part='scale-bar']").all_inner_texts()
    assert "detector" not in scales[0]
    assert scales[1].endswith("mm on the detector")

    viewer.press("p")
    viewer.get_by_role("button", name="Mirror left and right").click()
    eventually(lambda: viewer.locator(".letter.right").all_inner_texts() == ["R", "R"])

    digests = viewer.evaluate("(root) => root.attendingViewer.panes.map(({ digest }) => digest)")
    viewer.get_by_role("button", name="Left drag measures a distance").press("Enter")
    viewer.page.keyboard.press("Enter")
    eventually(lambda: digests[1] in heard(viewer, "on_measured"))
    assert digests[0] not in heard(viewer, "on_measured"), "a measurement belongs to its own image"


def test_one_image_twice_shows_it_plain_and_with_its_map_under_one_window(show: Callable[..., Locator]) -> None:
    viewer = show("case=ct")
    viewer.press("c")
    eventually(lambda: data(viewer, "panes") == "2")
    shown = "(root) => root.attendingViewer.panes.map(({ layers }) => layers.visible.length)"
    eventually(lambda: viewer.evaluate(shown) == [0, 1])
    viewer.press("2")
    windows = "(root) => root.attendingViewer.panes.map(({ stage: { window: { lower, upper } } }) => upper - lower)"
    eventually(lambda: viewer.evaluate(windows) == pytest.approx([399, 399]))
