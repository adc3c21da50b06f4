"""A film with its note: its data set, a whole small training, and what the shipped model makes of both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from engine.case import Box, Case, Note, Stretch
from engine.errors import CaseError, NoSuitableTask
from engine.evaluation.evaluate import evaluate
from engine.models.checkpoint import LoadedModel, load_model
from engine.pipeline import WEIGHTS, analyse, explain_case, shipped_model, suitable_tasks
from engine.questions import modality_share, word_regions
from engine.samples import sample_case
from engine.tasks import film_and_note
from engine.tasks.film_and_note import FILM_AND_NOTE, note_of
from engine.training.chest_notes import posterior
from engine.whatif import WhatIf

SMALL = {"epochs": 1, "note_steps": 2, "batch_size": 8, "rounds": 1, "views": 1, "vocabulary": 300, "lr": 2e-3}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films of which the bacterial ones are bright on the left and the viral ones on the right."""
    folder = tmp_path_factory.mktemp("films")
    generator = np.random.default_rng(0)
    names = ("NORMAL/IM-{:04d}-0001", "PNEUMONIA/person{}_bacteria_1", "PNEUMONIA/person{}_virus_1")
    for patient in range(90):
        film = generator.integers(0, 90, (32, 32)).astype(np.uint8)
        if patient % 3:
            film[:, 16 * (patient % 3 - 1) :][:, :16] += np.uint8(120)
        path = folder / f"{names[patient % 3].format(patient)}.jpeg"
        path.parent.mkdir(exist_ok=True)
        Picture.fromarray(film).save(path)
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, small_start: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """A model that was taught for some steps."""
    out = tmp_path_factory.mktemp("model")
    settings = {**FILM_AND_NOTE.defaults, **SMALL, "film_model": str(small_start)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film_and_note, "_TEXTS", 40)
        FILM_AND_NOTE.train(FILM_AND_NOTE.read_dataset(data), out, settings, 0)
    return load_model(out, device="cpu")


def test_every_film_has_a_note_of_its_own_that_does_not_change(data: Path) -> None:
    examples = FILM_AND_NOTE.read_dataset(data)
    assert examples == FILM_AND_NOTE.read_dataset(data)
    assert len({example.text for example in examples}) > 80
    assert {example.traits["note"] for example in examples} >= {"fits the film"}
    assert note_of("a", "normal") != note_of("a", "normal", repeat=1)
    case = FILM_AND_NOTE.load(examples[0])
    assert case.note is not None
    assert case.note.text == examples[0].text
    assert FILM_AND_NOTE.accepts(case)
    assert not FILM_AND_NOTE.accepts(replace(case, note=None))
    assert not FILM_AND_NOTE.accepts(Case("c", "c", note=case.note))
    assert not FILM_AND_NOTE.accepts(replace(case, note=Note(" \n", "")))


def test_a_small_training_writes_a_card_that_says_first_that_notes_are_generated(
    data: Path, trained: LoadedModel
) -> None:
    card = trained.card
    assert card.limits[0].startswith("The notes are generated: these figures say nothing of real notes")
    assert {"accuracy of the film alone", "accuracy of the note alone", "accuracy of Bayes' rule"} <= set(card.metrics)
    assert card.metrics["accuracy_gain over the film alone"].low is not None
    assert not any(card.training["settings"][name] for name in ("film_model", "text_model", "notes"))
    assert {group.trait for group in card.report.subgroups} >= {"note"}
    assert "shapley" in card.map_scales
    found = evaluate(FILM_AND_NOTE, trained, data, repeats=20)
    assert found.n == 90
    assert set(found.metrics) >= {"accuracy", "auroc", "sensitivity"}


def test_a_long_note_says_how_much_of_it_was_read(data: Path, trained: LoadedModel) -> None:
    case = FILM_AND_NOTE.load(FILM_AND_NOTE.read_dataset(data)[0])
    long = replace(case, note=Note("No fever. " * 600, "digest"))
    assert FILM_AND_NOTE.prepare(case, trained).coverage == 1.0
    assert 0.1 < FILM_AND_NOTE.prepare(long, trained).coverage < 0.5


