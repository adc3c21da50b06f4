"""Rows of `attending analyse`: where the contradictions of a note stand, and which row is a mere refusal."""

from __future__ import annotations

from engine.results import Caution, Cautions, Objection
from engine.rows import answer_line, caution_lines, is_refused, with_cautions

STATED = Cautions(
    (Caution("asthma", "Asthma", 0, 6, False, (Objection("NSAID", "May harm."),)),), ("asthma",), ("NSAID",)
)
ANSWER = {"file": "a", "task": "clinical-note", "findings": [], "in_domain": True, "coverage": 1.0}
SUGGESTION = {"file": "a", "task": "treatment", "error": "too little"}


def test_contradictions_stand_with_the_treatments_and_else_first() -> None:
    both = with_cautions([ANSWER, SUGGESTION], STATED)
    assert ["cautions" in row for row in both] == [False, True]
    assert ["cautions" in row for row in with_cautions([ANSWER, ANSWER], STATED)] == [True, False]
    assert with_cautions([{"file": "a", "error": "x"}], STATED)[0]["cautions"][0]["named"] == ["NSAID"]
    assert with_cautions([ANSWER], None) == [ANSWER]


def test_a_refusal_that_warns_is_not_a_mere_refusal() -> None:
    assert is_refused(SUGGESTION)
    assert is_refused({**SUGGESTION, "cautions": []})
    assert not is_refused(*with_cautions([SUGGESTION], STATED))
    assert not is_refused(ANSWER)


def test_a_condition_has_a_line_that_says_what_the_note_itself_names() -> None:
    (row,) = with_cautions([SUGGESTION], STATED)
    assert caution_lines(row) == ["a: CAUTION, asthma: “Asthma” speaks against NSAID; THE NOTE ITSELF NAMES NSAID"]
    assert caution_lines(ANSWER) == []
    assert answer_line(ANSWER) == "a: clinical-note: no call"


def test_a_search_says_what_was_expected_and_what_nobody_knows() -> None:
    found = {"label": "donor", "probability": 0.9, "set": "ruled in"}
    searched = {"sites": [{"probability": 0.25}], "strands": 2, "density": 0.6, "unknown": 1200, "share_searched": 1.0}
    row = ANSWER | {"task": "splice-junction", "findings": [found]} | searched
    said = " of 1 sites (both strands, 0.6 junctions expected per kb, the first of which is 25.0% likely)"
    unknown = "; WARNING: 1,200 places among runs of N were not searched"
    assert answer_line(row) == f"a: splice-junction: donor 0.90 (ruled in){said}{unknown}"
    stopped = "; WARNING: THE SEARCH WAS STOPPED, 12.5% of the sequence was searched"
    assert answer_line(row | {"share_searched": 0.125}).endswith(unknown + stopped)
