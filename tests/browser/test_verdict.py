"""A reader's word in Chromium: by mouse and by keys alone, in two windows at once, and through a killed server."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DASHBOARD, WEBGL, furnished, start_server
from tests.browser.steps import PATIENCE_MS, choose, file, film, film_id, open_row

pytestmark = pytest.mark.browser

HOSTILE = "Left base <b>hazy</b> <img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
COMMENT = "Comment"


@pytest.fixture(scope="module")
def address(own_address: str) -> str:
    return own_address


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1280, height=720)


@pytest.fixture
def doctor(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Names readers, others when a test is run once more: what the first ones signed stays signed."""
    attempt = getattr(request.node, "execution_count", 1)
    return lambda name: f"Dr {name}{'' if attempt == 1 else attempt}"


def begin(page: Page, address: str, reader: str, *, read_first: bool = False) -> None:
    """Say who reads, and in which order."""
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="reader · model first").click()
    page.get_by_role("textbox", name="Reader").fill(reader)
    if read_first:
        page.get_by_text("Read first").click()
    page.get_by_role("button", name="Use for this session").click()
    order = "read first" if read_first else "model first"
    expect(page.get_by_role("button", name=f"{reader} · {order}")).to_be_visible()


def open_film(page: Page) -> None:
    """Open a sample from the worklist, and the reader's part of its page."""
    open_row(page, film_id(), page.get_by_role("tab", name="Your verdict"))
    open_verdict(page)


def open_verdict(page: Page) -> None:
    page.get_by_role("tab", name="Your verdict").click(timeout=PATIENCE_MS)
    expect(page.get_by_label(COMMENT)).to_be_visible()


def say(page: Page, comment: str) -> None:
    """Write a comment, and wait until it is kept, or what is kept is shown instead."""
    status = page.get_by_role("status").filter(has_text="Saved as a draft")
    before = status.inner_text()
    page.get_by_label(COMMENT).fill(comment)
    page.get_by_label(COMMENT).press("Control+Enter")
    expect(status).not_to_have_text(before)


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Saved as a draft")).to_be_visible()


