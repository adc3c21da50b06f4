"""What stands in the place of marked parts: a mask, the last value before, the patches of another film."""

from __future__ import annotations

from typing import Any, cast

import torch

from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput
from engine.results import Method
from engine.tasks.outside_check import by_film, by_last_value, by_mask, outside_figures
from tests.engine.tasks.planted import MASK, planted_model, planted_note


class _Knots:
    knots = torch.tensor([[0.0, 0.0, 0.0], [50.0, 70.0, 90.0], [30.0, 37.0, 40.0]])  # (V, K)


def test_the_pieces_of_a_word_become_masks_wherever_it_is_read() -> None:
    inputs = planted_note().inputs
    gone = inputs.values == 1  # (2, T)
    found = by_mask(planted_model(), inputs, gone)
    assert (found.values[gone] == MASK).all()
    assert torch.equal(found.values[~gone], inputs.values[~gone])
    assert torch.equal(found.presence, inputs.presence)


def test_a_value_becomes_the_last_one_before_it_and_a_first_one_the_median() -> None:
    cells = [(1, 60.0), (2, 36.0), (1, 80.0), (1, 120.0), (2, 39.0)]
    tokens = torch.tensor([[float(kind), hour, value, 9] for hour, (kind, value) in enumerate(cells)])  # (T, 4)
    inputs = ModelInput(tokens[None], torch.ones(1, 5, dtype=torch.bool))
    model = cast(LoadedModel, type("Model", (), {"network": cast(Any, _Knots())}))
    gone = torch.tensor([[False, True, False, True, True]])
    found = by_last_value(model, inputs, gone).values[0, :, 2]
    assert found.tolist() == [60.0, 37.0, 80.0, 80.0, 37.0]
    both = by_last_value(model, inputs, torch.tensor([[False, False, True, True, False]])).values[0, :, 2]
    assert both.tolist() == [60.0, 36.0, 60.0, 60.0, 39.0]
    assert inputs.values[0, 3, 2] == 120.0


def test_patches_of_another_film_stand_where_those_that_go_were() -> None:
    film = ModelInput(torch.zeros(1, 1, 8, 8), torch.ones(1, 4, dtype=torch.bool))
    other = ModelInput(torch.ones(1, 1, 8, 8), film.presence)
    found = by_film(other)(planted_model(), film, torch.tensor([[False, True, False, False]]))
    assert found.values[0, 0, :4, 4:].min() == 1
    assert found.values.sum() == 16


def test_the_gain_over_knowing_nothing_has_an_interval_of_its_own() -> None:
    rows = [{"relevance": 0.5 + rank / 100, "random": rank / 100, "blob": 0.5} for rank in range(20)]
    found = outside_figures(rows, [str(rank) for rank in range(20)], Method.RELEVANCE)
    gain = found["outside_drop@relevance over random"]
    assert (gain.value, gain.low, gain.high, gain.n) == (0.5, 0.5, 0.5, 20)
    low = found["outside_drop@relevance over blob"].low
    assert low is not None
    assert low > 0
