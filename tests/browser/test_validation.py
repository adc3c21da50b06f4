"""The Validation page as investigators see it: with a reference standard figures appear, and the pack is complete."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.interop.study_pack import CHECKLIST
from tests.browser.conftest import DASHBOARD, end, start_server
from tests.browser.steps import PATIENCE_MS
from tests.engine.evaluation.readers import drawn_study

pytestmark = pytest.mark.browser

STUDY = """
import runpy
from dashboard import keeping
from tests.engine.evaluation.readers import drawn_study
reviews, answers, _ = drawn_study()
keeping.kept_reviews = lambda: tuple(reviews)
keeping.kept_answers = lambda: tuple(answers)
runpy.run_module("dashboard", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a dashboard is served that keeps a made-up study of three readers."""
    process, served = start_server(DASHBOARD, tmp_path, ["-c", STUDY])
    yield served
    end(process)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """What the cases of the made-up study are."""
    _, _, truth = drawn_study()
    table = tmp_path / "reference.csv"
    table.write_text("case_id,label\n" + "".join(f"{case},{'|'.join(labels)}\n" for case, labels in truth.items()))
    return table


def test_a_study_is_shown_and_taken_away(
    new_page: Callable[..., Page], address: str, reference: Path, screenshots: Path
) -> None:
    page = new_page(width=1440, height=1000)
    page.goto(f"{address}/validation")
    page.get_by_text("120 signed reviews of 40 cases by 3 readers").wait_for(timeout=PATIENCE_MS)
    page.get_by_text("No signed review of this task is of a case in the reference standard.").wait_for()
    page.locator("input[type=file]").set_input_files(reference)
    page.get_by_text("120 readings").wait_for(timeout=PATIENCE_MS)
    expect(page.locator(".js-plotly-plot")).to_have_count(4, timeout=PATIENCE_MS)
    expect(page.get_by_role("table", name="Readers alone and with the model")).to_contain_text("Sensitivity")
    expect(page.get_by_text("Over-reliance:")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.wait_for_timeout(1000)
    page.screenshot(path=screenshots / "validation.png", full_page=True)
    with page.expect_download(timeout=PATIENCE_MS) as download:
        page.get_by_role("link", name="Study pack (DECIDE-AI)").click()
    with zipfile.ZipFile(download.value.path()) as pack:
        assert CHECKLIST in pack.namelist()
