"""What an answer to a question about an image rests on: how much on either, and which word looked where.

Shapley values of the two modalities: Cadene et al., RUBi, NeurIPS 2019, show models that answer from the words alone;
Parcalabescu & Frank, MM-SHAP, ACL 2023, measure it. Two players need four evaluations, so that nothing is sampled.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case
from engine.measured import ModalityShare, WordRegions
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.output import TokenNetwork
from engine.models.room import with_room
from engine.pipeline import attention_heads, label_rank, prepare_case
from engine.preprocess.prepared import Prepared
from engine.preprocess.question import QuestionGeometry
from engine.trust.calibration import calibrate


@with_room
def modality_share(case: Case, model: LoadedModel, label: str | None = None, *, frame: int = 0) -> ModalityShare:
    """Take the image away, the words, and both, and see what is left of an answer's probability.

    Parameters
    ----------
    label : str or None
        None takes the most probable answer.
    frame : int
        Which frame of the case's first image.

    Raises
    ------
    UnknownLabel
        The model has no such answer.
    """
    prepared = prepare_case(case, model, frame=frame)
    probabilities = calibrate(_answers(model, prepared), model.card.trust, multi_label=False)  # (4, L)
    rank = label_rank(model, label) if label is not None else int(probabilities[0].argmax())
    both, words, image, neither = (float(p) for p in probabilities[:, rank])
    said = tuple(model.labels[int(best)] for best in probabilities.argmax(axis=1))
    return ModalityShare(model.labels[rank], both, words, image, neither, said[1], said[2])


def with_and_without_image(model: LoadedModel, prepared: Prepared) -> NDArray[np.float32]:
    """Logits ``(2, L)`` of a question with its image, and with all patches absent."""
    return _answers(model, prepared, variants=2)


def word_regions(case: Case, model: LoadedModel, *, frame: int = 0) -> WordRegions:
    """Tell which patches each word of a question attended to, as the mean over layers and heads.

    Parameters
    ----------
    frame : int
        Which frame of the case's first image.
    """
    geometry = cast(QuestionGeometry, prepare_case(case, model, frame=frame).geometry)
    heads = attention_heads(case, model, frame=frame)
    count = int(geometry.image.presence.sum())  # patches come first
    looked = heads.attention.mean(axis=(0, 1))[count:, :count]  # (pieces, patches)
    numbers = geometry.words.words[0]  # (pieces,)
    words = [looked[numbers == number].mean(axis=0) for number in np.unique(numbers[numbers >= 0])]  # each (patches,)
    shape = geometry.image.height // geometry.image.patch, geometry.image.width // geometry.image.patch
    spans = geometry.words.raw_spans(np.zeros_like(numbers[None], dtype=np.float32))
    return WordRegions(spans, np.stack(words).reshape(-1, *shape).astype(np.float32))


def _answers(model: LoadedModel, prepared: Prepared, variants: int = 4) -> NDArray[np.float32]:
    """Logits ``(V, L)`` with all tokens, without the image, without the words, and without either."""
    inputs = prepared.inputs.to(model.device)
    geometry = cast(QuestionGeometry, prepared.geometry)
    patch = torch.arange(inputs.presence.shape[1], device=model.device) < geometry.patches  # (T,)
    special = torch.from_numpy(geometry.words.special[0]).to(model.device)  # (W,)
    word = torch.cat([torch.zeros_like(patch[: geometry.patches]), ~special])  # (T,): special tokens always stay
    absent = torch.stack([torch.zeros_like(patch), patch, word, patch | word])[:variants]  # (V, T)
    network = cast(TokenNetwork, model.network)
    with torch.inference_mode(), precision(model.device):
        logits = [network(inputs.having(inputs.presence & ~gone)).logits for gone in absent]  # each (1, L)
    return np.asarray(torch.cat(logits).float().cpu().numpy())  # (V, L)
