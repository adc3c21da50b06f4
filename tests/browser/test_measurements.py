"""What a reader measures is there again when the case is opened the next time, also in another session."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from engine import sample_index
from tests.browser.steps import open_sample

pytestmark = pytest.mark.browser


def ct() -> str:
    return next(entry.case_id for entry in sample_index() if entry.modality == "CT")


def texts(page: Page) -> list[str]:
    return page.locator(".viewer .stage svg text tspan").all_text_contents()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_length_and_a_mark_on_one_slice_come_back(new_page: Callable[..., Page], address: str) -> None:
    page = new_page()
    open_sample(page, address, ct())
    viewer = page.locator(".viewer[data-ready='1']")
    viewer.press("ArrowDown")
    page.wait_for_timeout(600)
    for tool, share in (("Left drag measures a distance", 0.5), ("Left drag draws a box", 0.35)):
        page.get_by_role("button", name=tool).click()
        box = page.locator(".viewer .stage").bounding_box()
        assert box is not None
        x, y = box["x"] + share * box["width"], box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y + 60, steps=6)
        page.wait_for_timeout(500)
        page.mouse.up()
        page.wait_for_timeout(1500)
    wait_for(lambda: len(texts(page)) == 1)
    measured = texts(page)
    assert measured[0].endswith(" mm")
    page.get_by_text("Remove mark 1: here").wait_for()

    later = new_page()
    open_sample(later, address, ct())
    assert texts(later) == []
    later.locator(".viewer[data-ready='1']").press("ArrowDown")
    wait_for(lambda: texts(later) == measured)
    assert later.locator(".regions .here").is_visible()
