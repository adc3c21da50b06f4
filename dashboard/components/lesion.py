"""The lesion that a model drew: said in words, and laid over the image as an outline."""

from __future__ import annotations

from dashboard.components.markup import node, show
from dashboard.components.picture import thin
from dashboard.components.viewer import Overlay
from engine import Analysis, Case, Explanation, Lesion, drawn_in_words, share_of, spoken, tr

_DRAWN = 0.5  # probability from which a pixel counts as lesion, as in the mask


def lesion_said(case: Case, analysis: Analysis, explanation: Explanation | None) -> None:
    """Say what was drawn, and how much of the map lies within it; nothing outside the model's domain."""
    if analysis.lesion is None or not analysis.domain.inside:
        return
    said = [drawn_in_words(analysis.lesion.drawn, case.images[analysis.image_index].spacing)]
    if analysis.lesion.regions and explanation is not None and explanation.map is not None:
        said.append(_share(analysis.lesion, explanation, spoken(explanation.label or analysis.findings[0].label)))
    show(node("div", " ".join(said), class_="at-quiet", data_lesion=str(len(analysis.lesion.regions))))


def lesion_overlay(lesion: Lesion, frame: int, *, shown: bool = True) -> Overlay:
    """Make the viewer's overlay of a drawn lesion: its probability, cut at the mask's edge, as an outline at first."""
    return Overlay(
        map=thin(lesion.probability),
        scale=1.0,
        unit=tr("probability"),
        label=tr("lesion"),
        method=tr("Drawn by the model"),
        frame=frame,
        threshold=_DRAWN,
        shown=shown,
        contour=True,
    )


def _share(lesion: Lesion, explanation: Explanation, label: str) -> str:
    """How much of what a map holds lies in the lesion."""
    share = share_of(explanation, lesion.mask)
    return tr(
        "Of what the map marks for {label}, {relevance:.0%} lies in what was drawn, which fills {extent:.0%} of the "
        "image.",
        label=label,
        relevance=share.relevance,
        extent=share.extent,
    )
