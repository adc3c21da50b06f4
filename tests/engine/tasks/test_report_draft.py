"""Which of several drafts a reader is shown: none that states what the findings say is not there."""

from __future__ import annotations

import pytest

from engine.io.chest_findings import check
from engine.models.beam import Beam
from engine.tasks.report_draft import Impression, choose, withheld_for

FINDINGS = "No pneumothorax. The pneumonia has resolved. Small left effusion."


def _written(text: str, *, log_probability: float = -1.0) -> Impression:
    return Impression(text, Beam((1, 2, 3), log_probability, log_probability), check(text, FINDINGS))


def test_the_next_draft_is_taken_where_the_best_states_what_is_denied() -> None:
    best, gone, good = _written("Pneumothorax."), _written("Pneumonia."), _written("Left effusion.")
    assert choose((best, gone, good)) is good
    assert choose((good, best)) is good
    assert withheld_for(good, 0.1) == ""


def test_no_draft_is_shown_where_each_states_what_is_denied() -> None:
    best = _written("Pneumothorax.")
    assert choose((best, _written("Pneumonia."))) is best
    assert withheld_for(best, 0.1) == "Every draft states what the findings say is not there: pneumothorax."


@pytest.mark.parametrize(("text", "log_probability"), [("Left effusion.", -9.0), ("Pneumothorax.", -9.0)])
def test_an_unsure_draft_is_withheld_for_that(text: str, log_probability: float) -> None:
    assert "below 0.50 drafts were too often" in withheld_for(_written(text, log_probability=log_probability), 0.5)
