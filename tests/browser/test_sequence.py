"""A gene in a real Chromium: it is searched, a site is chosen, its logo read, a base taken away and put back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import sample_data
from tests.browser.steps import PATIENCE_MS, file, upload

pytestmark = pytest.mark.browser

GENE = (Path(sample_data.__file__).parent / "cases" / "sequence-gene-1" / "sequence.fasta").read_bytes()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1280, height=720)


def test_a_gene_is_searched_and_a_base_of_its_best_site_taken_away(page: Page, address: str, tmp_path: Path) -> None:
    upload(page, address, file("anything.bin", GENE))
    drawn = page.locator(".sequence-map[data-ready='1']")
    drawn.wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_text("places with GT or AG were asked about")).to_be_visible(timeout=PATIENCE_MS)
    expect(drawn.get_by_text("▸")).to_be_visible()
    drawn.get_by_role("button", name="Show map").click()
    expect(drawn).to_have_attribute("data-overlay", "on")
    assert drawn.locator(".tall").count() > 20
    bases = drawn.get_by_role("application")
    bases.focus()
    page.keyboard.press("ArrowRight")
    expect(drawn.locator(".readout")).to_contain_text("relevance")
    page.keyboard.press("Enter")
    expect(drawn.locator(".struck")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.get_by_role("row", name="Base ")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Undo").click()
    expect(drawn.locator(".struck")).to_have_count(0, timeout=PATIENCE_MS)
    bases.focus()
    page.keyboard.press("ArrowRight")
    own = drawn.locator(".readout").inner_text().split(": ")[1][0]
    page.keyboard.press("t" if own != "T" else "a")
    expect(drawn.locator("rect.changed")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.get_by_role("row", name=f"instead of {own}")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Undo").click()
    expect(drawn.locator("rect.changed")).to_have_count(0, timeout=PATIENCE_MS)
    with page.expect_download() as download:
        page.get_by_role("link", name="BED").click()
    download.value.save_as(tmp_path / "sites.bed")
    first = (tmp_path / "sites.bed").read_text().splitlines()[0].split("\t")
    assert first[0] == "sequence-gene-1"
    assert int(first[2]) == int(first[1]) + 2


def test_another_place_can_be_gone_to(page: Page, address: str) -> None:
    upload(page, address, file("gene.fa", GENE))
    page.locator(".sequence-map[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    place = page.get_by_label("Go to the base")
    place.fill("1200")
    place.press("Enter")
    expect(page.locator(".sequence-map .tick", has_text="1,200")).to_be_visible(timeout=PATIENCE_MS)


def test_hostile_names_stay_text(page: Page, address: str) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    upload(page, address, file("x", b"><img/src=x/onerror=alert(1)>\n" + GENE.split(b"\n", 1)[1][:66]))
    page.locator(".sequence-map[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_text("onerror=alert")).to_be_visible()
    assert not alerts


def test_a_search_is_stopped_and_what_it_found_is_there(page: Page, address: str) -> None:
    upload(page, address, file("chromosome.fa", b">chromosome\n" + GENE.split(b"\n", 1)[1] * 400))
    page.get_by_text("sites so far").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Stop, keep what was found").click()
    expect(page.get_by_text("The search was stopped after")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("link", name="CSV")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Search all of it").click()
    page.get_by_role("button", name="Stop, keep what was found").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("The search was stopped after")).to_be_visible(timeout=PATIENCE_MS)
