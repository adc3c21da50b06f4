"""What the doctor asks of the machine: each thing that is wrong is told with what to do about it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from engine import installation
from engine.errors import AttendingError
from engine.installation import check_log, check_rights, check_room, check_sign_in, check_versions

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="rights of users as POSIX has them")


def test_this_installation_is_sound(own_store: Path) -> None:
    assert "GB free" in check_room()
    assert "tested" in check_versions()
    assert check_sign_in() == "nobody signs in: this machine only"
    own_store.chmod(0o700)
    assert check_rights() == f"{own_store}, this user's alone"
    assert check_log() == str(own_store / "logs" / "attending.jsonl")


def test_a_folder_that_is_not_there_yet_is_not_made(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDING_HOME", str(own_store / "not" / "yet"))
    assert check_rights() == f"{own_store / 'not' / 'yet'} is made at first use"
    assert check_log() == "none yet"
    assert "GB free" in check_room()
    assert list(own_store.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["numpy>=999"], r"Packages do not fit: numpy \S+ \(>=999\)"),
        (["no-such-package>=1"], r"no-such-package is missing"),
        (['numpy>=999; extra == "bench"', "numpy>=1"], None),
    ],
)
def test_packages_that_do_not_fit_are_named(
    asked: list[str], said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "requires", lambda name: asked)
    if said is None:
        assert "tested" in check_versions()
        return
    with pytest.raises(AttendingError, match=said):
        check_versions()


def test_versions_that_were_not_tested_are_named_and_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_pins", lambda: [("numpy", "0.1"), ("not-installed", "1")])
    assert check_versions().startswith("they fit; others than tested: numpy ")
    monkeypatch.undo()
    assert dict(installation._pins())["streamlit"]


def test_a_disk_without_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_ROOM", 10**18)
    with pytest.raises(AttendingError, match=r"only \d+ MB left. Make room"):
        check_room()


@posix
@pytest.mark.parametrize(("part", "mode"), [("", 0o755), ("secret", 0o644), ("secrets.toml", 0o640)])
def test_what_other_users_can_read_is_told(own_store: Path, part: str, mode: int) -> None:
    own_store.chmod(0o700)
    if part:
        (own_store / part).write_text("")
    (own_store / part).chmod(mode)
    with pytest.raises(AttendingError, match=f"Run `chmod {'600' if part else '700'} "):
        check_rights()


DIAGNOSE = """
import sys
from engine.errors import AttendingError
from engine.installation import check_log, check_rights
for check in (check_rights, check_log):
    try:
        print(check())
    except AttendingError as error:
        print(error)
"""


@posix
@pytest.mark.parametrize("what", ["folder", "database"])
def test_a_folder_that_is_not_ones_own_is_told(own_store: Path, what: str) -> None:
    """Rights bind root too, once it has laid its capabilities down."""
    (own_store / "attending.sqlite").write_bytes(b"")
    (own_store / "logs").mkdir()
    if what == "folder":
        (own_store / "logs").chmod(0o500)
        own_store.chmod(0o500)
    else:
        (own_store / "attending.sqlite").chmod(0o400)
    done = _diagnosed()
    own_store.chmod(0o700)
    if what == "folder":
        assert f"{own_store} cannot be written to: Permission denied" in done
        assert "The log cannot be written: Permission denied" in done
    else:
        assert f"This user may not read and write attending.sqlite in {own_store}. Run `chown -R " in done


def _diagnosed(*before: str) -> str:
    command = [*before, sys.executable, "-c", DIAGNOSE]
    if os.getuid() == 0 and not before:
        command = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--", *command]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_disk_that_is_read_only_is_told(own_store: Path) -> None:
    script = f"mount --bind '{own_store}' '{own_store}' && mount -o remount,ro,bind '{own_store}' && exec \"$@\""
    inside = ["unshare", "--mount", "sh", "-c", script, "sh"]
    if shutil.which("unshare") is None or subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("only root can mount a read-only disk")
    said = _diagnosed(*inside)
    assert f"{own_store} cannot be written to: Read-only file system" in said
    assert "The log cannot be written: Read-only file system" in said
    assert stat.S_ISDIR(own_store.stat().st_mode)


class _Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = {"issuer": "http://provider", "authorization_endpoint": "http://provider/authorize"}
        content = json.dumps(told if "openid" in self.path else ["none"]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("metadata", "redirect", "said"),
    [
        ("/openid-configuration", "http://here/oauth2callback", None),
        ("/other", "http://here/oauth2callback", "leads to no provider"),
        ("/openid-configuration", "http://here/callback", "does not end with /oauth2callback"),
        (None, "http://here/oauth2callback", "does not answer with its metadata"),
    ],
)
def test_settings_of_sign_in_are_tried(
    metadata: str | None, redirect: str, said: str | None, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = provider + metadata if metadata else "http://127.0.0.1:9/none"
    given = {"METADATA_URL": where, "CLIENT_ID": "us", "CLIENT_SECRET": "s", "REDIRECT_URI": redirect}
    for name, value in {**given, "COOKIE_SECRET": "c" * 32}.items():
        monkeypatch.setenv(f"ATTENDING_OIDC_{name}", value)
    if said is None:
        assert check_sign_in() == "http://provider, roles from roles, for 8 h"
        return
    with pytest.raises(AttendingError, match=said):
        check_sign_in()
