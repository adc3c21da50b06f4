from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from engine.case import Lattice, PixelSpacing, SpacingSource
from engine.io.geometry import read_lattice, read_orientation, read_position, read_spacing
from engine.io.seam import quiet


def _dataset(**attributes: Any) -> Dataset:
    ds = Dataset()
    with quiet():
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
    return ds


def _region(dx: float, dy: float, units: int = 3, kind: int = 1) -> Dataset:
    return _dataset(
        PhysicalUnitsXDirection=units,
        PhysicalUnitsYDirection=units,
        PhysicalDeltaX=dx,
        PhysicalDeltaY=dy,
        RegionSpatialFormat=kind,
    )


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, None),
        ({"Modality": "CT", "PixelSpacing": [0.5, 0.25]}, (0.5, 0.25, SpacingSource.PATIENT)),
        ({"Modality": "DX", "ImagerPixelSpacing": [0.14, 0.14]}, (0.14, 0.14, SpacingSource.IMAGER)),
        ({"Modality": "CR", "PixelSpacing": [0.1, 0.1]}, (0.1, 0.1, SpacingSource.IMAGER)),
        (
            {"Modality": "DX", "PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.1, 0.1]},
            (0.1, 0.1, SpacingSource.IMAGER),
        ),
        (
            {"Modality": "DX", "PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.12, 0.12]},
            (0.1, 0.1, SpacingSource.PATIENT),
        ),
        (
            {"Modality": "DX", "PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.1, 0.1, SpacingSource.PATIENT),
        ),
        ({"Modality": "CT", "PixelSpacing": [0, 0.25]}, None),
        ({"Modality": "CT", "PixelSpacing": [0.25]}, None),
        ({"SequenceOfUltrasoundRegions": Sequence([_region(0.02, -0.03)])}, (0.3, 0.2, SpacingSource.REGION)),
        ({"SequenceOfUltrasoundRegions": Sequence([_region(0.02, 0.03), _region(0.05, 0.05)])}, None),
        ({"SequenceOfUltrasoundRegions": Sequence([_region(0.02, 0.03, units=4)])}, None),
        ({"SequenceOfUltrasoundRegions": Sequence([_region(0.02, 0.03, kind=3)])}, None),
    ],
)
def test_spacing_and_what_it_was_measured_on(
    attributes: dict[str, Any], expected: tuple[float, float, SpacingSource] | None
) -> None:
    spacing = read_spacing(_dataset(**attributes))
    if expected is None:
        assert spacing is None
    else:
        assert spacing == PixelSpacing(pytest.approx(expected[0]), pytest.approx(expected[1]), expected[2])


def _trace() -> Dataset:
    """A spectral trace: seconds across, centimetres a second down."""
    trace = _region(0.005, -0.8, kind=3)
    trace.PhysicalUnitsXDirection, trace.PhysicalUnitsYDirection = 4, 7
    return trace


@pytest.mark.parametrize("turn", [1, -1], ids=["behind it", "before it"])
def test_no_millimetres_beside_a_spectral_trace(turn: int) -> None:
    """The pixels of a trace are no lengths, and the calibration of the picture beside it does not hold there."""
    duplex = [_region(0.02, 0.02), _trace()]
    assert read_spacing(_dataset(Modality="US", SequenceOfUltrasoundRegions=Sequence(duplex[::turn]))) is None


def test_two_pictures_of_one_scale_are_measured() -> None:
    ds = _dataset(Modality="US", SequenceOfUltrasoundRegions=Sequence([_region(0.02, 0.03), _region(0.02, 0.03)]))
    spacing = read_spacing(ds)
    assert spacing is not None
    assert (spacing.row, spacing.column) == (pytest.approx(0.3), pytest.approx(0.2))


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}, ("L", "P")),
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}, ("P", "F")),
        ({"ImageOrientationPatient": [-0.99, 0.05, 0, 0, 0.1, 0.99]}, ("R", "H")),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, None),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, None),
        ({"PatientOrientation": ["L", "F"]}, ("L", "F")),
        ({"PatientOrientation": ["L"]}, None),
        ({"PatientOrientation": ["<b>", "F"]}, None),
        ({}, None),
    ],
)
def test_letters_of_the_right_and_the_bottom_edge(attributes: dict[str, Any], expected: tuple[str, str] | None) -> None:
    assert read_orientation(_dataset(**attributes)) == expected


