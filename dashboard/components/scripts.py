"""The browser's half of the components: its JavaScript, and what that says in the reader's language."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from engine import language, tr

_HERE = Path(__file__).parent
_SAID = re.compile(r'\btr\(\s*("(?:[^"\\]|\\.)*")')


@cache
def script(*names: str) -> str:
    """Read JavaScript, with what all share that speak before it."""
    return "".join((_HERE / name).read_text("utf-8") for name in ("words.js", *names))


def words_of(*names: str) -> dict[str, str]:
    """Translate what scripts say; English needs nothing, for its sentences stand in the scripts."""
    return {} if language() == "en" else {message: tr(message) for message in said_in(script(*names))}


@cache
def said_in(source: str) -> tuple[str, ...]:
    r"""The sentences that JavaScript hands to `tr`, each once.

    Examples
    --------
    >>> said_in('button(tr("Hide map")); line = tr("base {place}", { place });')
    ('Hide map', 'base {place}')
    """
    return tuple(dict.fromkeys(json.loads(literal) for literal in _SAID.findall(source)))
