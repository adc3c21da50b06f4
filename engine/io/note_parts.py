"""What a wrapper of notes holds: texts and documents in their order, and what of it cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import UploadError

Part = str | bytes | UploadError
"""Text, a document of another kind, or why a document cannot be had; the error's words are English, not yet spoken."""


@dataclass(frozen=True)
class Gathered:
    """The parts of one note in the order of reading, and in words what was left out."""

    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()


def told_once(texts: Sequence[str]) -> list[str]:
    r"""Leave out texts that another one holds word for word: reports are sent as PDF and as text together.

    Examples
    --------
    >>> told_once(["Lungs clear.", "FINDINGS: Lungs\nclear.", "Lungs clear."])
    ['FINDINGS: Lungs\nclear.']
    """
    plain = [f" {' '.join(text.split()).casefold()} " for text in texts]
    return [
        text
        for rank, text in enumerate(texts)
        if not any(
            plain[rank] in other and (plain[rank] != other or before < rank)
            for before, other in enumerate(plain)
            if before != rank
        )
    ]
