"""An image and a question or a note: every word attends to the words and to the patches, and a gate weighs the two.

Co-attention: Lu et al., ViLBERT, NeurIPS 2019; gates: Alayrac et al., Flamingo, NeurIPS 2022. Here a layer's row of
attention is the gate times a softmax over patches plus the rest times a softmax over words: it sums to 1, so that all
that explains attention explains this too, and the block from words to patches is the cross-attention itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.output import ModelInput, ModelOutput, begin_graph
from engine.models.softmax import attention_softmax, log_mixture
from engine.models.text import TextTransformer, TextTransformerConfig
from engine.models.vision import ImageTransformer, ImageTransformerConfig, readout_weights

_NEAR = 128  # features of a word with its neighbours
_SMALL = 16.0  # what a word adds is divided by this: a step of learning moves all words of a note at once


@dataclass(frozen=True, kw_only=True)
class FusionTransformerConfig:
    """The sizes of a `FusionTransformer`.

    Parameters
    ----------
    labels : int
        Number of answers.
    image_size, patch_size, sight_width, sight_layers, sight_heads : int
        Of the image encoder, as of `ImageTransformerConfig`.
    vocabulary, longest : int
        Word pieces that the question encoder knows, and the most that a question may have.
    text_width, text_layers, text_heads, text_inner : int
        Of the question encoder, as of MiniLM.
    width, layers, heads : int
        Of the layers that fuse the two.
    dropout : float
        Share of the residual branches' outputs dropped in training, in [0, 1).
    words : str
        What the words are: a "question" about the image, or the "note" that came with it.
    adds_up : bool
        Whether every word also adds something of its own to the logits: in a note evidence adds up, and a mean would
        thin it by all that tells nothing.
    astray : float
        Share of the notes that belong to a case of another label, in [0, 1): what words add together is bounded by it.
    """

    labels: int
    vocabulary: int
    image_size: int = 224
    patch_size: int = 16
    sight_width: int = 192
    sight_layers: int = 4
    sight_heads: int = 3
    longest: int = 64
    text_width: int = 384
    text_layers: int = 2
    text_heads: int = 12
    text_inner: int = 1536
    width: int = 192
    layers: int = 2
    heads: int = 6
    dropout: float = 0.2
    words: str = "question"
    adds_up: bool = False
    astray: float = 0.0
    model_type: str = "fusion-transformer"

    @property
    def patches(self) -> int:
        """Number of patches of the square."""
        return (self.image_size // self.patch_size) ** 2

    def sight(self) -> ImageTransformerConfig:
        """The image encoder's own configuration; its head is not used."""
        return ImageTransformerConfig(
            labels=1,
            image_size=self.image_size,
            patch_size=self.patch_size,
            width=self.sight_width,
            layers=self.sight_layers,
            heads=self.sight_heads,
        )

    def text(self) -> TextTransformerConfig:
        """The question encoder's own configuration; its head is not used."""
        return TextTransformerConfig(
            num_labels=1,
            vocab_size=self.vocabulary,
            hidden_size=self.text_width,
            num_hidden_layers=self.text_layers,
            num_attention_heads=self.text_heads,
            intermediate_size=self.text_inner,
            max_position_embeddings=self.longest,
        )


