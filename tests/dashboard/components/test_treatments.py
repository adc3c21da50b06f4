"""Suggestions on the screen: contradictions first, contradicted ones marked and kept, none where nothing passes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.treatments import offered, quotes
from engine import Analysis, Call, Domain, Explanation, Finding, Method, Span

FINDINGS = (
    Finding("diuretic", 0.6, Call.RULED_IN),
    Finding("beta-blocker", 0.4, Call.UNCERTAIN),
    Finding("opioid", 0.3, Call.RULED_OUT),
    Finding("NSAID", 0.05, Call.UNCERTAIN),
)


def _analysis(*, inside: bool = True) -> Analysis:
    return Analysis("treatment", "c", FINDINGS, Domain(inside), "0" * 64, "cpu")


def test_what_passes_is_offered_and_nothing_outside_the_domain() -> None:
    assert [finding.label for finding in offered(_analysis(), (0.2, 0.2))] == ["diuretic", "beta-blocker"]
    assert offered(_analysis(), (0.9,)) == ()
    assert offered(_analysis(inside=False), (0.2,)) == ()


def test_neighbouring_words_are_quoted_together_the_strongest_first() -> None:
    text = "Severe chest pain, and a mild cough today."
    spans = (Span(7, 12, 2.0), Span(13, 17, 3.0), Span(17, 18, 1.5), Span(30, 35, 4.0), Span(25, 29, 0.5))
    found = Explanation(Method.RELEVANCE, "opioid", 5.0, spans=spans)
    assert quotes(found, text) == ["cough", "chest pain,"]


def _page(stated: bool) -> None:
    from dashboard.components.treatments import contradictions, past_notes, suggestions
    from engine import Analysis, Call, Caution, Cautions, Domain, Finding, Objection, PastCase, SimilarCases

    against = (Objection("beta-blocker", "Can bring on severe bronchospasm."), Objection("NSAID", "May harm."))
    found = Cautions((Caution("asthma", "<i>Asthma</i>", 0, 6, False, against),) if stated else (), ("asthma", "x"))
    suggested = (Finding("beta-blocker", 0.4, Call.UNCERTAIN),)
    analysis = Analysis("treatment", "c", suggested, Domain(True), "0" * 64, "cpu", cautions=found)
    past = SimilarCases((PastCase(("beta-blocker",), 0.1, "n7 · Surgery"), PastCase((), 0.2, "n8")), 100, 0.1)
    contradictions(found, suggested)
    suggestions(analysis, suggested if stated else (), past, None, "text")
    past_notes(suggested, past)


def _said(*, stated: bool) -> str:
    app = AppTest.from_function(_page, kwargs={"stated": stated}).run()
    assert not app.exception
    return "".join(str(element.proto.body) for element in app.get("html"))


def test_a_contradicted_suggestion_is_marked_and_stays() -> None:
    said = _said(stated=True)
    assert "Contradicted: asthma" in said
    assert "1. beta-blocker" in said
    assert "Can bring on severe bronchospasm." in said
    assert "1 of the 2 nearest training notes: n7 · Surgery" in said
    assert "&lt;i&gt;Asthma" in said
    assert "<i>Asthma" not in said


def _warned(named: tuple[str, ...], language: bool) -> None:
    from dashboard.components.treatments import contradictions
    from engine import Caution, Cautions, Objection

    asthma = Caution("asthma", "Asthma", 0, 6, False, (Objection("NSAID", "May harm."),))
    ulcer = Caution("peptic ulcer", "Ulcer", 9, 14, False, (Objection("corticosteroid", "Can bleed."),))
    contradictions(Cautions((asthma, ulcer) if language else (), ("asthma",) if language else (), named), ())


@pytest.mark.parametrize("named", [(), ("corticosteroid",)])
def test_where_nothing_is_suggested_contradictions_are_open_and_what_the_note_names_comes_first(
    named: tuple[str, ...],
) -> None:
    app = AppTest.from_function(_warned, kwargs={"named": named, "language": True}).run()
    (said,) = [str(element.proto.body) for element in app.get("html")]
    assert said.index("Ulcer") < said.index("Asthma") if named else "<details>" not in said
    assert ("Against corticosteroid, which this note itself names" in said) is bool(named)


def test_a_note_in_another_language_is_not_said_to_be_free_of_contradictions() -> None:
    app = AppTest.from_function(_warned, kwargs={"named": (), "language": False}).run()
    (said,) = [str(element.proto.body) for element in app.get("html")]
    assert "nothing can be said of this note" in said
    assert "None of" not in said


def test_no_contradiction_is_no_proof_and_nothing_is_suggested_where_nothing_passes() -> None:
    said = _said(stated=False)
    assert "None of 2 conditions" in said
    assert "absence in the note is not absence in the patient" in said
    assert "No suggestion" in said
