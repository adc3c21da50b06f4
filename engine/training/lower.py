"""What the frozen lower layers of a text encoder make of the first window of each text, read once and kept on disk.

Layers that do not learn give the same states in every epoch: kept, they cost one reading, and only the layers above are
computed again. Some texts are read once more with random words absent (Covert et al., ICLR 2023), for the layers above
must know what the lower ones leave when words go.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from engine.models.output import ModelInput, TokenNetwork
from engine.preprocess.text import NO_WORD, Pieces, cut_windows, keep_words

LEAST_KEPT = 0.1
PART = 100  # texts that are kept together: what a run that was stopped loses at most

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Lower:
    """States of the first windows of N texts with P tokens in all.

    Parameters
    ----------
    states : numpy.ndarray
        ``(P, D)`` float16, of present tokens alone.
    words : numpy.ndarray
        ``(P,)`` int64: the word of each token in its text; -1 for special tokens.
    ends : numpy.ndarray
        ``(N,)`` int64: one past the last token of each text.
    """

    states: NDArray[np.float16]
    words: NDArray[np.int64]
    ends: NDArray[np.int64]

    def tokens(self, text: int, share: float, generator: np.random.Generator) -> Tensor:
        """Make the tokens ``(t, D)`` float32 of one text; each word stays with the chance `share`, in (0, 1]."""
        inside = slice(self.ends[text - 1] if text else 0, self.ends[text])
        words = self.words[inside]  # (t,)
        drawn = generator.random(int(words.max(initial=0)) + 1) < share  # (words,)
        kept = drawn[words] | (words == NO_WORD)  # (t,)
        return torch.from_numpy(self.states[inside][kept].astype(np.float32))


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Make a batch of texts: tokens ``(B, T, D)`` and their presence ``(B, T)``."""
    hidden = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)  # (B, T, D)
    lengths = torch.tensor([len(row) for row in rows])  # (B,)
    return hidden, torch.arange(hidden.shape[1]) < lengths[:, None]


def read_lower(
    bottom: TokenNetwork,
    tokenizer: Tokenizer,
    texts: Sequence[Pieces],
    folder: Path,
    *,
    thinned: bool = False,
    seed: int = 0,
) -> Lower:
    """Read all texts by the lower layers, or take up what a run that was stopped has read.

    Parameters
    ----------
    bottom : TokenNetwork
        The lower layers as a network of their own: what leaves its last layer is kept.
    thinned : bool
        Each text with its own random share of the words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = [read_part(bottom, tokenizer, texts, folder, first, thinned, seed) for first in range(0, len(texts), PART)]
    states, words, lengths = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Lower(states, words, lengths.cumsum())


def read_part(
    bottom: TokenNetwork,
    tokenizer: Tokenizer,
    texts: Sequence[Pieces],
    folder: Path,
    first: int,
    thinned: bool,
    seed: int,
) -> tuple[NDArray[np.float16], NDArray[np.int64], NDArray[np.int64]]:
    """Read `PART` texts from the one of rank `first`, unless they are there: states, words, and tokens a text."""
    path = folder / f"{first:06d}.npz"
    if not path.is_file():
        generator = np.random.default_rng((seed, first))
        found = [_read(bottom, tokenizer, pieces, thinned, generator) for pieces in texts[first : first + PART]]
        states, words = (np.concatenate(each) for each in zip(*found, strict=True))
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez(file, states=states, words=words, lengths=np.array([len(each) for _, each in found]))
        unfinished.replace(path)
        logger.info("%d of %d texts read by the frozen layers", first + len(found), len(texts))
    with np.load(path) as kept:
        return kept["states"], kept["words"], kept["lengths"]


def _read(
    bottom: TokenNetwork, tokenizer: Tokenizer, pieces: Pieces, thinned: bool, generator: np.random.Generator
) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """States ``(t, D)`` and words ``(t,)`` of the first window."""
    inputs, offsets = cut_windows([(pieces, 0)], tokenizer)
    if thinned:
        inputs = keep_words(inputs, offsets, generator.uniform(LEAST_KEPT, 1.0, 1), generator)
    there = inputs.presence[0]  # (T,)
    with torch.inference_mode():
        hidden = bottom.embed(ModelInput(inputs.values, inputs.presence))[:, there]  # (1, t, D)
        left = bottom.encode(hidden, there[there][None]).hidden[-1][0]  # (t, D)
    return left.half().numpy(), offsets.words[0][there.numpy()]
