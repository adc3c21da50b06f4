"""The badge says what was measured, no more, and warns in the words of the comparison that failed."""

from __future__ import annotations

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from engine import Band, Comparison, Curve, Faithfulness, Method, Verdict, map_warning, measured_against, p_in_words

FLAT = Band((0.0, 1.0), (0.1, 0.1), (0.2, 0.2), (0.3, 0.3))


def comparison(against: str, p_better: float) -> Comparison:
    return Comparison(
        against, share=0.2, gap=0.2, gaps=(0.1,) * 20, p_better=p_better, p_worse=1.0, deletion=FLAT, insertion=FLAT
    )


def measured(verdict: Verdict, *, chance: float = 0.048, blob: float = 0.048) -> Faithfulness:
    values = {
        "method": Method.RELEVANCE,
        "label": "normal",
        "rather_than": None,
        "verdict": verdict,
        "sentence": "It does better than 20 of 20 random maps.",
        "baseline": "A removed patch is absent.",
        "unit": "patch",
        "deletion": Curve((0.0, 0.5, 1.0), (0.9, 0.4, 0.2)),
        "insertion": Curve((0.0, 0.5, 1.0), (0.2, 0.8, 0.9)),
        "chance": comparison("random maps", chance),
        "blob": comparison("blobs in the middle", blob),
        "sufficiency": 0.05,
        "comprehensiveness": 0.4,
        "model_digest": "ab",
        "passes": 31.0,
        "seconds": 1.5,
    }
    return Faithfulness(**{field.name: values[field.name] for field in dataclasses.fields(Faithfulness)})


def test_p_values_name_what_they_are_against() -> None:
    assert p_in_words(measured(Verdict.CHANCE, blob=0.38)) == (
        "p = 0.048 against random maps, 0.38 against blobs in the middle"
    )


def test_the_badge_says_in_its_own_words_against_what_it_was_measured() -> None:
    found = measured(Verdict.FAITHFUL)
    said = "removed patches, absent with nothing in their place, against 20 random orders and 20 blobs in the middle"
    assert said in measured_against(found)
    assert "removed patches and words, " in measured_against(dataclasses.replace(found, unit="part"))
    app = AppTest.from_function(page, args=(found,)).run()
    (badge,) = (element.proto.body for element in app.get("html") if "at-badge" in element.proto.body)
    assert said in badge


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (measured(Verdict.FAITHFUL), ""),
        (measured(Verdict.CHANCE, blob=0.4), "no better than a blob in the middle"),
        (measured(Verdict.CHANCE, chance=0.3, blob=0.4), "no better than a random map"),
        (measured(Verdict.CHANCE), "hardly rests on one part more than on another"),
        (measured(Verdict.WORSE), "does not rest on"),
    ],
)
def test_a_map_that_fails_is_warned_of(found: Faithfulness, words: str) -> None:
    said = map_warning(found)
    assert words in said
    assert bool(said) is (found.verdict is not Verdict.FAITHFUL)


def page(found: object) -> None:
    """Draw the line, the badge and the curves of a measurement."""
    from dashboard.components.badge import badge, map_line
    from dashboard.components.curves import curves

    map_line(None, failed="", title="Chest")
    map_line(found, failed="", title="Chest")
    badge(found, key="b")
    curves(found)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_line_badge_and_curves_are_drawn(verdict: Verdict) -> None:
    app = AppTest.from_function(page, args=(measured(verdict),)).run()
    assert not app.exception
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert "is being checked" in html
    assert f">{verdict}</span>" in html
    assert ("at-alarm" in html) is (verdict is not Verdict.FAITHFUL)
    assert "A removed patch is absent." in app.caption[0].value
    assert len(app.get("plotly_chart")) == 2
