"""Whether a note is the report of a chest X-ray, and which part of it says what was seen.

Headings and sections as of `engine.io.sections`. A report says much of few things: lungs, pleura, heart, mediastinum
and bones, in every second sentence; other notes name some of them in passing.
"""

from __future__ import annotations

import re
from itertools import pairwise

from engine.case import Stretch
from engine.io.sections import SectionKind, split_sections

_SEEN = re.compile(
    r"\b(?:lungs?|pulmonary|pleural?|pneumothora(?:x|ces)|effusions?|heart|cardiac|cardiomegaly|cardiomediastinal"
    r"|cardiopulmonary|mediastin(?:um|al)|silhouettes?|hil(?:ar|um|a)|costophrenic|consolidations?|opacit(?:y|ies)"
    r"|atelecta(?:sis|tic)|infiltrates?|airspace|air space|(?:hemi)?diaphragms?|granulomas?|thoracic|aort(?:a|ic)|ribs?"
    r"|bon(?:y|es)|osseous|lobes?|vascularity|interstitial|chest)\b",
    re.IGNORECASE,
)
_OTHER_MEANS = re.compile(
    r"\b(?:axial|coronal|hounsfield|t1|t2|contrast|ct (?:of|scan|chest|angiography)|mri|doppler|echocardiogra\w*"
    r"|ultraso\w*|ejection fraction|incision|anesthesia|sutures?|scope)\b",
    re.IGNORECASE,
)
_ADDED = re.compile(r"(?:addend(?:um|a)|amend(?:ment|ed)|correct(?:ion|ed))\b", re.IGNORECASE)
_FEWEST = 3  # different words of `_SEEN`
_DENSEST = 0.08  # of the words: a history with an examination has 2 to 4 %
_UNREAD = frozenset(
    {
        SectionKind.ASSESSMENT,
        SectionKind.HISTORY,
        SectionKind.PLAN,
        SectionKind.MEDICATIONS,
        SectionKind.ALLERGIES,
        SectionKind.FAMILY,
        SectionKind.SOCIAL,
        SectionKind.PROCEDURE,
    }
)


def seen_part(text: str) -> tuple[Stretch, ...]:
    """Find what says what was seen: the sections of findings; without any, all but impression, history and the like.

    What was added later is always part of it, wherever it stands: it may say that the rest is wrong.

    Examples
    --------
    >>> text = "FINDINGS: The lungs are clear. IMPRESSION: Normal."
    >>> [text[part.start : part.end] for part in seen_part(text)]
    ['The lungs are clear.']
    """
    sections = split_sections(text)
    chosen = [part for part in sections if part.kind is SectionKind.FINDINGS]
    chosen = chosen or [part for part in sections if part.kind not in _UNREAD]
    read = (part for part in sections if part in chosen or _ADDED.match(part.heading))
    bodies = (Stretch(part.body, part.end) for part in read)
    return tuple(_trimmed(text, body) for body in bodies if text[body.start : body.end].strip())


def unseen_part(text: str) -> tuple[Stretch, ...]:
    """Find what is left of a note around `seen_part`: headings, history, impression."""
    edges = [0, *(edge for part in seen_part(text) for edge in (part.start, part.end)), len(text)]
    between = list(pairwise(edges))[::2]
    return tuple(Stretch(start, end) for start, end in between if text[start:end].strip())


def is_chest_report(text: str) -> bool:
    """Whether a note says what was seen on a chest X-ray.

    Examples
    --------
    >>> is_chest_report("Heart size is normal. Lungs are clear. No pleural effusion.")
    True
    >>> is_chest_report(
    ...     "She came with chest pain. The lungs are clear, the heart is regular, the abdomen is soft. She takes "
    ...     "aspirin and metformin, works as a teacher, does not smoke, and lives with her husband. "
    ...     "She wants to know whether she may fly home next week to see her mother, who is ninety years old."
    ... )
    False
    """
    seen = " ".join(text[part.start : part.end] for part in seen_part(text))
    named = [match[0].casefold() for match in _SEEN.finditer(seen)]
    return (
        len(set(named)) >= _FEWEST
        and len(named) >= _DENSEST * len(seen.split())
        and len(_OTHER_MEANS.findall(text)) < 2
    )


def _trimmed(text: str, part: Stretch) -> Stretch:
    inside = text[part.start : part.end]
    return Stretch(part.start + len(inside) - len(inside.lstrip()), part.start + len(inside.rstrip()))
