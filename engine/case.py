"""What is examined: images, notes, courses, sequences and cases of them, as plain frozen records without torch.

Grey values follow DICOM PS3.3 C.11.1 (Modality LUT) and C.11.2 (VOI LUT); PS3.14 gives the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]


class VoiFunction(StrEnum):
    """VOI LUT Function (0028,1056), PS3.3 C.11.2.1.2-3."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


class SpacingSource(StrEnum):
    """Where a pixel spacing comes from: in the patient, or on the detector (magnified)."""

    PATIENT = "patient"
    IMAGER = "imager"
    REGION = "ultrasound region"


@dataclass(frozen=True)
class Window:
    """One window: centre and width in modality units."""

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR
    explanation: str = ""


@dataclass(frozen=True, eq=False)
class VoiLut:
    """One item of the VOI LUT Sequence: `table` (uint16, any length), value of its first entry, bits of an entry."""

    table: NDArray[np.uint16]
    first: int
    bits: int
    explanation: str = ""


@dataclass(frozen=True)
class PixelSpacing:
    """Distance between pixel centres in mm, down the rows and across the columns, and what it was measured on."""

    row: float
    column: float
    source: SpacingSource


@dataclass(frozen=True)
class Placement:
    """Where an image belongs: patient, study, series (keys by hashing, never shown), and its rank in the series."""

    patient: str = ""
    study: str = ""
    series: str = ""
    instance: int = 0
    position: float | None = None


Direction = tuple[float, float, float]
"""In the patient's axes: to the left, to the back, to the head (PS3.3 C.7.6.2.1.1)."""


@dataclass(frozen=True)
class Lattice:
    """Where the pixels of an image lie in the patient (PS3.3 C.7.6.2.1.1), in mm.

    Parameters
    ----------
    corner : tuple of float
        The centre of the first pixel of the first frame.
    right, down : tuple of float
        Along a row and along a column, unit length.
    step : tuple of float or None
        From one frame to the next; None for a single frame, and where frames are not evenly spaced.
    """

    corner: Direction
    right: Direction
    down: Direction
    step: Direction | None = None


