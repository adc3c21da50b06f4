"""The running server: headers on every answer, whom it refuses, and what it does not do behind the reader's back."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from dashboard.dark_first import SCRIPT
from dashboard.headers import Headers, security_headers
from tests.browser.conftest import DASHBOARD, end, start_server

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server; what it keeps in a temporary file, as the settings of sign-in, goes with it."""
    folder = tmp_path_factory.mktemp("server")
    process, address = start_server(DASHBOARD, folder, environment={"TMPDIR": str(folder)})
    assert len(list(folder.glob("attending-*"))) == 1
    yield address
    end(process)
    assert process.returncode == 0
    assert list(folder.glob("attending-*")) == []


def ask(address: str, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(str(urlsplit(address).netloc), timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.content = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/review", 200),
        ("GET", "/_stcore/health", 200),
        ("GET", "/_stcore/host-config", 200),
        ("GET", "/media/none.pdf", 404),
        ("GET", "/static/js/none.js", 200),
        ("GET", "/review/", 301),
        ("GET", "//evil.example/..", 400),
        ("DELETE", "/", 405),
        ("PUT", "/_stcore/upload_file/none/none", 403),
        ("POST", "/_stcore/agent/interact", 403),
    ],
)
def test_every_answer_has_the_headers_and_no_banner(address: str, method: str, path: str, status: int) -> None:
    answer = ask(address, method, path)
    assert answer.status == status
    for name, value in security_headers().items():
        assert answer.headers.get_all(name) == [value], name
    for banner in ("Server", "X-Powered-By"):
        assert answer.headers[banner] is None
    if path.startswith("/media/"):
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_tab_closed_in_the_middle_of_an_upload_is_no_error() -> None:
    async def broken_off(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    anyio.run(Headers(broken_off), {"type": "http", "path": "/"}, None, None)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_page_is_dark_until_the_reader_chooses(address: str, encoding: str) -> None:
    """A script that the policy names chooses it before any other runs."""
    answer = ask(address, "GET", "/review", Accept="text/html", Accept_Encoding=encoding)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert page.count(f"<script>{SCRIPT}</script>") == 1
    assert page.index(SCRIPT) < page.index('<script type="module"')
    assert answer.headers["ETag"] is None
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_the_policy_names_no_host_and_lets_no_script_stand_in_a_page() -> None:
    policy = dict(rule.split(" ", 1) for rule in security_headers()["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert not any(sign in said for said in policy.values() for sign in ("http:", "https:", "ws:", "wss:", "*"))
    for unsafe in ("'unsafe-inline'", "'unsafe-eval'", "data:"):
        assert unsafe not in policy["script-src"].split()
    assert "'sha256-" in policy["script-src"]


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/media/none.pdf"])
def test_no_other_site_may_read_an_answer(address: str, path: str) -> None:
    answer = ask(address, "GET", path, Origin=EVIL)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    if "host-config" in path:
        assert b'"allowedOrigins":[]' in answer.content.replace(b" ", b"")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["127.0.0.1", "evil.example"])
def test_no_other_site_may_open_a_session(address: str, name: str) -> None:
    """Nor one that has made its own name point here (DNS rebinding)."""
    port = urlsplit(address).port or 0
    origin = f"http://{name}:{port}" if name == "evil.example" else EVIL
    here = socket.create_connection(("127.0.0.1", port))
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://{name}:{port}/_stcore/stream", sock=here, origin=Origin(origin))


def test_an_upload_needs_the_token_of_its_own_page(address: str) -> None:
    path = "/_stcore/upload_file/none/none"
    for headers in ({}, {"Cookie": "_streamlit_xsrf=2|a|b|1"}, {"X_Xsrftoken": "2|a|b|1"}):
        assert ask(address, "PUT", path, b"content", **headers).status == 403
    assert ask(address, "DELETE", path).status == 403


@contextmanager
def stream(address: str) -> Iterator[Iterator[ForwardMsg]]:
    """Open a session as a browser does; what the server says in it."""
    with connect(f"{address.replace('http', 'ws')}/_stcore/stream", origin=Origin(address), max_size=None) as opened:
        begin = BackMsg()
        begin.rerun_script.query_string = ""
        opened.send(begin.SerializeToString())
        yield (ForwardMsg.FromString(opened.recv(timeout=60, decode=False)) for _ in count())


@contextmanager
def session(address: str) -> Iterator[NewSession]:
    """Open a session; what it begins with."""
    with stream(address) as said:
        yield next(message.new_session for message in said if message.WhichOneof("type") == "new_session")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_while_it_computes_ends_without_a_word(
    tmp_path: Path, told: signal.Signals
) -> None:
    """A thread within torch would be torn down with it: "terminate called without an active exception"."""
    process, _ = start_server(DASHBOARD, tmp_path)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not _computes(process.pid):
        time.sleep(0.1)
    process.send_signal(told)
    assert process.wait(timeout=30) == 0
    assert (tmp_path / "streamlit.log").read_text() == ""
    assert list(tmp_path.glob("attending-*")) == []


def _computes(process: int) -> bool:
    """Whether torch has been loaded: the models answer the first of our own cases from then on."""
    return "libtorch" in Path(f"/proc/{process}/maps").read_text()


FAULTY = """
import runpy
import engine
engine.begin_logs()
from dashboard import navigation
def pages():
    raise ValueError("JANE^DOE")
navigation.pages = pages
runpy.run_module("dashboard", run_name="__main__", alter_sys=True)
"""


def test_an_error_outside_of_every_page_is_told_with_its_number(tmp_path: Path) -> None:
    process, address = start_server(DASHBOARD, tmp_path, ["-c", FAULTY])
    with stream(address) as said:
        seen = ""
        while not (told := re.search(r"Say the number ([0-9A-F]{4}-[0-9A-F]{4}) when you report it", seen)):
            seen += str(next(said).delta.new_element)
    end(process)
    written = (tmp_path / "home" / "logs" / "attending.jsonl").read_text()
    assert f'"number": "{told[1]}"' in written
    assert "JANE" not in seen + written + (tmp_path / "streamlit.log").read_text()


def test_nobody_is_told_how_it_is_used(address: str) -> None:
    """Streamlit's browser part sends telemetry where the first message of a session says so."""
    with session(address) as begun:
        assert begun.config.gather_usage_stats is False


def test_uploads_end_at_the_limit(address: str) -> None:
    page = ask(address, "GET", "/_stcore/health")
    token = next(part.split(";")[0] for part in page.headers.get_all("Set-Cookie", []) if "_streamlit_xsrf=" in part)
    allowed = {"Cookie": token, "X_Xsrftoken": token.partition("=")[2]}
    with session(address) as begun:
        path = f"/_stcore/upload_file/{begun.initialize.session_id}/1"
        assert ask(address, "PUT", path, b"", **allowed, Content_Length=str(2**30 + 2**20)).status == 413
        assert ask(address, "PUT", path, b"").status == 403


def test_an_address_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "dashboard", f"--server.port={port}", "--server.address=127.0.0.1"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert f"attending: 127.0.0.1:{port} cannot be listened on. Choose another --port or --host." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_collector_passes_over_what_was_there_before_the_first_reader() -> None:
    """Half a second after every drawing of every page, in which nobody else was served."""
    program = """
import gc, weakref
from dashboard.server import keep_for_good
keep_for_good()
class Brought: pass
brought = Brought()
brought.itself, known = brought, weakref.ref(brought)
del brought
print(gc.get_freeze_count(), len(gc.get_objects()), gc.collect() > 0 and known() is None)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    kept, looked_through, collected = said.stdout.split()
    assert int(kept) > 100 * int(looked_through)
    assert collected == "True"
