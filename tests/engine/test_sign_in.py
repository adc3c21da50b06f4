"""The settings of sign-in: complete and sound, or nobody is let in by mistake."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from engine.errors import AttendingError
from engine.serve import serve
from engine.sign_in import sign_in_settings

PROVIDER = {
    "server_metadata_url": "https://provider.example/.well-known/openid-configuration",
    "client_id": "attending",
    "client_secret": "hush",
    "redirect_uri": "https://here.example/oauth2callback",
    "cookie_secret": "c" * 32,
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith("ATTENDING_OIDC") or name == "ATTENDING_SESSION_HOURS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("ATTENDING_HOME", str(tmp_path))
    return tmp_path


def write(home: Path, provider: dict[str, str], ours: str = "") -> None:
    lines = "\n".join(f'{name} = "{value}"' for name, value in provider.items())
    (home / "secrets.toml").write_text(f"[auth]\n{lines}\n{ours}")


def test_without_settings_nobody_signs_in(home: Path) -> None:
    assert sign_in_settings() is None
    (home / "secrets.toml").write_text("[connections]\n")
    assert sign_in_settings() is None


def test_the_file_of_the_data_folder_is_read(home: Path) -> None:
    write(home, PROVIDER, '[attending]\nrole_claim = "groups"\nsession_hours = 2')
    found = sign_in_settings()
    assert found is not None
    assert (dict(found.provider), found.role_claim, found.session_hours) == (PROVIDER, "groups", 2.0)


def test_the_environment_comes_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, PROVIDER | {"client_id": "other"})
    for name, ours in (
        ("METADATA_URL", "server_metadata_url"),
        ("CLIENT_ID", "client_id"),
        ("CLIENT_SECRET", "client_secret"),
        ("REDIRECT_URI", "redirect_uri"),
        ("COOKIE_SECRET", "cookie_secret"),
    ):
        monkeypatch.setenv(f"ATTENDING_OIDC_{name}", PROVIDER[ours])
    found = sign_in_settings()
    assert found is not None
    assert found.provider["client_id"] == "attending"
    monkeypatch.delenv("ATTENDING_OIDC_CLIENT_SECRET")
    with pytest.raises(AttendingError, match="client_secret"):
        sign_in_settings()


@pytest.mark.parametrize("name", list(PROVIDER))
def test_an_incomplete_provider_is_refused_and_the_server_does_not_start(name: str, home: Path) -> None:
    write(home, {key: value for key, value in PROVIDER.items() if key != name})
    with pytest.raises(AttendingError, match=name):
        sign_in_settings()
    for host in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(AttendingError, match=name):
            serve(argparse.Namespace(host=host, port=1, insecure=False))


@pytest.mark.parametrize(
    ("provider", "ours"),
    [
        (PROVIDER | {"cookie_secret": "short"}, ""),
        (PROVIDER, '[attending]\nsession_hours = "long"'),
        (PROVIDER, "[attending]\nsession_hours = 0"),
        (PROVIDER, "[attending"),
    ],
)
def test_what_makes_no_sense_is_refused(provider: dict[str, str], ours: str, home: Path) -> None:
    write(home, provider, ours)
    with pytest.raises(AttendingError):
        sign_in_settings()
