"""What was measured a moment before the reader leaves is told, under the image that it was measured on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.viewer_steps import PAGE, data, eventually, settle

pytestmark = pytest.mark.browser

LEAVE = """async (root, way) => {
  const viewer = root.attendingViewer;
  const [, beside] = viewer.panes;
  const { digest: own } = beside;
  const told = [];
  viewer.report = (name, { digest, measures }) => name === "measured" && told.push([digest === own, measures.length]);
  root.focus();
  beside.tools.put({ kind: "length", frame: 0, points: [[10, 10], [60, 10]], said: "" });
  const onItsWay = { ...viewer.sent[1], stack: { ...viewer.sent[1].stack, digest: "on its way" } };
  const ways = {
    focus: () => root.blur(),
    image: () => beside.show(viewer.sent[0], true),
    pane: () => viewer.panes.pop().destroy(),
    waiting: () => {
      beside.show(onItsWay);
      return new Promise((resolve) => setTimeout(resolve, 1000));
    },
  };
  await ways[way]();
  return told;
}"""


@pytest.fixture
def viewer(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Locator:
    page = new_page()
    page.goto(f"{serve_streamlit(PAGE)}/?case=ct&beside=detector")
    found = page.locator('.viewer[data-ready="1"]')
    found.wait_for()
    eventually(lambda: data(found, "panes") == "2")
    settle(found)
    return found


@pytest.mark.parametrize("way", ["focus", "image", "pane", "waiting"])
def test_a_measurement_is_told_before_its_image_goes(way: str, viewer: Locator) -> None:
    """It was lost where the pane went, and told of the next image where that was on its way."""
    assert viewer.evaluate(LEAVE, way) == [[True, 1]]
