"""Where pixels lie: spacing in mm with its source, orientation letters, place along the stack.

Source: PS3.3 C.7.6.2 (Image Plane), 10.7 (pixel spacing and its calibration), C.8.5.5 (ultrasound regions).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from engine.case import Direction, Lattice, PixelSpacing, SpacingSource
from engine.io.dicom_file import functional_group, numbers

_PROJECTIONS = ("CR", "DX", "DR", "MG", "XA", "RF", "RG", "PX", "IO", "BMD")
_PLAUSIBLE_MM = 1000.0
_CENTIMETRE = 3
_TISSUE_2D = 1
_PARALLEL = 1e-3
_UNEVEN = 0.1
_LETTERS = (("L", "R"), ("P", "A"), ("H", "F"))


def read_spacing(ds: Dataset) -> PixelSpacing | None:
    """Distance between pixel centres in mm and what it was measured on; None where the file does not say.

    A projection's Pixel Spacing is one in the patient only where it was calibrated, or differs from the detector's
    (10.7.1.3); otherwise the figure holds on the detector, where everything is magnified. Frames that differ have none
    that holds for all.
    """
    groups = (functional_group(ds, "PixelMeasuresSequence", frame) for frame in _frames(ds))
    in_frames = {_pair(measures, "PixelSpacing") for measures in groups}
    if len(in_frames) > 1:
        return None
    patient = in_frames.pop() or _pair(ds, "PixelSpacing")
    imager = _pair(ds, "ImagerPixelSpacing") or _pair(ds, "NominalScannedPixelSpacing")
    if patient is not None:
        calibrated = bool(ds.get("PixelSpacingCalibrationType")) or (imager is not None and patient != imager)
        projection = str(ds.get("Modality") or "") in _PROJECTIONS or imager is not None
        source = SpacingSource.IMAGER if projection and not calibrated else SpacingSource.PATIENT
        return PixelSpacing(*patient, source)
    if imager is not None:
        return PixelSpacing(*imager, SpacingSource.IMAGER)
    region = _ultrasound_spacing(ds)
    return None if region is None else PixelSpacing(*region, SpacingSource.REGION)


def _frames(ds: Dataset) -> range:
    """The frames that have functional groups of their own, the first at least."""
    return range(max(1, len(ds.get("PerFrameFunctionalGroupsSequence") or ())))


def _pair(ds: Dataset | None, keyword: str) -> tuple[float, float] | None:
    """Two plausible distances: row spacing (down) first, then column spacing (10.7.1.3)."""
    values = numbers(ds, keyword)
    if len(values) != 2 or not all(0 < value < _PLAUSIBLE_MM for value in values):
        return None
    return values[0], values[1]


def _ultrasound_spacing(ds: Dataset) -> tuple[float, float] | None:
    """The spacing that all regions agree on; None where one has another, or other axes than two in space.

    A region's calibration holds within its own bounds (PS3.3 C.8.5.5): beside a spectral trace, whose axes are
    seconds and velocity, that of the picture of tissue would give lengths where there are none.
    """
    found = {_region_spacing(region) for region in ds.get("SequenceOfUltrasoundRegions") or ()}
    return found.pop() if len(found) == 1 else None


def _region_spacing(region: Dataset) -> tuple[float, float] | None:
    """The spacing of a two-dimensional region in centimetres, in mm; None for any other."""
    units = numbers(region, "PhysicalUnitsXDirection") + numbers(region, "PhysicalUnitsYDirection")
    deltas = numbers(region, "PhysicalDeltaY") + numbers(region, "PhysicalDeltaX")
    two_dimensional = numbers(region, "RegionSpatialFormat") == [_TISSUE_2D]
    if not two_dimensional or units != [_CENTIMETRE, _CENTIMETRE] or len(deltas) != 2 or not all(deltas):
        return None
    row, column = abs(deltas[0]) * 10, abs(deltas[1]) * 10
    return (row, column) if max(row, column) < _PLAUSIBLE_MM else None


def read_orientation(ds: Dataset) -> tuple[str, str] | None:
    """Letters towards which the columns (right edge) and the rows (bottom edge) run (C.7.6.1.1.1).

    None where the file does not say, or its frames lie in different planes, as those of a localizer do.
    """
    in_frames = {_letters(_cosines(ds, frame)) for frame in _frames(ds)}
    if in_frames != {None}:
        return in_frames.pop() if len(in_frames) == 1 else None
    values = ds.get("PatientOrientation")
    if values is None or isinstance(values, str) or len(values) != 2:
        return None
    right, bottom = (str(value).strip().upper() for value in values)
    known = all(letters and set(letters) <= set("ALPRHF") and len(letters) <= 3 for letters in (right, bottom))
    return (right, bottom) if known else None


def _letters(cosines: NDArray[np.float64] | None) -> tuple[str, str] | None:
    return None if cosines is None else (direction_letter(cosines[0]), direction_letter(cosines[1]))


def direction_letter(direction: NDArray[np.float64]) -> str:
    """The patient axis that a direction follows most: +x left, +y posterior, +z head."""
    axis = int(np.argmax(np.abs(direction)))
    return _LETTERS[axis][0 if direction[axis] > 0 else 1]


def _cosines(ds: Dataset, frame: int = 0) -> NDArray[np.float64] | None:
    """Direction of a row and of a column, ``(2, 3)``, unit length; None where the file does not say or is wrong."""
    macro = functional_group(ds, "PlaneOrientationSequence", frame)
    values = numbers(macro, "ImageOrientationPatient") or numbers(ds, "ImageOrientationPatient")
    if len(values) != 6:
        return None
    cosines = np.asarray(values).reshape(2, 3)
    lengths = np.linalg.norm(cosines, axis=1)
    if not np.all(np.isfinite(cosines)) or np.any(np.abs(lengths - 1) > 0.1) or abs(cosines[0] @ cosines[1]) > 0.1:
        return None
    return cosines


def _corner(ds: Dataset, frame: int = 0) -> NDArray[np.float64] | None:
    """Image Position (Patient) of a frame, ``(3,)`` in mm; None where the file does not say or is wrong."""
    macro = functional_group(ds, "PlanePositionSequence", frame)
    position = numbers(macro, "ImagePositionPatient") or numbers(ds, "ImagePositionPatient")
    if len(position) != 3 or not all(math.isfinite(value) for value in position):
        return None
    return np.asarray(position)


def read_position(ds: Dataset) -> float | None:
    """Place along the normal of the slice in mm: Image Position (Patient) projected on it (C.7.6.2.1.1)."""
    cosines, corner = _cosines(ds), _corner(ds)
    if cosines is None or corner is None:
        return None
    return float(np.cross(cosines[0], cosines[1]) @ corner)


def read_lattice(ds: Dataset, frames: int) -> Lattice | None:
    """Where the pixels lie in the patient; None where the file does not say (C.7.6.2.1.1, C.7.6.16.2.3-4)."""
    cosines, corner = _cosines(ds), _corner(ds)
    if cosines is None or corner is None:
        return None
    right, down = cosines / np.linalg.norm(cosines, axis=1, keepdims=True)
    step = _frame_step(ds, cosines, frames)
    return Lattice(_direction(corner), _direction(right), _direction(down), None if step is None else _direction(step))


def _frame_step(ds: Dataset, cosines: NDArray[np.float64], frames: int) -> NDArray[np.float64] | None:
    """From one frame to the next, ``(3,)`` in mm; None where all frames are not parallel and evenly spaced."""
    if frames < 2:
        return None
    axes = [_cosines(ds, frame) for frame in range(frames)]
    corners = [_corner(ds, frame) for frame in range(frames)]
    if any(one is None or np.abs(one - cosines).max() > _PARALLEL for one in axes) or any(c is None for c in corners):
        return None
    return even_step(np.stack([corner for corner in corners if corner is not None]))


def even_step(corners: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """From one slice to the next, ``(3,)``, where their corners ``(n, 3)`` are evenly spaced; None where they are not.

    Every gap may differ from the mean one by a tenth of its length: tables do not move to the micrometre.
    """
    gaps = np.diff(corners, axis=0)  # (n - 1, 3)
    step: NDArray[np.float64] = gaps.mean(axis=0)
    length = float(np.linalg.norm(step))
    even = length > 0 and float(np.linalg.norm(gaps - step, axis=1).max()) <= _UNEVEN * length
    return step if even else None


def _direction(vector: NDArray[np.float64]) -> Direction:
    x, y, z = (float(value) for value in vector)
    return x, y, z
