"""Denied, thought of, affirmed: the cues of NegEx, their reach, and what they leave alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.io.negation import Assertion, assertion_cues, assertion_of
from engine.io.sections import sentences

AFFIRMED, NEGATED, POSSIBLE, ENDED = Assertion


@pytest.mark.parametrize(
    ("sentence", "word", "expected"),
    [
        ("No known drug allergies.", "allergies", NEGATED),
        ("She denies fever, chills, cough or pregnancy.", "pregnancy", NEGATED),
        (
            "He denied any recent fever, dyspnea, cough, emesis, diarrhea, hemoptysis, melena, or rash.",
            "melena",
            NEGATED,
        ),
        ("She is not pregnant.", "pregnant", NEGATED),
        ("Pregnancy test was negative.", "Pregnancy", NEGATED),
        ("Asthma: denied.", "Asthma", NEGATED),
        ("Pulmonary embolism was ruled out.", "embolism", NEGATED),
        ("Stop ibuprofen.", "ibuprofen", ENDED),
        ("Metformin was discontinued.", "Metformin", ENDED),
        ("She is allergic to penicillin.", "penicillin", ENDED),
        ("Penicillin allergy.", "Penicillin", ENDED),
        ("She is not allergic to penicillin.", "penicillin", NEGATED),
        ("She is 20 weeks pregnant.", "pregnant", AFFIRMED),
        ("No fever, but asthma since childhood.", "asthma", AFFIRMED),
        ("Not only asthma.", "asthma", AFFIRMED),
        ("No change of her renal failure.", "renal failure", AFFIRMED),
        ("Without difficulty on aspirin.", "aspirin", AFFIRMED),
        ("Possible renal failure.", "renal failure", POSSIBLE),
        ("Rule out pregnancy.", "pregnancy", POSSIBLE),
        ("Consider a statin.", "statin", POSSIBLE),
        ("Cannot rule out pneumonia.", "pneumonia", POSSIBLE),
        ("Cannot exclude pneumonia.", "pneumonia", POSSIBLE),
        ("Pneumonia cannot be ruled out.", "Pneumonia", POSSIBLE),
        ("Pneumonia is not excluded.", "Pneumonia", POSSIBLE),
        ("Pneumonia is suspected.", "Pneumonia", POSSIBLE),
        ("It may be pneumonia.", "pneumonia", POSSIBLE),
        ("On May 31, 2018 stroke.", "stroke", AFFIRMED),
        ("Seen in May for stroke.", "stroke", AFFIRMED),
        ("Pneumonia is not suspected.", "Pneumonia", NEGATED),
    ],
)
def test_a_cue_speaks_for_what_stands_near_it(sentence: str, word: str, expected: Assertion) -> None:
    start = sentence.index(word)
    assert assertion_of(sentence, start, start + len(word)) is expected


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_any_text_gets_an_answer(text: str, start: int, length: int) -> None:
    assert assertion_of(text, start, start + length) in Assertion


def test_a_letter_that_grows_in_small_letters_moves_nothing() -> None:
    text = "İİİİ no asthma, but gout."
    at = text.index("gout")
    assert assertion_of(text, at, at + 4) is AFFIRMED


def _cues(text: str) -> list[tuple[str, Assertion, str]]:
    found = assertion_cues(text)
    return [(text[one.cue.start : one.cue.end], one.assertion, text[one.scope.start : one.scope.end]) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The patient denies fever, chills, or rash but may have a cold.",
            [("denies", NEGATED, "fever, chills, or rash"), ("may", POSSIBLE, "have a cold")],
        ),
        ("She is not pregnant.", [("not", NEGATED, "pregnant")]),
        (
            "Pneumonia was ruled out.\nStop aspirin.",
            [("was ruled out", NEGATED, "Pneumonia"), ("Stop", ENDED, "aspirin")],
        ),
        ("Pneumonia cannot be excluded.", [("cannot be excluded", POSSIBLE, "Pneumonia")]),
        ("No change of her renal failure. Any questions?", []),
    ],
)
def test_cues_name_what_they_speak_of(text: str, expected: list[tuple[str, Assertion, str]]) -> None:
    assert _cues(text) == expected


NOTE = """HISTORY: She denies chest pain, fever, or chills, but has had a cough for a week, possibly since a cold.
No known allergies. Pregnancy test was negative. Pneumonia cannot be ruled out; no effusion or pneumothorax is seen.
Metformin was discontinued because of nausea. She is not a smoker, and is not on oxygen. Rule out sepsis."""


def test_every_word_of_a_scope_is_spoken_of_as_its_cue_says() -> None:
    strength = [AFFIRMED, POSSIBLE, ENDED, NEGATED]
    for found in assertion_cues(NOTE):
        sentence = next(s for s in sentences(NOTE) if s.start <= found.scope.start < s.end)
        said = NOTE[sentence.start : sentence.end]
        for word in re.finditer(r"\w+", NOTE[found.scope.start : found.scope.end]):
            start = found.scope.start - sentence.start + word.start()
            assert strength.index(assertion_of(said, start, start + len(word[0]))) >= strength.index(found.assertion)


_PARTS = [
    "no ",
    "may ",
    "denies ",
    "fever ",
    "is ",
    "not ",
    "ruled out",
    "allergy ",
    "stop ",
    "but ",
    ".",
    ", ",
    ": ",
    "?",
    "\n",
    "İ",
]


@given(st.lists(st.sampled_from(_PARTS)).map("".join))
def test_cues_and_scopes_lie_inside_any_text_and_apart(text: str) -> None:
    for found in assertion_cues(text):
        for place in (found.cue, found.scope):
            assert 0 <= place.start < place.end <= len(text)
        assert found.cue.end <= found.scope.start or found.scope.end <= found.cue.start
