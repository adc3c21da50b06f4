"""A note classifier's memory: what it made of its training notes, so that past notes that are alike can be named.

Kept beside the weights are embeddings of one byte a number, labels, and the notes' ids in the public data set; never a
word of a note. Made at the end of training, or anew for weights that were changed: minutes of one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.errors import TrainingError
from engine.models.checkpoint import add_memory, load_model
from engine.models.output import answer_in_turns
from engine.models.text import TextTransformer
from engine.preprocess.text import cut_windows, split_pieces, window_starts
from engine.tasks.task import Example
from engine.trust.similar import remember
from engine.words import tr


def note_memory(
    network: TextTransformer, tokenizer: Tokenizer, examples: Sequence[Example], labels: Sequence[str]
) -> dict[str, Tensor]:
    """Read notes whole, and keep what the head saw of each."""
    device = next(network.parameters()).device
    seen = []
    for example in examples:
        pieces = split_pieces(example.text or "", tokenizer)
        inputs, _ = cut_windows([(pieces, start) for start in window_starts(len(pieces.ids))], tokenizer)
        with torch.inference_mode():
            output = answer_in_turns(network, inputs.to(device))
        seen.append(output.embedding.float().mean(dim=0).cpu().numpy())  # (D,)
    truth = np.array([[label in example.truth for label in labels] for example in examples])  # (N, L)
    return remember(np.stack(seen), truth, [example.case_id for example in examples], coarse=True)


def add_note_memory(examples: Sequence[Example], folder: Path) -> None:
    """Put a memory of the training notes beside a model's weights.

    Parameters
    ----------
    examples : sequence of Example
        The notes that the model was trained on.

    Raises
    ------
    TrainingError
        The folder holds no note classifier.
    """
    model = load_model(folder)
    if not isinstance(model.network, TextTransformer) or model.tokenizer is None:
        raise TrainingError(tr("The folder holds no note classifier."), tr("Give the folder of one."))
    add_memory(folder, note_memory(model.network, model.tokenizer, examples, model.labels), model.card)
