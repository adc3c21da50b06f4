"""An image with words, a question or a note, to one set of tokens, and from the tokens back to patches and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.case import Image
from engine.errors import CaseError
from engine.models.output import ModelInput
from engine.preprocess.image import ImageGeometry, prepare_image
from engine.preprocess.text import SPECIAL, TokenOffsets, cut_windows, split_pieces
from engine.results import Span
from engine.words import tr


@dataclass(frozen=True, eq=False)
class QuestionGeometry:
    """Where the patches of an image, and the words behind them, of a question or a note, come from."""

    image: ImageGeometry
    words: TokenOffsets

    @property
    def patches(self) -> int:
        """How many of the tokens are patches: they come first."""
        return len(self.image.presence)

    def to_pixels(self, relevance: NDArray[Any]) -> NDArray[Any]:
        """The map ``(rows, columns)`` of token values ``(1, T)``, in their unit."""
        return self.image.to_source(relevance[0, : self.patches])

    def to_spans(self, relevance: NDArray[Any]) -> tuple[Span, ...]:
        """The words of token values ``(1, T)``, in their unit: words and patches stay comparable."""
        return self.words.raw_spans(relevance[:, self.patches :])


def prepare_question(
    image: Image, question: str, tokenizer: Tokenizer, *, size: int, patch: int, longest: int
) -> tuple[ModelInput, QuestionGeometry]:
    """Make the first frame of an image and a question ready for a model.

    Parameters
    ----------
    size, patch : int
        Sides of the model's square and of its patches.
    longest : int
        The most tokens that a question may have.

    Returns
    -------
    tuple of ModelInput and QuestionGeometry
        One row: pixels ``(1, 1, S, S)``, word ids ``(1, W)``, presence ``(1, T)`` with T = patches + W.

    Raises
    ------
    CaseError
        Where the question has no words, or more than the model reads.
    """
    words, offsets = read_question(question, tokenizer, longest=longest)
    return beside_words(image, words, offsets, size=size, patch=patch)


def prepare_film_and_note(
    image: Image, note: str, tokenizer: Tokenizer, *, size: int, patch: int, longest: int
) -> tuple[ModelInput, QuestionGeometry, float]:
    """Make the first frame of an image and a note ready for a model; of a longer note, its beginning.

    Parameters
    ----------
    size, patch, longest : int
        As of `prepare_question`.

    Returns
    -------
    tuple of ModelInput, QuestionGeometry and float
        As of `prepare_question`, and the share of the note's word pieces that are read, in (0, 1].

    Raises
    ------
    CaseError
        Where the note has no words.
    """
    pieces, body = split_pieces(note, tokenizer), longest - len(SPECIAL)
    words, offsets = cut_windows([(pieces, 0)], tokenizer, body=body)
    inputs, geometry = beside_words(image, words, offsets, size=size, patch=patch)
    return inputs, geometry, min(1.0, body / len(pieces.ids))


def beside_words(
    image: Image, words: ModelInput, offsets: TokenOffsets, *, size: int, patch: int
) -> tuple[ModelInput, QuestionGeometry]:
    """Put the patches of an image's first frame before word ids ``(1, W)``."""
    pixels, there, geometry = prepare_image(image, 0, size, patch)
    presence = torch.cat([there[None], words.presence], dim=1)  # (1, T)
    return ModelInput(pixels[None], presence, words.values), QuestionGeometry(geometry, offsets)


def read_question(question: str, tokenizer: Tokenizer, *, longest: int) -> tuple[ModelInput, TokenOffsets]:
    """Word ids ``(1, W)`` of a question between the two special tokens.

    Raises
    ------
    CaseError
        Where the question has no words, or more than the model reads.
    """
    if not question.strip():
        raise CaseError(tr("Nothing is asked of the image."), tr("Type a question."))
    inputs, offsets = cut_windows([(split_pieces(question, tokenizer), 0)], tokenizer)
    if inputs.values.shape[1] > longest:
        raise CaseError(
            tr("The question is longer than {most} word pieces.", most=longest - 2), tr("Ask less at once.")
        )
    return inputs, offsets
