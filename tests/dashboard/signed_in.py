"""A browser that has signed in, without a provider: the cookies that Streamlit puts after one has answered."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard import access
from dashboard.endings import Endings
from engine import SignIn

SECRET = "c" * 32


def ask_for_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it an installation that asks for sign-in, and that nobody has left yet."""
    monkeypatch.setattr(access, "settings", lambda: SignIn({"cookie_secret": SECRET}, "roles", 8.0))
    monkeypatch.setattr(access, "_endings", Endings())


def claims(age: float = 60.0, role: str = "reader", **more: str) -> dict[str, Any]:
    told = {"iss": "https://provider", "sub": "1", "iat": time.time() - age, "roles": [role], "is_logged_in": True}
    return told | more


def cookie(told: Mapping[str, Any], secret: str = SECRET, name: str = USER_COOKIE_NAME) -> str:
    return create_signed_value(secret, name, json.dumps(told)).decode()


def sign_in(browser: TestClient, told: dict[str, Any]) -> None:
    """Put the cookies as Streamlit does after its provider has answered: several where one cannot hold all."""

    def put(name: str, value: str) -> None:
        browser.cookies.set(name, create_signed_value(SECRET, name, value).decode())

    set_cookie_with_chunks(
        put, partial(create_signed_value, SECRET), USER_COOKIE_NAME, told, cookie_attr_size=len("; Path=/; HttpOnly")
    )
