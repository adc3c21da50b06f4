"""The text family with a memory: beside its head, the labels of the training notes whose embeddings lie nearest.

The memory is read as attention reads its keys, by a softmax over cosines, so that the whole model stays one function of
its tokens: removal, what-if and calibration ask all of it. Khandelwal et al., ICLR 2020 (nearest-neighbour language
models); Caruana et al., AMIA 1999 (cases as explanations).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.models.output import ModelOutput
from engine.models.softmax import log_mixture, shift
from engine.models.text import TextTransformer, TextTransformerConfig


@dataclass(frozen=True)
class RetrievalTransformerConfig(TextTransformerConfig):
    """Sizes of a text Transformer, and of its memory.

    Parameters
    ----------
    memories : int
        Training notes that it remembers.
    temperature : float
        By which differences of cosines are divided: the smaller, the fewer notes are heard.
    weight : float
        With which the logarithm of their votes is added to the head's logits.
    """

    memories: int = 1
    temperature: float = 0.05
    weight: float = 0.35
    model_type: str = "retrieval-transformer"


class RetrievalTransformer(TextTransformer):
    """Word pieces to multi-label logits, by a linear head and by the votes of remembered notes.

    Parameters
    ----------
    config : RetrievalTransformerConfig
        Kept as `config`, and written beside the weights.
    """

    config: RetrievalTransformerConfig
    centre: Tensor
    keys: Tensor
    values: Tensor

    def __init__(self, config: RetrievalTransformerConfig) -> None:
        super().__init__(config)
        self.register_buffer("centre", torch.zeros(config.hidden_size))
        self.register_buffer("keys", torch.zeros(config.memories, config.hidden_size))
        self.register_buffer("values", torch.full((config.memories, config.num_labels), 0.5))

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool."""
        output = super().encode(hidden, presence)
        read = output.readout  # (B, T)
        centred = torch.einsum("bt,btd->bd", read, shift(output.hidden[-1], -self.centre))  # (B, D)
        nothing = 1 - read.sum(dim=1, keepdim=True)  # (B, 1): 1 where no token is present, whose embedding is 0
        votes = votes_of(centred - nothing * self.centre, self.keys, self.values, self.config.temperature)  # (B, L)
        return replace(output, logits=output.logits + self.config.weight * votes)


def votes_of(centred: Tensor, keys: Tensor, values: Tensor, temperature: float) -> Tensor:
    """Logarithm of the votes of M remembered notes.

    Parameters
    ----------
    centred : Tensor
        ``(B, D)``: embeddings of what is asked, less the mean of the remembered ones.
    keys, values : Tensor
        ``(M, D)``: remembered embeddings less their mean, of length 1; ``(M, L)``: their labels in (0, 1], 0 raised to
        something small.

    Returns
    -------
    Tensor
        ``(B, L)``, at most 0.
    """
    asked = F.normalize(centred, dim=-1)  # (B, D)
    return log_mixture(asked @ keys.T / temperature, values)  # (B, L)
