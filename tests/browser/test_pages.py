"""Every page at two sizes, and the README's picture, taken from the real dashboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import dashboard
from engine import sample_case, sample_index, suitable_tasks
from tests.browser.steps import PATIENCE_MS, of_kind, open_sample

pytestmark = pytest.mark.browser

ASSETS = Path(dashboard.__file__).parent / "assets"
SIZES = ((1280, 720), (2560, 1440))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_page_fits_the_screen(
    size: tuple[int, int], new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=size[0], height=size[1])
    for name, draw in SCENES.items():
        draw(page, address)
        page.wait_for_timeout(500)
        page.screenshot(path=screenshots / f"{name}-{size[0]}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        expect(page.locator(".at-disclaimer")).to_be_visible()
        assert page.get_by_text("Deploy").count() == 0


def draw_worklist(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)


def draw_open_case(page: Page, address: str) -> None:
    page.goto(f"{address}/open_case")
    page.get_by_text("Drop one or many files here").wait_for(timeout=PATIENCE_MS)


def draw_models(page: Page, address: str) -> None:
    page.goto(f"{address}/models")
    page.locator(".at-facts").first.wait_for(timeout=PATIENCE_MS)


def draw_validation(page: Page, address: str) -> None:
    page.goto(f"{address}/validation")
    page.get_by_text("Readers are shown by number.").wait_for(timeout=PATIENCE_MS)


def draw_film(page: Page, address: str) -> None:
    open_sample(page, address, of_kind(images=True, note=False))


def draw_film_with_map(page: Page, address: str) -> None:
    draw_film(page, address)
    page.get_by_role("button", name="Heat map on or off (O)").click()


def draw_note(page: Page, address: str) -> None:
    open_sample(page, address, of_kind(images=False, note=True))
    page.get_by_role("button", name="Show map").click()


def draw_pair(page: Page, address: str) -> None:
    open_sample(page, address, of_kind(images=True, note=True))
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)


def draw_unanswered(page: Page, address: str) -> None:
    unanswered = next(e.case_id for e in sample_index() if not suitable_tasks(sample_case(e.case_id)))
    open_sample(page, address, unanswered)


SCENES = {
    "worklist": draw_worklist,
    "open-case": draw_open_case,
    "models": draw_models,
    "validation": draw_validation,
    "review-film": draw_film,
    "review-film-map": draw_film_with_map,
    "review-note": draw_note,
    "review-pair": draw_pair,
    "review-unanswered": draw_unanswered,
}


@pytest.mark.skipif("ATTENDING_UPDATE_PICTURE" not in os.environ, reason="make picture takes the README's picture")
def test_picture_of_the_review_page(new_page: Callable[..., Page], address: str, screenshots: Path) -> None:
    page = new_page(width=1600, height=900)
    draw_film_with_map(page, address)
    expect(page.locator(".at-line").first).not_to_contain_text("being checked", timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)
    page.screenshot(path=screenshots / "review.png")
    shutil.copy(screenshots / "review.png", ASSETS / "review.png")
