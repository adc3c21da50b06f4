"""What is said of a film read with its note: what is left without either."""

from __future__ import annotations

import pytest

from dashboard.components.together import in_words
from engine import ModalityShare


@pytest.mark.parametrize(
    ("by_words", "by_image", "said"),
    [
        ("normal", "normal", "Without the film: still “normal”, 0.40. Without the note: still “normal”, 0.80."),
        ("viral", "normal", "Without the film: “viral”, and “normal” 0.40. Without the note: still “normal”, 0.80."),
        (
            "viral",
            "viral",
            "Without the film: “viral”, and “normal” 0.40. Without the note: “viral”, and “normal” 0.80.",
        ),
    ],
)
def test_both_absences_are_told_whatever_they_change(by_words: str, by_image: str, said: str) -> None:
    assert in_words(ModalityShare("normal", 0.9, 0.4, 0.8, 0.3, by_words, by_image)) == said
