"""Two planes of one series side by side: each with its own letters and proportions, and found in the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import NO_WEBGL, WEBGL
from tests.browser.viewer_steps import PAGE, data, eventually, settle

pytestmark = pytest.mark.browser

FRAMES = "(root) => root.attendingViewer.panes.map(({ stage }) => stage.frame)"
PLACE = """(root, [pane, x, y]) => {
  const { stage } = root.attendingViewer.panes[pane];
  const { left, top } = stage.element.getBoundingClientRect();
  const [across, down] = stage.toCanvas(x, y);
  return [left + across, top + down];
}"""
LINE = """(root, pane) => {
  const { stage, node } = root.attendingViewer.panes[pane];
  const line = node.querySelector(".cut-line line");
  const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((name) => Number(line.getAttribute(name)));
  return [...stage.toImage([x1, y1]), ...stage.toImage([x2, y2])];
}"""


@pytest.fixture(params=[WEBGL, NO_WEBGL], ids=["WebGL", "no WebGL"])
def show(
    request: pytest.FixtureRequest,
    launch: Callable[..., Browser],
    new_page: Callable[..., Page],
    serve_streamlit: Callable[..., str],
) -> Callable[[str], Locator]:
    address = serve_streamlit(PAGE)

    def open_planes(plane: str) -> Locator:
        page = new_page(browser=launch(*request.param), card=request.param is WEBGL)
        page.goto(f"{address}/?case=volume&beside={plane}")
        viewer = page.locator('.viewer[data-ready="1"]')
        viewer.wait_for()
        eventually(lambda: data(viewer, "panes") == "2")
        settle(viewer)
        return viewer

    return open_planes


def asked(viewer: Locator, script: str, argument: Any = None) -> list[float]:
    found: list[float] = viewer.evaluate(script, argument)
    return found


def test_a_coronal_plane_is_found_in_the_axial_one_and_the_other_way_round(show: Callable[[str], Locator]) -> None:
    viewer = show("coronal")
    page = viewer.page
    assert viewer.locator(".letter.right").all_inner_texts() == ["L", "L"]
    assert viewer.locator(".letter.bottom").all_inner_texts() == ["P", "F"]
    viewer.get_by_role("button", name="Locate").click()

    page.mouse.click(*asked(viewer, PLACE, [0, 30.5, 41.5]))  # the axial pane, row 41
    eventually(lambda: asked(viewer, FRAMES) == [0, 41])
    eventually(lambda: asked(viewer, LINE, 0) == pytest.approx([0, 41.5, 80, 41.5], abs=0.1))

    page.mouse.click(*asked(viewer, PLACE, [1, 30.5, 2.5]))  # the coronal pane, third row from the head: slice 17
    eventually(lambda: asked(viewer, FRAMES) == [17, 41])
    eventually(lambda: asked(viewer, LINE, 1) == pytest.approx([0, 2.5, 80, 2.5], abs=0.1))

    page.mouse.move(*asked(viewer, PLACE, [1, 30.5, 2.5]))
    eventually(lambda: "17413 HU" in viewer.locator("[data-part='readout']").nth(1).inner_text())


def test_slices_four_times_as_far_apart_as_pixels_are_drawn_four_times_as_high(show: Callable[[str], Locator]) -> None:
    viewer = show("sagittal")
    (x0, y0), (x1, y1) = asked(viewer, PLACE, [1, 0, 0]), asked(viewer, PLACE, [1, 60, 20])
    assert (y1 - y0) / (x1 - x0) == pytest.approx(20 * 4 / 60, rel=0.01)


def test_the_planes_share_the_window_and_scroll_alone(show: Callable[[str], Locator]) -> None:
    viewer = show("sagittal")
    viewer.press("i")
    eventually(lambda: viewer.evaluate("(root) => root.attendingViewer.panes.every(({ stage }) => stage.inverted)"))
    viewer.press("ArrowDown")
    eventually(lambda: asked(viewer, FRAMES) == [1, 40])
    eventually(lambda: asked(viewer, LINE, 1) == pytest.approx([0, 18.5, 60, 18.5], abs=0.1))


def test_locate_is_offered_only_where_planes_cross(
    new_page: Callable[..., Page], serve_streamlit: Callable[..., str]
) -> None:
    page = new_page()
    page.goto(f"{serve_streamlit(PAGE)}/?case=volume&beside=axial")
    viewer = page.locator('.viewer[data-ready="1"]')
    viewer.wait_for()
    eventually(lambda: data(viewer, "panes") == "2")
    assert viewer.get_by_role("button", name="Locate").count() == 0
