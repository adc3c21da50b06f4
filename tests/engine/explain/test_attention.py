"""Attention and rollout against values worked out by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.attention import attention_rollout, layer_attention
from engine.models.output import ModelOutput


def _output(*layers: Tensor, readout: Tensor) -> ModelOutput:
    return ModelOutput(torch.zeros(1, 2), layers, readout, torch.zeros(1, 3))


def test_attention_reads_the_tokens_that_the_head_reads() -> None:
    heads = torch.tensor([[[[0.8, 0.2], [0.5, 0.5]], [[0.0, 1.0], [0.25, 0.75]]]])  # (1, 2, 2, 2)
    output = _output(torch.full((1, 2, 2, 2), 0.5), heads, readout=torch.tensor([[0.5, 0.5]]))
    torch.testing.assert_close(layer_attention(output, head=0), torch.tensor([[0.65, 0.35]]))
    torch.testing.assert_close(layer_attention(output, head=1), torch.tensor([[0.125, 0.875]]))
    torch.testing.assert_close(layer_attention(output), torch.tensor([[0.3875, 0.6125]]))
    torch.testing.assert_close(layer_attention(output, 1), torch.tensor([[0.3875, 0.6125]]))
    torch.testing.assert_close(layer_attention(output, 0, 1), torch.tensor([[0.5, 0.5]]))


def test_rollout_is_the_product_of_half_attention_half_identity() -> None:
    first = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])  # (1, 1, 2, 2)
    second = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]])  # (1, 1, 2, 2)
    output = _output(first, second, readout=torch.tensor([[1.0, 0.0]]))
    # first row: 0.5 * [1, 0] + 0.5 * [0.5, 0.5]
    torch.testing.assert_close(attention_rollout(output), torch.tensor([[0.75, 0.25]]))


def test_rollout_rows_sum_to_one() -> None:
    generator = torch.Generator().manual_seed(0)
    layers = [torch.rand(3, 4, 7, 7, generator=generator).softmax(-1) for _ in range(5)]
    readout = torch.rand(3, 7, generator=generator).softmax(-1)
    output = ModelOutput(torch.zeros(3, 2), tuple(layers), readout, torch.zeros(3, 2))
    torch.testing.assert_close(attention_rollout(output).sum(dim=1), torch.ones(3))
