"""A report is taken away whatever happens to the page under the click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.steps import PATIENCE_MS, film_id, open_sample, take, turn_to

pytestmark = pytest.mark.browser

WATCH = """() => {
    const app = document.querySelector(".stApp");
    new MutationObserver(() => {
        const state = app.dataset.testScriptState;
        if (state === "running") document.body.dataset.drawn = "begun";
        else if (document.body.dataset.drawn === "begun") document.body.dataset.drawn = "anew";
    }).observe(app, { attributes: true });
}"""


def test_a_page_drawn_anew_under_the_click_does_not_call_the_download_off(
    new_page: Callable[..., Page], own_address: str, tmp_path: Path
) -> None:
    """The press ends what was typed, the page is drawn anew, and only then the button is let go of."""
    page = new_page(width=1280, height=720)
    open_sample(page, own_address, film_id())
    turn_to(page, "Report", page.get_by_role("link", name="Download PDF"))
    take(page, "Download PDF", tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")

    typed = "Consolidation of the right lower lobe."
    page.get_by_role("textbox", name="Impression").fill(typed)
    page.get_by_role("link", name="Download HTML").hover()
    page.evaluate(WATCH)
    with page.expect_download(timeout=PATIENCE_MS) as taken:
        page.mouse.down()
        page.locator("body[data-drawn='anew']").wait_for(state="attached", timeout=PATIENCE_MS)
        page.mouse.up()
    assert taken.value.failure() is None
    taken.value.save_as(tmp_path / "report.html")
    assert typed in (tmp_path / "report.html").read_text("utf-8")
