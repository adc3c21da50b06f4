"""Whether a note says that something is so: affirmed, denied, only thought of, or ended.

NegEx: Chapman et al., J Biomed Inform 34, 2001 (a cue denies the words after it, or before it, until the next
termination), with the cues for uncertainty of ConText (Harkema et al., J Biomed Inform 42, 2009). Written from the
papers; beside their cues are those by which treatments are ended or avoided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.case import Stretch
from engine.io.sections import sentences


class Assertion(StrEnum):
    """How a note speaks of something."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    POSSIBLE = "possible"
    ENDED = "stopped, avoided or not tolerated"


@dataclass(frozen=True)
class AssertionCue:
    """Words that deny, doubt or end something, and the words of the same sentence that they speak of.

    Parameters
    ----------
    cue, scope : Stretch
        Characters of the note.
    """

    assertion: Assertion
    cue: Stretch
    scope: Stretch


_REACH = 8  # words between a cue and what it speaks of; lists ("no fever, chills, or rash") are long in notes
_REACH_BACK = 4  # words after something, among which a cue speaks of it
_PSEUDO = re.compile(
    r"\b(?:no (?:increase|change|further|longer any doubt)|not (?:only|just|necessarily|certain (?:if|whether))"
    r"|without (?:difficulty|complications?|incident)|no (?:known )?contraindications?)\b"
)
_OPEN = r"(?:(?:been|be|entirely|completely|fully) )*(?:ruled? out|excluded?)"  # after "not": what stays possible
_DENIED = re.compile(
    rf"\b(?:no|(?:not|cannot|can't)(?! {_OPEN})|non|denies|denied|denying|without|never|neither|nor|none|free of"
    r"|absence of|negative|declines?d?|refuses?d?|didn't|doesn't|isn't|wasn't|unable to)\b"
)
# These begin a list that goes on to the next termination: "denies fever, chills, ..., or pregnancy".
_DENIED_ALL = re.compile(r"\b(?:denies|denied|denying|negative for|no (?:history|evidence|complaints?|signs?) of)\b")
_DENIED_AFTER = re.compile(
    rf"(?<!not )(?<!n't )\b(?:was|were|is|are|has been|have been|be) (?:not(?! {_OPEN})|never|ruled out|negative|denied"
    r"|declined|refused)\b"
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
    r"\b(?:possib(?:le|ly)|probabl[ey]|suspect(?:ed|s)?|suspicious for|(?<!in )(?<!of )may(?! \d)|might|could"
    r"|(?:cannot|can't|not) (?:exclude|rule out)|rule out|r/o|questionable|likely|consider(?:ed|ing)?|versus|vs|if"
    r"|whether|unless|risks?(?: of)?"
    r"|in case of|should (?:she|he) (?:become|develop)|differential|concern(?:ed|ing)? (?:for|about)|question of)\b|\?"
)
_POSSIBLE_AFTER = re.compile(
    rf"\b(?:cannot|can't|(?:could|can|is|are|was|were|has|have) not) {_OPEN}"
    r"|\b(?:is|are|was|were|remains?) (?:possible|probable|likely|suspected|questioned|in question|of concern)\b"
)
_TERMINATION = re.compile(
    r"\b(?:but|however|although|though|except|aside from|apart from|other than|which|who|secondary to|because"
    r"|since|because of|due to|yet|nevertheless|still|now|and (?:is|was|has|had|will|he|she)|so)\b|[;:]"
)
_WORD = re.compile(r"\S+")
_LETTER = re.compile(r"[^\W_]")
_LEADING = re.compile(r"^(?:[\s,.;:!?()]+|(?:the|an?|s?he|it|they|we|i|this|that|there|patient)(?![\w'-]))*")


def assertion_of(sentence: str, start: int, end: int) -> Assertion:
    """Tell how a sentence speaks of its characters [start, end).

    Examples
    --------
    >>> said = "She denies chest pain but takes aspirin."
    >>> assertion_of(said, 11, 21), assertion_of(said, 32, 39)
    (<Assertion.NEGATED: 'negated'>, <Assertion.AFFIRMED: 'affirmed'>)
    """
    text = _small(sentence)
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
    if _POSSIBLE.search(before) or _POSSIBLE_AFTER.search(_few(after)):
        return Assertion.POSSIBLE
    return Assertion.AFFIRMED


