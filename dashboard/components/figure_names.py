"""The names of a card's figures, put together of a few parts, in the reader's language; English leaves them alone."""

from __future__ import annotations

import re
from functools import cache

from engine import language, mark, spoken, tr

_FIGURES = (
    mark("accuracy"),
    mark("answer changes with the image"),
    mark("answered"),
    mark("calibration gap"),
    mark("conformal coverage"),
    mark("conformal coverage false"),
    mark("conformal coverage true"),
    mark("conformal decided"),
    mark("distance of the note's answer from the exact posterior"),
    mark("drafts shown with a finding denied in the findings"),
    mark("drafts shown with a finding not in the findings"),
    mark("exact match"),
    mark("fall by attention less that by relevance"),
    mark("fall without 3 random words"),
    mark("fall without 3 words it attends to"),
    mark("fall without 3 words of relevance"),
    mark("flag F1"),
    mark("flag accuracy"),
    mark("gain"),
    mark("image gain"),
    mark("impressions written with a finding denied in the findings"),
    mark("impressions written with a finding not in the findings"),
    mark("linear"),
    mark("log loss"),
    mark("majority"),
    mark("open answers covered"),
    mark("precision"),
    mark("recall"),
    mark("removal gap"),
    mark("shown"),
    mark("the film alone"),
    mark("the note alone"),
    mark("nearest notes by TF-IDF"),
    mark("the nearest report's impression"),
    mark("popularity"),
    mark("TF-IDF and logistic regression"),
    mark("Bayes' rule"),
    mark("distinct findings"),
    mark("shown drafts"),
    mark("withheld drafts"),
    mark("familiar"),
    mark("inverted"),
    mark("mirrored"),
    mark("upside down"),
    mark("turned"),
    mark("tilted"),
    mark("blurred"),
    mark("noisy"),
    mark("drawn pictures"),
)
_PATTERNS = (  # the outermost part of a name first
    mark("{figure}: {label}"),
    mark("{figure} on unseen images"),
    mark("{figure} at {share}% of patches"),
    mark("{figure} at {share}% of patches and words"),
    mark("{figure} at {share}% of words"),
    mark("{figure} at {share}% of observations"),
    mark("{figure} at {share}% of bases"),
    mark("{figure} at {share}% of the first window's words"),
    mark("gain in {figure} over {baseline}"),
    mark("{figure} gain over {baseline}"),
    mark("{figure} over {baseline}"),
    mark("{figure} without normal reports"),
    mark("{figure} closed"),
    mark("{figure} open"),
    mark("{figure} when answered"),
    mark("{figure} without image"),
    mark("{figure} of {baseline}"),
    mark("{figure} at {hour} h"),
    mark("{figure} at {first}"),
    mark("macro {figure}"),
    mark("micro {figure}"),
)


def figure_in_words(name: str) -> str:
    """Say the name of a figure.

    Examples
    --------
    >>> from engine import speaking
    >>> with speaking("zh_CN"):
    ...     figure_in_words("macro AUROC at 25% of patches"), figure_in_words("ECE")
    ('保留 25% 图块时的宏平均 AUROC', 'ECE')
    """
    if language() == "en":
        return name
    if name in _FIGURES:
        return tr(name)
    for message, pattern in _patterns():
        found = pattern.fullmatch(name)
        if found:
            return tr(message, **{place: figure_in_words(part) for place, part in found.groupdict().items()})
    return spoken(name)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((message, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>.+)", message))) for message in _PATTERNS)