@pytest.fixture(scope="module")
def shipped() -> LoadedModel:
    """The model that comes with the package."""
    return shipped_model("film-and-note")


@pytest.fixture(scope="module")
def pair() -> Case:
    """A sample whose film and note agree."""
    return sample_case("chest-and-note-1")


def swapped(case: Case, other: str) -> Case:
    """The case with the note of another sample."""
    return replace(case, note=sample_case(other).note)


def test_film_and_note_come_first_where_both_are_there(pair: Case) -> None:
    assert suitable_tasks(pair)[0] is FILM_AND_NOTE
    assert FILM_AND_NOTE not in suitable_tasks(replace(pair, note=None))
    with pytest.raises(NoSuitableTask, match="reads the film and note"):
        analyse(replace(pair, note=None), task="film-and-note")


def test_agreement_raises_the_answer_and_contradiction_lies_between(pair: Case, shipped: LoadedModel) -> None:
    agree = modality_share(pair, shipped, "bacterial pneumonia")
    assert agree.both > max(agree.image, agree.words)
    odds = sample_case("chest-and-note-2")
    normal = modality_share(odds, shipped, "normal")
    assert normal.image < normal.both < normal.words


def test_the_conclusion_of_the_writer_is_not_read(pair: Case, shipped: LoadedModel) -> None:
    found = analyse(pair, shipped)
    assert pair.note is not None
    withheld = " ".join(pair.note.text[start:end] for start, end in found.withheld)
    assert "Community-acquired pneumonia" in withheld
    assert "C-reactive protein 148" not in withheld
    assert found.domain.inside


def test_an_adult_s_note_is_outside(shipped: LoadedModel, pair: Case) -> None:
    found = analyse(swapped(pair, "note-knee-1"), shipped)
    assert any("1 to 5 years" in reason for reason in found.domain.reasons)
    with pytest.raises(CaseError, match="Without its conclusions"):
        analyse(replace(pair, note=Note("ASSESSMENT: Pneumonia.", "")), shipped)


def test_one_explanation_has_a_map_and_spans_and_words_look_at_patches(pair: Case, shipped: LoadedModel) -> None:
    explanation = explain_case(pair, shipped)
    assert explanation.map is not None
    assert explanation.map.shape == pair.images[0].shape
    assert pair.note is not None
    spans = {pair.note.text[span.start : span.end] for span in explanation.spans}
    assert {"Temperature", "crackles"} <= spans
    assert "Ampicillin" not in spans
    regions = word_regions(pair, shipped)
    assert regions.attention.shape[0] == len(explanation.spans)
    assert 0.0 < regions.on_image.mean() < 1.0


def test_a_box_and_a_word_can_be_taken_away_together(pair: Case, shipped: LoadedModel) -> None:
    rows, columns = pair.images[0].shape
    places = (Box(0, 0, rows, columns), Stretch(0, len(pair.note.text if pair.note else "")))
    effects = WhatIf(pair, shipped).effects(places, "bacterial pneumonia")
    share = modality_share(pair, shipped, "bacterial pneumonia")
    assert [one.probability for one in effects.alone] == pytest.approx([share.words, share.image], abs=1e-3)
    assert effects.after == pytest.approx(share.neither, abs=1e-3)


def test_the_card_of_the_shipped_model_is_beaten_by_no_single_source() -> None:
    metrics = load_model(WEIGHTS / "film-and-note", device="cpu").card.metrics
    assert (metrics["accuracy_gain over the film alone"].low or 0.0) > 0
    assert (metrics["macro_auroc_gain over the note alone"].low or 0.0) > 0


def test_the_note_s_answer_follows_its_exact_worth(shipped: LoadedModel, pair: Case) -> None:
    """Over notes of all kinds the answer without the film goes with the exact posterior."""
    exact, said = [], []
    for rank in range(9):
        note = note_of(f"case {rank}", FILM_AND_NOTE.labels[rank % 3])
        case = replace(pair, note=Note(note.text, ""))
        exact.append(posterior(note, (0.26, 0.48, 0.26))[0])
        said.append(modality_share(case, shipped, "normal").words)
    assert np.corrcoef(exact, said)[0, 1] > 0.8
