"""A drawn lesion in a real Chromium: outlined from the beginning, told of in words, and taken off by the reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PATIENCE_MS, open_sample
from tests.browser.viewer_steps import eventually

pytestmark = pytest.mark.browser

INKED = """(root) => {
  const { canvas } = root.attendingViewer.overlay;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, at) => at % 4 === 3 && value > 0);
}"""


def test_the_outline_is_on_the_image_and_can_be_taken_off(
    new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=1440, height=1000)
    open_sample(page, address, "breast-loop-1")
    said = page.locator("[data-lesion='1']")
    expect(said).to_contain_text("One lesion drawn:", timeout=PATIENCE_MS)
    expect(said).to_contain_text(" mm, mean probability inside")
    expect(said).to_contain_text("lies in what was drawn")
    viewer = page.locator(".viewer[data-ready='1']")
    switch = viewer.get_by_role("button", name="On or off: Drawn by the model for lesion")
    expect(switch).to_have_attribute("aria-pressed", "true")
    eventually(lambda: viewer.evaluate(INKED))
    page.screenshot(path=screenshots / "lesion.png", full_page=True)
    viewer.press("o")  # the map, beside the outline
    expect(switch).to_have_attribute("aria-pressed", "true")
    viewer.press("o")
    expect(switch).to_have_attribute("aria-pressed", "false")
    viewer.press("o")
    switch.click()
    viewer.get_by_role("button", name="Heat map on or off (O)").click()
    eventually(lambda: not viewer.evaluate(INKED))
