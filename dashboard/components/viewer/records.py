"""What the viewer shows, as plain records: a stack of frames and the map laid over one of them.

Grey values follow DICOM PS3.3 C.11.2: what is drawn equals `engine.to_display` for each window and VOI LUT of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import Axes, Image, Measure, VoiFunction, VoiLut, Window, mark, series_digest, spoken, to_display, tr

MAX_STACK_BYTES = 512 * 2**20
"""More than a browser tab holds with ease (it keeps the bytes, an aligned copy, and a texture): what lies beyond is
not sent, and the screen says so."""

_LONGEST_MAP = 512
_LONGEST_CURVE = 65536
_MOST_MEASURES, _LONGEST_SAID = 200, 200
_WHITE = 65535
_CT_WINDOWS = (  # centre and width in HU, as radiology departments use them
    Window(-600, 1500, explanation=mark("Lung")),
    Window(40, 400, explanation=mark("Soft tissue")),
    Window(500, 2000, explanation=mark("Bone")),
    Window(40, 80, explanation=mark("Brain")),
    Window(60, 160, explanation=mark("Liver")),
)
_FULL = mark("Full range")
_STEP = 1e-3  # width of a window that only compares: LINEAR with a width of 1, a constant image
_Range: TypeAlias = tuple[float, float]
_SENT_AS_THEY_ARE = ("int16", "uint16", "uint8", "float32")


@dataclass(frozen=True, eq=False)
class Curve:
    """A display function that no window can express, as a table.

    Parameters
    ----------
    table : numpy.ndarray
        ``(n,)`` uint16, what is drawn, from 0 black to 65535 white.
    first, step : float
        The pixel value of the first entry, and between entries; values outside get the first or the last entry.
    """

    table: NDArray[np.uint16]
    first: float
    step: float = 1.0


@dataclass(frozen=True)
class Preset:
    """One way to see the image: pixel values from `lower` (black) to `upper` (white), or through a curve.

    Behind a curve, `lower` and `upper` are shares of its output.
    """

    name: str
    lower: float
    upper: float
    curve: Curve | None = None


@dataclass(frozen=True, eq=False)
class Stack:
    """Frames that share one size, one set of windows and one spacing.

    Parameters
    ----------
    frames : numpy.ndarray
        Grey: ``(frames, rows, columns)`` int16, uint16, uint8 or float32, in `unit`, after the modality LUT;
        colour: ``(frames, rows, columns, 3)`` uint8 RGB.
    digest : str
        Names the pixels: equal digests mean equal pixels, which are sent once.
    presets : tuple of Preset
        The first is the view to begin with.
    inverted : bool
        True for MONOCHROME1.
    spacing : tuple of float or None
        mm between pixel centres, down the rows and across the columns; None measures in pixels.
    spacing_source : str
        ``"imager"`` makes every length say that it was measured on the detector.
    orientation : tuple of str or None
        Letters towards the right and the bottom edge.
    label : str
        Shown on the image at all times, for example ``"SYNTHETIC"``.
    axes : Axes or None
        How the frames lie in the volume that they were cut from; None where they are no cut of another stack.
    """

    frames: NDArray[Any]
    digest: str
    presets: tuple[Preset, ...]
    inverted: bool = False
    spacing: tuple[float, float] | None = None
    spacing_source: str = ""
    unit: str = ""
    orientation: tuple[str, str] | None = None
    label: str = ""
    axes: Axes | None = None

    @classmethod
    def from_image(cls, image: Image, *, label: str = "") -> Stack:
        """Show one image with all its frames, windows and VOI LUTs."""
        return cls.from_series([image], label=label)

    @classmethod
    def from_series(cls, images: Sequence[Image], *, label: str = "") -> Stack:
        """Show the images of one series as one stack, in their order.

        The windows and VOI LUTs are those of the first, over the values of all of them.

        Raises
        ------
        ValueError
            Where the images differ in size, kind of pixel, or are none: show them one by one with `from_image`.
        """
        if len({(image.pixels.shape[1:], image.pixels.dtype) for image in images}) != 1:
            raise ValueError("the images of a stack have one size and one kind of pixel")
        first = images[0]
        pixels = first.pixels if len(images) == 1 else np.concatenate([image.pixels for image in images])
        return cls(
            frames=_sendable(pixels),
            digest=series_digest(images),
            presets=tuple(_presets(images)),
            inverted=first.inverted,
            spacing=(first.spacing.row, first.spacing.column) if first.spacing else None,
            spacing_source=first.spacing.source if first.spacing else "",
            unit=first.unit,
            orientation=first.orientation,
            label=label,
        )


@dataclass(frozen=True, eq=False)
class Overlay:
    """A map laid over one frame: colour by value on a fixed scale, one opacity for all.

    Parameters
    ----------
    map : numpy.ndarray
        ``(rows, columns)`` float32 on a grid that covers the whole frame; NaN where the model saw nothing.
    scale : float
        The value that gets the last colour, fixed for the method: never the map's own maximum.
    unit : str
        What 1 means, for example ``"× average patch"``.
    label, method : str
        What the map speaks for, and how it was made.
    frame : int
        The frame that it belongs to, from 0; it is drawn on no other.
    threshold : float
        Where the threshold stands at first; values below are transparent.
    palette : str
        A perceptually uniform colour map.
    signed : bool
        Values below 0 speak against the label: the palette's middle is 0, and the threshold is on the absolute value.
    shown : bool
        Whether it is shown at first; otherwise it waits until the reader asks for it.
    contour : bool
        Whether only the line around what lies above the threshold is drawn at first.
    """

    map: NDArray[np.float32]
    scale: float
    unit: str
    label: str = ""
    method: str = ""
    frame: int = 0
    threshold: float = 1.0
    palette: Literal["viridis", "inferno", "cividis", "berlin"] = "viridis"
    signed: bool = False
    shown: bool = False
    contour: bool = False


@dataclass(frozen=True)
class Region:
    """A rectangle drawn over one frame: taken away by the reader, a part that an answer rests on, or a reader's mark.

    Parameters
    ----------
    top, left, bottom, right : float
        In source pixels, from the outer corner of the first.
    name : str
        Written in its corner.
    editable : bool
        Whether the reader may move, size and remove it.
    """

    top: float
    left: float
    bottom: float
    right: float
    kind: Literal["taken", "part", "here", "elsewhere"]
    name: str = ""
    frame: int = 0
    editable: bool = False


@dataclass(frozen=True)
class Measured:
    """A measurement on one frame of a stack.

    Parameters
    ----------
    kind : str
        As in `engine.Measure`.
    points : tuple of (float, float)
        (x, y) in source pixels from the outer corner of the first.
    said : str
        What is written beside it.
    """

    kind: str
    frame: int
    points: tuple[tuple[float, float], ...]
    said: str = ""


@dataclass(frozen=True, eq=False)
class Pane:
    """One picture of the viewer: a stack with what is laid over it and drawn on it.

    Parameters
    ----------
    title : str
        What it shows, in few words; written on the picture where two stand side by side.
    overlays : sequence of Overlay
        The first lies lowest.
    regions : sequence of Region
        Always shown.
    measures : sequence of Measured
        Put on the image when it is opened; afterwards those on the screen are the newer ones.
    keys : sequence of int
        The frames that are key images.
    """

    stack: Stack
    title: str = ""
    overlays: Sequence[Overlay] = ()
    regions: Sequence[Region] = ()
    measures: Sequence[Measured] = ()
    keys: Sequence[int] = ()


def measures_of(told: Sequence[Mapping[str, Any]]) -> tuple[Measured, ...]:
    """Read what the browser tells, and leave out what cannot be one of our measurements."""
    found = []
    for one in told[:_MOST_MEASURES]:
        points = tuple((float(x), float(y)) for x, y in one["points"])
        sound = one["kind"] in set(Measure) and np.isfinite(points).all() and 2 <= len(points) <= 4
        if sound:
            found.append(Measured(one["kind"], int(one["frame"]), points, str(one["said"])[:_LONGEST_SAID]))
    return tuple(found)


def _sendable(pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels in one of the types that the browser draws."""
    if pixels.ndim == 4:
        return pixels if pixels.dtype == np.uint8 else (pixels / 257.0).round().astype(np.uint8)
    if pixels.dtype.name in _SENT_AS_THEY_ARE:
        known = pixels
    elif pixels.dtype == np.int8:
        known = pixels.astype(np.int16)
    else:
        known = pixels.astype(np.float32)
    if known.dtype == np.float32 and not np.isfinite(known).all():
        low, high = _hull([_extremes(known)])
        known = np.nan_to_num(known, nan=low, neginf=low, posinf=high)  # NaN is black
    return known


