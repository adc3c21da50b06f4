"""Sign-in end to end: real Chromium, the real dashboard, and an OpenID Connect provider in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DASHBOARD, PATIENCE, end, furnished, start_server

pytestmark = pytest.mark.browser

ACCOUNTS = {
    "Dr Reader": {"sub": "reader@example.org", "name": "Dr Reader", "roles": ["reader"]},
    "Dr Admin": {"sub": "admin@example.org", "name": "Dr Admin", "roles": ["admin"]},
    "Stranger": {"sub": "stranger@example.org", "name": "Stranger"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    for claims in ACCOUNTS.values():
        command += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    metadata = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(metadata, timeout=2):
                break
        except OSError:
            time.sleep(0.1)
    yield metadata
    end(process)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, home: Path, provider: str) -> Iterator[str]:
    folder = furnished(tmp_path_factory.mktemp("signed"), home)
    (folder / "home" / "secrets.toml").write_text(
        f'[auth]\nserver_metadata_url = "{provider}"\nclient_id = "attending"\nclient_secret = "hush"\n'
        f'redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"\ncookie_secret = "{"c" * 32}"\n'
    )
    process, address = start_server(DASHBOARD, folder)
    yield address
    end(process)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1280, height=720)


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=str(ACCOUNTS[name]["sub"])).first.click()


def test_who_has_not_signed_in_sees_no_page_under_any_address(page: Page, address: str) -> None:
    for path in ("", "/open_case", "/review", "/validation", "/models", "/training", "/audit"):
        page.goto(address + path)
        expect(page.get_by_text("Nobody has signed in.")).to_be_visible()
        assert page.locator(".case-table, .at-findings, input[type=file]").count() == 0
    expect(page.get_by_role("link", name="Audit")).to_have_count(0)


def test_a_reader_reads_under_their_own_name_and_signs_out(page: Page, address: str) -> None:
    sign_in(page, address, "Dr Reader")
    page.locator(".case-table[data-ready='1']").wait_for()
    expect(page.get_by_role("button", name="Dr Reader · model first")).to_be_visible()
    for hidden in ("Validation", "Audit"):
        expect(page.get_by_role("link", name=hidden)).to_have_count(0)
    page.goto(f"{address}/audit")
    page.get_by_role("link", name="Worklist").wait_for()
    expect(page.get_by_role("button", name="Verify the chain")).to_have_count(0)
    page.goto(address)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/oauth2/end_session**")  # the provider is told too
    page.goto(address)
    expect(page.get_by_text("Nobody has signed in.")).to_be_visible()


def test_an_admin_sees_the_audit_and_a_stranger_nothing(
    page: Page, new_page: Callable[..., Page], address: str
) -> None:
    sign_in(page, address, "Dr Admin")
    page.get_by_role("link", name="Audit").click()
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_role("status").filter(has_text="Whole:")).to_be_visible()
    other = new_page(width=1280, height=720)
    sign_in(other, address, "Stranger")
    expect(other.get_by_text("Your account has no role here.")).to_be_visible()
    assert other.locator(".case-table").count() == 0
