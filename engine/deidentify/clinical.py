"""Drugs and allergens, which a tagger takes for names: they name nobody, and harm is done where an allergy is gone.

Brand names look like surnames. A word that is both, such as Allegra, is still taken for a name.
"""

from __future__ import annotations

import re

from engine.deidentify.identifiers import Identifier
from engine.tasks.contradictions import OTHER_ALLERGENS
from engine.tasks.treatment_lexicon import TREATMENTS

_ALSO_NAMES = re.compile(r"allegra|dye|norco|senna|soma|sonata|cefa(?!clor|droxil|lexin|zolin)\w*", re.IGNORECASE)
_KNOWN = (
    *(treatment.pattern for treatment in TREATMENTS if treatment.drug),
    *(re.compile(words, re.IGNORECASE) for _, words, _ in OTHER_ALLERGENS),
)


def is_drug(text: str, one: Identifier) -> bool:
    """Tell whether what a tagger found is nothing but a drug or an allergen.

    Examples
    --------
    >>> from engine.deidentify.identifiers import IdentifierKind
    >>> said = "ALLERGIES: Sulfa."
    >>> is_drug(said, Identifier(11, 16, IdentifierKind.NAME, finder="model"))
    True
    """
    words = text[one.start : one.end]
    if one.finder != "model" or _ALSO_NAMES.fullmatch(words):
        return False
    return any(pattern.fullmatch(words) for pattern in _KNOWN)
