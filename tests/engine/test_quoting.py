"""Quoted sentences of the long sample: for each label that is asked for, and amid what the model reads."""

from __future__ import annotations

import pytest

import engine
from engine.errors import CaseError
from engine.quoting import middle_sentences, quotes_by_label
from engine.results import Method

LONG = "note-consultation-1"


@pytest.fixture(scope="module")
def model() -> engine.LoadedModel:
    return engine.shipped_model("clinical-note")


def test_each_label_has_quotations_of_its_own(model: engine.LoadedModel) -> None:
    case, told = engine.sample_case(LONG), []
    labels = [model.labels[0], model.labels[1]]
    found = quotes_by_label(case, model, labels, method=Method.ATTENTION, progress=told.append)
    assert list(found) == labels
    assert told == [0.5, 1.0]
    assert found[labels[0]] != found[labels[1]]
    fewer = quotes_by_label(case, model, labels, method=Method.ATTENTION, most=1)
    assert {label: len(quotes) for label, quotes in fewer.items()} == dict.fromkeys(labels, 1)


def test_sentences_of_the_middle_are_whole_and_in_order(model: engine.LoadedModel) -> None:
    case = engine.sample_case(LONG)
    assert case.note is not None
    found = middle_sentences(case, model)
    sentences = {(place.start, place.end) for place in engine.note_sentences(case.note.text)}
    assert len(found) == 3
    assert all((one.start, one.end) in sentences and 0 < one.likeness <= 1 for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_nothing_is_quoted_without_a_note(model: engine.LoadedModel) -> None:
    with pytest.raises(CaseError):
        quotes_by_label(engine.Case("empty", "empty"), model, [model.labels[0]])
