"""Uploads: only of those who have signed in, where sign-in is on, and no more than a session may have unread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_routes import create_upload_routes
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME, XSRF_COOKIE_NAME

from dashboard import access, uploads
from dashboard.upload_gate import UploadGate
from tests.dashboard.signed_in import ask_for_sign_in, claims, cookie, sign_in

PLACE = "/_stcore/upload_file/session/{}"
HALF = 2**19


@pytest.fixture(autouse=True)
def _one_megabyte() -> Iterator[None]:
    """What one upload may have."""
    before = config.get_option("server.maxUploadSize")
    config.set_option("server.maxUploadSize", 1)
    yield
    config.set_option("server.maxUploadSize", before)


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    """Streamlit's own, where uploaded files lie."""
    found = MemoryUploadedFileManager("/_stcore/upload_file")
    running = SimpleNamespace(exists=lambda: True, get_instance=lambda: SimpleNamespace(uploaded_file_mgr=found))
    monkeypatch.setattr(uploads, "runtime", running)
    return found


@pytest.fixture
def browser(manager: MemoryUploadedFileManager) -> TestClient:
    """A browser with an open page, before Streamlit's own address of uploads behind the gate."""
    open_pages: Any = SimpleNamespace(is_active_session=lambda session: True)
    app = Starlette(routes=create_upload_routes(open_pages, manager, None), middleware=[Middleware(UploadGate)])
    token = generate_xsrf_token_string()
    return TestClient(app, cookies={XSRF_COOKIE_NAME: token}, headers={"X-Xsrftoken": token})


@pytest.fixture
def _sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that asks for sign-in."""
    ask_for_sign_in(monkeypatch)


def put(browser: TestClient, name: str, size: int) -> int:
    return browser.put(PLACE.format(name), files={"file": (name, b"x" * size)}).status_code


@pytest.mark.usefixtures("_sign_in")
@pytest.mark.parametrize(
    "shown",
    [
        None,
        "",
        "made up",
        cookie(claims(), "d" * 32),
        cookie(claims(9 * 3600)),
        cookie(claims(role="nobody")),
        cookie(claims(), name="_streamlit_user_tokens"),
    ],
    ids=["none", "empty", "made up", "another secret", "too old", "no role", "another cookie"],
)
def test_who_has_not_signed_in_uploads_nothing(
    shown: str | None, browser: TestClient, manager: MemoryUploadedFileManager
) -> None:
    """An open page and its token are not enough: the sign-in page has both."""
    if shown is not None:
        browser.cookies.set(USER_COOKIE_NAME, shown)
    assert put(browser, "1", 10) == 403
    assert browser.delete(PLACE.format("1")).status_code == 403
    assert uploads.held("session") == 0
    assert not manager.file_storage


@pytest.mark.usefixtures("_sign_in")
@pytest.mark.parametrize("address", ["", Random(0).randbytes(3000).hex()], ids=["one cookie", "several"])
def test_who_has_signed_in_uploads_until_they_sign_out(browser: TestClient, address: str) -> None:
    sign_in(browser, claims(address=address))
    assert (len([name for name in browser.cookies if name.startswith(USER_COOKIE_NAME)]) > 1) == bool(address)
    assert put(browser, "1", 10) == 204
    assert uploads.held("session") == 10
    known = access.visitor(dict(browser.cookies))
    access._endings.see(known.person, known.until, time.time())
    access._endings.end(known.person, time.time())
    assert put(browser, "2", 10) == 403


def test_without_sign_in_the_page_and_its_token_are_enough(browser: TestClient) -> None:
    assert put(browser, "1", 10) == 204
    browser.headers.pop("X-Xsrftoken")
    assert put(browser, "2", 10) == 403


def test_a_session_uploads_no_more_than_it_may_have_unread(
    browser: TestClient, manager: MemoryUploadedFileManager
) -> None:
    assert [put(browser, f"{n}", HALF) for n in range(5)] == [204, 204, 204, 413, 413]
    assert uploads.held("session") == 3 * HALF
    manager.remove_file("session", "0")
    assert put(browser, "5", HALF) == 204
    elsewhere = browser.put("/_stcore/upload_file/another/1", files={"file": ("1", b"x" * HALF)})
    assert elsewhere.status_code == 204


def test_what_is_not_announced_is_counted_as_it_comes(browser: TestClient) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="1"\r\n\r\n'
    told = {"Content-Type": "multipart/form-data; boundary=edge"}

    def send(name: str) -> int:
        body = iter([head, b"x" * HALF, b"\r\n--edge--\r\n"])
        return browser.put(PLACE.format(name), content=body, headers=told).status_code

    assert [send(f"{n}") for n in range(5)] == [204, 204, 204, 413, 413]
    assert uploads.held("session") == 3 * HALF


@pytest.mark.usefixtures("manager")
def test_uploads_that_come_at_once_are_counted_together() -> None:
    async def check() -> None:
        over = anyio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await over.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})

        gate, said = UploadGate(slow), []

        async def upload(name: str) -> None:
            async def send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    said.append((name, message["status"]))

            async def receive() -> Message:
                return {"type": "http.request", "body": b"", "more_body": False}

            size = [(b"content-length", str(3 * HALF).encode())]
            await gate({"type": "http", "method": "PUT", "path": PLACE.format(name), "headers": size}, receive, send)

        async with anyio.create_task_group() as uploading:
            uploading.start_soon(upload, "first")
            await anyio.wait_all_tasks_blocked()
            await upload("second")
            over.set()
        await upload("third")
        assert said == [("second", 413), ("first", 204), ("third", 204)]
        assert not gate._coming

    anyio.run(check)
