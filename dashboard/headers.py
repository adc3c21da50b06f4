"""What every answer of the server tells the browser to refuse: other hosts, frames, sniffing, referrers, caches.

Content Security Policy Level 3 (W3C) and the OWASP Secure Headers Project. Styles may stand in the page, for Streamlit
writes them there; a script runs only from this server, or as a blob that such a script made, as components are.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from contextlib import suppress
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.dark_first import SCRIPT

_PRIVATE = ("/media/",)  # reports and exports to take away: never in the browser's cache


class Headers:
    """Middleware (ASGI) that puts the headers on every answer, errors and redirections among them.

    Where nobody waits for the answer any more, there is none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(security_headers())
                if any(place in scope["path"] for place in _PRIVATE):  # also below a base path
                    headers["Cache-Control"] = "no-store"
            await send(message)

        with suppress(ClientDisconnect):  # a tab that is closed in the middle of an upload is nobody's error
            await self._app(scope, receive, send_guarded if scope["type"] == "http" else send)


@functools.cache
def security_headers() -> dict[str, str]:
    """The headers that do not depend on what is asked for."""
    return {
        "Content-Security-Policy": "; ".join(_policy()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


_FEATURES = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
    *(
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
        "xr-spatial-tracking",
    ),
)


def _policy() -> tuple[str, ...]:
    """No remote host at all; WebAssembly for the viewer's codecs, workers from its own bundle."""
    return (
        "default-src 'none'",
        f"script-src 'self' blob: 'wasm-unsafe-eval' {' '.join(_inline_scripts())}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )


def _inline_scripts() -> list[str]:
    """The digests of the scripts that stand in Streamlit's own page, as it is installed, and of the one put there."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_bytes()
    scripts = [*re.findall(rb"<script>(.*?)</script>", page, re.DOTALL), SCRIPT.encode()]
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts]
