"""The draft as the browser gets it: every character, each word's origins, warnings in words."""

from __future__ import annotations

import numpy as np

from dashboard.components.draft import drafted, origins
from engine import Check, CheckKind, Draft, DraftedWord, Stretch

NOTE = "No effusion. Healed rib fracture."
TEXT = "Effusion, XXXX."
SOURCES = ((0, 2), (3, 11), (13, 19), (20, 23), (24, 32))


def _draft(*checks: Check, text: str = TEXT) -> Draft:
    words = (DraftedWord(0, 8, 0.9), DraftedWord(8, 9, 0.8), DraftedWord(10, 14, 0.5), DraftedWord(14, 15, 0.9))
    shares = np.array([[0.02, 0.7, 0.2, 0.06, 0.02]] * 4, np.float32)
    return Draft(text, "", words, SOURCES, shares, 0.7, 0.4, checks, 26)


def _ranks(place: Stretch) -> list[int]:
    return [SOURCES.index((place.start, place.end))]


def test_pieces_join_to_the_draft_and_words_know_where_they_come_from() -> None:
    made = drafted(_draft(), NOTE, _ranks)
    assert "".join(piece["text"] for piece in made["pieces"]) == TEXT
    first = made["pieces"][0]
    assert first["from"] == [(1, 1.0), (2, np.float32(0.2) / np.float32(0.7)), (3, np.float32(0.06) / np.float32(0.7))]
    assert first["said"] == "Effusion (p 0.90) from: effusion 0.70, Healed 0.20, rib 0.06"
    assert "from" not in made["pieces"][1]  # a comma


def test_shares_that_are_not_worth_a_look_are_left_out() -> None:
    assert [place for place, _ in origins(_draft(), 0)] == [Stretch(3, 11), Stretch(13, 19), Stretch(20, 23)]


def test_what_does_not_agree_is_quoted_and_what_is_left_out_is_named() -> None:
    made = drafted(
        _draft(
            Check(CheckKind.DENIED, "pleural effusion", (0, 8), (3, 11)),
            Check(CheckKind.LEFT_OUT, "fracture", None, (24, 32)),
        ),
        NOTE,
        _ranks,
    )
    assert made["warnings"] == [
        "“Effusion” is denied in the findings: “No effusion”",
        "Stated in the findings and left out of the draft: fracture.",
    ]
    assert made["pieces"][0]["doubtful"]
    said = " ".join(made["said"])
    assert "puts 1 finding otherwise than the text" in said
    assert "XXXX stands where a word was blanked out" in said


def test_no_draft_is_a_reason_and_nothing_else() -> None:
    none = Draft("", "It is unsure.", (), (), np.zeros((0, 0), np.float32), 0.2, 0.4)
    assert drafted(none, NOTE, _ranks) == {"reason": "It is unsure.", "pieces": [], "said": [], "warnings": []}
