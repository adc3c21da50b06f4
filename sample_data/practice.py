"""Synthetic breast-ultrasound images with their lesions' masks, to train on beside real ones: no patient is in them.

``python -m sample_data.practice FOLDER`` writes them in the layout of the real set (BUSI).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from sample_data import SEED
from sample_data.ultrasound import Breast, Kind, Lesion, image

_KINDS = {"benign": (Kind.CYST, Kind.FIBROADENOMA), "malignant": (Kind.CARCINOMA,), "normal": ()}


def write_practice(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` images into ``images/LABEL``, and those with a lesion once more, with its mask, into ``masked``."""
    for rank in range(count):
        rng = np.random.default_rng([seed, rank])
        label = list(_KINDS)[rank % len(_KINDS)]
        echo = image(random_breast(rng, _KINDS[label]), seed + rank, gain=rng.uniform(-6.0, 6.0))
        name = f"{label} ({rank + 1})"
        _save(echo.values, folder / "images" / label / f"{name}.png")
        if echo.mask.any():
            _save(echo.values, folder / "masked" / label / f"{name}.png")
            _save(255 * echo.mask.astype(np.uint8), folder / "masked" / label / f"{name}_mask.png")


def random_breast(rng: np.random.Generator, kinds: tuple[Kind, ...]) -> Breast:
    """Draw a breast, with one lesion of one of `kinds` where there are any."""
    fat = rng.uniform(5.0, 12.0)
    gland = fat + rng.uniform(9.0, 16.0)
    breast = Breast(width=rng.uniform(34.0, 50.0), depth=rng.uniform(28.0, 42.0), fat=fat, gland=gland)
    if not kinds:
        return breast
    radius = rng.uniform(1.5, 8.0)
    kind = kinds[rng.integers(len(kinds))]
    ratio = rng.uniform(0.7, 1.4) if kind is Kind.CARCINOMA else rng.uniform(0.45, 0.9)
    centre = (rng.uniform(-0.3, 0.3) * breast.width, rng.uniform(fat + 1.0, min(gland + 2.0, 0.7 * breast.depth)))
    lesion = Lesion(kind, centre, (radius, ratio * radius), rng.uniform(-25.0, 25.0))
    return Breast(breast.width, breast.depth, fat, gland, lesion)


def _save(values: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def main() -> None:
    """Write the images into the folder given."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.practice", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    write_practice(arguments.folder, arguments.count, arguments.seed)


if __name__ == "__main__":
    main()
