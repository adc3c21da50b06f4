"""What is taken away has one address as long as its session lives, and is made when it is asked for."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import access, handing_out, keeping
from dashboard.handing_out import Parcel, address_of
from engine import AttendingError, Case, Note
from tests.dashboard.signed_in import ask_for_sign_in, claims, sign_in


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    held: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", held)
    return held


@pytest.fixture
def browser() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[handing_out.route()])) as client:
        yield client


@pytest.mark.usefixtures("session")
def test_a_page_that_is_drawn_anew_does_not_call_a_download_off(browser: TestClient) -> None:
    clicked = address_of(Parcel(lambda: b"first", "report.pdf", "application/pdf"), "report")
    for draft in (b"second", b"third"):
        assert address_of(Parcel(lambda draft=draft: draft, "report.pdf", "application/pdf"), "report") == clicked
    answer = browser.get(f"/{clicked}")
    assert answer.content == b"third"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="report.pdf"'


@pytest.mark.usefixtures("session")
def test_two_things_of_a_session_have_two_addresses_and_nobody_can_guess_them(browser: TestClient) -> None:
    pdf, html = (address_of(Parcel(lambda kind=kind: kind, "r", "text/plain"), kind) for kind in ("pdf", "html"))
    assert (browser.get(f"/{pdf}").text, browser.get(f"/{html}").text) == ("pdf", "html")
    assert len(pdf) > 32
    assert browser.get(f"/{pdf[:-1]}").status_code == 404


def test_what_a_session_put_out_goes_with_it(session: dict[str, object], browser: TestClient) -> None:
    address = address_of(Parcel(lambda: "", "r", "text/plain"), "r")
    session.clear()
    gc.collect()
    assert browser.get(f"/{address}").status_code == 404


def test_a_session_holds_no_more_than_its_pages_show(session: dict[str, object], browser: TestClient) -> None:
    addresses = [address_of(Parcel(lambda: "", "r", "text/plain"), str(rank)) for rank in range(65)]
    gc.collect()
    assert [browser.get(f"/{address}").status_code for address in addresses[:2]] == [404, 200]
    assert len(session["shelf"].parcels) == 64  # type: ignore[attr-defined]


@pytest.mark.usefixtures("session")
def test_a_click_right_after_typing_takes_what_was_typed(browser: TestClient) -> None:
    """The click ends the typing: the page that this draws may come later than the request."""
    address = address_of(Parcel(lambda: b"before", "r", "text/plain"), "r")

    def draw() -> None:
        with handing_out.drawing():
            begun.set()
            time.sleep(0.5)
            address_of(Parcel(lambda: b"after", "r", "text/plain"), "r")

    begun = threading.Event()
    page = threading.Thread(target=draw)
    page.start()
    begun.wait()
    assert browser.get(f"/{address}").content == b"after"
    page.join()


@pytest.mark.usefixtures("session")
def test_a_page_that_is_never_drawn_holds_nothing_back(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_out, "_DRAWN", 0.1)
    address = address_of(Parcel(lambda: b"before", "r", "text/plain"), "r")
    with handing_out.drawing():
        assert browser.get(f"/{address}").content == b"before"


@pytest.mark.usefixtures("session")
def test_asking_whether_it_is_there_takes_nothing_away(browser: TestClient) -> None:
    made: list[int] = []
    address = address_of(Parcel(lambda: made.append(1) or "", "r", "text/plain"), "r")
    assert browser.head(f"/{address}").status_code == 200
    assert made == []


@pytest.mark.usefixtures("session")
def test_of_a_case_that_was_removed_nothing_is_handed_out(browser: TestClient) -> None:
    made: list[int] = []
    case = Case("n" * 16, "Note", note=Note("Chest pain.", "0"))
    keeping.keep(case)
    there = keeping.whether_kept(case.case_id)
    parcel = Parcel(lambda: made.append(1) or b"%PDF", "r.pdf", "application/pdf", there)
    address = address_of(parcel, "r")
    assert browser.get(f"/{address}").content == b"%PDF"
    keeping.remove(case.case_id)
    answer = browser.get(f"/{address}")
    assert (answer.status_code, answer.text) == (410, "This case was removed: nothing of it is handed out.")
    assert browser.head(f"/{address}").status_code == 410
    assert made == [1]


def put_out_by(told: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """What somebody who has signed in may take away."""
    ask_for_sign_in(monkeypatch)
    monkeypatch.setattr(access, "claims", lambda: told)
    return address_of(Parcel(lambda: b"%PDF", "r.pdf", "application/pdf"), "r")


@pytest.mark.usefixtures("session")
def test_an_address_that_went_astray_is_of_no_use_to_anybody_else(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = put_out_by(claims(), monkeypatch)
    assert browser.get(f"/{address}").status_code == 403
    sign_in(browser, claims(sub="another"))
    for asked in (browser.get, browser.head):
        assert (asked(f"/{address}").status_code, asked(f"/{address}").content) == (404, b"")
    sign_in(browser, claims())
    assert browser.get(f"/{address}").content == b"%PDF"


@pytest.mark.usefixtures("session")
def test_nothing_is_handed_out_once_the_hours_of_a_sign_in_are_over(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    address = put_out_by(claims(age=0.0), monkeypatch)
    sign_in(browser, claims(age=0.0))
    assert browser.get(f"/{address}").content == b"%PDF"
    monkeypatch.setattr(access.time, "time", lambda: now + 8 * 3600 + 1)
    answer = browser.get(f"/{address}")
    assert (answer.status_code, answer.text) == (403, "Your session is over. Sign in again; drafts are kept.")


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("error", [AttendingError("The store is gone.", "Look for it."), ValueError("JANE^DOE")])
def test_what_cannot_be_made_is_told_in_a_file_that_quotes_nobody(
    browser: TestClient, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def make() -> bytes:
        raise error

    answer = browser.get(f"/{address_of(Parcel(make, 'r.pdf', 'application/pdf'), 'r')}")
    assert answer.headers["content-disposition"] == 'attachment; filename="r.pdf.not-made.txt"'
    assert answer.text.startswith("r.pdf could not be made.\n")
    assert ("Look for it." in answer.text) == isinstance(error, AttendingError)
    assert "JANE" not in answer.text + caplog.text


@pytest.mark.usefixtures("session")
def test_it_is_handed_out_where_the_dashboard_is_served_and_is_in_no_cache(browser: TestClient) -> None:
    address = address_of(Parcel(lambda: b"it", "r", "text/plain"), "r")
    for before in ("/", "/reading/room/"):
        answer = browser.get(f"{before}{address}")
        assert (answer.content, answer.headers["cache-control"]) == (b"it", "no-store")