def _presets(images: Sequence[Image]) -> list[Preset]:
    """The file's VOI LUTs and windows, the usual ones of a CT, and the full range where it is none of them."""
    image = images[0]
    if image.is_color:
        return [Preset(tr("As stored"), 0.0, 255.0)]
    ranges = [_extremes(one.pixels) for one in images]
    low, high = span = _hull(ranges)
    luts = [
        Preset(lut.explanation or tr("VOI LUT {index}", index=index + 1), 0.0, 1.0, _curve(image, lut, span))
        for index, lut in enumerate(image.voi_luts)
    ]
    given = _windows(images, ranges)
    windows = [_windowed(image, window, name, span) for window, name in zip(given, _names(given), strict=True)]
    full = Preset(tr(_FULL), low, max(high, low + _STEP))
    offered = {window.explanation.casefold() for window in given}
    usual = _CT_WINDOWS if image.modality == "CT" and image.unit == "HU" else ()
    windows += [
        _windowed(image, one, tr(one.explanation), span) for one in usual if one.explanation.casefold() not in offered
    ]
    same = any(abs(preset.lower - low) + abs(preset.upper - full.upper) <= _STEP for preset in windows)
    return [*luts, *windows] if same else [*luts, *windows, full]


def _windows(images: Sequence[Image], ranges: Sequence[_Range | None]) -> list[Window]:
    """The windows of the first image; one over its full range is widened to those of the others, flat ones aside."""
    full = [
        (window.center - window.width / 2, window.center + window.width / 2)
        for image, values in zip(images, ranges, strict=True)
        for window in image.windows
        if _is_full(window) and values is not None and values[0] < values[1]
    ]
    low, high = _hull(full)
    return [
        replace(window, center=(low + high) / 2, width=high - low) if full and _is_full(window) else window
        for window in images[0].windows
    ]


