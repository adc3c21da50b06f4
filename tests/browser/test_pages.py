"""Every page at two sizes in both themes, and the README's picture, taken from the real dashboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import dashboard
from tests.browser.scenes import SCENES
from tests.browser.steps import PATIENCE_MS

pytestmark = pytest.mark.browser

ASSETS = Path(dashboard.__file__).parent / "assets"
SIZES = ((1280, 720), (2560, 1440))


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1280, height=720)


@pytest.mark.parametrize(("size", "theme"), [(SIZES[0], "dark"), (SIZES[1], "light")], ids=["small", "large"])
def test_every_page_fits_the_screen_in_both_themes(
    size: tuple[int, int], theme: str, new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=size[0], height=size[1], theme=theme)
    for name, draw in SCENES.items():
        draw(page, address)
        page.wait_for_timeout(500)
        page.screenshot(path=screenshots / f"{name}-{theme}-{size[0]}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        assert page.locator(".stApp").evaluate("app => getComputedStyle(app).colorScheme") == theme
        assert page.locator(".at-problem, [data-testid='stAlertContentError']").count() == 0, name
        expect(page.locator(".at-disclaimer")).to_be_visible()
        assert page.get_by_text("Deploy").count() == 0


def test_it_is_dark_until_the_reader_chooses_in_the_menu(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, color_scheme="light")
    page = context.new_page()
    SCENES["worklist"](page, address)
    app = page.locator(".stApp")
    expect(app).to_have_css("color-scheme", "dark")
    for theme in ("Dark", "Light"):
        page.get_by_test_id("stMainMenu").click()
        page.get_by_test_id(f"stMainMenuItem-theme-{theme}").click()
        expect(app).to_have_css("color-scheme", theme.lower())
        page.keyboard.press("Escape")
    page.reload()
    expect(app).to_have_css("color-scheme", "light")
    context.close()


@pytest.mark.skipif("ATTENDING_UPDATE_PICTURE" not in os.environ, reason="make picture takes the README's picture")
def test_picture_of_the_review_page(new_page: Callable[..., Page], address: str, screenshots: Path) -> None:
    page = new_page(width=1600, height=900)
    SCENES["review-film-map"](page, address)
    page.locator("[data-verdict]").wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)
    page.screenshot(path=screenshots / "review.png")
    shutil.copy(screenshots / "review.png", ASSETS / "review.png")
