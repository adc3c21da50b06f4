"""Probabilities and findings in words that never say more than the model's own calls.

The words of likelihood are the calibrated language of Mastrandrea et al., IPCC guidance note on the treatment of
uncertainties, 2010, table 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.measured import Faithfulness, Verdict
from engine.results import Call, Finding

ABSTAINS = "The model abstains; its figures and maps are there to be inspected, not to be relied on."
"""What is said of a model's answer to a case outside its domain."""

DISCLAIMER = "Research and education; not a medical device."
"""What stands on every page, on the screen and on paper."""

_CHANCE = 0.05
_LIKELIHOODS = (
    (0.9, "very likely"),
    (0.66, "likely"),
    (0.5, "more likely than not"),
    (0.33, "about as likely as not"),
    (0.1, "unlikely"),
)


def likelihood(probability: float) -> str:
    """Say a probability in words.

    Parameters
    ----------
    probability : float
        In [0, 1].

    Examples
    --------
    >>> likelihood(0.87), likelihood(0.6), likelihood(0.4), likelihood(0.02)
    ('likely', 'more likely than not', 'about as likely as not', 'very unlikely')
    """
    return next((words for least, words in _LIKELIHOODS if probability >= least), "very unlikely")


def count(number: int, what: str) -> str:
    """Write how many there are of something.

    Examples
    --------
    >>> count(1, "reader"), count(0, "case"), count(1200, "reading")
    ('1 reader', '0 cases', '1,200 readings')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def sum_up(findings: Sequence[Finding]) -> str:
    """Sum the findings up in one sentence that never says more than the model's own calls.

    Examples
    --------
    >>> sum_up((Finding("normal", 0.93, Call.RULED_IN), Finding("viral pneumonia", 0.07, Call.RULED_OUT)))
    'Ruled in: normal 0.93 (very likely).'
    >>> sum_up((Finding("normal", 0.55, Call.UNCERTAIN), Finding("viral pneumonia", 0.45, Call.UNCERTAIN)))
    'No firm answer. Possible: normal 0.55, viral pneumonia 0.45.'
    >>> sum_up((Finding("death", 0.01, Call.RULED_OUT),))
    'Ruled out: death 0.01 (very unlikely).'
    """
    ruled_in = [f for f in findings if f.call is Call.RULED_IN]
    if ruled_in:
        said = ", ".join(f"{f.label} {f.probability:.2f} ({likelihood(f.probability)})" for f in ruled_in[:3])
        more = f", and {len(ruled_in) - 3} more" if len(ruled_in) > 3 else ""
        return f"Ruled in: {said}{more}."
    possible = [f for f in findings if f.call is Call.UNCERTAIN]
    if possible:
        said = ", ".join(f"{f.label} {f.probability:.2f}" for f in possible[:3])
        more = f", and {len(possible) - 3} more" if len(possible) > 3 else ""
        return f"No firm answer. Possible: {said}{more}."
    if len(findings) == 1:
        return f"Ruled out: {findings[0].label} {findings[0].probability:.2f} ({likelihood(findings[0].probability)})."
    return "Every label is ruled out: the model recognises nothing that it was made for."


def p_in_words(found: Faithfulness) -> str:
    """Say how often maps that know nothing of the case would do as well by luck."""
    against = [f"{one.p_better:.2g} against {one.against}" for one in (found.chance, found.blob)]
    return f"p = {', '.join(against)}"


def map_warning(found: Faithfulness) -> str:
    """Say what is wrong with a map; empty of one that passed."""
    if found.verdict is Verdict.FAITHFUL:
        return ""
    if found.verdict is Verdict.WORSE:
        return "This map marks what the answer does not rest on: do not read it as a reason."
    rival = "a random map" if found.chance.p_better > _CHANCE else "a blob in the middle"
    return f"This map is no better than {rival}: do not read it as a reason."