@dataclass(frozen=True, eq=False)
class Image:
    """One image file: a DICOM instance or a raster picture, with one or several frames.

    Parameters
    ----------
    pixels : numpy.ndarray
        Grey: ``(frames, rows, columns)`` after the modality LUT, in `unit`, before any window;
        colour: ``(frames, rows, columns, 3)`` RGB, uint8 or uint16.
    windows : tuple of Window
        The windows that the file offers, or one over the full range; empty for colour.
    voi_luts : tuple of VoiLut
        VOI LUT Sequence items; where there is one, the first is the default view (C.11.2.1.1).
    inverted : bool
        True for MONOCHROME1: the lowest value is drawn white.
    spacing : PixelSpacing or None
        None where the file does not say: nothing may then be measured in mm.
    orientation : tuple of str or None
        Letters towards which columns (right edge) and rows (bottom edge) run, for example ``("L", "F")``.
    lattice : Lattice or None
        None where the file does not say where its pixels lie in the patient.
    tags : mapping
        Allow-listed attributes by keyword, as text.
    digest : str
        SHA-256 of the file's bytes, hexadecimal.
    """

    pixels: Pixels
    digest: str
    name: str = ""
    format: str = ""
    windows: tuple[Window, ...] = ()
    voi_luts: tuple[VoiLut, ...] = ()
    inverted: bool = False
    unit: str = ""
    spacing: PixelSpacing | None = None
    modality: str = ""
    view: str = ""
    laterality: str = ""
    orientation: tuple[str, str] | None = None
    lattice: Lattice | None = None
    placement: Placement = field(default_factory=Placement)
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def frames(self) -> int:
        """Number of frames, at least 1."""
        return int(self.pixels.shape[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[2])

    @property
    def is_color(self) -> bool:
        """True where a pixel has three samples."""
        return self.pixels.ndim == 4


@dataclass(frozen=True)
class Note:
    """A free-text note: its characters are the coordinates of every text map.

    Parameters
    ----------
    warnings : tuple of str
        In words: what of the file is not in `text`.
    """

    text: str
    digest: str
    name: str = ""
    format: str = "text"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Course:
    """What was observed of one patient over time, at irregular hours.

    Parameters
    ----------
    hours : numpy.ndarray
        ``(N,)`` float64, ascending, at least 0: hours since the course began.
    variables : tuple of str
        N names, as of `engine.io.course_variables`.
    values : numpy.ndarray
        ``(N,)`` float64, in the variable's unit.
    static : mapping of str to float
        What holds for the whole course (age in years, height in cm, ...), by name; unknown things are left out.
    static_since : mapping of str to float
        The hour at which each of these was charted first, by name: nobody knew it before. Of a name that is missing
        here it is the hour of its first observation, and 0 where there is none.
    warnings : tuple of str
        In words: what was converted and what was left out, and why.
    """

    hours: NDArray[np.float64]
    variables: tuple[str, ...]
    values: NDArray[np.float64]
    digest: str
    name: str = ""
    format: str = ""
    static: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    static_since: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sequence:
    """One record of nucleotides: its bases, upper-case IUPAC letters of DNA, are the coordinates of its maps.

    Parameters
    ----------
    site : int
        The place that is asked about lies before this base, counted from 0; 0 is the middle of the sequence. A negative
        number asks about the same place as the other strand reads it.
    warnings : tuple of str
        In words: what of its file was left out.
    """

    bases: str
    digest: str
    name: str = ""
    format: str = "FASTA"
    site: int = 0
    warnings: tuple[str, ...] = ()


Record = Image | Note | Course | Sequence
"""What one file gives."""


@dataclass(frozen=True, eq=False)
class Case:
    """What a reader opens: the images of one study in reading order, a note, or both; or a course, or a sequence.

    `series` holds tuples of images: the images of one series in geometric order. `truth` is filled for
    our own generated samples only; `question` is what is asked of the images, in words.
    """

    case_id: str
    title: str
    series: tuple[tuple[Image, ...], ...] = ()
    note: Note | None = None
    question: str = ""
    course: Course | None = None
    sequence: Sequence | None = None
    synthetic: bool = False
    truth: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def images(self) -> tuple[Image, ...]:
        """All images, series after series."""
        return tuple(image for series in self.series for image in series)

    def at(self, image_index: int, frame: int) -> Case:
        """Narrow the case to one frame of one image, or to one site of its sequence, as a model reads it.

        Raises
        ------
        IndexError
            If there is no such image, frame or site.
        """
        if not self.images and image_index == frame == 0:
            return self
        if self.sequence is not None and not self.images:
            if not abs(frame) < len(self.sequence.bases):
                raise IndexError(f"site {frame} of {len(self.sequence.bases)}")
            return replace(self, sequence=replace(self.sequence, site=frame))
        image = self.images[image_index]
        if not 0 <= frame < image.frames:
            raise IndexError(f"frame {frame} of {image.frames}")
        single = replace(image, pixels=image.pixels[frame : frame + 1])
        return replace(self, series=((single,),))


@dataclass(frozen=True)
class Box:
    """A rectangle of an image in source pixels: [top, bottom) x [left, right), counted from the outer corner."""

    top: float
    left: float
    bottom: float
    right: float


@dataclass(frozen=True)
class Stretch:
    """The characters [start, end) of a note, or the bases of a sequence."""

    start: int
    end: int


@dataclass(frozen=True)
class Period:
    """The observations of a course from hour `start` to just before `end`: of one variable, or of all (None)."""

    start: float
    end: float
    variable: str | None = None


@dataclass(frozen=True)
class Substitution:
    """Another base at position `start` of a sequence: A, C, G or T, as the strand reads it that is asked about."""

    start: int
    base: str


Place = Box | Stretch | Period | Substitution
"""Where something lies in a case, or what is put there instead."""
