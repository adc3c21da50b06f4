"""Whether a note says that something is so: affirmed, denied, only thought of, or ended.

NegEx: Chapman et al., J Biomed Inform 34, 2001 (a cue denies the words after it, or before it, until the next
termination), with the cues for uncertainty of ConText (Harkema et al., J Biomed Inform 42, 2009). Written from the
papers; beside their cues are those by which treatments are ended or avoided.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Assertion(StrEnum):
    """How a note speaks of something."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    POSSIBLE = "possible"
    ENDED = "stopped, avoided or not tolerated"


_REACH = 8  # words between a cue and what it speaks of; lists ("no fever, chills, or rash") are long in notes
_PSEUDO = re.compile(
    r"\b(?:no (?:increase|change|further|longer any doubt)|not (?:only|just|necessarily|certain (?:if|whether))"
    r"|without (?:difficulty|complications?|incident)|no (?:known )?contraindications?)\b"
)
_DENIED = re.compile(
    r"\b(?:no|not|non|denies|denied|denying|without|never|neither|nor|none|free of|absence of|negative|declines?d?"
    r"|refuses?d?|cannot|can't|didn't|doesn't|isn't|wasn't|unable to)\b"
)
# These begin a list that goes on to the next termination: "denies fever, chills, ..., or pregnancy".
_DENIED_ALL = re.compile(r"\b(?:denies|denied|denying|negative for|no (?:history|evidence|complaints?|signs?) of)\b")
_DENIED_AFTER = re.compile(
    r"\b(?:was|were|is|are|has been|have been|be) (?:not|never|ruled out|negative|denied|declined|refused)\b"
    r"|: ?(?:no|none|negative|denied|denies)\b"
    r"|\bunlikely\b|\bnegative\b|\? ?no\b|\b(?:test|screen)(?: (?:was|is))? negative\b"
)
_ENDED = re.compile(
    r"\b(?:avoid(?:s|ed|ing)?|stop(?:s|ped|ping)?|discontinu(?:e|es|ed|ing)|d/c(?:'?d)?|hold(?:s|ing)?|held|off(?: of)?"
    r"|allerg(?:y|ies|ic) to|intoleran(?:t|ce) (?:of|to)|contraindicat(?:ed|ions?)(?: to)?|failed|no longer|rather than"
    r"|instead of)\b"
)
_ENDED_AFTER = re.compile(
    r"\b(?:was|were|is|are|has been|have been|be) (?:stopped|discontinued|held|avoided|contraindicated|deferred)\b"
    r"|\ballerg(?:y|ies)\b|\bintolerance\b"
)
_POSSIBLE = re.compile(
    r"\b(?:possib(?:le|ly)|probabl[ey]|suspect(?:ed|s)?|suspicious for|may|might|could|cannot (?:be )?ruled? out"
    r"|rule out|r/o|questionable|likely|consider(?:ed|ing)?|versus|vs|if|whether|unless|risks?(?: of)?"
    r"|in case of|should (?:she|he) (?:become|develop)|differential|concern(?:ed|ing)? (?:for|about)|question of)\b|\?"
)
_TERMINATION = re.compile(
    r"\b(?:but|however|although|though|except|aside from|apart from|other than|which|who|secondary to|because"
    r"|since|because of|due to|yet|nevertheless|still|now|and (?:is|was|has|had|will|he|she)|so)\b|[;:]"
)


def assertion_of(sentence: str, start: int, end: int) -> Assertion:
    """Tell how a sentence speaks of its characters [start, end).

    Examples
    --------
    >>> said = "She denies chest pain but takes aspirin."
    >>> assertion_of(said, 11, 21), assertion_of(said, 32, 39)
    (<Assertion.NEGATED: 'negated'>, <Assertion.AFFIRMED: 'affirmed'>)
    """
    text = _PSEUDO.sub(lambda match: " " * len(match[0]), sentence.lower())
    if len(text) != len(sentence):  # a letter that grows when it is made small
        text = sentence
    clause = _after_last(_TERMINATION, text[:start])
    before = _last_words(clause)
    after = _first_words(_before_first(_TERMINATION, text[end:], keep_colon=True))
    if (
        _DENIED_ALL.search(clause)
        or _DENIED.search(before)
        or _DENIED_AFTER.match(after.lstrip(" ,)"))
        or _ends_denied(after)
    ):
        return Assertion.NEGATED
    if _ENDED.search(before) or _ENDED_AFTER.search(_few(after)):
        return Assertion.ENDED
    if _POSSIBLE.search(before):
        return Assertion.POSSIBLE
    return Assertion.AFFIRMED


def _ends_denied(after: str) -> bool:
    """Whether what was named is denied a few words later, as in "pregnancy test is negative"."""
    return bool(_DENIED_AFTER.search(_few(after)))


def _few(text: str) -> str:
    return " ".join(text.split()[:4])


def _after_last(pattern: re.Pattern[str], text: str) -> str:
    ends = [match.end() for match in pattern.finditer(text)]
    return text[ends[-1] :] if ends else text


def _before_first(pattern: re.Pattern[str], text: str, *, keep_colon: bool) -> str:
    match = next((m for m in pattern.finditer(text) if not (keep_colon and m[0] == ":")), None)
    return text[: match.start()] if match else text


def _last_words(text: str) -> str:
    return " ".join(text.split()[-_REACH:])


def _first_words(text: str) -> str:
    return " ".join(text.split()[:_REACH])