def _is_full(window: Window) -> bool:
    return window.explanation.casefold() == _FULL.casefold()


def _names(windows: Sequence[Window]) -> list[str]:
    """What the file calls its windows (Window Center & Width Explanation), numbers where it does not.

    Those that we know are spoken, all others stand as they are written; what is there twice is told apart.
    """
    known = {one.explanation.casefold(): one.explanation for one in (*_CT_WINDOWS, Window(0, 1, explanation=_FULL))}
    names = [_told(one.explanation.strip(), known) for one in windows]
    return [
        _apart(name, window, names.count(name)) if name else tr("Window {index}", index=index)
        for index, (name, window) in enumerate(zip(names, windows, strict=True), start=1)
    ]


def _told(name: str, known: Mapping[str, str]) -> str:
    if name.casefold() in known:
        return tr(known[name.casefold()])
    word = name.capitalize()
    return said if (said := spoken(word)) != word else name


def _apart(name: str, window: Window, times: int) -> str:
    return name if times == 1 else f"{name} ({window.center:g} / {window.width:g})"


def _windowed(image: Image, window: Window, name: str, span: _Range) -> Preset:
    if window.function is VoiFunction.SIGMOID:
        return Preset(name, 0.0, 1.0, _curve(image, window, span))
    exact = window.function is VoiFunction.LINEAR_EXACT
    center, width = (window.center, window.width) if exact else (window.center - 0.5, window.width - 1)
    return Preset(name, center - width / 2, center + max(width / 2, _STEP))


def _curve(image: Image, function: VoiLut | Window, span: _Range) -> Curve:
    """Sample what `engine.to_display` makes of every value that the stack may hold, from its lowest to its highest."""
    low, high = span
    whole = image.pixels.dtype.kind in "iu" and high - low < _LONGEST_CURVE
    ramp = np.arange(low, high + 1) if whole else np.linspace(low, max(high, low + _STEP), _LONGEST_CURVE)
    pixels = ramp.astype(image.pixels.dtype if whole else np.float64)[None, None]  # (1, 1, n)
    as_grey = replace(image, pixels=pixels, inverted=False)
    if isinstance(function, VoiLut):
        shown = to_display(replace(as_grey, voi_luts=(function,)))
    else:
        shown = to_display(as_grey, window=function)
    table = (shown[0] * _WHITE).round().astype(np.uint16)
    return Curve(table, first=float(ramp[0]), step=float(ramp[1] - ramp[0]) if len(ramp) > 1 else 1.0)


def _extremes(pixels: NDArray[Any]) -> _Range | None:
    """Lowest and highest finite value; None where there is none."""
    known = pixels if pixels.dtype.kind in "iu" else pixels[np.isfinite(pixels)]
    return (float(known.min()), float(known.max())) if known.size else None


def _hull(ranges: Iterable[_Range | None]) -> _Range:
    """From the lowest to the highest value of all, zeros where there is none."""
    known = [one for one in ranges if one is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else (0.0, 0.0)


def reduce(relevance: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average a map over the cells of a grid of at most 512 x 512, which loses nothing: maps are smooth.

    Parameters
    ----------
    relevance : numpy.ndarray
        ``(rows, columns)`` float32 with NaN.

    Returns
    -------
    numpy.ndarray
        float32, the same area on the coarser grid; NaN where a cell holds nothing else.
    """
    rows, columns = (np.linspace(0, n, min(n, _LONGEST_MAP) + 1).round().astype(np.intp)[:-1] for n in relevance.shape)
    seen = np.isfinite(relevance)
    sums, counts = (
        np.add.reduceat(np.add.reduceat(part, rows, axis=0), columns, axis=1)
        for part in (np.where(seen, relevance, 0).astype(np.float64), seen.astype(np.int64))
    )
    with np.errstate(invalid="ignore"):
        return (sums / counts).astype(np.float32)
