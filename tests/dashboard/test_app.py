"""Every page starts headless, says what it is not, and the configuration keeps its promises."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.components.note_map import contrast
from dashboard.navigation import _PAGES
from engine import DISCLAIMER

ROOM = Path(dashboard.__file__).parent
# One is for who has not signed in, one waits for its model's weights.
APART = {"sign_in"}
PAGES = sorted(f"views/{path.name}" for path in (ROOM / "views").glob("[a-z]*.py") if path.stem not in APART)
CONFIG = tomllib.loads((ROOM / ".streamlit" / "config.toml").read_text("utf-8"))


def html_of(app: AppTest) -> str:
    """All the HTML that a page drew."""
    return "\n".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_starts(page: str) -> None:
    app = AppTest.from_file(str(ROOM / "app.py"), default_timeout=60).run()
    app.switch_page(page).run()
    assert not app.exception
    assert not app.error
    assert DISCLAIMER in html_of(app)


def test_the_page_table_is_complete() -> None:
    assert [f"views/{name}.py" for name in sorted(name for name, _, _ in _PAGES)] == PAGES


def test_configuration_is_private_and_without_the_frameworks_furniture() -> None:
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["server"]["fileWatcherType"] == "none"
    assert CONFIG["client"]["toolbarMode"] == "viewer"
    assert CONFIG["client"]["showErrorDetails"] == "none"


@pytest.mark.parametrize(("theme", "rank"), [("light", 0), ("dark", 1)])
def test_text_can_be_read_in_both_themes(theme: str, rank: int) -> None:
    chosen = CONFIG["theme"][theme]
    style = (ROOM / "assets" / "style.css").read_text("utf-8")
    pairs = dict(re.findall(r"--at-(\w+): light-dark\((#\w{6}, #\w{6})\)", style))
    quiet, warning = (pairs[name].split(", ")[rank] for name in ("quiet", "warn"))
    for ground in (chosen["backgroundColor"], chosen["secondaryBackgroundColor"]):
        for ink in (chosen["textColor"], chosen["primaryColor"], chosen["linkColor"], quiet, warning):
            assert contrast(ink, ground) >= 4.5
