"""The text family: a BERT encoder over word pieces that reads only the pieces that are present.

Layers are transformers' own; the loop over them is ours, so that attention comes back without hooks.

References: Devlin et al., NAACL 2019 (BERT); Wang et al., NeurIPS 2020 (MiniLM); Covert et al., ICLR 2023 (masking by
attention).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertEmbeddings, BertLayer

from engine.errors import TrainingError
from engine.models.explainer import ShapleyHead
from engine.models.output import ModelInput, ModelOutput, begin_graph
from engine.models.pack import pack_present
from engine.words import tr


@dataclass(frozen=True)
class TextTransformerConfig:
    """Sizes of a text Transformer, named as in transformers' ``BertConfig``; the defaults are those of MiniLM-L6."""

    num_labels: int
    vocab_size: int = 30522
    hidden_size: int = 384
    num_hidden_layers: int = 6
    num_attention_heads: int = 12
    intermediate_size: int = 1536
    max_position_embeddings: int = 512
    hidden_dropout_prob: float = 0.1
    model_type: str = "text-transformer"


# The pooler is another head; position ids are a constant that older checkpoints carry along.
_UNUSED = {"pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids"}
_SIZES = tuple(entry.name for entry in fields(TextTransformerConfig) if entry.name not in {"num_labels", "model_type"})


class TextTransformer(nn.Module):
    """Word pieces to multi-label logits: BERT layers, mean over the present tokens, one linear head.

    Parameters
    ----------
    config : TextTransformerConfig
        Kept as `config`, and written beside the weights.
    """

    def __init__(self, config: TextTransformerConfig) -> None:
        super().__init__()
        self.config = config
        sizes = BertConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.hidden_size,
            num_attention_heads=config.num_attention_heads,
            intermediate_size=config.intermediate_size,
            max_position_embeddings=config.max_position_embeddings,
            hidden_dropout_prob=config.hidden_dropout_prob,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        self.embeddings = BertEmbeddings(sizes)
        self.layers = nn.ModuleList(BertLayer(sizes) for _ in range(config.num_hidden_layers))
        self.head = nn.Linear(config.hidden_size, config.num_labels)
        self.explainer: ShapleyHead | None = None  # kept in a file of its own, where one was learnt

    def forward(self, inputs: ModelInput) -> ModelOutput:
        """Answer a batch of windows of token ids ``(B, T)``; in training, absent tokens are cut away."""
        hidden, presence = self.embed(inputs), inputs.presence  # (B, T, D), (B, T)
        if self.training:
            hidden, presence = pack_present(hidden, presence)  # (B, T, D), (B, T) with a smaller T
        else:
            hidden = begin_graph(hidden)  # (B, T, D)
        return self.encode(hidden, presence)

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer: word pieces and their positions, normalised."""
        hidden: Tensor = self.embeddings(inputs.values)  # (B, T, D)
        return hidden

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool."""
        absent = ~presence[:, None, None, :]  # (B, 1, 1, T)
        mask = absent * torch.finfo(hidden.dtype).min  # (B, 1, 1, T) added to the scores of absent keys
        attentions, entering = [], [hidden]
        for layer in self.layers:
            hidden, attention = self.through(layer, hidden, mask)  # (B, T, D), (B, H, T, T)
            attentions.append(attention)
            entering.append(hidden)
        present = presence.to(hidden.dtype)  # (B, T)
        readout = present / present.sum(1, keepdim=True).clamp(min=1)  # (B, T)
        embedding = torch.einsum("bt,btd->bd", readout, hidden)  # (B, D)
        return ModelOutput(self.classify(embedding), tuple(attentions), readout, embedding, tuple(entering))

    def classify(self, embedding: Tensor) -> Tensor:
        """Logits ``(B, L)`` of pooled tokens ``(B, D)``."""
        logits: Tensor = self.head(embedding)  # (B, L)
        return logits

    def through(self, layer: nn.Module, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pass tokens ``(B, T, D)`` through one layer: what leaves it, and its attention ``(B, H, T, T)``."""
        mixed, attention = layer.attention(hidden, mask)  # type: ignore[operator]  # (B, T, D), (B, H, T, T)
        return layer.feed_forward_chunk(mixed), attention  # type: ignore[operator]


def start_from_encoder(folder: Path, *, num_labels: int) -> TextTransformer:
    """Build a network around a pretrained BERT encoder, with a new head.

    Parameters
    ----------
    folder : pathlib.Path
        Hugging Face's layout: ``config.json`` and ``model.safetensors`` of a ``BertModel``.

    Raises
    ------
    TrainingError
        A file is not there, or it does not describe a BERT encoder.
    """
    try:
        described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
        sizes = {name: described[name] for name in _SIZES}
        network = TextTransformer(TextTransformerConfig(num_labels=num_labels, **sizes))
        ours = {_our_name(name): value for name, value in weights.items() if name not in _UNUSED}
        network.load_state_dict({**network.head.state_dict(prefix="head."), **ours})
    except OSError as exc:
        raise TrainingError(
            tr("There is no encoder to begin with."), tr("Give --set init=FOLDER of all-MiniLM-L6-v2.")
        ) from exc
    except (ValueError, KeyError, RuntimeError, SafetensorError) as exc:
        raise TrainingError(
            tr("The encoder to begin with is no BERT."), tr("Give --set init=FOLDER of all-MiniLM-L6-v2.")
        ) from exc
    return network


def _our_name(name: str) -> str:
    return name.removeprefix("bert.").replace("encoder.layer.", "layers.")
