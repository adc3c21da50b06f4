"""What stands behind a suggestion: its words and the past notes that carry it, also where it is rare."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.behind import look_behind
from engine import sample_case, sample_index, shipped_model


@pytest.fixture(scope="module")
def heart_failure() -> str:
    return next(entry.case_id for entry in sample_index() if entry.case_id.startswith("note-heart-failure"))


@pytest.mark.parametrize("label", ["diuretic", "chemotherapy or radiotherapy"])
def test_a_rare_suggestion_has_past_notes_of_its_own_with_their_distance(heart_failure: str, label: str) -> None:
    shares: list[float] = []
    found = look_behind(sample_case(heart_failure), shipped_model("treatment"), label, shares.append)
    assert shares
    assert found.explanation.label == label
    assert found.explanation.spans
    assert len(found.past.cases) == 5
    assert all(label in case.labels for case in found.past.cases)
    distances = [case.distance for case in found.past.cases]
    assert distances == sorted(distances)
    assert len(found.past.cases) < found.past.searched < 1437


def _page(far: bool) -> None:
    from dashboard.components.behind import Behind, said_behind
    from engine import Explanation, Method, PastCase, SimilarCases, Span

    past = SimilarCases((PastCase(("diuretic", "opioid"), 0.4 if far else 0.1, "n7 · <b>Surgery</b>"),), 23, 0.1)
    explanation = Explanation(Method.RELEVANCE, "diuretic", 5.0, spans=(Span(0, 5, 3.0), Span(6, 10, 0.2)))
    said_behind(Behind("diuretic", explanation, past), text="Edema feet", suggested=("diuretic",))


@pytest.mark.parametrize("far", [False, True])
def test_words_and_past_notes_are_said_and_how_far_they_are(far: bool) -> None:
    app = AppTest.from_function(_page, kwargs={"far": far}).run()
    assert not app.exception
    said = "".join(str(element.proto.body) for element in app.get("html"))
    assert "Words for diuretic: </b>“Edema”" in said
    assert "The 1 nearest of 23 training notes whose plans named diuretic" in said
    assert "diuretic *, opioid" in said
    assert "n7 · &lt;b&gt;Surgery" in said
    assert ("none is really alike" in said) is far
