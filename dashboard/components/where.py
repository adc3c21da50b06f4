"""Where a map was looking, in numbers: shares of places, and how it meets the known finding of a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.components.facts import table
from dashboard.components.lungs import Lungs
from dashboard.components.markup import node, show
from engine import (
    COURSE_VARIABLES,
    Box,
    Case,
    Course,
    Explanation,
    Localisation,
    Place,
    Share,
    Stretch,
    asks_reverse,
    centred_blob,
    halves,
    localise,
    sections,
    share_of,
    site_in_question,
    spoken,
    tr,
    truth_mask,
)

_VARIABLES = 6  # named with their share


def where(
    case: Case,
    explanation: Explanation,
    places: Sequence[Place],
    *,
    image_index: int,
    frame: int,
    lungs: Lungs | None = None,
) -> None:
    """Show how much of the relevance lies where.

    Parameters
    ----------
    places : sequence of Place
        The boxes that the reader drew.
    lungs : mapping of str to numpy.ndarray or None
        Each lung of a chest film, ``(rows, columns)`` bool; empty where they cannot be told apart, None where the
        picture is no chest film.
    """
    if case.sequence:
        asked = case.at(0, frame)
        around = zones(site_in_question(asked), reverse=asks_reverse(asked))
        _shares({name: share_of(explanation, zone) for name, zone in around.items()}, tr("bases"))
        return
    if case.course is not None:
        _course(case.course, explanation)
        return
    if explanation.map is None:
        _note(case, explanation)
        return
    drawn = {tr("Box {rank}", rank=rank): box for rank, box in enumerate(places, start=1) if isinstance(box, Box)}
    counted = {**halves(case.images[image_index]), **_lungs(lungs), **drawn}
    _shares({name: share_of(explanation, place) for name, place in counted.items()}, tr("area"))
    _lungs_said(lungs)
    if not drawn:
        show(node("div", tr("Draw a Box on the image to see its share here."), class_="at-quiet"))
    if explanation.spans:
        _note(case, explanation)
    mask = truth_mask(case) if image_index == frame == 0 else None
    if mask is not None and mask.shape == explanation.map.shape:
        blob = centred_blob(explanation.map.shape)
        _against_truth(localise(explanation.map, mask), localise(blob, mask))


def _lungs(lungs: Lungs | None) -> Lungs:
    """Both lungs, and the rest of the film, where a map of the lungs has little to look for."""
    return {**lungs, tr("Outside the lungs"): ~np.logical_or.reduce(list(lungs.values()))} if lungs else {}


def _lungs_said(lungs: Lungs | None) -> None:
    """Say how far the lungs can be trusted, or that they were not found."""
    if lungs is None:
        return
    words = (
        tr(
            "The lungs are as estimated from the picture: a usual outline fitted to its edges, with what lies behind "
            "the heart. A few hundredths of the width are uncertain, more at the base of a dense lung."
        )
        if lungs
        else tr("The lungs could not be told apart on this picture, so only its halves are counted.")
    )
    show(node("div", words, class_="at-quiet"))


def _note(case: Case, explanation: Explanation) -> None:
    cut = sections(case.note.text) if case.note else {}
    if cut:
        _shares({name: share_of(explanation, stretch) for name, stretch in cut.items()}, tr("words"))
    else:
        show(node("div", tr("This note has no headings to count by."), class_="at-quiet"))


def zones(site: int, *, reverse: bool = False) -> dict[str, Stretch]:
    """Divide the bases around a site as molecular biology does: the junction, what lies close, what lies far.

    Parameters
    ----------
    site : int
        The base of the sequence as it was given that follows the junction, counted from 0.
    reverse : bool
        The junction lies on the other strand: what it reads before lies behind.
    """
    around = {
        tr("30 to 21 bases before"): (-30, -20),
        tr("20 to 4 before (where an acceptor has its pyrimidines)"): (-20, -3),
        tr("3 before to 6 after: the junction"): (-3, 6),
        tr("7 to 30 after"): (6, 30),
    }
    return {
        name: Stretch(site - end, site - start) if reverse else Stretch(site + start, site + end)
        for name, (start, end) in around.items()
    }


def _course(course: Course, explanation: Explanation) -> None:
    """The variables that hold the most of what speaks for the label, and the quarters of the time."""
    _shares(course_shares(course, explanation), tr("values"))


def course_shares(course: Course, explanation: Explanation) -> dict[str, Share]:
    """Tell how much of what speaks for the label lies in each quarter of a course and in its leading variables."""
    if explanation.observed is None:
        return {}
    read = np.isfinite(explanation.observed)
    positive = np.where(read, np.clip(explanation.observed, 0, None), 0.0).astype(np.float64)
    names, last = np.asarray(course.variables), float(course.hours[-1:].max(initial=1.0))
    quarter = np.minimum((4 * course.hours / max(last, 1e-9)).astype(int), 3)
    places = {
        tr("Hours {start:.0f} to {end:.0f}", start=last * k / 4, end=last * (k + 1) / 4): quarter == k for k in range(4)
    }
    ranked = sorted(dict.fromkeys(course.variables), key=lambda name: -positive[names == name].sum())
    places |= {spoken(COURSE_VARIABLES[name].title): names == name for name in ranked[:_VARIABLES]}
    total, count = positive.sum() or 1.0, read.sum() or 1
    return {place: Share(positive[at].sum() / total, float((at & read).sum() / count)) for place, at in places.items()}


def _shares(shares: Mapping[str, Share], extent: str) -> None:
    rows = [(spoken(name), f"{one.relevance:.0%}", f"{one.extent:.0%}", times(one)) for name, one in shares.items()]
    head = (tr("Place"), tr("Of what speaks for the label"), tr("Of the {extent}", extent=extent), tr("Ratio"))
    table(head, rows, label=tr("Where the map was looking"))


def times(share: Share) -> str:
    """Say how much denser the relevance is in a place than on average.

    Examples
    --------
    >>> times(Share(relevance=0.5, extent=0.25)), times(Share(0.0, 0.0))
    ('2.0 ×', '–')
    """
    return f"{share.relevance / share.extent:.1f} ×" if share.extent else "–"


def _against_truth(found: Localisation, blob: Localisation) -> None:
    rows = [
        (
            tr("Maximum inside the finding (pointing game)"),
            *(tr("yes") if one.hit else tr("no") for one in (found, blob)),
        ),
        (tr("Share inside the finding (energy)"), *(f"{one.energy:.0%}" for one in (found, blob))),
    ]
    table(
        (tr("Against the known finding of this sample"), tr("This map"), tr("A blob in the middle")),
        rows,
        label=tr("Localisation"),
    )
    known = {"share": found.extent}
    words = (
        tr(
            "The finding fills {share:.0%} of the image. This map meets it more than a blob that knows nothing.",
            **known,
        )
        if found.energy > blob.energy
        else tr(
            "The finding fills {share:.0%} of the image. This map meets it no more than a blob that knows nothing.",
            **known,
        )
    )
    show(node("div", words, class_="at-quiet"))
