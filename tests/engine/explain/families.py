"""Small networks of every family, and something to ask any network, a small or a shipped one."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from engine.models.course import CourseTransformer, CourseTransformerConfig
from engine.models.encoder_decoder import EncoderDecoder, EncoderDecoderConfig
from engine.models.fusion import FusionTransformer, FusionTransformerConfig
from engine.models.lesion import LesionTransformer, LesionTransformerConfig
from engine.models.literature import LiteratureTransformer, LiteratureTransformerConfig
from engine.models.output import ModelInput, TokenNetwork
from engine.models.retrieval import RetrievalTransformer, RetrievalTransformerConfig
from engine.models.sequence import LETTERS, SequenceTransformer, SequenceTransformerConfig
from engine.models.text import TextTransformer, TextTransformerConfig
from engine.models.vision import ImageTransformer, ImageTransformerConfig

LABELS = 3
_IMAGE = {"labels": LABELS, "image_size": 64, "patch_size": 16, "width": 48, "layers": 2, "heads": 3}
_TEXT = {
    "num_labels": LABELS,
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
}
_WRITER = {"writer_width": 16, "writer_layers": 1, "writer_heads": 2, "writer_inner": 16}
_FUSED = {
    "labels": LABELS,
    "vocabulary": 40,
    "image_size": 64,
    "sight_width": 48,
    "sight_layers": 1,
    "text_width": 24,
    "text_layers": 1,
    "text_heads": 2,
    "text_inner": 48,
    "width": 24,
    "heads": 3,
}

_MAKERS: dict[str, Callable[[], nn.Module]] = {
    "image": lambda: ImageTransformer(ImageTransformerConfig(**_IMAGE)),
    "lesion": lambda: LesionTransformer(LesionTransformerConfig(**_IMAGE)),
    "text": lambda: TextTransformer(TextTransformerConfig(**_TEXT)),
    "retrieval": lambda: RetrievalTransformer(RetrievalTransformerConfig(**_TEXT, memories=12)),
    "literature": lambda: LiteratureTransformer(LiteratureTransformerConfig(**_TEXT, key_size=8)),
    "report": lambda: EncoderDecoder(EncoderDecoderConfig(**_TEXT | _WRITER)),
    "question": lambda: FusionTransformer(FusionTransformerConfig(**_FUSED)),
    "film and note": lambda: FusionTransformer(FusionTransformerConfig(**_FUSED, adds_up=True, astray=0.08)),
    "course": lambda: CourseTransformer(
        CourseTransformerConfig(labels=LABELS, kinds=6, hours=48, width=16, heads=4, members=2)
    ),
    "sequence": lambda: SequenceTransformer(
        SequenceTransformerConfig(labels=LABELS, window=20, width=16, layers=2, heads=2)
    ),
}
FAMILIES = tuple(_MAKERS)


def small(family: str) -> TokenNetwork:
    """A network of a family. Much begins as zeros: what is forgotten shows once all of it has values."""
    torch.manual_seed(5)
    network = _MAKERS[family]().eval().requires_grad_(False)
    for weight in network.parameters():
        weight.add_(0.1 * torch.randn_like(weight))
    if isinstance(network, RetrievalTransformer):
        network.centre.normal_()
        network.keys.copy_(nn.functional.normalize(torch.randn_like(network.keys), dim=1))
        network.values.uniform_(0.01, 1.0)
    return cast(TokenNetwork, network)


def asked_of(network: TokenNetwork, *, rows: int = 1, seed: int = 0) -> ModelInput:
    """Something that a network can be asked, of which a fifth of the tokens is absent."""
    generator = torch.Generator().manual_seed(seed)

    def there(count: int) -> Tensor:
        presence = torch.rand(rows, count, generator=generator) > 0.2  # (B, T)
        presence[:, 0] = True
        return presence

    def pixels(size: int) -> Tensor:
        return torch.randn(rows, 1, size, size, generator=generator)

    def pieces(vocabulary: int, count: int) -> Tensor:
        return torch.randint(4, vocabulary, (rows, count), generator=generator)

    if isinstance(network, ImageTransformer):
        sizes = network.config
        return ModelInput(pixels(sizes.image_size), there((sizes.image_size // sizes.patch_size) ** 2))
    if isinstance(network, TextTransformer):
        return ModelInput(pieces(network.config.vocab_size, 24), there(24))
    if isinstance(network, FusionTransformer):
        words = pieces(network.config.vocabulary, 12)
        presence = torch.cat([there(network.config.patches), there(12)], dim=1)
        return ModelInput(pixels(network.config.image_size), presence, words)
    if isinstance(network, SequenceTransformer):
        bases = torch.randint(LETTERS, (rows, network.config.window), generator=generator)
        return ModelInput(nn.functional.one_hot(bases, LETTERS).float(), there(network.config.window))
    assert isinstance(network, CourseTransformer)
    return ModelInput(_cells(rows, network.config.kinds, generator), there(30))


def _cells(rows: int, kinds: int, generator: torch.Generator) -> Tensor:
    """Thirty cells ``(B, 30, 4)`` of kinds in turn, each later than the one before, read at hour 48."""
    rank = torch.arange(30).expand(rows, -1)
    values = torch.randn(rows, 30, generator=generator)
    return torch.stack((1 + rank % (kinds - 1), rank, values, torch.full_like(rank, 48)), dim=2).float()
