from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.training.optimiser import (
    Average,
    OptimiserName,
    ScheduleName,
    build_optimiser,
    decay_groups,
    learning_rate_factor,
)


@pytest.mark.parametrize("name", list(OptimiserName))
def test_every_optimiser_comes_closer_to_the_minimum(name: OptimiserName) -> None:
    weight = nn.Parameter(torch.tensor([3.0, -2.0]))
    optimiser = build_optimiser(name, [{"params": [weight]}], lr=0.05, weight_decay=0.0)
    before = float((weight.detach() ** 2).sum())
    for _ in range(50):
        optimiser.zero_grad()
        weight.grad = 2 * weight.detach()
        optimiser.step()
    assert float((weight.detach() ** 2).sum()) < 0.5 * before


def test_an_unknown_optimiser_is_refused() -> None:
    with pytest.raises(ValueError, match="lion"):
        build_optimiser("lion", [{"params": [nn.Parameter(torch.ones(1))]}], lr=1.0, weight_decay=0.0)


def test_a_group_keeps_its_own_rate() -> None:
    groups = [{"params": [nn.Parameter(torch.ones(1))], "lr": 0.5}, {"params": [nn.Parameter(torch.ones(1))]}]
    optimiser = build_optimiser("adamw", groups, lr=0.1, weight_decay=0.01)
    assert [group["lr"] for group in optimiser.param_groups] == [0.5, 0.1]


def test_vectors_do_not_decay() -> None:
    network = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3))
    matrices, vectors = decay_groups(network)
    assert [weight.ndim for weight in matrices["params"]] == [2]
    assert len(vectors["params"]) == 3
    assert vectors["weight_decay"] == 0.0


@pytest.mark.parametrize("name", list(ScheduleName))
def test_every_schedule_rises_first_and_stays_in_range(name: ScheduleName) -> None:
    factors = [learning_rate_factor(name, step, 100, warmup=0.1) for step in range(100)]
    assert factors[:10] == sorted(factors[:10])
    assert factors[0] < 0.2
    assert factors[10] == pytest.approx(1.0)
    assert all(0 <= factor <= 1 for factor in factors)


def test_schedules_end_where_they_should() -> None:
    last = {name: learning_rate_factor(name, 99, 100, warmup=0.0) for name in ScheduleName}
    assert last[ScheduleName.CONSTANT] == 1.0
    assert last[ScheduleName.COSINE] < 1e-3
    assert last[ScheduleName.STEP] == pytest.approx(0.01)


def test_a_plateau_lowers_the_rate_each_time_it_is_reached() -> None:
    def factor(losses: list[float]) -> float:
        return learning_rate_factor("plateau", 50, 100, losses=losses)

    assert factor([3.0, 2.0, 1.0]) == 1.0
    assert factor([1.0, 1.1, 1.2, 1.0]) == pytest.approx(0.1)
    assert factor([1.0, 1.1, 1.2, 1.0, 2.0, 2.0, 2.0]) == pytest.approx(0.01)


def test_the_average_follows_the_weights() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = Average(network, decay=0.9)
    with torch.no_grad():
        network.weight.fill_(5.0)
    for step in range(200):
        average.update(network, step)
    assert average.network.weight.item() == pytest.approx(5.0, abs=1e-3)
    assert not average.network.weight.requires_grad
