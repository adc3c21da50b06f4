"""An image Transformer that also draws the lesion: its tokens, joined to the stem's finer features, become a mask.

The decoder follows Chen et al., TransUNet, arXiv 2102.04306, section 3.2. The readout is a learned pooling: Ilse,
Tomczak and Welling, Attention-based Deep Multiple Instance Learning, ICML 2018, equation 8 without its hidden layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.models.output import ModelInput, ModelOutput
from engine.models.softmax import attention_softmax
from engine.models.vision import ImageTransformer, ImageTransformerConfig

CELL = 4  # side of one value of the drawn mask, model pixels


@dataclass(frozen=True, kw_only=True)
class LesionTransformerConfig(ImageTransformerConfig):
    """The sizes of a `LesionTransformer`; patches are of 16 pixels."""

    model_type: str = "lesion-transformer"


class LesionTransformer(ImageTransformer):
    """An `ImageTransformer` that reads out the patches which it finds telling, and draws where the lesion is.

    Parameters
    ----------
    config : LesionTransformerConfig
        The sizes.
    """

    def __init__(self, config: LesionTransformerConfig) -> None:
        super().__init__(config)
        self.gate = nn.Linear(config.width, 1)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        self.decoder = _Decoder(config.width)

    def readout(self, tokens: Tensor, presence: Tensor) -> Tensor:
        """Weights ``(B, T)`` of tokens ``(B, T, D)``: a softmax over the present ones, so part of the graph."""
        scores = self.gate(tokens).squeeze(2)  # (B, T)
        return attention_softmax(scores.masked_fill(~presence, torch.finfo(scores.dtype).min))  # (B, T)

    def draw(self, inputs: ModelInput) -> tuple[ModelOutput, Tensor]:
        """Classify a batch and draw its lesions in one pass.

        Returns
        -------
        output : ModelOutput
            What `forward` answers in evaluation mode.
        lesion : Tensor
            ``(B, 1, S / 4, S / 4)``: logits of "this cell lies in a lesion".
        """
        fine: list[Tensor] = []
        features = self.visible(inputs)  # (B, 1, S, S)
        for block in self.stem:
            features = block(features)
            if isinstance(block, nn.GELU):
                fine.append(features)  # (B, D / 8, S / 2, S / 2) to (B, D, S / 16, S / 16)
        output = self.encode(self.tokens(features), inputs.presence)
        deep = self.norm(output.hidden[-1]).transpose(1, 2).unflatten(2, features.shape[2:])  # (B, D, G, G)
        return output, self.decoder(deep, fine[2], fine[1])


class _Decoder(nn.Module):
    """From tokens to a mask of a quarter of the image's side, with the stem's features at an eighth and a quarter."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half, quarter = width // 2, width // 4
        self.narrow = nn.Conv2d(width, half, kernel_size=1)
        self.middle = _block(2 * half, quarter)
        self.fine = _block(2 * quarter, quarter)
        self.mask = nn.Conv2d(quarter, 1, kernel_size=1)

    def forward(self, deep: Tensor, eighth: Tensor, quarter: Tensor) -> Tensor:
        """``(B, D, G, G)``, ``(B, D / 2, 2 G, 2 G)`` and ``(B, D / 4, 4 G, 4 G)`` to logits ``(B, 1, 4 G, 4 G)``."""
        joined = torch.cat([_double(self.narrow(deep)), eighth], dim=1)  # (B, D, 2 G, 2 G)
        joined = torch.cat([_double(self.middle(joined)), quarter], dim=1)  # (B, D / 2, 4 G, 4 G)
        drawn: Tensor = self.mask(self.fine(joined))  # (B, 1, 4 G, 4 G)
        return drawn


def _block(before: int, after: int) -> nn.Sequential:
    """One convolution of the decoder."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.GroupNorm(max(1, after // 24), after),
        nn.GELU(),
    )


def _double(features: Tensor) -> Tensor:
    """Twice as many rows and columns, bilinear."""
    return nn.functional.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
