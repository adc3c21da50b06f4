"""Several maps over one image, each with its own colours, opacity and threshold, on the image's own grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from tests.browser.steps import choose
from tests.browser.viewer_steps import PAGE, eventually, settle

pytestmark = pytest.mark.browser

HOT, OTHER, BOTH_COLD = (150.5, 125.5), (50.5, 225.5), (50.5, 20.5)
READ = """(root, points) => {
  const { stage, overlay: { canvas } } = root.attendingViewer;
  const context = canvas.getContext("2d");
  return points.map(([x, y]) => [...context.getImageData(...stage.toCanvas(x, y).map(Math.floor), 1, 1).data]);
}"""


@pytest.fixture
def viewer(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Locator:
    page = new_page()
    page.goto(f"{serve_streamlit(PAGE)}/?case=ct&several=1")
    found = page.locator('.viewer[data-ready="1"]')
    found.wait_for()
    settle(found)
    return found


def drawn(viewer: Locator) -> np.ndarray:
    """RGBA of the overlays where the first is hot, where the second is, and where neither is."""
    return np.array(viewer.evaluate(READ, [HOT, OTHER, BOTH_COLD]))


def test_two_maps_have_their_own_settings(viewer: Locator) -> None:
    viewer.get_by_role("button", name="Heat map on or off (O)").click()
    viewer.get_by_role("button", name="On or off: Drawn for lesion").click()
    viewer.get_by_label("How the map is drawn of Drawn for lesion").select_option("Heat")
    viewer.get_by_label("Colours of the map of Drawn for lesion").select_option("inferno")
    viewer.get_by_role("slider", name="Opacity of Drawn for lesion").fill("1")
    eventually(lambda: drawn(viewer)[:, 3].tolist() == pytest.approx([128, 255, 0], abs=2))
    assert drawn(viewer)[1, :3] == pytest.approx([0xF7, 0xD1, 0x3D], abs=24)  # 0.9 on inferno, near its yellow end
    viewer.get_by_role("slider", name="Threshold of Drawn for lesion").fill("0.95")
    eventually(lambda: drawn(viewer)[:, 3].tolist() == pytest.approx([128, 0, 0], abs=2))

    units = viewer.locator("[data-part='color-bar'] .unit").all_inner_texts()
    assert [unit.splitlines()[-1] for unit in units] == ["× average patch", "probability"]
    x, y = viewer.evaluate("(root, at) => root.attendingViewer.stage.toCanvas(...at)", OTHER)
    viewer.locator(".stage").hover(position={"x": x, "y": y})
    eventually(lambda: "Drawn: 0.9 probability" in viewer.locator("[data-part='readout']").inner_text())

    viewer.press("o")
    eventually(lambda: not drawn(viewer)[:, 3].any())
    viewer.press("o")
    eventually(lambda: drawn(viewer)[0, 3] > 0)
    assert viewer.get_by_role("button", name="On or off: Drawn for lesion").get_attribute("aria-pressed") == "true"


def test_settings_outlive_a_new_map(viewer: Locator) -> None:
    viewer.press("o")
    viewer.get_by_role("slider", name="Opacity", exact=True).fill("0.8")
    choose(viewer.page, "Label", "normal")
    viewer.get_by_text("Relevance for normal").first.wait_for()
    eventually(lambda: drawn(viewer)[0, 3] == pytest.approx(0.8 * 255, abs=2))