def test_position_is_measured_along_the_normal() -> None:
    axial = _dataset(ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[10, 20, -42.5])
    coronal = _dataset(ImageOrientationPatient=[1, 0, 0, 0, 0, -1], ImagePositionPatient=[10, 20, -42.5])
    assert read_position(axial) == -42.5
    assert read_position(coronal) == 20
    assert read_position(_dataset(ImagePositionPatient=[1, 2, 3])) is None


AXIAL = [1, 0, 0, 0, 1, 0]


def _frames(*places: float) -> Dataset:
    """An enhanced multi-frame object whose frames lie at these heights."""
    groups = [
        _dataset(PlanePositionSequence=Sequence([_dataset(ImagePositionPatient=[-10, -20, place])])) for place in places
    ]
    shared = _dataset(PlaneOrientationSequence=Sequence([_dataset(ImageOrientationPatient=AXIAL)]))
    return _dataset(
        PerFrameFunctionalGroupsSequence=Sequence(groups), SharedFunctionalGroupsSequence=Sequence([shared])
    )


def test_a_slice_says_where_its_pixels_lie() -> None:
    lattice = read_lattice(_dataset(ImageOrientationPatient=AXIAL, ImagePositionPatient=[-10, -20, 30]), 1)
    assert lattice == Lattice((-10.0, -20.0, 30.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    assert read_lattice(_dataset(ImageOrientationPatient=AXIAL), 1) is None
    assert read_lattice(_dataset(ImagePositionPatient=[0, 0, 0]), 1) is None


@pytest.mark.parametrize(
    ("places", "step"),
    [((0, 3, 6), (0.0, 0.0, 3.0)), ((6, 3, 0), (0.0, 0.0, -3.0)), ((0, 3, 9), None), ((3, 3, 3), None)],
)
def test_frames_that_are_evenly_spaced_have_a_step(
    places: tuple[float, ...], step: tuple[float, float, float] | None
) -> None:
    lattice = read_lattice(_frames(*places), len(places))
    assert lattice is not None
    assert lattice.step == step


def _own_frames(keyword: str, macro: str, values: list[list[float]]) -> Dataset:
    """An enhanced multi-frame object whose frames each have a value of their own; none where it is empty."""
    groups = [
        _dataset(**{macro: Sequence([_dataset(**{keyword: value})])}) if value else _dataset() for value in values
    ]
    return _dataset(PerFrameFunctionalGroupsSequence=Sequence(groups), Modality="MR")


CORONAL = [1, 0, 0, 0, 0, -1]


@pytest.mark.parametrize(
    ("planes", "expected"),
    [
        ([AXIAL, AXIAL], ("L", "P")),
        ([AXIAL, [0.99, 0.1, 0, -0.1, 0.99, 0]], ("L", "P")),
        ([AXIAL, CORONAL], None),
        ([AXIAL, AXIAL, []], None),
    ],
)
def test_frames_in_different_planes_have_no_letters(
    planes: list[list[float]], expected: tuple[str, str] | None
) -> None:
    ds = _own_frames("ImageOrientationPatient", "PlaneOrientationSequence", planes)
    assert read_orientation(ds) == expected
    ds.PatientOrientation = ["L", "P"]
    assert read_orientation(ds) == expected, "what is said of the whole holds for no frame that says otherwise"


@pytest.mark.parametrize(
    ("spacings", "expected"),
    [
        ([[0.5, 0.25], [0.5, 0.25]], PixelSpacing(0.5, 0.25, SpacingSource.PATIENT)),
        ([[0.5, 0.25], [1.0, 1.0]], None),
        ([[0.5, 0.25], []], None),
    ],
)
def test_frames_of_different_pixels_have_no_spacing(spacings: list[list[float]], expected: PixelSpacing | None) -> None:
    assert read_spacing(_own_frames("PixelSpacing", "PixelMeasuresSequence", spacings)) == expected
