"""Past cases that look alike to the model: the embeddings of its training cases, kept beside its weights.

Case-based explanation after Caruana et al., AMIA 1999. What is kept is an embedding, rounded to half precision, and the
labels of the case; of a public note also its id in the data set and where it was filed. Never an image, a text, or the
name of a patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.measured import PastCase, SimilarCases

MOST = 2000  # cases kept: under 1 MB
_LARGEST = 127  # of a signed byte

Floats = NDArray[np.floating[Any]]
Memory = Mapping[str, Tensor]


def remember(
    embeddings: Floats, truth: NDArray[np.bool_], names: Sequence[str] = (), *, coarse: bool = False
) -> dict[str, Tensor]:
    """Make a model's memory of N training cases.

    Parameters
    ----------
    embeddings : numpy.ndarray
        ``(N, D)``, N at least 2.
    truth : numpy.ndarray
        ``(N, L)`` bool: the labels of each.
    names : sequence of str
        What each is called in a public data set; empty where nothing may be said.
    coarse : bool
        Keep one byte a number instead of two.

    Returns
    -------
    dict of str to Tensor
        ``embeddings`` ``(N, D)``: float16 of length 1, or int8 with a largest value of 127 a row; ``truth`` ``(N, L)``
        bool; ``typical`` ``(1,)``: the median distance of a training case to the nearest other one; and ``names``:
        UTF-8 with a line for each, uint8.
    """
    kept = _unit(torch.from_numpy(np.asarray(embeddings, np.float32)))  # (N, D)
    between = (1 - kept @ kept.T).fill_diagonal_(torch.inf)  # (N, N)
    return {
        "embeddings": _coarse(kept) if coarse else kept.half(),
        "truth": torch.from_numpy(truth),
        "typical": between.amin(dim=1).clamp_min(0).median()[None],
    } | ({"names": torch.tensor(list("\n".join(names).encode()), dtype=torch.uint8)} if names else {})


def nearest(
    embedding: Floats, memory: Memory, labels: Sequence[str], *, count: int, carrying: str | None = None
) -> SimilarCases:
    """Find the training cases whose embeddings point most nearly the same way.

    Parameters
    ----------
    embedding : numpy.ndarray
        ``(D,)`` of the case in hand.
    memory : mapping
        From `remember`.
    labels : sequence of str
        The L labels of the model.
    carrying : str or None
        Search only among the cases with this label; None searches all.
    """
    asked = _unit(torch.from_numpy(np.asarray(embedding, np.float32))[None])  # (1, D)
    distances = (1 - _unit(memory["embeddings"].float()) @ asked[0]).clamp_min(0)  # (N,)
    order = distances.argsort(stable=True)  # (N,), later only those with the label
    if carrying is not None:
        order = order[memory["truth"][order, labels.index(carrying)]]
    names = names_of(memory)
    cases = tuple(
        PastCase(
            labels=tuple(label for label, true in zip(labels, memory["truth"][row].tolist(), strict=True) if true),
            distance=round(float(distances[row]), 4),
            name=names[row],
        )
        for row in order[:count].tolist()
    )
    return SimilarCases(cases, searched=len(order), typical=round(float(memory["typical"]), 4))


def names_of(memory: Memory) -> list[str]:
    """What each of the N cases is called in its public data set; empty where nothing may be said."""
    if "names" not in memory:
        return [""] * len(memory["embeddings"])
    return bytes(memory["names"].tolist()).decode().split("\n")


def _coarse(vectors: Tensor) -> Tensor:
    """``(N, D)`` int8 that point where the vectors do."""
    largest = vectors.abs().amax(dim=1, keepdim=True).clamp_min(torch.finfo(vectors.dtype).tiny)  # (N, 1)
    return (vectors / largest * _LARGEST).round().to(torch.int8)  # (N, D)


def _unit(vectors: Tensor) -> Tensor:
    """``(N, D)`` vectors of length 1."""
    return torch.nn.functional.normalize(vectors, eps=1e-6)  # (N, D)
