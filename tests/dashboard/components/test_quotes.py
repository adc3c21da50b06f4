"""Quotations as they are handed to the browser: whole sentences with their values, and nothing where none is."""

from __future__ import annotations

from dashboard.components.quotes import by_label, in_the_middle
from engine import MiddleSentence, Quote

TEXT = "He skis.\nHis knee\nlocks. No fever."


def test_a_sentence_is_quoted_on_one_line_with_its_share_under_its_label() -> None:
    (group,) = by_label(TEXT, {"Orthopedic": [Quote(9, 24, 0.75)], "Urology": []})
    assert group["title"] == "The note in short, for Orthopedic:"
    assert group["lines"] == [{"sentence": "His knee locks.", "value": "75%"}]


def test_what_is_quoted_of_a_short_note_is_evidence_and_no_summary() -> None:
    (group,) = by_label(TEXT, {"Orthopedic": [Quote(9, 24, 0.75)]}, short=True)
    assert group["title"] == "What speaks for Orthopedic:"


def test_the_middle_of_a_note_says_that_it_speaks_for_no_label() -> None:
    (group,) = in_the_middle(TEXT, [MiddleSentence(25, 34, 0.876)])
    assert group["lines"] == [{"sentence": "No fever.", "value": "0.88"}]
    assert "speak for no label" in group["about"]
    assert in_the_middle(TEXT, []) == []
