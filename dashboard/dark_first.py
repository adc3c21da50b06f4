"""Dark until the reader chooses: a line in the page, before Streamlit's own program, where nobody has chosen yet.

Streamlit offers no default beside two themes; it keeps what is chosen in its menu in the browser, under
``stActiveTheme-PATH-v2``, the system's wish among it.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = """try{localStorage[`stActiveTheme-${location.pathname}-v2`]??='"Dark"'}catch{}"""
"""What the browser runs; one that keeps nothing follows its system."""

_BEFORE = b'<script type="module"'
_ASKED = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"})  # for the page as it was


class DarkFirst:
    """Middleware (ASGI) that puts the line into Streamlit's page, and leaves all else as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        asked = [(name, value) for name, value in scope["headers"] if name.lower() not in _ASKED]
        await self._app({**scope, "headers": asked}, receive, _Page(send).send)


class _Page:
    """Holds a page back until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._whole()
        else:
            await self._send(message)

    async def _whole(self) -> None:
        body = self._body.replace(_BEFORE, f"<script>{SCRIPT}</script>".encode() + _BEFORE, 1)
        headers = MutableHeaders(scope=self._start)
        for stale in ("etag", "last-modified"):
            del headers[stale]
        headers["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _is_page(message: Message) -> bool:
    """Whether an answer is shown; a report in HTML is taken away."""
    headers = MutableHeaders(scope=message)
    return headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers
