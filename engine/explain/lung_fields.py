"""Where the lungs lie on a frontal chest film, as a usual outline fitted to the picture's edges.

An outline whose shape is given follows Cootes et al., Active Shape Models, Computer Vision and Image Understanding 61,
1995; here the shape is drawn by hand and fitted by the cross-entropy method (Rubinstein 1999). Nothing was learned from
films. A threshold would leave out exactly what matters, lung that has lost its air: the outline keeps what its edges
elsewhere, its usual shape and the other lung say. It also keeps the lung that lies behind the heart, down to the
diaphragm; what hangs behind the diaphragm is outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
from numpy.typing import NDArray
from scipy import ndimage

from engine.case import Image
from engine.preprocess.image import to_grey
from engine.words import mark, tr

Mask = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

_NAMES = {  # by what lies to the right
    "L": (mark("Right lung"), mark("Left lung")),
    "R": (mark("Left lung"), mark("Right lung")),
    "": (mark("Lung on the image's left"), mark("Lung on the image's right")),
}
GRID = 128  # the picture is fitted on a square of so many pixels, whatever its shape
LEAST_MEAN, LEAST_EACH = 0.6, 0.35  # edge along the outline, of both lungs and of each; see `_edge`

# A lung's outline from beside the spine over the apex and down the ribs: x in half-widths of the chest from its middle,
# y in heights of the lung from the apex; then by how much each corner moves with the heart (x) and with the base (y).
_CORNERS = np.array(
    [
        (0.16, 0.16, 0.00, 0.0),
        (0.20, 0.05, 0.00, 0.0),
        (0.36, 0.00, 0.00, 0.0),
        (0.54, 0.05, 0.00, 0.0),
        (0.69, 0.18, 0.00, 0.0),
        (0.81, 0.36, 0.00, 0.0),
        (0.90, 0.56, 0.00, 0.1),
        (0.96, 0.76, 0.00, 0.4),
        (1.00, 0.97, 0.00, 1.0),
        (0.86, 0.89, 0.10, 1.0),
        (0.68, 0.84, 0.40, 1.0),
        (0.46, 0.84, 0.70, 1.0),
        (0.26, 0.88, 1.00, 1.0),
        (0.21, 0.74, 1.00, 0.8),
        (0.18, 0.58, 0.70, 0.5),
        (0.16, 0.42, 0.30, 0.2),
        (0.15, 0.28, 0.05, 0.0),
    ]
)
_BETWEEN = 3  # points from each corner to the next
# Of a fit, in sides of the picture: middle, apex, half-width, height, lean; then of the lung on the picture's left and
# right, heart (in half-widths) and base (in heights).
_HALF, _HEIGHT, _HEARTS, _BASES = 2, 3, [5, 7], [6, 8]
_USUAL = np.array([0.50, 0.14, 0.38, 0.68, 0.0, 0.10, 0.0, 0.22, 0.0])
_SPREAD = np.array([0.05, 0.08, 0.07, 0.15, 0.04, 0.08, 0.07, 0.12, 0.07])
_UNUSUAL, _TALL, _UNEVEN = 0.008, 0.1, 0.03  # a consolidated base looks like a diaphragm: tall and even is preferred
_WIDER, _BESIDE_SPINE, _DEEPER = 1.03, -0.05, 0.03  # edges are met from within: what is drawn reaches out to them
_LOW = 1.64  # from apex to base, in half-widths of the chest in true proportion: 1.65 to 1.79 on clear generated films
_STEPS = (0.022, 0.044)  # how far to both sides of the outline the picture is compared, in its sides
_CLIP = (-0.7, 1.6)  # one very bright rib must not outweigh ten dark edges
_FIRST, _BEST, _EACH, _ROUNDS, _SHRINK = 4000, 24, 16, 12, 0.8


def lungs(image: Image, frame: int = 0) -> Mapping[str, Mask]:
    """Estimate where the lungs lie on a frontal chest film that stands upright.

    The lung behind the heart counts as lung, since opacities lie there too, and a consolidated base does as far as the
    other outlines and the usual height tell where it ends. On generated films of children, Dice with the lung that a
    ray crosses for 20 mm is 0.894 (0.892 to 0.895, n = 48 films, none refused), and of their opacities 93 % lie inside,
    at worst 75 %: it serves to count shares by, not to measure. On real films of children it was looked at, never
    measured; adults' were not looked at.

    Parameters
    ----------
    image : Image
        It is not checked here that it is a chest film: that is the domain gate's office.
    frame : int
        From 0.

    Returns
    -------
    mapping of str to numpy.ndarray
        By name, ``(rows, columns)`` bool: the lung on the picture's left, then that on its right. The patient's sides
        are named only where the file tells them. Empty where the picture has no edges like those of two lungs.
    """
    even = _evened(to_grey(image, frame))
    fit = _fit(even)
    edges = _edge(even, fit[None])[0]  # (2,)
    if edges.mean() < LEAST_MEAN or edges.min() < LEAST_EACH:
        return {}
    rows, columns = image.shape
    masks = [_drawn(outline, image.shape) for outline in _outlines(_whole(fit, columns / rows)[None])[0]]
    names = _NAMES.get(image.orientation[0][:1] if image.orientation else "", _NAMES[""])
    return dict(zip(map(tr, names), masks, strict=True))


def _evened(grey: NDArray[np.float32]) -> Floats:
    """Bring a picture to `GRID` x `GRID`, its local mean to 0 and its local contrast to 1, white above 0."""
    scale = np.asarray(grey.shape) / GRID
    smooth = ndimage.gaussian_filter(grey.astype(np.float64), np.clip(scale / 2 - 0.3, 0, None))
    small = ndimage.zoom(smooth, 1 / scale, order=1, grid_mode=True, mode="nearest")
    small = ndimage.gaussian_filter(small, GRID / 107)
    apart = small - ndimage.gaussian_filter(small, GRID / 8)
    contrast = np.sqrt(ndimage.gaussian_filter(apart**2, GRID / 6.4))
    return np.asarray(apart / (contrast + 0.02))


def _fit(even: Floats) -> Floats:
    """Find the best fit ``(9,)``: many at random, then closer and closer to the best of them."""
    generator = np.random.default_rng(0)  # the same film has the same lungs
    fits = _USUAL + 1.3 * _SPREAD * generator.normal(size=(_FIRST, len(_USUAL)))
    worth, width = _worth(even, fits), 0.6
    for _ in range(_ROUNDS):
        best = np.argsort(-worth)[:_BEST]
        fits, worth = fits[best], worth[best]
        shape = len(fits) * _EACH, len(_USUAL)
        moved = generator.normal(size=shape) * (generator.random(shape) < 1 / 2)
        others = np.repeat(fits, _EACH, axis=0) + width * _SPREAD * moved
        fits, worth = np.concatenate([fits, others]), np.concatenate([worth, _worth(even, others)])
        width *= _SHRINK
    return np.asarray(fits[worth.argmax()])


def _worth(even: Floats, fits: Floats) -> Floats:
    """How well fits ``(B, 9)`` meet the picture's edges, ``(B,)``, less what is unusual about them."""
    unusual = (fits - _USUAL) / _SPREAD  # (B, 9)
    uneven = unusual[:, _BASES[0]] - unusual[:, _BASES[1]]  # (B,)
    usual = _TALL * unusual[:, _HEIGHT] - _UNUSUAL * (unusual**2).sum(axis=1) - _UNEVEN * uneven**2
    return np.asarray(_edge(even, fits).mean(axis=1) + usual)


def _edge(even: Floats, fits: Floats) -> Floats:
    """How much whiter it is outside than inside along each lung's outline, ``(B, 2)`` in units of local contrast."""
    outlines = _outlines(fits)  # (B, 2, P, 2)
    along = np.roll(outlines, -1, axis=2) - np.roll(outlines, 1, axis=2)
    along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-9
    outward = np.stack([-along[..., 1], along[..., 0]], axis=-1)  # (B, 2, P, 2)
    outward[:, 0] *= -1  # the lung on the left runs the other way round

    def at(points: Floats) -> Floats:
        places = np.moveaxis(points * GRID - 0.5, -1, 0)
        return np.asarray(ndimage.map_coordinates(even, places, order=1, mode="nearest"))

    steps = [at(outlines + step * outward) - at(outlines - step * outward) for step in _STEPS]
    return np.asarray(np.clip(steps, *_CLIP).mean(axis=(0, 3)))


def _outlines(fits: Floats) -> Floats:
    """Outlines ``(B, 2, P, 2)`` of both lungs of fits ``(B, 9)``: rows and columns in sides of the picture."""
    following = np.roll(_CORNERS, -1, axis=0)
    share = np.arange(_BETWEEN)[:, None] / _BETWEEN  # (3, 1)
    x, y, by_heart, by_base = (
        (_CORNERS[:, None] + (following - _CORNERS)[:, None] * share).reshape(-1, 4).T
    )  # (P,) each
    middle, apex, half, height, lean = fits[:, :5, None].transpose(1, 0, 2)  # (B, 1) each
    both = []
    for side, heart, base in zip((-1, 1), _HEARTS, _BASES, strict=True):
        across, down = x + fits[:, heart, None] * by_heart, y + fits[:, base, None] * by_base  # (B, P)
        both.append(np.stack([apex + height * down, middle + side * half * across + lean * (down - 0.5)], axis=-1))
    return np.stack(both, axis=1)


def _whole(fit: Floats, aspect: float) -> Floats:
    """The same fit with the lung behind the heart, and both bases where the deeper one lies, or as deep as is usual.

    What hides both bases, as fluid and consolidation do, ends the edges above them.

    Parameters
    ----------
    aspect : float
        Columns over rows of the picture.
    """
    whole = fit.copy()
    whole[_HALF] *= _WIDER
    whole[_HEARTS] = _BESIDE_SPINE
    usual = _LOW * aspect * fit[_HALF] / fit[_HEIGHT] - 1
    whole[_BASES] = max(fit[_BASES].max() + _DEEPER, usual)
    return whole


def _drawn(outline: Floats, shape: tuple[int, int]) -> Mask:
    """Fill an outline ``(P, 2)`` on a picture of so many rows and columns."""
    rows, columns = shape
    picture = PIL.Image.new("1", (columns, rows))
    PIL.ImageDraw.Draw(picture).polygon([(x * columns, y * rows) for y, x in outline.tolist()], fill=1)
    return np.asarray(picture)
