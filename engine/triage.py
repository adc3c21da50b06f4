"""What the worklist makes of a model's answer: how soon somebody should look, and a few words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.results import Finding
from engine.review import Answer
from engine.words import recorded


def priority(answer: Answer, positive: Sequence[str]) -> float | None:
    """How soon somebody should look: calibrated risk, halved where the model is quite sure of its answer.

    Parameters
    ----------
    positive : sequence of str
        The labels that are a risk.

    Returns
    -------
    float or None
        ``risk * (1 + u) / 2`` in [0, 1], where u is the entropy of the probabilities as a share of its maximum, and 1
        outside the model's domain. None where no label is a risk.

    Examples
    --------
    >>> from engine.results import Call
    >>> sure = (Finding("death", 1.0, Call.RULED_IN),)
    >>> priority(Answer("c", "t", sure, "d"), ("death",))
    0.5
    >>> priority(Answer("c", "t", sure, "d", in_domain=False), ("death",))
    1.0
    """
    if not positive:
        return None
    risk = sum(finding.probability for finding in answer.findings if finding.label in positive)
    return min(risk, 1.0) * (1 + (uncertainty(answer.findings) if answer.in_domain else 1.0)) / 2


def uncertainty(findings: Sequence[Finding]) -> float:
    """Entropy of the probabilities as a share of the largest possible, in [0, 1]; one label is asked yes or no."""
    shares = [finding.probability for finding in findings]
    shares = [*shares, 1 - shares[0]] if len(shares) == 1 else shares
    return -sum(p * math.log(p) for p in shares if p > 0) / math.log(len(shares))


def in_few_words(answer: Answer, *, to_question: bool = False) -> str:
    """What a line of the worklist says of an answer, as it is kept; `spoken` says it to a reader.

    Parameters
    ----------
    to_question : bool
        Whether it answers a question that a reader asked: then it is no finding.

    Examples
    --------
    >>> from engine.results import Call
    >>> in_few_words(Answer("c", "t", (Finding("normal", 0.931, Call.RULED_IN),), "d"))
    'normal 0.93'
    """
    if not answer.findings:
        return ""
    if not answer.in_domain:
        return recorded("outside the model's domain")  # a label would be read as a finding, whatever stands behind it
    first = answer.findings[0]
    said = f"{first.label} {first.probability:.2f}"
    return recorded("answer to a question: {said}", said=said) if to_question else said
