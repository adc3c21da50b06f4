"""Randomised weights: what the cascade does to a copy, what it leaves alone, and what it says of a method."""

from __future__ import annotations

import pytest
import torch

from engine.explain.sanity import cascade, follow_randomisation
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.results import Method

STAGES = ("head", "layer 2", "layer 1", "embedding")


@pytest.fixture
def network() -> ImageTransformer:
    torch.manual_seed(0)
    sizes = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=2, heads=3)
    return ImageTransformer(sizes).eval().requires_grad_(False)


def _films(count: int) -> list[ModelInput]:
    return [ModelInput(torch.randn(1, 1, 32, 32), torch.ones(1, 16, dtype=torch.bool)) for _ in range(count)]


def test_the_head_goes_first_and_all_weights_are_shuffled_at_the_end(network: ImageTransformer) -> None:
    before = {name: weights.clone() for name, weights in network.named_parameters()}
    changed: dict[str, set[str]] = {}
    for stage, randomised in cascade(network, seed=0):
        weights = dict(randomised.named_parameters())
        changed[stage] = {name for name in before if not torch.equal(weights[name], before[name])}
        for name, value in weights.items():
            torch.testing.assert_close(value.flatten().sort()[0], before[name].flatten().sort()[0])
    assert tuple(changed) == STAGES
    assert changed["head"] == {"head.weight"}  # its bias is 0 throughout
    assert {name.split(".")[1] for name in changed["layer 2"] if name.startswith("layers")} == {"1"}
    assert {"positions", "stem.0.weight"} <= changed["embedding"]
    assert all(torch.equal(weights, before[name]) for name, weights in network.named_parameters())


def test_a_learned_explainer_is_the_method_and_stays(network: ImageTransformer) -> None:
    network.explainer = torch.nn.Linear(24, 24)  # type: ignore[assignment]
    *_, (_, randomised) = cascade(network, seed=0)
    torch.testing.assert_close(randomised.explainer.state_dict(), network.explainer.state_dict())


def test_a_map_that_reads_the_weights_changes_with_them(network: ImageTransformer) -> None:
    said: list[float] = []
    stages, methods = follow_randomisation(network, _films(3), (Method.RELEVANCE, Method.ROLLOUT), progress=said.append)
    assert stages == STAGES
    assert said == [0.25, 0.5, 0.75, 1.0]
    relevance, rollout = methods
    assert rollout.correlations[0] == 1  # rollout does not read the head
    assert relevance.correlations[0] < 1
    assert abs(relevance.correlations[-1]) < 1


def test_a_map_that_ignores_the_weights_fails(monkeypatch: pytest.MonkeyPatch, network: ImageTransformer) -> None:
    brightness = lambda network, inputs, method, **rest: inputs.values.view(1, 16, -1).mean(dim=2)  # noqa: E731
    monkeypatch.setattr("engine.explain.sanity.token_maps", brightness)
    _, (found,) = follow_randomisation(network, _films(2), (Method.RELEVANCE,))
    assert found.correlations == (1.0,) * 4
    assert not found.passed
    assert "still 1.00" in found.sentence


def test_opposite_correlations_do_not_cancel(monkeypatch: pytest.MonkeyPatch, network: ImageTransformer) -> None:
    """One map that stayed and one that was turned upside down had a mean of 0, and the method passed."""
    calls = iter([1.0, 1.0, *(sign for _ in STAGES for sign in (1.0, -1.0))])

    def turned(network: object, inputs: ModelInput, method: Method, **rest: object) -> torch.Tensor:
        return next(calls) * inputs.values.view(1, 16, -1).mean(dim=2)

    monkeypatch.setattr("engine.explain.sanity.token_maps", turned)
    _, (found,) = follow_randomisation(network, _films(2), (Method.RELEVANCE,))
    assert found.correlations == pytest.approx((0.0,) * 4)
    assert found.left == 1.0
    assert not found.passed
    assert "still 1.00" in found.sentence
