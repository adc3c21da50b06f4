"""The lesion that a model drew: said in words first, and laid over the image when the reader asks for it."""

from __future__ import annotations

import streamlit as st

from dashboard.components.markup import node, show
from dashboard.components.picture import thin
from dashboard.components.viewer import Overlay
from engine import Lesion, PixelSpacing, Region, tr, trn

_DRAWN = 0.5  # probability from which a pixel counts as lesion, as in the mask
_STEADY = 0.7  # agreement under which the outline is called unsteady


def lesion_asked(lesion: Lesion, spacing: PixelSpacing | None, *, key: str) -> bool:
    """Say what was drawn, and let the reader lay it over the image.

    Returns
    -------
    bool
        Whether the lesion takes the map's place in the viewer.
    """
    show(node("div", in_words(lesion, spacing), class_="at-quiet"))
    return st.toggle(tr("Lay the lesion over the image"), key=key, disabled=not lesion.regions)


def in_words(lesion: Lesion, spacing: PixelSpacing | None) -> str:
    """Say how many lesions were drawn, how large they are, and whether the mirror image says the same."""
    if not lesion.regions:
        return tr("No lesion was drawn.")
    sizes = tr(", ").join(_size(region, spacing) for region in lesion.regions)
    drawn = trn(
        "One lesion drawn: {sizes}; {share:.1%} of the image.",
        "{n} lesions drawn: {sizes}; {share:.1%} of the image.",
        len(lesion.regions),
        sizes=sizes,
        share=lesion.share,
    )
    if lesion.agreement >= _STEADY:
        return tr(
            "{drawn} The mirror image gives the same outline (overlap {agreement:.2f}).",
            drawn=drawn,
            agreement=lesion.agreement,
        )
    return tr(
        "{drawn} Unsteady: the mirror image gives another outline (overlap {agreement:.2f}).",
        drawn=drawn,
        agreement=lesion.agreement,
    )


def lesion_overlay(lesion: Lesion, frame: int) -> Overlay:
    """Make the viewer's overlay of a drawn lesion: its probability, cut at the mask's edge."""
    return Overlay(
        map=thin(lesion.probability),
        scale=1.0,
        unit=tr("probability"),
        label=tr("lesion"),
        method=tr("Drawn by the model"),
        frame=frame,
        threshold=_DRAWN,
    )


def _size(region: Region, spacing: PixelSpacing | None) -> str:
    """Width and height of a region's box, in mm where the file says how large a pixel is."""
    top, left, bottom, right = region.box
    if spacing is None:
        return tr("{width} × {height} pixels", width=right - left, height=bottom - top)
    return f"{(right - left) * spacing.column:.0f} × {(bottom - top) * spacing.row:.0f} mm"
