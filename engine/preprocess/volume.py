"""The slices of a series as one volume, cut in other planes (multiplanar reformatting).

Nothing is interpolated: where the geometry allows it (PS3.3 C.7.6.2.1.1: parallel, evenly spaced, square on their
axis), the rows and columns of another plane are voxels of the series; a series that is not such a volume is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.case import Image, Pixels, PixelSpacing, SpacingSource
from engine.errors import NoVolume
from engine.io.geometry import direction_letter, even_step
from engine.words import mark, tr

FEWEST_SLICES = 3
_PARALLEL = 1e-3  # of a unit vector
_ASKEW = 0.02  # how far a step between slices may lean over, as a share of its length: about one degree
_OBLIQUE = 10.0  # degrees from the patient's axes that are told
_ADVICE = mark("Its slices are shown as they are.")


class Plane(StrEnum):
    """A plane of the body; oblique volumes are named by the plane that they are nearest to."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


_NAMES = {Plane.AXIAL: mark("Axial"), Plane.CORONAL: mark("Coronal"), Plane.SAGITTAL: mark("Sagittal")}


# Where a picture runs: to its right edge, to its bottom, and from its first frame on; +x left, +y back, +z head.
_RUNS = {
    Plane.AXIAL: ((0, 1), (1, 1), (2, 1)),
    Plane.CORONAL: ((0, 1), (2, -1), (1, 1)),
    Plane.SAGITTAL: ((1, 1), (2, -1), (0, 1)),
}


@dataclass(frozen=True)
class Axis:
    """Along which axis of the volume a picture runs (0 slices, 1 rows, 2 columns), which way, and how many voxels."""

    number: int
    backwards: bool
    length: int


@dataclass(frozen=True)
class Axes:
    """How the pixels of a picture lie in a volume: across, down, and from frame to frame.

    Parameters
    ----------
    volume : str
        Names the volume: pictures of one volume can be found in each other.
    """

    volume: str
    across: Axis
    down: Axis
    through: Axis


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels that lie evenly in the patient.

    Parameters
    ----------
    first : Image
        The slice, or the image with many frames, whose windows and unit hold for all.
    voxels : numpy.ndarray
        ``(slices, rows, columns)`` in the unit of the images.
    directions : numpy.ndarray
        ``(3, 3)`` float64: unit vectors along slices, rows and columns in the patient's axes.
    distances : tuple of float
        mm between voxels along slices, rows and columns.
    """

    first: Image
    digest: str
    voxels: Pixels
    directions: NDArray[np.float64]
    distances: tuple[float, float, float]

    @property
    def plane(self) -> Plane:
        """The plane in which the slices were taken."""
        return {0: Plane.SAGITTAL, 1: Plane.CORONAL, 2: Plane.AXIAL}[self._axis_of_patient(0)]

    @property
    def obliqueness(self) -> float:
        """The largest angle between an axis of the volume and the patient's, in degrees."""
        return float(np.degrees(np.arccos(np.clip(np.abs(self.directions).max(axis=1), 0, 1)).max()))

    def _axis_of_patient(self, number: int) -> int:
        return int(np.argmax(np.abs(self.directions[number])))

    def run(self, axis: int, sign: int) -> Axis:
        """The axis of the volume that follows one of the patient's (0 left, 1 back, 2 head), or runs against it."""
        number = next(n for n in range(3) if self._axis_of_patient(n) == axis)
        return Axis(number, bool(self.directions[number, axis] * sign < 0), self.voxels.shape[number])

    def letter(self, axis: Axis) -> str:
        """The letter of the side of the patient towards which an axis runs."""
        return direction_letter(self.directions[axis.number] * (-1 if axis.backwards else 1))


