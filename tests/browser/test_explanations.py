"""Explanations that can be checked, in a real Chromium: the badge, edits by hand, and heads to point at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import dashboard

pytestmark = pytest.mark.browser

APP = Path(dashboard.__file__).parent / "app.py"
PATIENCE_MS = 180_000  # for machines that do other things too


@pytest.fixture(scope="module")
def address(serve_streamlit: Callable[..., str]) -> str:
    return serve_streamlit(APP)


def opened(page: Page, address: str, case_id: str) -> Page:
    page.goto(address)
    page.locator(f"tr[data-case='{case_id}']").click(timeout=PATIENCE_MS)
    page.locator(".viewer[data-ready='1'], .note-map[data-ready='1']").first.wait_for(timeout=PATIENCE_MS)
    return page


def draw_box(page: Page) -> None:
    """Drag with the Box tool from the middle of the image to the lower right."""
    page.get_by_role("button", name="Left drag draws a box").click()
    area = page.locator(".viewer .stage").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(600)  # Cornerstone waits for a second click first
    for step in range(1, 6):
        page.mouse.move(x + 20 * step, y + 16 * step)
    page.mouse.up()


def regions(page: Page) -> Locator:
    return page.locator(".viewer .regions .taken")


def press(page: Page, name: str) -> None:
    """Press one of the buttons below the edits, once it can be pressed."""
    page.locator(f".st-key-edits-chest-xray-{name} button:not([disabled])").first.click()


def test_a_box_moves_the_score_and_comes_back(new_page: Callable[..., Page], address: str, screenshots: Path) -> None:
    page = opened(new_page(width=1280, height=720), address, "chest-viral-1")
    viewer = page.locator(".viewer")
    page.locator("[data-verdict]").wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(2000)  # while the page is still laid out, the image is fitted anew
    zoom, columns = viewer.evaluate("({ attendingViewer: { stage } }) => [stage.zoom, stage.stack.columns]")
    draw_box(page)
    effects = page.locator(".at-effects")
    expect(effects).to_contain_text("Box 1", timeout=PATIENCE_MS)
    expect(effects).to_contain_text("→")
    expect(regions(page)).to_have_count(1)
    top, left, bottom, right = viewer.evaluate("(root) => root.attendingViewer.regions.regions[0].box")
    assert (left + right) / 2 - columns / 2 == pytest.approx(50 / zoom, abs=6 / zoom)
    assert (right - left, bottom - top) == pytest.approx((100 / zoom, 80 / zoom), abs=6 / zoom)
    page.screenshot(path=screenshots / "explanations-box.png")
    press(page, "undo")
    expect(regions(page)).to_have_count(0, timeout=PATIENCE_MS)
    press(page, "redo")
    expect(regions(page)).to_have_count(1, timeout=PATIENCE_MS)
    press(page, "clear")
    expect(regions(page)).to_have_count(0, timeout=PATIENCE_MS)


def test_the_badge_comes_by_itself_with_curves_behind_a_click(
    new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = opened(new_page(width=1280, height=720), address, "chest-viral-1")
    badge = page.locator("[data-verdict]")
    badge.wait_for(timeout=PATIENCE_MS)
    verdict = badge.get_attribute("data-verdict")
    expect(badge).to_contain_text("p = ")
    expect(page.locator("[role='alert'].at-line")).to_have_count(0 if verdict == "faithful" else 1)
    page.get_by_role("button", name="Curves").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.get_by_role("dialog")).to_contain_text("as the model was trained")
    page.screenshot(path=screenshots / "explanations-curves.png")


def test_words_are_struck_and_quoted(new_page: Callable[..., Page], address: str) -> None:
    page = opened(new_page(width=1280, height=720), address, "note-stone-1")
    note = page.locator(".note-map")
    note.locator(".word").nth(5).click()
    expect(note.locator(".struck")).to_have_count(0)
    note.get_by_role("button", name="Strike words").click()
    word = note.locator(".word").nth(5)
    text = word.text_content()
    word.click()
    expect(note.locator(".struck")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".at-effects")).to_contain_text(f"“{text}”", timeout=PATIENCE_MS)
    note.locator(".word").nth(60).click(modifiers=["Shift"])
    expect(page.locator(".at-effects")).to_contain_text("All together", timeout=PATIENCE_MS)
    expect(note.locator(".struck").nth(5)).to_be_visible(timeout=PATIENCE_MS)
    word.click()
    expect(page.locator(".at-effects")).not_to_contain_text("All together", timeout=PATIENCE_MS)


def test_heads_are_pointed_at(new_page: Callable[..., Page], address: str, screenshots: Path) -> None:
    page = opened(new_page(width=1280, height=900), address, "note-stone-1")
    page.get_by_text("Layers and heads", exact=True).click()
    browser = page.locator(".head-browser[data-ready='1']")
    browser.wait_for(timeout=PATIENCE_MS)
    expect(browser.locator(".multiples button")).to_have_count(72)
    word = browser.locator(".text .word").nth(8)
    color = "(node) => node.style.background"
    before = browser.locator(".text .word").evaluate_all("(nodes) => nodes.map((node) => node.style.background)")
    word.hover()
    after = browser.locator(".text .word").evaluate_all("(nodes) => nodes.map((node) => node.style.background)")
    assert before != after
    expect(word).to_have_class("word asked")
    word.click()
    expect(browser.get_by_role("button", name="From the answer")).to_have_attribute("aria-pressed", "false")
    browser.locator(".multiples button").nth(13).click()
    expect(browser.locator(".bar")).to_contain_text("Layer 2, head 2", timeout=PATIENCE_MS)
    assert word.evaluate(color)
    page.screenshot(path=screenshots / "explanations-heads.png")