class FusionTransformer(nn.Module):
    """One image and one text in, one logit an answer out.

    Tokens are the patches as the image encoder leaves them, then the words as the question encoder leaves them. The
    last of a token's ``width + 1`` channels says what it is, 1 for a word: packed tokens stay what they are. Where
    words add up, what each adds to the logits stands before it.
    """

    def __init__(self, config: FusionTransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.sight = ImageTransformer(config.sight())
        self.text = TextTransformer(config.text())
        self.from_sight = nn.Linear(config.sight_width, config.width)
        self.from_text = nn.Linear(config.text_width, config.width)
        self.layers = nn.ModuleList(
            FusionLayer(config.width, config.heads, config.dropout) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.width)
        self.drop = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.width, config.labels)
        self.evidence = Evidence(config.text_width, config.labels) if config.adds_up else None

    def forward(self, inputs: ModelInput) -> ModelOutput:
        """Answer a batch: pixels ``(B, 1, S, S)``, word ids ``(B, W)``, presence ``(B, T)`` with T = patches + W."""
        return self.encode(begin_graph(self.embed(inputs)), inputs.presence)

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D + 1)`` that enter the first layer of the fusion."""
        return self.join(self.see(inputs), inputs)

    def see(self, inputs: ModelInput) -> Tensor:
        """The patches ``(B, P, V)`` as the image encoder leaves them; absent ones are seen by no other."""
        there = inputs.presence[:, : self.config.patches]  # (B, P)
        film = ModelInput(inputs.values, there)
        seen: Tensor = self.sight.norm(self.sight.encode(self.sight.embed(film), there).hidden[-1])  # (B, P, V)
        return seen

    def join(self, seen: Tensor, inputs: ModelInput) -> Tensor:
        """Put the words of the question behind patches that were seen already, ``(B, P, V)`` to ``(B, T, D + 1)``."""
        if inputs.words is None:
            raise ValueError("a question is needed")
        there = inputs.presence[:, self.config.patches :]  # (B, W)
        heard = self.text.encode(self.text.embed(ModelInput(inputs.words, there)), there).hidden[-1]  # (B, W, 384)
        patches, words = self.from_sight(seen), self.from_text(heard)  # (B, P, D), (B, W, D)
        kind = torch.zeros_like(inputs.presence, dtype=words.dtype)  # (B, T)
        kind[:, self.config.patches :] = 1.0
        channels = [torch.cat([patches, words], dim=1), kind[..., None]]  # (B, T, D), (B, T, 1)
        if self.evidence is not None:
            each = self.evidence(self.text.embeddings.word_embeddings(inputs.words), there)  # (B, W, L)
            channels.insert(1, F.pad(each, (0, 0, self.config.patches, 0)))  # (B, T, L)
        return torch.cat(channels, dim=2)  # (B, T, D + 1), or (B, T, D + L + 1)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D + 1)`` of which some are absent, ``(B, T)`` bool; present words are read out."""
        word = hidden[..., -1].detach() > 1 / 2  # (B, T)
        keys = Keys(presence & ~word, presence & word, word, _last(word) if self.training else _all(word))
        attentions, entering = [], [hidden]
        for layer in self.layers:
            hidden, attention = layer(hidden, keys)  # (B, T, D + 1), (B, H, T, T)
            attentions.append(attention)
            entering.append(hidden)
        readout = readout_weights(presence & word)  # (B, T)
        width = self.config.width  # D
        embedding = torch.einsum("bt,btd->bd", readout, self.norm(hidden[..., :width]))  # (B, D)
        logits = self.head(self.drop(embedding))  # (B, L)
        if self.evidence is not None:
            added = ((presence & word)[..., None] * hidden[..., width:-1]).sum(dim=1)  # (B, L)
            logits = logits + doubted(added, self.config.astray)
        return ModelOutput(logits, tuple(attentions), readout, embedding, tuple(entering))


class Evidence(nn.Module):
    """What every word adds to the logits, told from itself and the two on either side ("no", a unit, a number).

    Convolution over words: Kim, EMNLP 2014; summed instead of pooled, as the log-odds of independent signs are.
    """

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        self.near = nn.Conv1d(width, _NEAR, kernel_size=5, padding=2)
        self.worth = nn.Linear(_NEAR, labels, bias=False)
        nn.init.zeros_(self.worth.weight)

    def forward(self, embeddings: Tensor, there: Tensor) -> Tensor:
        """What words ``(B, W, E)`` add, ``(B, W, L)``: 0 where one is absent, ``(B, W)`` bool."""
        seen = (embeddings * there[..., None]).transpose(1, 2)  # (B, E, W)
        near = F.relu(self.near(seen)).transpose(1, 2)  # (B, W, N)
        votes: Tensor = self.worth(near)  # (B, W, L)
        return votes * there[..., None] / _SMALL  # (B, W, L)


@dataclass(frozen=True, eq=False)
class Keys:
    """Where a layer looks, and what it renews.

    Parameters
    ----------
    patches, words : Tensor
        ``(B, T)`` bool: the tokens of either kind that are present.
    word : Tensor
        ``(B, T)`` bool: all words, present or not.
    rows : Tensor
        ``(B, W)`` int64: places of all tokens; in training, which needs no map, of the words alone (and of some patches
        where a row has fewer words than others).
    """

    patches: Tensor
    words: Tensor
    word: Tensor
    rows: Tensor