def draw(page: Page) -> None:
    """Draw a box on the image."""
    page.locator(".viewer").get_by_role("button", name="Box").click()
    stage = page.locator(".viewer .stage").bounding_box()
    assert stage is not None
    page.mouse.move(stage["x"] + stage["width"] * 0.42, stage["y"] + stage["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] * 0.5, stage["y"] + stage["height"] * 0.7, steps=5)
    page.mouse.up()


def test_the_whole_reading_by_mouse(page: Page, address: str, doctor: Callable[[str], str]) -> None:
    ada = doctor("Ada")
    begin(page, address, ada, read_first=True)
    page.get_by_role("link", name="Open case").click()
    page.locator("input[type=file]").set_input_files([file("Doe_Jane.dcm", film(901))])
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_role("heading", name="Your own reading")).to_be_visible()
    assert page.locator(".at-findings, .at-headline").count() == 0
    page.get_by_text("viral pneumonia").first.click()
    page.get_by_role("button", name="Record, and show the model's answer").click()
    expect(page.locator(".at-findings").first).to_be_visible(timeout=PATIENCE_MS)

    open_verdict(page)
    page.get_by_role("radio", name="Edit").first.click()
    choose(page, "Instead of", 0)
    choose(page, "A box drawn", "Mark: here")
    draw(page)
    expect(page.get_by_role("button", name="Remove mark 1: here")).to_be_visible()
    page.get_by_role("button", name="Heat map on or off (O)").click()
    expect(page.locator(".viewer[data-overlay='on']")).to_be_visible()
    page.get_by_label(COMMENT).fill(HOSTILE)
    page.get_by_role("button", name=f"Sign as {ada}").click()  # the comment is kept though only the click ends it

    page.get_by_role("tab", name="Your verdict").click()
    signed = page.get_by_role("status").filter(has_text=f"Signed by {ada}")
    expect(signed).to_contain_text("version 1")
    for words in ("Left base <b>hazy</b>", "1 marked on the image"):
        expect(page.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    assert page.title() == "Attending"
    assert page.locator("img[src='x']").count() == 0

    page.get_by_role("link", name="Worklist").click()
    line = page.locator(".case-table tbody tr").filter(has_text="signed")
    expect(line).to_have_count(1)
    assert "Doe" not in page.locator(".case-table").inner_text()
    page.get_by_role("link", name="Audit").click()
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_role("status").filter(has_text="Whole:")).to_be_visible()
    assert page.locator(".at-problem").count() == 0


def focus_by_tab(page: Page, target: Locator, *, back: bool = False, most: int = 90) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse would."""
    expect(target.first).to_be_visible()
    for _ in range(most):
        if target.first.evaluate("node => node.getRootNode().activeElement === node"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    pytest.fail(f"Tab does not lead to {target}")


def test_a_reading_by_keys_alone(page: Page, address: str, doctor: Callable[[str], str]) -> None:
    bo = doctor("Bo")
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    keys = page.keyboard
    focus_by_tab(page, page.get_by_role("button", name="reader · model first"))
    keys.press("Enter")
    focus_by_tab(page, page.get_by_role("textbox", name="Reader"))
    keys.press("Control+A")
    keys.type(bo)
    focus_by_tab(page, page.get_by_role("radio", name="Model first"))
    keys.press("ArrowDown")
    focus_by_tab(page, page.get_by_role("button", name="Use for this session"))
    keys.press("Enter")
    expect(page.get_by_role("button", name=f"{bo} · read first")).to_be_visible()

    focus_by_tab(page, page.locator(f"tr[data-case='{film_id()}'] button"))
    keys.press("Enter")
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    focus_by_tab(page, page.get_by_role("radio", name="normal"))
    keys.press("Space")
    focus_by_tab(page, page.get_by_role("slider", name="How sure you are"))
    keys.press("ArrowRight")
    focus_by_tab(page, page.get_by_role("button", name="Record, and show the model's answer"))
    keys.press("Enter")
    expect(page.locator(".at-findings").first).to_be_visible(timeout=PATIENCE_MS)

    focus_by_tab(page, page.get_by_role("tab", name="Model's answer"))
    keys.press("ArrowRight")
    expect(page.get_by_label(COMMENT)).to_be_visible()
    focus_by_tab(page, page.get_by_role("radio", name="Agree").first)
    keys.press("Space")
    saved(page)
    focus_by_tab(page, page.get_by_label(COMMENT))
    keys.type("Clear.")
    keys.press("Control+Enter")
    focus_by_tab(page, page.get_by_role("button", name=f"Sign as {bo}"))
    keys.press("Enter")
    expect(page.get_by_role("tab", name="Your verdict")).to_be_visible()
    focus_by_tab(page, page.get_by_role("button", name="Worklist"), back=True)
    keys.press("Enter")
    expect(page.locator(f"tr[data-case='{film_id()}']")).to_contain_text("signed")


def test_what_is_typed_while_another_word_is_kept_is_signed_with_it(
    page: Page, address: str, doctor: Callable[[str], str]
) -> None:
    """Boxes that are put in anew at every answer of the server lose what is being typed in them."""
    eve = doctor("Eve")
    begin(page, address, eve)
    open_film(page)
    page.get_by_role("radio", name="Agree").first.click()
    page.get_by_label(COMMENT).fill("Typed at once.")
    saved(page)
    page.get_by_role("button", name=f"Sign as {eve}").click()
    page.get_by_role("tab", name="Your verdict").click()
    for words in ("Agree: ", "Typed at once."):
        expect(page.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    expect(page.get_by_role("button", name=f"Sign as {eve}")).to_have_count(0)


@pytest.fixture
def windows(new_page: Callable[..., Page], launch: Callable[..., Browser]) -> tuple[Page, Page]:
    """Two browsers, each with a window in front: one behind another is not drawn."""
    second = launch(*WEBGL, "--mute-audio")
    return new_page(width=1280, height=720), new_page(width=1280, height=720, browser=second)


def test_two_readers_at_once_never_write_over_each_other(
    windows: tuple[Page, Page], address: str, doctor: Callable[[str], str]
) -> None:
    one, other = windows
    cy, di = doctor("Cy"), doctor("Di")
    for page, reader in ((one, cy), (other, di)):
        begin(page, address, reader)
        open_film(page)
    say(one, "clear")
    say(other, "a nodule")
    for page, reader, comment in ((one, cy, "clear"), (other, di, "a nodule")):
        saved(page)
        page.get_by_role("button", name=f"Sign as {reader}").click()
        page.get_by_role("tab", name="Your verdict").click()
        expect(page.get_by_role("status").filter(has_text=f"Signed by {reader}")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text=comment)).to_be_visible()
        assert page.locator(".at-problem").count() == 0


@pytest.fixture
def servers(tmp_path: Path, home: Path) -> Iterator[Callable[[], tuple[str, Callable[[], None]]]]:
    """Start the dashboard on this test's own folder; gives its address and what kills it."""
    running, folder = [], furnished(tmp_path, home)

    def serve() -> tuple[str, Callable[[], None]]:
        process, address = start_server(DASHBOARD, folder)
        running.append(process)

        def kill() -> None:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=10)

        return address, kill

    yield serve
    for process in running:
        process.kill()
        process.wait(timeout=10)


def test_a_draft_outlives_a_killed_server(
    page: Page, new_page: Callable[..., Page], servers: Callable[[], tuple[str, Callable[[], None]]]
) -> None:
    address, kill = servers()
    begin(page, address, "Dr Fay")
    open_film(page)
    page.get_by_role("radio", name="Reject").first.click()
    say(page, HOSTILE)
    saved(page)
    kill()
    page.close()
    address, _ = servers()
    later = new_page(width=1280, height=720)
    begin(later, address, "Dr Fay")
    expect(later.locator(f"tr[data-case='{film_id()}']")).to_contain_text("draft")
    open_film(later)
    expect(later.get_by_label(COMMENT)).to_have_value(HOSTILE)
    expect(later.get_by_role("radio", name="Reject").first).to_be_checked()
    assert later.title() == "Attending"
