"""A drafted impression as the note's map draws it: its words, what each was written from, and what does not agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import Check, CheckKind, Draft, Stretch, spoken, tr, trn

_LEAST_SHARE = 0.05  # of a word's origin: less is not worth a look
_MOST_ORIGINS = 6
_WARNS = frozenset(CheckKind) - {CheckKind.LEFT_OUT}
_BLANKED = "XXXX"  # what stands for blanked words in the reports that models learn from


def drafted(draft: Draft, text: str, ranks: Callable[[Stretch], Sequence[int]]) -> dict[str, Any]:
    """Make a draft ready for the browser.

    Parameters
    ----------
    text : str
        The note.
    ranks : callable
        A place in the note -> the ranks of the pieces, as the browser draws them, that it touches.
    """
    if draft.reason:
        return {"reason": spoken(draft.reason), "pieces": [], "said": [], "warnings": []}
    warnings = [_warning(check, draft, text) for check in draft.checks if check.kind in _WARNS]
    return {
        "reason": "",
        "pieces": _pieces(draft, text, ranks),
        "said": [_standing(draft), *_in_words(draft)],
        "warnings": [*warnings, *_left_out(draft, text)],
    }


def origins(draft: Draft, rank: int) -> list[tuple[Stretch, float]]:
    """From which words of the note a word of the draft was written, the largest share first."""
    row = draft.alignment[rank]  # (S,)
    first = row.argsort()[::-1][:_MOST_ORIGINS]
    return [(Stretch(*draft.sources[place]), float(row[place])) for place in first if row[place] >= _LEAST_SHARE]


def _pieces(draft: Draft, text: str, ranks: Callable[[Stretch], Sequence[int]]) -> list[dict[str, Any]]:
    """The draft cut at its words: texts that join to it, a word with its origins, what stands between with none."""
    found, end = [], 0
    for rank, word in enumerate(draft.words):
        if word.start > end:
            found.append({"text": draft.text[end : word.start]})
        written = draft.text[word.start : word.end]
        end = word.end
        if not any(character.isalnum() for character in written):
            found.append({"text": written})
            continue
        known = origins(draft, rank)
        quoted = ", ".join(f"{text[place.start : place.end]} {share:.2f}" for place, share in known)
        found.append(
            {
                "text": written,
                "doubtful": any(_inside(word.start, check) for check in draft.checks),
                "from": [(piece, share / known[0][1]) for place, share in known for piece in ranks(place)],
                "said": tr(
                    "{written} (p {p:.2f}) from: {words}",
                    written=written,
                    p=word.probability,
                    words=quoted or tr("no word in particular"),
                ),
            }
        )
    return found


def _inside(at: int, check: Check) -> bool:
    return check.kind in _WARNS and check.draft is not None and check.draft[0] <= at < check.draft[1]


def _standing(draft: Draft) -> str:
    return tr(
        "Written by the model from the words below, not by a reader. Mean probability of a word piece "
        "{confidence:.2f}; below {least:.2f} no draft is shown.",
        confidence=draft.confidence,
        least=draft.least,
    )


def _warning(check: Check, draft: Draft, text: str) -> str:
    """What the draft says and the findings do not."""
    said = draft.text[slice(*check.draft)] if check.draft else spoken(check.finding)
    seen = f": “{_around(text, check.source)}”" if check.source else ""
    return tr("“{said}” is {kind}{seen}", said=said, kind=spoken(check.kind), seen=seen)


def _around(text: str, place: tuple[int, int]) -> str:
    """A quotation of the line of a note around a place."""
    start = max(text.rfind(".", 0, place[0]), text.rfind("\n", 0, place[0])) + 1
    stop = text.find(".", place[1])
    return text[start : stop if stop >= 0 else len(text)].strip()


def _left_out(draft: Draft, text: str) -> list[str]:
    """What the findings state and the draft does not, in the words of the findings."""
    gone = [check.source for check in draft.checks if check.kind is CheckKind.LEFT_OUT and check.source]
    named = tr(", ").join(text[slice(*place)] for place in gone)
    return [tr("Stated in the findings and left out of the draft: {named}.", named=named)] if gone else []


def _in_words(draft: Draft) -> list[str]:
    """What the check covers, and what it has changed."""
    unlike = sum(check.kind in _WARNS for check in draft.checks)
    seen = trn("{n:,} finding", "{n:,} findings", unlike) if unlike else tr("nothing")
    said = [
        tr(
            "Of {checked} findings looked for by name, the draft puts {seen} otherwise than the text: there or not, "
            "how surely, on which side, how large. Other words are not checked.",
            checked=draft.checked,
            seen=seen,
        )
    ]
    if draft.passed_over:
        named = tr(", ").join(map(spoken, draft.passed_over))
        said.append(
            tr("A likelier draft was passed over, for it stated what the text says is not there: {named}.", named=named)
        )
    if _BLANKED in draft.text:
        said.append(
            tr("{blank} stands where a word was blanked out in the reports that it learned from.", blank=_BLANKED)
        )
    return said
