"""Which side and what size a sentence gives to a finding, and whether it says that the finding has gone.

Looked for in the words around a mention, up to the next comma, "and", "with" or another finding: what a report says of
one finding is not taken for what it says of its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LEFT, RIGHT = "left", "right"


class Size(StrEnum):
    """How large a finding is said to be."""

    SMALL = "small"
    MODERATE = "moderate"
    LARGE = "large"


@dataclass(frozen=True)
class Traits:
    """What is said of a finding: its sides and sizes, empty where nothing is said; and whether it has gone."""

    sides: frozenset[str] = frozenset()
    sizes: frozenset[Size] = frozenset()
    gone: bool = False


_BOTH = r"bilateral(?:ly)?|both|bibasilar|biapical|bibasal|(?:left|right)(?: and |/| or )(?:right|left)"
_SIDE = re.compile(rf"\b(?:(?P<both>{_BOTH})|(?P<one>left|right))\b", re.IGNORECASE)
_SIZE = re.compile(
    r"\b(?:(?P<small>small|tiny|trace|minimal(?:ly)?|mild(?:ly)?|slight(?:ly)?|subtle|minor)"
    r"|(?P<moderate>moderate(?:ly)?)"
    r"|(?P<large>large|massive(?:ly)?|severe(?:ly)?|marked(?:ly)?|extensive(?:ly)?))\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[,.;:]|\b(?:and|with|but|or)\b", re.IGNORECASE)
_PARTLY = r"partial(?:ly)?|incomplete(?:ly)?|near(?:ly)?|almost|not|without|to"
_GONE = re.compile(
    rf"(?<!\w)(?:(?P<partly>(?:{_PARTLY}) (?:complete(?:ly)? )?(?:been )?)?"
    r"(?P<gone>resolved|resolution of|cleared|clearance of)"
    r"|no longer (?:seen|present|visuali[sz]ed|identified|evident))\b",
    re.IGNORECASE,
)


def traits_of(sentence: str, start: int, end: int, others: Sequence[tuple[int, int]] = ()) -> Traits:
    """Read what a sentence says of the finding that its characters [start, end) name.

    Parameters
    ----------
    others : sequence of (int, int)
        Characters that name other findings.

    Examples
    --------
    >>> found = traits_of("Small left effusion, right atelectasis.", 11, 19)
    >>> sorted(found.sides), [str(size) for size in found.sizes]
    (['left'], ['small'])
    """
    before = sentence[max((stop for _, stop in others if stop <= start), default=0) : start]
    after = sentence[end : min((first for first, _ in others if first >= end), default=len(sentence))]
    joined = _SIDE.sub(lambda match: match[0].replace(" and ", "/").replace(" or ", "/"), before)
    clause = _BREAK.split(joined)[-1]
    following = _SIDE.sub(lambda match: match[0].replace(" and ", "/").replace(" or ", "/"), after)
    near = f"{clause} {_BREAK.split(following)[0]}"
    return Traits(_sides(near), _sizes(f"{near} {sentence[start:end]}"), _has_gone(before, after))


def _sides(words: str) -> frozenset[str]:
    found = list(_SIDE.finditer(words))
    if any(match["both"] for match in found):
        return frozenset({LEFT, RIGHT})
    return frozenset(match["one"].lower() for match in found)


def _sizes(words: str) -> frozenset[Size]:
    return frozenset(Size(match.lastgroup or "") for match in _SIZE.finditer(words))


def _has_gone(before: str, after: str) -> bool:
    """Whether a finding is said to be no longer there, wholly; "resolving" and "partly resolved" leave it there."""
    return any(not match["partly"] for words in (before, after) for match in _GONE.finditer(words))
