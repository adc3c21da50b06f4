"""LibraGrad: the forward pass stays, the gradient adds up to the logit, and other threads see nothing of it."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from engine.explain.gradients import Slopes
from engine.explain.libra import Balanced, full_gradient
from engine.models.fusion import FusionTransformer, doubted
from engine.models.output import ModelInput, TokenNetwork
from engine.models.retrieval import RetrievalTransformer, votes_of
from engine.models.softmax import log_mixture
from engine.pipeline import shipped_model
from engine.tasks import TASKS
from tests.engine.explain.families import FAMILIES, asked_of, small


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> tuple[TokenNetwork, ModelInput]:
    network = small(request.param)
    return network, asked_of(network, rows=2)


def _of_the_head(network: TokenNetwork) -> Tensor:
    """What a network says to no token in particular, ``(L,)``."""
    said = cast(nn.Module, network).head.bias.clone()
    if isinstance(network, RetrievalTransformer):
        said += network.config.weight * network.values.mean(dim=0).log()
    if isinstance(network, FusionTransformer) and network.evidence is not None:
        said -= math.log(len(said))
    return said


def _parts(network: TokenNetwork, inputs: ModelInput) -> tuple[Tensor, Tensor]:
    """The share of every token ``(L, B, T)``, and what the shares have to add up to, ``(L, B)``."""
    with Balanced() as balanced:
        output = network(inputs)
    shares = full_gradient(output, Slopes(output.logits.sum(dim=0)), balanced)
    return shares, (network(inputs).logits - _of_the_head(network)).detach().T


def test_the_answer_is_the_same_within(family: tuple[TokenNetwork, ModelInput]) -> None:
    network, inputs = family
    with Balanced():
        within = network(inputs)
    torch.testing.assert_close(within.logits, network(inputs).logits, atol=1e-5, rtol=1e-5)


def test_tokens_add_up_to_the_logit_without_the_bias_of_the_head(family: tuple[TokenNetwork, ModelInput]) -> None:
    network, inputs = family
    shares, expected = _parts(network, inputs)
    torch.testing.assert_close(shares.sum(dim=-1), expected, atol=1e-4, rtol=1e-4)
    assert (shares[:, ~inputs.presence] == 0).all()


@pytest.mark.parametrize("task", TASKS)
def test_tokens_add_up_to_the_logits_of_every_shipped_network(task: str) -> None:
    network = cast(TokenNetwork, shipped_model(task).network)
    shares, expected = _parts(network, asked_of(network))
    torch.testing.assert_close(shares.sum(dim=-1), expected, atol=1e-3, rtol=1e-3)


def test_the_ordinary_gradient_does_not_add_up(family: tuple[TokenNetwork, ModelInput]) -> None:
    network, inputs = family
    plain = network(inputs)
    shares = full_gradient(plain, Slopes(plain.logits.sum(dim=0)), Balanced())  # (L, B, T)
    assert not torch.allclose(shares.sum(dim=-1), (plain.logits - _of_the_head(network)).T, atol=0.05)


@pytest.mark.parametrize(("family", "head"), [("film and note", "doubted"), ("retrieval", "votes_of")])
def test_a_softmax_that_is_no_attention_is_not_held_constant(family: str, head: str) -> None:
    """What is added by words, or voted by remembered notes, once reached no map: its softmax passed for attention."""
    network = small(family)
    output = network(asked_of(network))
    scores = torch.randn(1, 4, requires_grad=True)
    with Balanced():
        within = network(asked_of(network))
        if head == "doubted":
            doubted(scores, 0.08)[0, 0].backward()
        else:
            votes_of(scores, torch.eye(4), torch.rand(4, 3) + 0.01, 0.05)[0, 0].backward()
    assert (scores.grad != 0).any()
    torch.testing.assert_close(within.logits, output.logits, atol=1e-5, rtol=1e-5)


def test_a_mixture_gives_each_score_its_mean_slope_on_the_way_from_nothing() -> None:
    torch.manual_seed(0)
    scores, values = (8 * torch.randn(2, 5)).requires_grad_(), torch.rand(5, 3) + 0.01
    with Balanced():
        mixed = log_mixture(scores, values)
    (slope,) = torch.autograd.grad(mixed[:, 1].sum(), scores)
    torch.testing.assert_close(mixed, log_mixture(scores, values))
    ends = log_mixture(torch.stack([scores.detach(), torch.zeros(2, 5)]).flatten(0, 1), values)[:, 1]
    torch.testing.assert_close((slope * scores).sum(dim=1).detach(), ends[:2] - ends[2:], atol=1e-4, rtol=1e-4)
    steps = torch.linspace(0, 1, 4001)[:, None, None] * scores.detach()  # (S, 2, 5)
    steps.requires_grad_()
    (slopes,) = torch.autograd.grad(log_mixture(steps.flatten(0, 1), values)[:, 1].sum(), steps)
    torch.testing.assert_close(slope, torch.trapezoid(slopes, dx=1 / 4000, dim=0), atol=1e-4, rtol=1e-3)


def test_the_gate_of_zero_is_one_half() -> None:
    tokens = torch.tensor([0.0, 2.0], requires_grad=True)
    with Balanced():
        made = torch.nn.functional.gelu(tokens)
    (gradient,) = torch.autograd.grad(made.sum(), tokens)
    torch.testing.assert_close(made, torch.nn.functional.gelu(tokens))
    torch.testing.assert_close(gradient, torch.special.ndtr(tokens.detach()))


def test_other_threads_see_nothing_of_it() -> None:
    def slope() -> float:
        tokens = torch.tensor([1.0], requires_grad=True)
        return float(torch.autograd.grad(torch.nn.functional.gelu(tokens), tokens)[0])

    ordinary = slope()
    with Balanced(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(slope).result() == ordinary
        assert slope() != ordinary
    assert slope() == ordinary
