"""Small facts about models, kept between runs in the user's own cache folder; never anything of a patient."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

logger = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Return the user's cache folder for Attending, whether or not it is there yet."""
    return user_cache_path("attending", appauthor=False)


def recall(name: str) -> Any:
    """Return what was kept under a name, or None where nothing is or it cannot be read."""
    try:
        return json.loads((cache_folder() / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def keep(name: str, content: object) -> None:
    """Keep something that JSON can hold; a folder that cannot be written to costs nothing but time later."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{name}.{os.getpid()}.part"
        unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(folder / f"{name}.json")
    except OSError as exc:
        logger.info("The cache folder cannot be written to: %s", exc.strerror)
