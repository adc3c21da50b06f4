"""Languages of notes: English in every manner is read, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Case, Note, analyse, shipped_model
from engine.tasks.clinical_note import read_dataset
from engine.trust.language import language_reasons
from tests.engine.trust.tongues import ENGLISH, OTHER

TASKS = ("clinical-note", "treatment", "radiology-report", "literature")


@pytest.mark.parametrize("manner", ENGLISH)
def test_english_is_read_in_every_manner(manner: str) -> None:
    for task in TASKS:
        tokenizer = shipped_model(task).tokenizer
        assert tokenizer is not None
        for text in (ENGLISH[manner], ENGLISH[manner].upper(), ENGLISH[manner].lower()):
            assert language_reasons(text, tokenizer) == []


@pytest.mark.parametrize("tongue", OTHER)
def test_what_is_no_english_is_refused_in_words(tongue: str) -> None:
    for task in TASKS:
        tokenizer = shipped_model(task).tokenizer
        assert tokenizer is not None
        (reason,) = language_reasons(OTHER[tongue], tokenizer)
        assert reason


@pytest.mark.parametrize(
    ("task", "tongue"),
    [
        *((task, tongue) for task in TASKS[:3] for tongue in ("German", "letters in words")),
        *((task, "Chinese") for task in ("clinical-note", "radiology-report")),
    ],
)
def test_a_note_that_the_model_cannot_read_is_outside_its_domain(task: str, tongue: str) -> None:
    text = OTHER[tongue] * 3
    found = analyse(Case("n", "n", note=Note(text, "0" * 64)), shipped_model(task))
    assert not found.domain.inside
    assert "English" in found.domain.reasons[0]
    assert found.draft is None


def test_the_kind_of_text_is_named() -> None:
    tokenizer = shipped_model("literature").tokenizer
    assert tokenizer is not None
    assert language_reasons(OTHER["Russian"], tokenizer, kind="text")[0].startswith("The text is not in English")


@pytest.mark.data
def test_hardly_a_note_of_the_data_set_is_refused(data_dir: Path) -> None:
    tokenizer = shipped_model("clinical-note").tokenizer
    assert tokenizer is not None
    texts = [example.text or "" for example in read_dataset(data_dir / "mtsamples")]
    for shown in (texts, [text.upper() for text in texts], [" ".join(text.split()[:12]) for text in texts]):
        assert sum(bool(language_reasons(text, tokenizer)) for text in shown) < 0.005 * len(texts)
