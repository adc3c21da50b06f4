"""What the browser tests of the viewer do: open a case of its page, wait, and read what it says of itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator

PAGE = Path(__file__).parent / "pages" / "viewer_page.py"
PATIENCE = 60  # seconds: the browser draws by software, on a machine that others use too


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is drawn; drawing follows an action by a frame or two."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "was never drawn"
        time.sleep(0.05)


def data(viewer: Locator, name: str) -> str:
    """One of the viewer's data attributes."""
    return viewer.get_attribute(f"data-{name}") or ""


def settle(viewer: Locator) -> None:
    """Wait until the image keeps its size: it is fitted anew as long as the page is laid out."""
    seen = [""]

    def still() -> bool:
        viewer.page.wait_for_timeout(300)
        seen.append(data(viewer, "zoom"))
        return seen[-1] == seen[-2]

    eventually(still)


def heard(viewer: Locator, name: str) -> str:
    """What the page was told last under a name."""
    line = viewer.page.get_by_text(f"{name}: ")
    return line.inner_text() if line.count() else ""
