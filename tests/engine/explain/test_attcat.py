"""AttCAT against its equation, written out by hand for two layers."""

from __future__ import annotations

import torch

from engine.explain.attcat import attentive_activation
from engine.explain.gradients import Slopes
from engine.models.output import ModelOutput


def test_impact_is_attention_times_gradient_times_token_summed_over_layers() -> None:
    first = torch.tensor([[[1.0, 2.0], [3.0, -1.0]]], requires_grad=True)  # (1, T, D)
    second = 2 * first
    score = (second * torch.tensor([[1.0, 0.0], [0.5, 1.0]])).sum()[None]
    attentions = (
        torch.tensor([[[[0.9, 0.1], [0.5, 0.5]]]]),  # (1, H, T, T)
        torch.tensor([[[[0.2, 0.8], [0.2, 0.8]]]]),
    )
    readout = torch.tensor([[1.0, 0.0]])
    output = ModelOutput(score[None], attentions, readout, torch.zeros(1, 2), (first, second, second + 1))
    # Gradient times token is 2 and 1 in both layers: scaling a token by 2 halves its gradient.
    expected = torch.tensor([[[(0.9 + 0.2) * 2.0, (0.1 + 0.8) * 1.0]]])
    torch.testing.assert_close(attentive_activation(output, Slopes(score)), expected)


def test_a_token_that_speaks_against_the_label_is_negative() -> None:
    tokens = torch.ones(1, 2, 1, requires_grad=True)
    score = (tokens * torch.tensor([[1.0], [-4.0]])).sum()[None]
    uniform = torch.full((1, 1, 2, 2), 0.5)
    output = ModelOutput(score[None], (uniform,), torch.tensor([[0.5, 0.5]]), torch.zeros(1, 1), (tokens, tokens))
    torch.testing.assert_close(attentive_activation(output, Slopes(score)), torch.tensor([[[0.5, -2.0]]]))
