"""The peers explain our network and not another one, and leave it as it was."""

from __future__ import annotations

import pytest
import torch

from engine.evaluation import peers as peers_module
from engine.evaluation.contenders import Contender
from engine.evaluation.peers import PlainTransformer, peers
from engine.evaluation.trial import Trial
from engine.explain.attention import layer_attention
from engine.explain.removal import Players
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig


@pytest.fixture(scope="module")
def network() -> ImageTransformer:
    torch.manual_seed(0)
    config = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=2, heads=2)
    return ImageTransformer(config).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def trial() -> Trial:
    presence = torch.ones(1, 16, dtype=torch.bool)
    presence[0, :4] = False
    inputs = ModelInput(torch.randn(1, 1, 32, 32), presence)
    inputs.values[..., :8, :] = 0.0  # as letterboxing leaves it
    return Trial(inputs, 1, Players.of_patches(presence), lambda kept: kept.mean(axis=1))


def _installed(name: str, network: ImageTransformer) -> list[Contender]:
    pytest.importorskip(name)
    return [contender for contender in peers(network)[0] if contender.by.lower().startswith(name)]


def test_plain_transformers_shows_the_attention_of_the_same_weights(network: ImageTransformer, trial: Trial) -> None:
    expected = layer_attention(network(trial.inputs))[0]
    found = PlainTransformer(network, attention="eager").last_attention(trial.inputs)
    torch.testing.assert_close(found, expected)


def test_fused_attention_computes_the_same(network: ImageTransformer, trial: Trial) -> None:
    fused, eager = (PlainTransformer(network, attention=kind)(trial.inputs) for kind in ("sdpa", "eager"))
    torch.testing.assert_close(fused, eager, atol=1e-4, rtol=1e-4)


def test_peers_that_are_not_installed_are_named(network: ImageTransformer, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name in ("captum", "quantus"):
            raise peers_module.PackageNotFoundError
        return "1"

    monkeypatch.setattr(peers_module, "version", version)
    found, missing = peers(network)
    assert missing == ["Captum", "Quantus"]
    assert [contender.by for contender in found] == ["transformers 1"]


@pytest.mark.filterwarnings("ignore")
def test_captum_explains_this_label_of_this_network(network: ImageTransformer, trial: Trial) -> None:
    product = next(one for one in _installed("captum", network) if "gradient x activation" in one.name)
    features = network.stem(network.visible(trial.inputs)).requires_grad_()  # (1, D, G, G)
    logit = network.encode(network.tokens(features), trial.inputs.presence).logits[0, trial.label]
    (gradient,) = torch.autograd.grad(logit, features)
    found = product.run(trial)
    assert found is not None
    torch.testing.assert_close(found, (gradient * features).sum(dim=1).flatten().detach(), atol=1e-5, rtol=1e-3)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["captum", "quantus"])
def test_peers_run_and_leave_the_network_alone(network: ImageTransformer, trial: Trial, name: str) -> None:
    for contender in _installed(name, network):
        found = contender.run(trial)
        assert found is None or (found.shape == (16,) and torch.isfinite(found).all())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in network.parameters())
