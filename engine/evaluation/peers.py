"""What other tools make of our network, for the benchmark: Captum and Quantus where installed, and plain transformers.

Captum: Kokhlikyan et al. 2020, arXiv 2009.07896. Quantus: Hedström et al., JMLR 2023. Captum hangs hooks on layers
while it works, so every peer gets a copy of the network of its own.
"""

from __future__ import annotations

import copy
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from transformers import ViTConfig, ViTForImageClassification

from engine.evaluation.contenders import Contender
from engine.evaluation.trial import Trial
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, readout_weights

MISSING = "not installed: pip install 'attending[bench]'"

_ROW = "224 pixels a step, as in its own tutorials"  # its default, one pixel a step, costs 224 times as much


class PlainTransformer(nn.Module):
    """Our weights in transformers' own `ViTForImageClassification`, with our stem in the place of its embeddings.

    Parameters
    ----------
    attention : str
        ``sdpa``, the fused one that returns no weights, or ``eager``.

    Notes
    -----
    Its classifier reads the first token instead of the mean over patches: the same work, so the times compare, but its
    logits mean nothing.
    """

    def __init__(self, network: ImageTransformer, *, attention: str) -> None:
        super().__init__()
        sizes = network.config
        config = ViTConfig(
            hidden_size=sizes.width,
            num_hidden_layers=sizes.layers,
            num_attention_heads=sizes.heads,
            intermediate_size=4 * sizes.width,
            image_size=sizes.image_size,
            patch_size=sizes.patch_size,
            num_channels=1,
            num_labels=sizes.labels,
            attn_implementation=attention,
        )
        self.peer = ViTForImageClassification(config)
        self.peer.vit.embeddings = _Embeddings(network)
        self.peer.vit.layers.load_state_dict(network.layers.state_dict())
        self.peer.vit.layernorm.load_state_dict(network.norm.state_dict())
        self.peer.classifier.load_state_dict(network.head.state_dict())
        self.eval().requires_grad_(False)

    @torch.inference_mode()
    def forward(self, inputs: ModelInput) -> Tensor:
        """One plain pass: logits ``(B, L)`` and nothing else."""
        return cast(Tensor, self.peer(inputs.values, attention_mask=inputs.presence).logits)

    @torch.inference_mode()
    def last_attention(self, inputs: ModelInput) -> Tensor:
        """What users of ``output_attentions=True`` draw: the last layer, mean over heads and queries, ``(T,)``."""
        output = self.peer(inputs.values, attention_mask=inputs.presence, output_attentions=True)
        received = output.attentions[-1].mean(dim=1)[0]  # (T, T)
        return cast(Tensor, readout_weights(inputs.presence)[0] @ received)  # (T,)


class _Embeddings(nn.Module):
    """Our stem and positions where transformers looks for its patch embeddings; absent patches are wiped by neither."""

    def __init__(self, network: ImageTransformer) -> None:
        super().__init__()
        self.stem = copy.deepcopy(network.stem)
        self.positions = copy.deepcopy(network.positions)
        self.patch_embeddings = nn.ModuleDict({"projection": self.stem[-1]})  # it reads the data type there

    def forward(self, pixels: Tensor, **_: object) -> Tensor:
        return cast(Tensor, (self.stem(pixels) + self.positions).flatten(2).transpose(1, 2))  # (B, T, D)


class _Logits(nn.Module):
    """The network as Captum and Quantus want one: tensors in, logits out."""

    def __init__(self, network: ImageTransformer) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)

    def forward(self, pixels: Tensor, presence: Tensor) -> Tensor:
        """``(B, 1, S, S)`` and ``(B, T)`` to ``(B, L)``."""
        return cast(Tensor, self.network(ModelInput(pixels, presence)).logits)


def peers(network: ImageTransformer) -> tuple[list[Contender], list[str]]:
    """All peers that are installed, and the names of those that are not."""
    plain = PlainTransformer(network, attention="eager")
    found = [
        Contender(
            "attention of the last layer, output_attentions=True",
            f"transformers {version('transformers')}",
            lambda trial: plain.last_attention(trial.inputs),
        )
    ]
    missing = []
    for name, contenders in (("captum", _captum), ("quantus", _quantus)):
        try:
            found += contenders(network, f"{name.capitalize()} {version(name)}")
        except PackageNotFoundError:
            missing.append(name.capitalize())
    return found, missing


def _captum(network: ImageTransformer, by: str) -> list[Contender]:
    from captum.attr import IntegratedGradients, LayerGradientXActivation, LayerIntegratedGradients

    model, patch = _Logits(network), network.config.patch_size
    on_pixels = IntegratedGradients(model)
    on_tokens = LayerIntegratedGradients(model, model.network.stem)
    product = LayerGradientXActivation(model, model.network.stem)

    def from_pixels(trial: Trial) -> Tensor:
        found = _attribute(on_pixels, trial)  # (1, 1, S, S)
        return nn.functional.avg_pool2d(found, patch).flatten()  # (T,)

    def from_layer(method: Any, trial: Trial) -> Tensor:
        return _attribute(method, trial).sum(dim=1).flatten()  # (T,)

    return [
        Contender("layer gradient x activation, on patches", by, partial(from_layer, product)),
        Contender("layer integrated gradients, 50 steps, on patches", by, partial(from_layer, on_tokens), 1),
        Contender("integrated gradients, 50 steps, on pixels", by, from_pixels, 1),
    ]


def _attribute(method: Any, trial: Trial) -> Tensor:
    """Let a method of Captum explain a film; ``(1, C, rows, columns)``."""
    pixels = trial.inputs.values.clone().requires_grad_()  # (1, 1, S, S)
    found: Tensor = method.attribute(pixels, target=trial.label, additional_forward_args=(trial.inputs.presence,))
    return found.detach()


def _quantus(network: ImageTransformer, by: str) -> list[Contender]:
    from quantus import PixelFlipping

    side = network.config.image_size
    metric = PixelFlipping(features_in_step=side, perturb_baseline="mean", disable_warnings=True)

    def run(trial: Trial) -> None:
        model = _OneFilm(network, trial.inputs.presence).eval()
        attribution = np.random.default_rng(0).random((1, 1, side, side), dtype=np.float32)
        metric(
            model,
            x_batch=trial.inputs.values.numpy(),
            y_batch=np.array([trial.label]),
            a_batch=attribution,
            channel_first=True,
            softmax=False,
            device="cpu",
        )

    return [Contender(f"pixel flipping of one map, {_ROW}", by, run, 1)]


class _OneFilm(_Logits):
    """Probabilities of one film's pixels, its presence kept."""

    presence: Tensor

    def __init__(self, network: ImageTransformer, presence: Tensor) -> None:
        super().__init__(network)
        self.register_buffer("presence", presence)

    def forward(self, pixels: Tensor) -> Tensor:  # type: ignore[override]
        """``(B, 1, S, S)`` to ``(B, L)``."""
        return super().forward(pixels, self.presence.expand(len(pixels), -1)).softmax(dim=1)
