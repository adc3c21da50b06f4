"""A draft to word pieces and back: the spelling of sentences is ours, for the pieces know neither capitals nor spaces.

Word pieces: Schuster & Nakajima, ICASSP 2012; Wu et al., 2016 (arXiv 1609.08144).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenizers import Tokenizer

from engine.errors import CheckpointError
from engine.words import tr

BEGIN, END = "[CLS]", "[SEP]"
_CONTINUES = "##"
_CLOSING = frozenset(".,;:)%!?/-'")  # signs before which there is no space
_OPENING = frozenset("(/-'")  # and after which there is none
_LONE_STOPS = re.compile(r"(?:\s*\.)+\s*$")  # "disease. ." is one stop
_CAPITALS = frozenset(
    {"ap", "cabg", "chf", "copd", "ct", "ecg", "gi", "icd", "icu", "iv", "ivc", "hiv", "mri", "ng", "pa", "picc", "rll"}
    | {"rml", "rul", "lll", "lul", "svc", "tb", "us"}
)


@dataclass(frozen=True)
class DraftedWord:
    """One word of a draft: its characters [start, end) in the text, and its pieces [first, last) among those written.

    `last` is one past the last piece.
    """

    start: int
    end: int
    first: int
    last: int


def draft_pieces(text: str, tokenizer: Tokenizer, *, longest: int) -> list[int]:
    """Make an impression into the pieces that a decoder is taught: at most `longest` in all."""
    body = tokenizer.encode(_LONE_STOPS.sub(".", text.strip()), add_special_tokens=False).ids
    return [piece_number(BEGIN, tokenizer), *body[: longest - 2], piece_number(END, tokenizer)]


def piece_number(piece: str, tokenizer: Tokenizer) -> int:
    """Look up a piece that no draft can do without.

    Raises
    ------
    CheckpointError
        The tokenizer does not know it.
    """
    number = tokenizer.token_to_id(piece)
    if number is None:
        raise CheckpointError(tr("The tokenizer does not know {piece}.", piece=piece), tr("Use a BERT tokenizer."))
    return number


def spell(pieces: Sequence[int], tokenizer: Tokenizer) -> tuple[str, tuple[DraftedWord, ...]]:
    """Write pieces, without the special ones, as a text with capitals and spaces.

    Returns
    -------
    tuple of str and tuple of DraftedWord
        The text, and its words and signs in order.
    """
    shown = [tokenizer.id_to_token(piece) or "" for piece in pieces]
    text, words, begins = "", [], True
    for first, last in _whole_words(shown):
        written = "".join(piece.removeprefix(_CONTINUES) for piece in shown[first:last])
        spelt = _with_capitals(written, begins=begins)
        text += "" if not text or _joined(text, written) else " "
        words.append(DraftedWord(len(text), len(text) + len(spelt), first, last))
        text += spelt
        begins = _begins_next(text, written, begins)
    return text, tuple(words)


def _whole_words(pieces: Sequence[str]) -> list[tuple[int, int]]:
    """The pieces [first, last) of each word."""
    starts = [rank for rank, piece in enumerate(pieces) if rank == 0 or not piece.startswith(_CONTINUES)]
    return list(pairwise([*starts, len(pieces)]))


def _joined(text: str, written: str) -> bool:
    """Whether a word follows what is written without a space: signs, and the digits of a decimal number."""
    decimal = text[-1] == "." and text[-2:-1].isdigit() and written.isdigit() and not _numbers_a_line(text)
    return written in _CLOSING or text[-1] in _OPENING or decimal


def _numbers_a_line(text: str) -> bool:
    """Whether a text ends with the number of a line, such as "2."."""
    return re.search(r"(?:^|\. )\d\.$", text) is not None


def _with_capitals(written: str, *, begins: bool) -> str:
    if written in _CAPITALS or set(written) == {"x"}:
        return written.upper()
    return written[:1].upper() + written[1:] if begins else written


def _begins_next(text: str, written: str, begins: bool) -> bool:
    """Whether the next word begins a sentence: after a stop, and after the number of a line."""
    if written in {".", "!", "?"}:
        return not re.search(r"\d\.$", text) or _numbers_a_line(text)
    return begins and not any(character.isalpha() for character in written)
