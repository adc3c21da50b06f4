"""Who may upload, and how much may lie here unread: asked before Streamlit takes a single byte.

Streamlit asks for the token of a page and for a session that is open, which whoever reaches the sign-in page has; it
takes any number of files, and holds them in memory as long as that page is open.
"""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import access, uploads

_PLACE = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")  # also below a base path
_CHANGES = ("PUT", "DELETE")
_TIMES = 2  # what one file may have, that a session may have uploaded and unread


class UploadGate:
    """Middleware (ASGI) that turns uploads away: of who has not signed in, and beyond what a session may hold."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()  # bytes, by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, or refuse."""
        place = _PLACE.search(scope["path"]) if scope["type"] == "http" and scope["method"] in _CHANGES else None
        if place is None:
            await self._app(scope, receive, send)
            return
        try:
            access.visitor(Request(scope).cookies)
            await self._metered(place[1], scope, receive, send)
        except access.SignedOut:
            await PlainTextResponse("", HTTPStatus.FORBIDDEN)(scope, receive, send)
        except _TooMuch:
            await PlainTextResponse("", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(scope, receive, send)

    async def _metered(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an upload through as long as there is room: for all that it announces, and for what comes beyond."""
        counted = came = 0

        def count(size: int) -> None:
            nonlocal counted
            self._coming[session] += size
            counted += size
            if uploads.held(session) + self._coming[session] > _TIMES * 2**20 * st.get_option("server.maxUploadSize"):
                raise _TooMuch

        async def received() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > counted:
                count(came - counted)
            return message

        try:
            count(_announced(scope))
            await self._app(scope, received, send)
        finally:
            self._coming[session] -= counted
            self._coming += Counter()  # sessions without an upload are forgotten


class _TooMuch(Exception):
    """A session uploads more than it may have unread."""


def _announced(scope: Scope) -> int:
    """How many bytes are said to come; 0 where that is not said, or not in figures."""
    said = Request(scope).headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else 0
