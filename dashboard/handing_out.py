"""What readers take away: made when it is taken, for who put it out alone, at an address that stays the same.

Streamlit's own download button has a new address whenever the page is drawn, and forgets what it has made as soon as
any two sessions were drawn after it: a page that is drawn while the reader clicks would call the download off.

The click also ends what the reader was typing: what is taken waits for the page that this draws.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from weakref import WeakValueDictionary

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard import access
from dashboard.faults import in_words
from engine import language, log_error, numbered, speaking, tr

_PLACE = "take"

_KEY = "shelf"
_HELD = 64  # of a session, those drawn last: more than any page has
_LETTING_GO = 0.5  # seconds until the server begins to draw what was typed before the click
_DRAWN = 10.0  # seconds that the page may be drawn meanwhile
_LOOK = 0.05  # seconds between looks


@dataclass(eq=False)
class Parcel:
    """One thing to take away.

    Parameters
    ----------
    make : callable
        Makes its content; called in a thread of its own, where Streamlit must not be used.
    name : str
        Of the file.
    kind : str
        Its media type.
    there : callable
        Whether what it tells of is still there; called where `make` is.
    account : Account
        Whom it is for, and until when.
    spoken : str
        Language in which the reader is told that it could not be made: the page's.
    """

    make: Callable[[], bytes | str]
    name: str
    kind: str
    there: Callable[[], bool] = lambda: True
    account: access.Account = field(default_factory=access.account)
    spoken: str = field(default_factory=language)


@dataclass(eq=False)
class _Shelf:
    """What a session has put out, by what it is; `drawing` tells how much of its page is being drawn."""

    parcels: OrderedDict[str, tuple[str, Parcel]] = field(default_factory=OrderedDict)
    drawing: int = 0


_parcels: WeakValueDictionary[str, Parcel] = WeakValueDictionary()  # held by the sessions, and gone with them
_shelves: WeakValueDictionary[str, _Shelf] = WeakValueDictionary()


def address_of(parcel: Parcel, key: str) -> str:
    """Put something out for this session; the address is the same as long as the session has it under this key.

    Returns
    -------
    str
        Relative to any page of the dashboard.
    """
    shelf = _shelf()
    held = shelf.parcels
    token, _ = held.get(key, ("", None))
    token = token or secrets.token_urlsafe(24)
    _shelves[token] = shelf
    _parcels[token] = parcel  # before the one that was held is let go of: the address is never without one
    held[key] = token, parcel
    held.move_to_end(key)
    while len(held) > _HELD:
        held.popitem(last=False)
    return f"{_PLACE}/{token}"


@contextmanager
def drawing() -> Iterator[None]:
    """Let what this session takes wait until the block, which draws it anew, has ended."""
    shelf = _shelf()
    shelf.drawing += 1
    try:
        yield
    finally:
        shelf.drawing -= 1


def _shelf() -> _Shelf:
    found: _Shelf = st.session_state.setdefault(_KEY, _Shelf())
    return found


def route() -> Route:
    """Where the server hands out, whatever stands before it in the address (``server.baseUrlPath``)."""
    return Route(f"/{{before:path}}{_PLACE}/{{token}}", _hand_out)


async def _hand_out(request: Request) -> Response:
    """Make what is asked for; what no session has put out is not there."""
    token = request.path_params["token"]
    await _drawn(token)
    parcel = _parcels.get(token)
    if parcel is None:
        return PlainTextResponse("", HTTPStatus.NOT_FOUND)
    with numbered() as number:
        try:
            refused = await asyncio.to_thread(_refusal, parcel, request.cookies)
            if refused is not None:
                return refused
            if request.method == "HEAD":
                return Response(media_type=parcel.kind)  # nothing is made, nor recorded as taken
            return _attached(await asyncio.to_thread(parcel.make), parcel.name, parcel.kind)
        except Exception as error:
            log_error(__name__, "What was to be taken away could not be made.", error)
            with speaking(parcel.spoken):
                said = tr("{name} could not be made.", name=parcel.name)
                return _attached(f"{said}\n\n{in_words(error, number)}\n", f"{parcel.name}.not-made.txt", "text/plain")


def _refusal(parcel: Parcel, cookies: Mapping[str, str]) -> Response | None:
    """Why something is not handed out although the session that put it out is still held; None where it is."""
    with speaking(parcel.spoken):
        try:
            asks = access.visitor(cookies)
        except access.SignedOut:
            asks = None
        if asks is None or not access.holds(parcel.account):
            said = f"{tr('Your session is over.')} {tr('Sign in again; drafts are kept.')}"
            return PlainTextResponse(said, HTTPStatus.FORBIDDEN)
        if asks.person != parcel.account.person:
            return PlainTextResponse("", HTTPStatus.NOT_FOUND)
        if not parcel.there():
            return PlainTextResponse(tr("This case was removed: nothing of it is handed out."), HTTPStatus.GONE)
    return None


def _attached(content: bytes | str, name: str, kind: str) -> Response:
    """Something that the browser saves: the words of an error too, which it would show nobody."""
    told = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=told)


async def _drawn(token: str) -> None:
    """Wait until the page of the session that put something out has been drawn."""
    await asyncio.sleep(_LETTING_GO)
    waits = _DRAWN
    while waits > 0 and (shelf := _shelves.get(token)) is not None and shelf.drawing:
        await asyncio.sleep(_LOOK)
        waits -= _LOOK
