"""Sections and sentences of notes: they cover every text, and the usual headings mean what they say."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.io.negation import assertion_cues
from engine.io.sections import SectionKind, kind_of, sentences, split_sections

HEADED = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["PLAN: ", "\nMedications:", "Allergies\n", ". ALLERGIES:", ",HEENT:,", "2. PLAN:", "\r\n", ":"]
        ),
    ),
    max_size=12,
).map("".join)


@given(HEADED)
def test_sections_cover_every_text_in_order(text: str) -> None:
    parts = split_sections(text)
    assert "".join(text[part.start : part.end] for part in parts) == text
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert all(part.start <= part.body <= part.end and part.start < part.end for part in parts)


@given(HEADED)
def test_sentences_are_apart_and_leave_nothing_but_blanks_out(text: str) -> None:
    found = list(sentences(text))
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(text[one.start : one.end].strip() == text[one.start : one.end] != "" for one in found)
    covered = {place for sentence in found for place in range(sentence.start, sentence.end)}
    assert not "".join(letter for place, letter in enumerate(text) if place not in covered).strip()


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("PLAN", SectionKind.PLAN),
        ("ASSESSMENT AND PLAN", SectionKind.PLAN),
        ("A/P", SectionKind.PLAN),
        ("Recommendations", SectionKind.PLAN),
        ("TREATMENT", SectionKind.PLAN),
        ("DISCHARGE MEDICATIONS", SectionKind.MEDICATIONS),
        ("Meds", SectionKind.MEDICATIONS),
        ("MEDICATION ALLERGIES", SectionKind.ALLERGIES),
        ("TITLE OF OPERATION", SectionKind.PROCEDURE),
        ("PROCEDURE PERFORMED", SectionKind.PROCEDURE),
        ("INDICATIONS FOR PROCEDURE", SectionKind.HISTORY),
        ("PAST SURGICAL HISTORY", SectionKind.HISTORY),
        ("POSTOPERATIVE DIAGNOSIS", SectionKind.ASSESSMENT),
        ("OPERATIVE FINDINGS", SectionKind.FINDINGS),
        ("HOSPITAL COURSE", SectionKind.COURSE),
        ("FAMILY HISTORY", SectionKind.FAMILY),
        ("LABORATORY DATA", SectionKind.DATA),
        ("VITAL SIGNS", SectionKind.EXAM),
        ("LIVER", None),
    ],
)
def test_a_heading_means_what_it_says(heading: str, kind: SectionKind | None) -> None:
    assert kind_of(heading) is kind


def test_headings_are_found_in_every_manner_of_writing() -> None:
    text = "Seen today.\nMedications: Aspirin.\nPLAN\n1. Rest. ALLERGIES: None.\nThe patient said: no.,EXAM:,Well"
    assert [part.heading for part in split_sections(text)] == ["", "Medications", "PLAN", "ALLERGIES", "EXAM"]


def test_an_organ_goes_on_with_the_section_before_it() -> None:
    planned = split_sections("PLAN: Rest.\nHEART: Start a beta-blocker.\nPHYSICAL EXAMINATION: Well.\nHEART: Regular.")
    assert [part.kind for part in planned] == [SectionKind.PLAN] * 2 + [SectionKind.EXAM] * 2


def test_an_abbreviation_a_number_and_a_decimal_end_no_sentence() -> None:
    text = "Seen by Dr. Low. 1. Take 2.5 mg daily? Yes.\nNext line"
    assert [text[s.start : s.end] for s in sentences(text)] == [
        "Seen by Dr. Low.",
        "1. Take 2.5 mg daily?",
        "Yes.",
        "Next line",
    ]


@pytest.mark.parametrize(
    ("text", "heading", "body"),
    [
        ("History of Present Illness\nCough.", "History of Present Illness", "Cough."),
        ("1. HISTORY\nCough.", "HISTORY", "Cough."),
        ("**FINDINGS:** Clear.", "FINDINGS", "Clear."),
        ("**Findings**: Clear.", "Findings", "Clear."),
        ("## Findings\nClear.", "Findings", "Clear."),
        ("IMPRESSION - Normal.", "IMPRESSION", "Normal."),
    ],
)
def test_headings_as_other_programs_write_them(text: str, heading: str, body: str) -> None:
    found = split_sections(text)[-1]
    assert found.heading == heading
    assert text[found.body : found.end].strip() == body


@pytest.mark.parametrize("text", ["PATIENT - seen today.", "seen on the ward\nCough.", "2. Rest and fluids\nCough."])
def test_what_only_looks_like_such_a_heading_is_none(text: str) -> None:
    assert [part.heading for part in split_sections(text)] == [""]


def test_a_full_line_that_goes_on_in_the_next_ends_no_sentence() -> None:
    text = (
        "The patient has had no chest pain, no palpitations and no\nfainting. Medications are lisinopril 10 mg daily,\n"
        "aspirin 81 mg\natorvastatin 40 mg\nThis list of what the patient takes was read to her\na. by the nurse\n"
    )
    assert [text[one.start : one.end] for one in sentences(text)] == [
        "The patient has had no chest pain, no palpitations and no\nfainting.",
        "Medications are lisinopril 10 mg daily,\naspirin 81 mg",
        "atorvastatin 40 mg",
        "This list of what the patient takes was read to her",
        "a.",
        "by the nurse",
    ]


def test_what_is_denied_at_the_end_of_a_line_is_denied_in_the_next() -> None:
    text = "She has hypertension and gout, and there is no history of\nkidney failure in her."
    (cue,) = assertion_cues(text)
    assert text[cue.scope.start : cue.scope.end].startswith("kidney failure")
