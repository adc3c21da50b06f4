"""Who may do what: whoever uses this machine where nobody signs in, else whom the provider vouches for, by role.

The provider is spoken to by Streamlit (`st.login`, OpenID Connect); its claims are read here and nowhere else.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import streamlit as st

import engine
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
        As the provider says it; empty where nobody signs in.
    ends : float
        When they have to sign in again, in seconds since 1970.
    """

    name: str
    role: Role
    ends: float = math.inf

    @property
    def over(self) -> bool:
        """Whether they have to sign in again."""
        return time.time() > self.ends


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
    return Account("", Role.ADMIN) if asked is None else account_of(claims(), asked, time.time())


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
        If there are none, they are too old, or name no role.
    """
    if not told:
        raise SignedOut(tr("Nobody has signed in."), tr("Sign in to see cases."))
    issued = told.get("iat")
    lasts = 3600 * asked.session_hours
    if not isinstance(issued, int | float) or now - issued > lasts:
        raise SignedOut(tr("Your session is over."), tr("Sign in again; drafts are kept."))
    roles = told.get(asked.role_claim) or ()
    names = {str(role).casefold() for role in ((roles,) if isinstance(roles, str) else roles)}
    held = [role for role in Role if role.name.casefold() in names]
    if not held:
        raise SignedOut(tr("Your account has no role here."), tr("Ask whoever runs this installation for one."))
    name = next((str(told[key]) for key in ("preferred_username", "name", "email", "sub") if told.get(key)), "")
    return Account(name, max(held), issued + lasts)


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
