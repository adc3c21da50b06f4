"""What maps are worth, on a planted note and by the tasks' own readers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from engine.case import Case
from engine.cli import main
from engine.models.card import Card, Metric, read_card, write_card
from engine.models.checkpoint import LoadedModel
from engine.results import Method
from engine.tasks import map_gaps
from engine.tasks.map_gaps import MapGround, all_cases, kept_by_split, measure_maps, outside_drops, removal_gaps
from engine.tasks.outside_check import by_mask
from engine.tasks.task import Example
from tests.engine.tasks.planted import CARD, planted_model, planted_note

TRUE, BLIND = "removal_gap@libra-full-gradient", "removal_gap@attention"
EXAMPLES = [Example(str(rank), str(rank), ("a",) if rank % 4 else ("b",)) for rank in range(40)]


def _ground(**changed: object) -> MapGround:
    def load(example: Example) -> Case:
        return Case(example.case_id, example.case_id)

    return MapGround(all_cases, load, lambda case, model: planted_note(int(case.case_id)), multi_label=False, **changed)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a card, from which the planted network comes."""
    write_card(CARD, tmp_path)
    monkeypatch.setattr(map_gaps, "MAPPED", 24)
    monkeypatch.setattr(map_gaps, "ASKED", 200)
    monkeypatch.setattr(map_gaps, "load_model", lambda where: planted_model(**_fields(read_card(where))))
    return tmp_path


def _fields(card: Card) -> dict[str, object]:
    return {name: getattr(card, name) for name in ("metrics", "limits")}


def test_a_map_of_the_planted_words_has_a_gap_and_one_that_knows_nothing_has_none() -> None:
    cases = [planted_note(seed) for seed in range(40)]  # the telling words go once around the note
    found = removal_gaps(planted_model(), cases, [str(rank) for rank in range(40)], multi_label=False)
    assert set(found) == {TRUE, BLIND}  # what asks by removals is not measured by them
    assert found[TRUE].value > 0.5
    assert found[TRUE].low is not None
    assert found[TRUE].low > 0.4
    assert abs(found[BLIND].value) < 0.1
    assert found[TRUE].n == 40


def test_cases_of_one_group_are_drawn_together() -> None:
    cases = [planted_note(seed) for seed in range(12)]
    alone, together = (
        removal_gaps(planted_model(), cases, groups, multi_label=False)[BLIND]
        for groups in ([str(rank) for rank in range(12)], [str(rank // 6) for rank in range(12)])
    )
    assert alone.value == together.value
    assert (alone.low, alone.high) != (together.low, together.high)


def test_what_the_map_marks_is_missed_when_a_mask_stands_there() -> None:
    cases = [planted_note(seed) for seed in range(40)]
    groups = [str(rank) for rank in range(40)]
    found = outside_drops(planted_model(), cases, [by_mask] * 40, groups, Method.LIBRA_FULL_GRADIENT, multi_label=False)
    assert found["outside_drop@libra-full-gradient"].value > 0.9
    assert found["outside_drop@random"].value < 0.5
    gain = found["outside_drop@libra-full-gradient over blob"]
    assert gain.low is not None
    assert gain.low > 0.2


def test_the_card_receives_the_figures_and_the_first_map_is_the_best(folder: Path) -> None:
    old = {"accuracy": Metric(0.5, 0.4, 0.6, 40), BLIND: Metric(0.9, 0.8, 1.0, 2)}
    write_card(replace(CARD, metrics=old), folder)
    ground = _ground(parts="words", replacing=lambda model, held, one: by_mask, remark="It had seen them.")
    for _ in range(2):  # a second time changes nothing
        measure_maps(ground, EXAMPLES, folder)
        card = read_card(folder)
        assert card.methods[0] is Method.LIBRA_FULL_GRADIENT
        assert card.limits == ("It had seen them.",)
        assert card.metrics["accuracy"].value == 0.5
        assert abs(card.metrics[BLIND].value) < 0.2
        assert card.metrics[TRUE].n == 24
        assert card.metrics["ece@50% of words"].n == 40
        assert "outside_drop@libra-full-gradient over random" in card.metrics
    json.dumps(asdict(card), allow_nan=False)


def test_only_cases_of_interest_are_mapped_and_gaps_of_a_learned_explainer_stay(folder: Path) -> None:
    write_card(replace(CARD, metrics={TRUE: Metric(0.7, 0.6, 0.8, 64)}), folder)
    ground = _ground(
        gaps=False, replacing=lambda model, held, one: by_mask, telling=lambda example: example.truth == ("b",)
    )
    measure_maps(ground, EXAMPLES, folder)
    card = read_card(folder)
    assert card.metrics[TRUE] == Metric(0.7, 0.6, 0.8, 64)
    assert BLIND not in card.metrics
    assert card.metrics["outside_drop@random"].n == 10


def test_a_split_keeps_what_the_model_was_validated_on() -> None:
    model: LoadedModel = planted_model()
    asked, held = kept_by_split(0.25)(model, EXAMPLES, Path())
    assert asked is model
    assert len(held) == 10
    assert list(held) == list(kept_by_split(0.25)(model, EXAMPLES, Path())[1])
    assert np.isin([example.case_id for example in held], [example.case_id for example in EXAMPLES]).all()


def test_the_command_refuses_what_it_cannot_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure-maps", "own-images", "--data", str(tmp_path), "--model", str(tmp_path)]) == 2
    assert "clinical-note" in capsys.readouterr().err
