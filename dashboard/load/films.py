"""Films for many readers, each with a film of their own, and what the model says of it when nobody else asks."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from engine import analyse, read_uploads, sample_case, sample_index, shipped_model, to_display

TASK = "chest-xray"
_NOISE = 0.02  # of the range: enough to make films and answers differ


@dataclass(frozen=True)
class Film:
    """A film to upload.

    Parameters
    ----------
    content : bytes
        As PNG.
    labels : tuple of str
        The model's labels, most probable first.
    said : tuple of str
        What must stand on the page of whoever uploads it: the probabilities, most probable label first.
    """

    content: bytes
    labels: tuple[str, ...]
    said: tuple[str, ...]


def films(count: int) -> list[Film]:
    """Make so many films that differ, from the synthetic ones; the same ones each time."""
    entries = [entry.case_id for entry in sample_index() if entry.modality in {"CR", "DX"}]
    return [_film(entries[number % len(entries)], seed=number) for number in range(count)]


def _film(case_id: str, seed: int) -> Film:
    grey = to_display(sample_case(case_id).images[0])
    noisy = grey + np.random.default_rng(seed).normal(0.0, _NOISE, grey.shape)
    file = io.BytesIO()
    Image.fromarray((np.clip(noisy, 0.0, 1.0) * 255).astype(np.uint8)).save(file, "PNG")
    (case,) = read_uploads([("film.png", file.getvalue())]).cases
    found = analyse(case, shipped_model(TASK)).findings
    return Film(file.getvalue(), tuple(f.label for f in found), tuple(f"{f.probability:.2f}" for f in found))
