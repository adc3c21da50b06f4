"""The bars beside a note: sections in its order, one axis for all, two labels on one scale, none for a plain note."""

from __future__ import annotations

from typing import Any

from dashboard.components.note_sections import sections_panel
from engine import Explanation, Method, Span, TwoLabels, speaking

TEXT = "HPI: Cough since May. PLAN: Rest at home. ALLERGIES: None."
METHOD = Method.LIBRA_FULL_GRADIENT


def spans_of(values: list[float], text: str = TEXT) -> tuple[Span, ...]:
    found, at = [], 0
    for word, value in zip(text.split(), values, strict=True):
        at = text.index(word, at)
        found.append(Span(at, at := at + len(word.rstrip(".:")), value))
    return tuple(found)


def panel(explanation: Explanation, pair: TwoLabels | None = None, text: str = TEXT) -> dict[str, Any] | None:
    return sections_panel(text, explanation, pair, lambda start, end: (start, end))


def test_each_section_has_its_weight_its_length_and_its_place() -> None:
    found = panel(Explanation(METHOD, "flu", 4.0, spans=spans_of([0, 6, 0, 0, 0, -2, 0, 0, 2, 0])))
    assert found is not None
    assert [row["name"] for row in found["rows"]] == ["History", "Plan", "Allergies"]
    assert [row["bars"][0]["said"] for row in found["rows"]] == ["+60%", "−20%", "+20%"]
    assert found["rows"][1]["said"] == "plan: −20%; 40% of the words, each 0.5 ×"
    assert found["rows"][1]["pieces"] == (TEXT.index("PLAN"), TEXT.index("ALLERGIES"))
    assert (found["axis"], found["labels"], found["signed"]) == (0.6, [""], True)


def test_a_map_without_signs_is_drawn_in_one_direction() -> None:
    found = panel(Explanation(Method.ROLLOUT, None, 4.0, spans=spans_of([1.0] * 10)))
    assert found is not None
    assert not found["signed"]
    assert [row["bars"][0]["said"] for row in found["rows"]] == ["40%", "40%", "20%"]
    assert found["hint"] == ""


def test_what_the_model_did_not_read_is_said_and_has_no_bar() -> None:
    spans = tuple(span for span in spans_of([1.0] * 10) if not 22 <= span.start < 42)
    found = panel(Explanation(METHOD, "flu", 4.0, spans=spans))
    assert found is not None
    plan = found["rows"][1]
    assert (plan["length"], plan["bars"][0]["said"], plan["extent"]) == ("4 words, not read", "–", 0.0)


def test_two_labels_stand_on_one_scale_with_the_words_that_tell_them_apart() -> None:
    first, second = spans_of([0, 4, 0, 0, 0, -2, 0, 0, 0, 2]), spans_of([0, 1, 0, 0, 0, 1, 0, 0, 0, -2])
    pair = TwoLabels("flu", "cold", first, second)
    found = panel(Explanation(METHOD, "flu", 4.0, spans=first, rather_than="cold"), pair)
    assert found is not None
    assert [[bar["said"] for bar in row["bars"]] for row in found["rows"]] == [
        ["+50%", "+12%"],
        ["−25%", "+12%"],
        ["+25%", "−25%"],
    ]
    assert [[word["text"] for word in one["words"]] for one in found["telling"]] == [["None", "Cough"], ["Rest"]]
    assert found["telling"][0]["words"][1]["said"] == "A +4.0, B +1.0 × average word"
    assert found["labels"] == ["flu", "cold"]


def test_a_note_without_headings_has_no_bars() -> None:
    plain = "He coughs and rests at home."
    assert panel(Explanation(METHOD, "flu", 4.0, spans=spans_of([1.0] * 6, plain)), text=plain) is None


def test_a_slow_method_says_why_labels_are_not_set_side_by_side() -> None:
    found = panel(Explanation(Method.SHAPLEY, "flu", 4.0, spans=spans_of([1.0] * 10), rather_than="cold"))
    assert found is not None
    assert "too long" in found["hint"]


def test_sections_are_named_in_the_language_of_the_page() -> None:
    with speaking("zh_CN"):
        found = panel(Explanation(METHOD, "flu", 4.0, spans=spans_of([1.0] * 10)))
    assert found is not None
    assert [row["name"] for row in found["rows"]] == ["病史", "计划", "过敏"]
