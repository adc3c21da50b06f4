"""The lungs of a chest film in a real Chromium: counted by, and outlined on the film when the reader asks for it."""

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


def test_relevance_is_counted_by_lung_and_the_lungs_can_be_outlined(
    new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=1440, height=1000)
    open_sample(page, address, "chest-bacterial-1")
    page.get_by_text("Where it looked", exact=True).click(timeout=PATIENCE_MS)
    table = page.get_by_role("table", name="Where the map was looking")
    for name in ("Right lung", "Left lung", "Outside the lungs"):
        expect(table.get_by_role("rowheader", name=name, exact=True)).to_be_visible(timeout=PATIENCE_MS)
    viewer = page.locator(".viewer[data-ready='1']")
    assert not viewer.evaluate(INKED)
    page.get_by_text("Outline the lungs on the image").click()
    switch = viewer.get_by_role("button", name="On or off: Estimated from the picture for lungs")
    expect(switch).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    eventually(lambda: viewer.evaluate(INKED))
    page.screenshot(path=screenshots / "lungs.png", full_page=True)
