"""The family that reads a text and writes one: BERT layers read, others write with attention to what was read.

Layers are transformers' own; the loops over them are ours, so that attention comes back without hooks. The labels are
read by one attention over the words for each of them.

References: Vaswani et al., NeurIPS 2017; Rothe, Narayan & Severyn, TACL 2020 (a decoder on a BERT encoder); Mullenbach
et al., NAACL 2018 (label attention).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLayer

from engine.models.output import ModelOutput, begin_graph
from engine.models.softmax import attention_softmax
from engine.models.text import TextTransformer, TextTransformerConfig


@dataclass(frozen=True)
class EncoderDecoderConfig(TextTransformerConfig):
    """Sizes of a text Transformer, and of the decoder that writes from what it read.

    Parameters
    ----------
    writer_width, writer_layers, writer_heads, writer_inner : int
        Of the decoder, named as the encoder's ``hidden_size``, ``num_hidden_layers`` and so on.
    longest_draft : int
        The most word pieces that it writes, the one that begins a draft included.
    beams, length_power : int and float
        How a draft is searched for, as of `engine.models.beam.BeamSettings`.
    """

    num_hidden_layers: int = 3
    max_position_embeddings: int = 256
    writer_width: int = 256
    writer_layers: int = 3
    writer_heads: int = 8
    writer_inner: int = 512
    longest_draft: int = 64
    beams: int = 4
    length_power: float = 0.6
    model_type: str = "encoder-decoder-transformer"


@dataclass(frozen=True, eq=False)
class Written:
    """What the decoder says of a draft of N word pieces, for B texts of T tokens.

    Parameters
    ----------
    logits : Tensor
        ``(B, N, V)``: of the piece that follows each.
    own : tuple of Tensor
        One a layer, ``(B, H, N, N)``: attention of the draft to itself, in the graph.
    cross : tuple of Tensor
        One a layer, ``(B, H, N, T)``: attention of the draft to the text, in the graph.
    """

    logits: Tensor
    own: tuple[Tensor, ...]
    cross: tuple[Tensor, ...]


class EncoderDecoder(TextTransformer):
    """Word pieces to multi-label logits, and to the word pieces of a draft.

    Parameters
    ----------
    config : EncoderDecoderConfig
        Kept as `config`, and written beside the weights.
    """

    config: EncoderDecoderConfig

    def __init__(self, config: EncoderDecoderConfig) -> None:
        super().__init__(config)
        sizes = BertConfig(
            hidden_size=config.writer_width,
            num_attention_heads=config.writer_heads,
            intermediate_size=config.writer_inner,
            hidden_dropout_prob=config.hidden_dropout_prob,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
            is_decoder=True,
            add_cross_attention=True,
        )
        self.queries = nn.Parameter(torch.zeros(config.num_labels, config.hidden_size))  # begins as a plain mean
        self.to_writer = nn.Linear(config.hidden_size, config.writer_width)
        self.piece_to_writer = nn.Linear(config.hidden_size, config.writer_width)
        self.place_in_draft = nn.Embedding(config.longest_draft, config.writer_width)
        self.writer_norm = nn.LayerNorm(config.writer_width)
        self.writer_drop = nn.Dropout(config.hidden_dropout_prob)
        self.writer = nn.ModuleList(BertLayer(sizes) for _ in range(config.writer_layers))
        self.to_piece = nn.Linear(config.writer_width, config.hidden_size)
        self.piece_norm = nn.LayerNorm(config.hidden_size)
        self.piece_bias = nn.Parameter(torch.zeros(config.vocab_size))

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool.

        The readout is the mean of the labels' own: what each of them attends to is in the graph of its logit.
        """
        return self.encode_from(0, hidden, presence)

    def encode_from(self, first: int, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` that enter the layer `first`; the output knows only what follows."""
        absent = ~presence[:, None, None, :]  # (B, 1, 1, T)
        mask = absent * torch.finfo(hidden.dtype).min  # (B, 1, 1, T) added to the scores of absent keys
        attentions, entering = [], [hidden]
        for layer in self.layers[first:]:
            hidden, attention = layer.attention(hidden, mask)  # type: ignore[operator]  # (B, T, D), (B, H, T, T)
            hidden = layer.feed_forward_chunk(hidden)  # type: ignore[operator]  # (B, T, D)
            attentions.append(attention)
            entering.append(hidden)
        scores = (hidden @ self.queries.T).transpose(1, 2) / hidden.shape[-1] ** 0.5  # (B, L, T)
        looked = attention_softmax(scores + mask[:, 0]) * presence[:, None]  # (B, L, T)
        pooled = looked @ hidden  # (B, L, D)
        logits = (pooled * self.head.weight).sum(dim=-1) + self.head.bias  # (B, L)
        readout = looked.mean(dim=1).detach()  # (B, T)
        embedding = torch.einsum("bt,btd->bd", readout, hidden)  # (B, D)
        return ModelOutput(logits, tuple(attentions), readout, embedding, tuple(entering))

    def write(self, read: Tensor, presence: Tensor, draft: Tensor) -> Written:
        """Say what follows each piece of a draft.

        Parameters
        ----------
        read : Tensor
            ``(B, T, D)``: the tokens as the last layer of the encoder leaves them, `ModelOutput.hidden`.
        presence : Tensor
            ``(B, T)`` bool.
        draft : Tensor
            ``(B, N)`` int64: word pieces, the one that begins a draft first; N at most `longest_draft`.
        """
        source = self.to_writer(read)  # (B, T, W)
        least = torch.finfo(source.dtype).min
        unseen = ~presence[:, None, None, :] * least  # (B, 1, 1, T)
        length = draft.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=draft.device).triu(1) * least  # (N, N)
        pieces = self.embeddings.word_embeddings(draft)  # (B, N, D)
        places = self.place_in_draft.weight[:length]  # (N, W)
        hidden = begin_graph(self.writer_drop(self.writer_norm(self.piece_to_writer(pieces) + places)))  # (B, N, W)
        own, cross = [], []
        for layer in self.writer:
            hidden, to_draft = layer.attention(hidden, later[None, None])  # type: ignore[operator]
            hidden, to_text = layer.crossattention(hidden, None, source, unseen)  # type: ignore[operator]
            hidden = layer.feed_forward_chunk(hidden)  # type: ignore[operator]  # (B, N, W)
            own.append(to_draft)
            cross.append(to_text)
        likeness = self.piece_norm(F.gelu(self.to_piece(hidden)))  # (B, N, D)
        logits = likeness @ self.embeddings.word_embeddings.weight.T + self.piece_bias  # (B, N, V)
        return Written(logits, tuple(own), tuple(cross))
