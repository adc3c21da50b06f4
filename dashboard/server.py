"""Serves the dashboard: Streamlit's ASGI application (`st.App`) under uvicorn, with what only this process may see."""

from __future__ import annotations

import atexit
import gc
import json
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from streamlit.web.bootstrap import load_config_options
from streamlit.web.cli import configurator_options

import engine
from dashboard import cache, handing_out, keeping
from dashboard.components.frame import tell_fault
from dashboard.dark_first import DarkFirst
from dashboard.headers import Headers
from dashboard.upload_gate import UploadGate

_HERE = "127.0.0.1"
_OWN_NAMES = (_HERE, "localhost", "::1")
_SILENCE = 30  # seconds between signs of life on a websocket
_FAREWELL = 5  # seconds that what is under way may take when the server ends
_BAD_INPUT = 3
_told_to_end = threading.Event()


@click.command()
@configurator_options
def main(**options: Any) -> None:
    """Serve until told to end; takes Streamlit's own options."""
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _end)  # uvicorn ends itself first, then raises the signal again
    try:
        with tempfile.TemporaryDirectory(prefix="attending-") as private:
            app = st.App(
                Path(__file__).with_name("app.py"),
                routes=[handing_out.route()],
                middleware=[Middleware(Headers), Middleware(UploadGate), Middleware(DarkFirst)],
                on_script_error=tell_fault,
            )
            load_config_options(options | _own_names(options) | secrets_in(Path(private)))
            with _listening(st.get_option("server.address") or _HERE, st.get_option("server.port")) as listening:
                atexit.register(_leave)  # first, so that it comes last
                keep_for_good()
                cache.warm_up()
                keeping.begin_reading()
                _serve(app, listening)
    except engine.AttendingError as error:
        click.echo(f"attending: {error}", err=True)
        sys.exit(_BAD_INPUT)


def keep_for_good() -> None:
    """Let the garbage collector pass over what is there before the first reader comes: modules, for the most part.

    Streamlit calls it after every drawing of every page, and it looked through half a million objects each time, for
    half a second in which nobody else was served. What readers bring is collected as before.
    """
    import_module("dashboard.components.names_warning")  # what pages would load later: above all what finds names
    gc.collect()
    gc.freeze()


def secrets_in(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Write the settings of sign-in where Streamlit reads them, for this user's eyes only; the option that says so."""
    asked = engine.sign_in_settings()
    if asked is None:
        return {}
    path = folder / "secrets.toml"
    path.touch(mode=0o600)
    lines = [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in asked.provider.items()]
    path.write_text("\n".join(["[auth]", *lines, ""]), encoding="utf-8")
    return {"secrets_files": (str(path),)}


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Leave as from any other place in the program: the settings of sign-in do not stay behind in a file."""
    del number, frame
    _told_to_end.set()
    sys.exit(0)


def _leave() -> None:
    """Threads in which models still compute would abort in the middle of the interpreter's own end."""
    if _told_to_end.is_set():
        logging.shutdown()
        os._exit(0)


def _own_names(options: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """Under which names this machine alone is reached where nobody signs in.

    Else a page of another site could make its own name point here and open a session (DNS rebinding). Where a proxy
    stands in front, ``server.allowedHosts`` says its name.
    """
    alone = (options.get("server_address") or _HERE) in _OWN_NAMES and engine.sign_in_settings() is None
    return {"server_allowedHosts": _OWN_NAMES} if alone and not options.get("server_allowedHosts") else {}


def _serve(app: st.App, listening: socket.socket) -> None:
    """Listen and answer, without a word about who does so."""
    config = uvicorn.Config(
        app,
        log_config=None,  # through the filter of `engine.logs`, like all others
        access_log=False,
        server_header=False,
        ssl_certfile=st.get_option("server.sslCertFile"),
        ssl_keyfile=st.get_option("server.sslKeyFile"),
        timeout_graceful_shutdown=_FAREWELL,
        ws_max_size=st.get_option("server.maxMessageSize") * 2**20,
        ws_ping_interval=_SILENCE,
        ws_ping_timeout=_SILENCE,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as exc:
        raise engine.AttendingError(
            f"{host}:{port} cannot be listened on.", "Choose another --port or --host."
        ) from exc
