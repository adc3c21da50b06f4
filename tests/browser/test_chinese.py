"""A reading in Chinese, in Chromium: as the browser asks for it, from worklist to report, and back to English."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PATIENCE_MS, film_id, take

pytestmark = pytest.mark.browser

SENTENCE = re.compile(r"(?:\b[A-Za-z]{2,} ){4,}")


@pytest.fixture(scope="module")
def address(own_address: str) -> str:
    return own_address


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1280, height=720, locale="zh-CN")


def fits(page: Page, name: str, screenshots: Path) -> None:
    """Take a picture, and see that nothing is wider than the screen and nothing speaks English."""
    page.wait_for_timeout(500)
    page.screenshot(path=screenshots / f"chinese-{name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert not SENTENCE.findall(page.locator(".stMain").inner_text()), name


def test_a_reading_in_chinese(page: Page, address: str, tmp_path: Path, screenshots: Path) -> None:
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name="工作列表")).to_be_visible()
    fits(page, "worklist", screenshots)

    page.locator(f"tr[data-case='{film_id()}']").click()
    page.get_by_role("tab", name="您的判断").wait_for(timeout=PATIENCE_MS)
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    page.locator(".viewer").get_by_role("button", name="显示注意力图").click()
    fits(page, "review", screenshots)

    page.get_by_role("tab", name="您的判断").click()
    page.get_by_role("radio", name="同意").first.click()
    page.get_by_label("备注").fill("同意模型的判断。")
    page.get_by_label("备注").press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="已保存为草稿")).to_be_visible()
    fits(page, "verdict", screenshots)
    page.get_by_role("button", name="以 reader 的名义签署").click()
    expect(page.get_by_role("status").filter(has_text="由 reader 签署")).to_be_visible()

    page.get_by_role("tab", name="报告").click()
    take(page, "下载 HTML", tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text("utf-8")
    assert "阅片者所见" in report
    assert "同意模型的判断。" in report
    fits(page, "report", screenshots)


def test_the_reader_chooses_another_language_and_keeps_what_was_said(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("radio", name="未查看").click()
    expect(page.get_by_role("radio", name="未查看")).to_be_checked()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Worklist")).to_be_visible()
    expect(page.get_by_role("radio", name="Not seen")).to_be_checked()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert "zh" not in page.url
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", name="工作列表")).to_be_visible()


def test_the_models_page_fits_in_chinese(page: Page, address: str, screenshots: Path) -> None:
    page.goto(f"{address}/models")
    page.get_by_text("预期用途").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(2000)
    fits(page, "models", screenshots)
