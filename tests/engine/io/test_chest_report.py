"""What is read of a chest report, and what is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.io.chest_report import is_chest_report, seen_part, unseen_part
from engine.samples import sample_case, sample_index

REPORT = """EXAM: Chest, two views.
HISTORY: Cough.
FINDINGS: Heart size is normal. The lungs are clear. No pleural effusion.
IMPRESSION: No acute disease.
"""


def test_findings_alone_are_read() -> None:
    assert [REPORT[part.start : part.end] for part in seen_part(REPORT)] == [
        "Heart size is normal. The lungs are clear. No pleural effusion."
    ]
    left = [REPORT[part.start : part.end] for part in unseen_part(REPORT)]
    assert "No acute disease." in left[-1]


def test_without_a_heading_the_impression_is_left_out_all_the_same() -> None:
    text = "The lungs are clear. IMPRESSION: Normal chest."
    assert [text[part.start : part.end] for part in seen_part(text)] == ["The lungs are clear."]


@given(
    st.text(max_size=200) | st.lists(st.sampled_from(["FINDINGS: ", "IMPRESSION: ", "Lungs. ", "\n", "x"])).map("".join)
)
def test_every_character_that_is_no_blank_is_in_one_part(text: str) -> None:
    parts = sorted([*seen_part(text), *unseen_part(text)], key=lambda part: part.start)
    covered = "".join(text[part.start : part.end] for part in parts)
    assert "".join(covered.split()) == "".join(text.split())
    is_chest_report(text)


@pytest.mark.parametrize("text", ["", "Knee.", "The heart sank.", "Lungs lungs lungs lungs."])
def test_few_words_are_no_report(text: str) -> None:
    assert not is_chest_report(text)


def test_of_the_samples_the_chest_reports_alone_are_taken_for_such() -> None:
    found = {
        entry.case_id
        for entry in sample_index()
        if "NOTE" in entry.modality
        and (note := sample_case(entry.case_id).note) is not None
        and is_chest_report(note.text)
    }
    assert found == {"note-chest-report-1", "note-chest-report-2"}


def test_an_addendum_behind_the_impression_is_read() -> None:
    text = "FINDINGS: The lungs are clear.\nIMPRESSION: Normal.\nADDENDUM: Pneumothorax.\nPLAN: None."
    assert [text[part.start : part.end] for part in seen_part(text)] == ["The lungs are clear.", "Pneumothorax."]
    text = "The lungs are clear. ADDENDUM: Pneumothorax."
    assert len(seen_part(text)) == 2
