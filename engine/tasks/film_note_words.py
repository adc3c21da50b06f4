"""What of a note a model may read beside a film: the signs, and not what their writer made of them.

Else the answer would be the writer's own, given back. The same parts are withheld in training, evaluation and analysis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from engine.case import Note, Stretch
from engine.errors import CaseError
from engine.io.sections import SectionKind, sentences, split_sections
from engine.tasks.treatment_mining import without
from engine.words import tr

_CONCLUDES = frozenset({SectionKind.ASSESSMENT, SectionKind.PLAN})
_NAMES_IT = re.compile(
    r"\b(?:(?:broncho)?pneumoni(?:a|as|c|tis)|bacterial|viral|bronchiolitis|infiltrat\w*|consolidat\w*|opacit\w*"
    r"|air bronchograms?)\b",
    re.IGNORECASE,
)


def conclusions(text: str) -> tuple[Stretch, ...]:
    """Find assessment, plan, and every other sentence that names pneumonia or how it looks; in order, without overlap.

    Examples
    --------
    >>> conclusions("EXAM: Crackles. Film shows an infiltrate. PLAN: Rest.")
    (Stretch(start=16, end=53),)
    """
    parts: list[Stretch] = []
    for part in _found(text):
        if parts and not text[parts[-1].end : part.start].strip():
            parts[-1] = Stretch(parts[-1].start, part.end)
        else:
            parts.append(part)
    return tuple(parts)


def signs_of(note: Note) -> tuple[Note, tuple[Stretch, ...]]:
    """Blank out of a note what the model must not read; every other character stays at its place.

    Raises
    ------
    CaseError
        Nothing is left.
    """
    parts = conclusions(note.text)
    left = replace(note, text=without(note.text, parts))
    if not left.text.strip():
        raise CaseError(
            tr("Without its conclusions the note says nothing."), tr("Give a note with a history or findings.")
        )
    return left, parts


def _found(text: str) -> Iterator[Stretch]:
    for section in split_sections(text):
        if section.kind in _CONCLUDES:
            yield section.stretch
        else:
            yield from (part for part in sentences(text, section.start, section.end) if _names_it(text, part))


def _names_it(text: str, part: Stretch) -> bool:
    return _NAMES_IT.search(text, part.start, part.end) is not None
