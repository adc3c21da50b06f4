"""The language of a session: as its reader chose it, else as the browser asks for it; never a part of an address."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import streamlit as st

from engine import LANGUAGES, speaking

_KEY = "language"
_P = ParamSpec("_P")
_T = TypeVar("_T")


def chosen() -> str:
    """The language that the reader wants, a key of `engine.LANGUAGES`."""
    held = st.session_state.get(_KEY)
    return str(held) if held in LANGUAGES else asked_by(st.context.locale)


def choose(name: str) -> None:
    """Speak a language from now on, as long as this session lasts."""
    st.session_state[_KEY] = name


def asked_by(locale: str | None) -> str:
    """The language that fits a browser's locale (RFC 5646); English where none does.

    Examples
    --------
    >>> asked_by("zh-CN"), asked_by("zh-Hans-SG"), asked_by("de-DE"), asked_by(None)
    ('zh_CN', 'zh_CN', 'en', 'en')
    """
    return "zh_CN" if (locale or "").casefold().split("-")[0] == "zh" else "en"


def speaks(draw: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a fragment speak the reader's language where it runs alone, without the page around it."""

    @functools.wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with speaking(chosen()):
            return draw(*args, **kwargs)

    return drawn