def assertion_cues(text: str) -> tuple[AssertionCue, ...]:
    """Find what denies, doubts or ends in a note, with the words that it speaks of, in the order of the cues.

    `assertion_of` says the same of every word of a scope, unless a stronger cue speaks of it too: a denial is stronger
    than an end, and an end than a doubt.

    Examples
    --------
    >>> said = "No fever, but possible sepsis."
    >>> for found in assertion_cues(said):
    ...     said[found.cue.start : found.cue.end], str(found.assertion), said[found.scope.start : found.scope.end]
    ('No', 'negated', 'fever')
    ('possible', 'possible', 'sepsis')
    """
    found = []
    for sentence in sentences(text):
        said = _small(text[sentence.start : sentence.end])
        for assertion, cue, scope in (*_forward(said), *_backward(said)):
            held = _trimmed(said, scope)
            if held is not None:
                found.append(AssertionCue(assertion, _moved(cue, sentence.start), _moved(held, sentence.start)))
    return tuple(sorted(found, key=lambda one: (one.cue.start, one.scope.start)))


_Reach = tuple[Assertion, Stretch, Stretch]


def _forward(said: str) -> Iterator[_Reach]:
    """Cues with the words after them, up to the next termination."""
    stops = [match.start() for match in _TERMINATION.finditer(said)]
    taken: list[Stretch] = []
    for assertion, pattern in (
        (Assertion.NEGATED, _DENIED_ALL),
        (Assertion.NEGATED, _DENIED),
        (Assertion.ENDED, _ENDED),
        (Assertion.POSSIBLE, _POSSIBLE),
    ):
        for match in pattern.finditer(said):
            cue = Stretch(*match.span())
            if any(cue.start < other.end and cue.end > other.start for other in taken):
                continue
            taken.append(cue)
            stop = next((at for at in stops if at >= cue.end), len(said))
            words = [word.end() for word in _WORD.finditer(said, cue.end, stop)]
            most = len(words) if pattern is _DENIED_ALL else _REACH - len(match[0].split()) + 1
            if words:
                yield assertion, cue, Stretch(cue.end, words[:most][-1])


def _backward(said: str) -> Iterator[_Reach]:
    """Cues with the words before them, down to the termination before."""
    stops = [match.end() for match in _TERMINATION.finditer(said) if match[0] != ":"]
    for assertion, pattern in (
        (Assertion.NEGATED, _DENIED_AFTER),
        (Assertion.ENDED, _ENDED_AFTER),
        (Assertion.POSSIBLE, _POSSIBLE_AFTER),
    ):
        for match in pattern.finditer(said):
            cue = Stretch(*match.span())
            stop = max((at for at in stops if at <= cue.start), default=0)
            words = [word.start() for word in _WORD.finditer(said, stop, cue.start)]
            most = max(_REACH_BACK - len(match[0].split()), 0) + 1
            if words:
                yield assertion, cue, Stretch(words[-most:][0], cue.start)


def _trimmed(said: str, scope: Stretch) -> Stretch | None:
    """A scope without signs at its ends and words before it that name nothing; None where nothing is left."""
    inside = said[scope.start : scope.end]
    start = scope.start + len(inside) - len(_LEADING.sub("", inside, count=1))
    left = said[start : scope.end].rstrip(" \t,.;:!?()")
    return Stretch(start, start + len(left)) if _LETTER.search(left) else None


def _moved(place: Stretch, by: int) -> Stretch:
    return Stretch(place.start + by, place.end + by)


def _small(sentence: str) -> str:
    """A sentence in small letters without what only looks like a cue, every other character at its place."""
    small = _PSEUDO.sub(lambda match: " " * len(match[0]), sentence.lower())
    return small if len(small) == len(sentence) else sentence  # a letter may grow when it is made small


def _ends_denied(after: str) -> bool:
    """Whether what was named is denied a few words later, as in "pregnancy test is negative"."""
    return bool(_DENIED_AFTER.search(_few(after)))


def _few(text: str) -> str:
    return " ".join(text.split()[:_REACH_BACK])


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