def series_digest(images: Sequence[Image]) -> str:
    """Name the pixels of the images of one series, in their order: SHA-256, hexadecimal; of one image its own."""
    digests = [image.digest for image in images]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def volume_of(images: Sequence[Image]) -> Volume:
    """Make a volume of the images of one series, in their order.

    Raises
    ------
    NoVolume
        If they are not parallel, evenly spaced, grey slices of one size whose spacing is known.
    """
    first = images[0]
    if first.is_color or len({image.pixels.shape[1:] for image in images}) != 1:
        raise NoVolume(tr("Only grey slices of one size make up a volume."), tr(_ADVICE))
    spacing = first.spacing
    if spacing is None or spacing.source is not SpacingSource.PATIENT or any(i.spacing != spacing for i in images):
        raise NoVolume(tr("The series does not say how large its pixels are."), tr(_ADVICE))
    directions, distance = _stack(images)
    voxels = first.pixels if len(images) == 1 else np.concatenate([image.pixels for image in images])
    found = Volume(first, series_digest(images), voxels, directions, (distance, spacing.row, spacing.column))
    if len({int(np.argmax(np.abs(direction))) for direction in directions}) != 3:
        raise NoVolume(tr("The slices lie between two planes of the body."), tr(_ADVICE))
    return found


def _stack(images: Sequence[Image]) -> tuple[NDArray[np.float64], float]:
    """Directions ``(3, 3)`` along slices, rows and columns, and mm between slices."""
    lattices = [image.lattice for image in images if image.lattice is not None]
    if len(lattices) < len(images):
        raise NoVolume(tr("The series does not say where its slices lie in the patient."), tr(_ADVICE))
    if sum(image.frames for image in images) < FEWEST_SLICES:
        raise NoVolume(tr("A volume needs {least} slices or more.", least=FEWEST_SLICES), tr(_ADVICE))
    right, down = np.asarray(lattices[0].right), np.asarray(lattices[0].down)
    turned = [np.abs(np.subtract((one.right, one.down), (right, down))).max() for one in lattices]
    if max(turned) > _PARALLEL:
        raise NoVolume(tr("The slices are not parallel."), tr(_ADVICE))
    if len(images) == 1:
        step = None if lattices[0].step is None else np.asarray(lattices[0].step)
    elif any(image.frames > 1 for image in images):
        raise NoVolume(tr("The series has several images with many frames each."), tr(_ADVICE))
    else:
        step = even_step(np.asarray([one.corner for one in lattices]))
    if step is None:
        raise NoVolume(tr("The slices are not evenly spaced."), tr(_ADVICE))
    distance = float(np.linalg.norm(step))
    through = step / distance
    lean = float(np.hypot(through @ right, through @ down))
    if lean > _ASKEW:
        angle = np.degrees(np.arcsin(min(lean, 1.0)))
        raise NoVolume(tr("The slices are stacked askew by {angle:.0f}° (a tilted gantry).", angle=angle), tr(_ADVICE))
    return np.stack([through, down, right]), distance


def reformatted(volume: Volume, plane: Plane) -> tuple[Image, Axes]:
    """Cut a volume in another plane: one frame for each layer of voxels.

    Returns
    -------
    Image
        Right edge towards the patient's left (sagittal: back), bottom towards the feet (axial: back), as radiologists
        hang them; its pixels are a view of the volume's, its spacing tells pixels that are no squares.
    Axes
        Where its pixels lie in the volume.
    """
    across, down, through = (volume.run(axis, sign) for axis, sign in _RUNS[plane])
    pixels = volume.voxels.transpose(through.number, down.number, across.number)
    pixels = pixels[tuple(slice(None, None, -1 if axis.backwards else 1) for axis in (through, down, across))]
    image = replace(
        volume.first,
        pixels=pixels,
        digest=hashlib.sha256(f"{volume.digest} {plane}".encode()).hexdigest(),
        spacing=PixelSpacing(volume.distances[down.number], volume.distances[across.number], SpacingSource.PATIENT),
        orientation=(volume.letter(across), volume.letter(down)),
        lattice=None,
    )
    return image, Axes(volume.digest, across, down, through)


def plane_in_words(volume: Volume, plane: Plane) -> str:
    """Name a cut, and say where it is oblique.

    Examples
    --------
    A volume that is turned by 18 degrees gives "Coronal, oblique by 18°".
    """
    name, oblique = tr(_NAMES[plane]), volume.obliqueness
    return tr("{plane}, oblique by {angle:.0f}°", plane=name, angle=oblique) if oblique > _OBLIQUE else name
