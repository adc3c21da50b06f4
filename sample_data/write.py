"""Sample cases on disk: one folder a case, and the index ``cases.json``."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sample_data.cases import CASES
from sample_data.recipes import Made, Recipe

logger = logging.getLogger(__name__)


def write_cases(folder: Path, seed: int, recipes: Sequence[Recipe] = CASES) -> None:
    """Write `recipes` and their index into `folder`."""
    entries = []
    for recipe in recipes:
        made = recipe.make(case_seed(recipe, seed))
        entries.append(_write(folder, recipe, made))
        logger.info("%s: %d files", recipe.case_id, len(made.files))
    index = json.dumps(entries, indent=2) + "\n"
    (folder / "cases.json").write_text(index, encoding="utf-8")


def case_seed(recipe: Recipe, seed: int) -> int:
    """Return the seed of one case, which does not depend on the other cases."""
    return seed ^ zlib.crc32(recipe.case_id.encode())


def _write(folder: Path, recipe: Recipe, made: Made) -> dict[str, Any]:
    """Write the files of one case; return its entry of the index, with paths relative to `folder`."""
    place = folder / recipe.case_id
    place.mkdir(parents=True, exist_ok=True)
    for name, data in made.files.items():
        (place / name).write_bytes(data)
    if made.mask is not None:
        (place / "mask.png").write_bytes(made.mask)
    return {
        "case_id": recipe.case_id,
        "title": recipe.title,
        "modality": recipe.modality,
        "files": [f"{recipe.case_id}/{name}" for name in made.files],
        "truth": {"labels": list(recipe.labels), "mask": f"{recipe.case_id}/mask.png" if made.mask else None},
        "synthetic": True,
        **({"question": recipe.question} if recipe.question else {}),
    }
