"""Who may do what: whoever uses this machine where nobody signs in, else whom the provider vouches for, by role.

The provider is spoken to by Streamlit (`st.login`, OpenID Connect); its claims are read here and nowhere else.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import streamlit as st
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

import engine
from dashboard.endings import Endings
from engine import AttendingError, SignIn, mark, tr


class Role(IntEnum):
    """What somebody may do; who may do more may do all that stands before."""

    READER = 1
    LEAD = 2
    ADMIN = 3


_ROLES = {Role.READER: mark("reader"), Role.LEAD: mark("lead"), Role.ADMIN: mark("admin")}


@dataclass(frozen=True)
class Account:
    """Who sits here; without sign-in nobody is known, and everything is allowed on this machine.

    Parameters
    ----------
    name : str
        As the provider says it today, which somebody else may be called too; empty where nobody signs in.
    person : str
        What is theirs alone, for good: SHA-256, hexadecimal, of issuer and subject; empty where nobody signs in.
    until : float
        When their sign-in ends at the latest, in seconds since 1970.
    """

    name: str
    role: Role
    person: str = ""
    until: float = math.inf


_endings = Endings()


class NotAllowed(AttendingError):
    """Somebody asked for what their role does not allow."""


class SignedOut(AttendingError):
    """Nobody has signed in, the time is over, or the account has no role here."""


@functools.cache
def settings() -> SignIn | None:
    """How readers sign in, as it was when the server started; None where they do not."""
    return engine.sign_in_settings()


def account() -> Account:
    """Tell who sits here.

    Raises
    ------
    SignedOut
        If sign-in is asked for and nobody whom it lets in has signed in.
    """
    asked = settings()
    if asked is None:
        return Account("", Role.ADMIN)
    now = time.time()
    known = account_of(claims(), asked, now)
    _endings.see(known.person, known.until, now)
    return known


def holds(known: Account) -> bool:
    """Whether somebody who was here is still let in: what they began may end after their sign-in has."""
    return _lasts(known.person, known.until, time.time())


def _lasts(person: str, until: float, now: float) -> bool:
    """Whether a sign-in is neither too old nor ended."""
    return now <= until and not _endings.over(person, until)


def sign_out() -> None:
    """Let who sits here sign out: in all their tabs, and with the provider."""
    with suppress(SignedOut):  # then there is nothing to end
        _endings.end(account().person, time.time())
    st.logout()


def visitor(cookies: Mapping[str, str]) -> Account:
    """Tell who asks the server for something outside of a page, by the cookies that came along.

    Raises
    ------
    SignedOut
        As for `account`.
    """
    asked = settings()
    if asked is None:
        return Account("", Role.ADMIN)
    secret = asked.provider["cookie_secret"]
    said = get_cookie_with_chunks(
        lambda name: decode_signed_value(secret, name, cookies.get(name, "")), USER_COOKIE_NAME
    )
    return account_of(json.loads(said) if said else {}, asked, time.time())


def claims() -> Mapping[str, Any]:
    """What the provider says of who sits here; nothing where nobody has signed in."""
    return st.user.to_dict() if st.user.get("is_logged_in") else {}


def account_of(told: Mapping[str, Any], asked: SignIn, now: float) -> Account:
    """Make an account of a provider's claims.

    Parameters
    ----------
    told : mapping
        The claims of an ID token that Streamlit has verified.
    now : float
        Seconds since 1970.

    Raises
    ------
    SignedOut
        If there are none, they are too old or were ended, do not say who it is, or name no role.
    """
    if not told:
        raise SignedOut(tr("Nobody has signed in."), tr("Sign in to see cases."))
    issued = told.get("iat")
    until = issued + 3600 * asked.session_hours if isinstance(issued, int | float) else -math.inf
    person = _person(told)
    if not _lasts(person, until, now):
        raise SignedOut(tr("Your session is over."), tr("Sign in again; drafts are kept."))
    roles = told.get(asked.role_claim) or ()
    names = {str(role).casefold() for role in ((roles,) if isinstance(roles, str) else roles)}
    held = [role for role in Role if role.name.casefold() in names]
    if not held:
        raise SignedOut(tr("Your account has no role here."), tr("Ask whoever runs this installation for one."))
    name = next((str(told[key]) for key in ("preferred_username", "name", "email", "sub") if told.get(key)), "")
    return Account(name, max(held), person, until)


def _person(told: Mapping[str, Any]) -> str:
    """Only issuer and subject together are one person's alone (OpenID Connect Core 1.0, section 5.7)."""
    identity = [told.get("iss"), told.get("sub")]
    if not all(isinstance(part, str) and part for part in identity):
        raise SignedOut(
            tr("The provider of sign-in does not say who you are."), tr("Tell whoever runs this installation.")
        )
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


def require(least: Role) -> None:
    """Refuse what the role of who sits here does not allow.

    Raises
    ------
    NotAllowed, SignedOut
        If it does not.
    """
    if account().role < least:
        raise NotAllowed(tr("This is for the {role} of an installation.", role=tr(_ROLES[least])), tr("Ask them."))


def allowed(least: Role) -> bool:
    """Whether the role of who sits here is enough."""
    try:
        return account().role >= least
    except SignedOut:
        return False
