"""What Babel finds to translate in JSON: the words of the models' cards, and the titles of the samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

_CLOSED = 100  # labels, above which they are answers in the words of a question


def extract(file: IO[bytes], keywords: Any, comments: Any, options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield each sentence that a reader sees, as Babel asks for it: line, function, message, comments."""
    content = json.load(file)
    found = _of_card(content) if isinstance(content, dict) else (sample["title"] for sample in content)
    for message in dict.fromkeys(found):
        yield 1, "mark", message, []


def _of_card(card: Mapping[str, Any]) -> Iterator[str]:
    yield from (card["title"], card["summary"], card["intended_use"], *card["limits"])
    yield from (card["data"]["who"], card["data"]["split"])
    yield from card["labels"] if len(card["labels"]) <= _CLOSED else ()
    for group in card.get("report", {}).get("subgroups", ()):
        yield from (group["trait"], group["value"])
