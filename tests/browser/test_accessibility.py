"""No page has a grave fault of accessibility, in either theme, as axe-core finds them (WCAG 2.2 AA)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import dashboard
from tests.browser.scenes import SCENES

pytestmark = pytest.mark.browser

AXE = Path(dashboard.__file__).parent / "components/viewer/frontend/node_modules/axe-core/axe.min.js"
# In the light theme nothing differs but colours.
IN_LIGHT = ("worklist", "models", "review-note", "review-curves", "review-own-reading")
GRAVE = ["serious", "critical"]

RUN = """async (grave) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run(document, { resultTypes: ["violations"], runOnly: tags });
    return violations.filter(({ impact }) => grave.includes(impact)).flatMap(({ id, nodes }) => nodes.map(
        ({ target, html, any }) =>
            `${id}: ${target.flat().join(" > ")}: ${html.slice(0, 160)}: ${any[0]?.message ?? ""}`));
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The checker, as the build of the viewer installs it; its absence is a failure under CI, a loud skip elsewhere."""
    if not AXE.is_file():
        missing = "axe-core is missing: python hatch_build.py installs it where the viewer is built"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return AXE.read_text("utf-8")


def faults(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found: list[Any] = page.evaluate(RUN, GRAVE)
    return [str(fault) for fault in found]


def settle(page: Page) -> None:
    """Wait until nothing is drawn anew: what is about to be replaced is faded."""
    page.wait_for_timeout(500)
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")


@pytest.mark.parametrize(("theme", "scenes"), [("dark", tuple(SCENES)), ("light", IN_LIGHT)])
def test_no_page_has_a_grave_fault(
    theme: str, scenes: tuple[str, ...], new_page: Callable[..., Page], address: str, axe: str
) -> None:
    page = new_page(width=1280, height=900, theme=theme)
    found = {}
    for name in scenes:
        SCENES[name](page, address)
        settle(page)
        found[name] = faults(page, axe)
    assert {name: those for name, those in found.items() if those} == {}


def test_the_checker_finds_what_is_wrong(new_page: Callable[..., Page], axe: str) -> None:
    page = new_page()
    page.set_content(
        "<html lang='en'><title>t</title><main><h1>x</h1><img src='data:,'><button></button></main></html>"
    )
    assert {fault.split(":")[0] for fault in faults(page, axe)} == {"image-alt", "button-name"}
