"""Synthetic scans to train on come in the layout of the real set, with masks where there is a lesion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engine.tasks.breast_ultrasound import BREAST_ULTRASOUND
from sample_data.practice import random_breast, write_practice
from sample_data.ultrasound import Kind


def test_they_are_read_as_the_real_set_is(tmp_path: Path) -> None:
    write_practice(tmp_path, 3, seed=5)
    examples = BREAST_ULTRASOUND.read_dataset(tmp_path)
    assert sorted(example.truth[0] for example in examples) == ["benign", "malignant", "normal"]
    for example in examples:
        assert (example.outline is None) == (example.truth == ("normal",))
        if example.outline:
            mask = np.asarray(Image.open(example.outline.masks[0]))
            assert mask.shape == np.asarray(Image.open(example.outline.picture)).shape
            assert 0.002 < (mask == 255).mean() < 0.5


def test_lesions_lie_within_the_breast_and_differ() -> None:
    rng = np.random.default_rng(0)
    breasts = [random_breast(rng, (Kind.CYST, Kind.CARCINOMA)) for _ in range(40)]
    lesions = [breast.lesion for breast in breasts if breast.lesion]
    assert len(lesions) == 40
    assert {lesion.kind for lesion in lesions} == {Kind.CYST, Kind.CARCINOMA}
    for breast, lesion in zip(breasts, lesions, strict=True):
        assert abs(lesion.centre[0]) < breast.width / 2
        assert breast.fat < lesion.centre[1] < breast.depth
    assert random_breast(rng, ()).lesion is None
