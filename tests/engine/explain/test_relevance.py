"""Chefer's relevance against the equations, written out by hand for one layer."""

from __future__ import annotations

import torch

from engine.explain.gradients import Slopes
from engine.explain.relevance import gradient_relevance
from engine.models.output import ModelOutput


def test_one_layer_is_the_positive_part_of_gradient_times_attention() -> None:
    attention = torch.tensor([[[[0.9, 0.1], [0.4, 0.6]]]], requires_grad=True)  # (1, 1, 2, 2)
    gradient = torch.tensor([[[[2.0, -3.0], [1.0, 5.0]]]])
    score = (attention * gradient).sum()
    readout = torch.tensor([[0.5, 0.5]])
    output = ModelOutput(score.reshape(1, 1), (attention,), readout, torch.zeros(1, 2))
    expected = torch.tensor([[0.5 * (2.0 * 0.9) + 0.5 * (1.0 * 0.4), 0.5 * (5.0 * 0.6)]])
    torch.testing.assert_close(gradient_relevance(output, Slopes(score[None])), expected[None])
    assert attention.grad is None


def test_two_layers_multiply() -> None:
    first = torch.tensor([[[[0.2, 0.8], [0.7, 0.3]]]], requires_grad=True)
    second = torch.tensor([[[[0.6, 0.4], [0.5, 0.5]]]], requires_grad=True)
    score = first.sum() + 2 * second.sum()
    output = ModelOutput(score.reshape(1, 1), (first, second), torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2))
    one, two, identity = first[0, 0].detach(), 2 * second[0, 0].detach(), torch.eye(2)
    expected = ((identity + two) @ (identity + one) - identity)[0]
    torch.testing.assert_close(gradient_relevance(output, Slopes(score[None]))[0, 0], expected)


def test_a_token_that_only_speaks_against_the_label_has_no_relevance() -> None:
    attention = torch.tensor([[[[0.5, 0.5], [0.5, 0.5]]]], requires_grad=True)
    score = -(attention[..., 0].sum()) + attention[..., 1].sum()
    output = ModelOutput(score.reshape(1, 1), (attention,), torch.tensor([[0.5, 0.5]]), torch.zeros(1, 2))
    relevance = gradient_relevance(output, Slopes(score[None]))[0, 0]
    assert relevance[0] == 0
    assert relevance[1] > 0


def test_several_scores_at_once_are_each_alone() -> None:
    generator = torch.Generator().manual_seed(0)
    attention = torch.rand(1, 2, 3, 3, generator=generator).softmax(-1).requires_grad_()
    weights = torch.randn(4, 2, 3, 3, generator=generator)
    readout = torch.full((1, 3), 1 / 3)

    def relevance(chosen: torch.Tensor) -> torch.Tensor:
        scores = (attention.square() * chosen).sum(dim=(1, 2, 3))  # (N,)
        return gradient_relevance(ModelOutput(scores[None], (attention,), readout, torch.zeros(1, 2)), Slopes(scores))

    alone = torch.cat([relevance(weights[rank : rank + 1]) for rank in range(4)])
    torch.testing.assert_close(relevance(weights), alone)