class FusionLayer(nn.Module):
    """Words gather from words and from patches; patches stay as they are.

    Parameters
    ----------
    width, heads : int
        Channels of a token, a multiple of the heads.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm_before, self.norm_after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.gate = nn.Linear(width, 2 * heads)
        self.out = nn.Linear(width, width)
        self.rise, self.fall = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, keys: Keys) -> tuple[Tensor, Tensor]:
        """Renew the words of ``(B, T, D + 1)``; attention is ``(B, H, W, T)``, that of a patch all its own."""
        width = self.query.in_features  # D
        tokens = hidden[..., :width]  # (B, T, D)
        normal = self.norm_before(tokens)  # (B, T, D)
        asking = _pick(normal, keys.rows)  # (B, W, D)
        attention = self._attend(asking, normal, keys)  # (B, H, W, T)
        mixed = (attention @ self._by_head(self.value(normal))).transpose(1, 2).flatten(2)  # (B, W, D)
        words = _pick(tokens, keys.rows)  # (B, W, D)
        renewed = words + self.drop(self.out(mixed))  # (B, W, D)
        renewed = renewed + self.drop(self.fall(F.gelu(self.rise(self.norm_after(renewed)))))  # (B, W, D)
        is_word = keys.word.gather(1, keys.rows)[..., None]  # (B, W, 1)
        places = keys.rows[..., None].expand_as(words)  # (B, W, D)
        tokens = tokens.scatter(1, places, torch.where(is_word, renewed, words))  # (B, T, D)
        return torch.cat([tokens, hidden[..., width:]], dim=2), attention

    def _attend(self, asking: Tensor, normal: Tensor, keys: Keys) -> Tensor:
        """Attention of each word ``(B, H, W, T)``: by the gate to patches, by the rest of it to words."""
        scores = self._by_head(self.query(asking)) @ self._by_head(self.key(normal)).transpose(2, 3)  # (B, H, W, T)
        scores = scores / (normal.shape[-1] // self.heads) ** 0.5
        gate = self.gate(asking).unflatten(2, (self.heads, 2)).transpose(1, 2)  # (B, H, W, 2)
        blind = ~keys.patches.any(dim=1)[:, None, None, None]  # (B, 1, 1, 1): there is nothing to see
        shut = torch.tensor([True, False], device=gate.device)  # (2,)
        gate = attention_softmax(gate.masked_fill(blind & shut, torch.finfo(gate.dtype).min))  # (B, H, W, 2)
        to_patches, to_words = (_softmax_over(scores, there) for there in (keys.patches, keys.words))  # (B, H, W, T)
        attention = gate[..., :1] * to_patches + gate[..., 1:] * to_words  # (B, H, W, T)
        itself = F.one_hot(keys.rows, normal.shape[1])[:, None].to(attention.dtype)  # (B, 1, W, T)
        return torch.where(keys.word.gather(1, keys.rows)[:, None, :, None], attention, itself)  # (B, H, W, T)

    def _by_head(self, values: Tensor) -> Tensor:
        """``(B, N, D)`` to ``(B, H, N, D / H)``."""
        return values.view(*values.shape[:2], self.heads, -1).transpose(1, 2)


def doubted(added: Tensor, astray: float) -> Tensor:
    """What words add to the logits together, ``(B, L)``, by one who knows that some notes are on another case."""
    labels = added.shape[1]  # L
    others = added.new_full((labels, labels), astray / max(1, labels - 1))  # (L, L): a note on another label's case
    return log_mixture(added, others.fill_diagonal_(1 - astray))  # (B, L)


def _softmax_over(scores: Tensor, there: Tensor) -> Tensor:
    """Softmax of scores ``(B, H, W, T)`` over the keys that are there, ``(B, T)`` bool; 0 at the others."""
    masked = scores.masked_fill(~there[:, None, None], torch.finfo(scores.dtype).min)  # (B, H, W, T)
    return attention_softmax(masked) * there[:, None, None]


def _all(word: Tensor) -> Tensor:
    """Places ``(B, T)`` of all tokens."""
    return torch.arange(word.shape[1], device=word.device).expand_as(word)


def _last(word: Tensor) -> Tensor:
    """Places ``(B, W)`` of the words among tokens ``(B, T)`` bool, W being the most that any row has."""
    most = int(word.sum(dim=1).max())  # W
    return word.to(torch.uint8).argsort(dim=1, stable=True)[:, word.shape[1] - most :]  # (B, W)


def _pick(tokens: Tensor, rows: Tensor) -> Tensor:
    """The tokens ``(B, W, D)`` at some places ``(B, W)`` of ``(B, T, D)``."""
    return tokens.gather(1, rows[..., None].expand(-1, -1, tokens.shape[-1]))
