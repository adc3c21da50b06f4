from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.uid import MPEG2MPML

from engine.case import Image, SpacingSource
from engine.errors import DamagedFile, NoPixels, TooLarge, UnsupportedContent, UploadError
from engine.io.dicom import read_dicom
from engine.io.seam import quiet
from engine.io.upload import read_upload
from engine.preprocess.display import to_display

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
FILES = sorted(path for path in SHIPPED.rglob("*.dcm") if path.stat().st_size < 4_000_000)
SYNTAXES = {
    "693_J2KI.dcm": "JPEG 2000 Image Compression",
    "JPEGLSNearLossless_16.dcm": "JPEG-LS Lossy (Near-Lossless) Image Compression",
    "JPGExtended.dcm": "JPEG Extended (Process 2 and 4)",
    "MR_small_RLE.dcm": "RLE Lossless",
    "MR_small_bigendian.dcm": "Explicit VR Big Endian",
    "MR_small_implicit.dcm": "Implicit VR Little Endian",
    "SC_rgb_jpeg_gdcm.dcm": (
        "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])"
    ),
    "SC_rgb_jpeg_dcmtk.dcm": "JPEG Baseline (Process 1)",
    "image_dfl.dcm": "Deflated Explicit VR Little Endian",
}
MakeDicom = Callable[..., bytes]


def _expected(path: Path) -> tuple[np.ndarray[Any, Any], pydicom.FileDataset] | None:
    """What pydicom itself makes of a file: modality values or RGB with a first axis of frames; None where it cannot."""
    with quiet():
        ds = pydicom.dcmread(path, force=True)
        try:
            stored = ds.pixel_array
        except (AttributeError, NotImplementedError, RuntimeError, ValueError):
            return None
        grey = ds.PhotometricInterpretation.startswith("MONOCHROME")
        if grey:
            shown = apply_modality_lut(stored, ds)
        else:
            shown = apply_color_lut(stored, ds) if ds.PhotometricInterpretation == "PALETTE COLOR" else stored
    return (shown[None] if shown.ndim == (2 if grey else 3) else shown), ds


def _check_against_pydicom(path: Path) -> None:
    expected = _expected(path)
    if expected is None:
        with pytest.raises(UploadError):
            read_upload(path.name, path)
        return
    values, ds = expected
    (image,) = read_upload(path.name, path)
    assert isinstance(image, Image)
    if values.dtype.itemsize == 4 and image.is_color:
        values = values >> 16  # colour of 32 bits is shown with 16
    np.testing.assert_allclose(image.pixels.astype(np.float64), values.astype(np.float64), rtol=1e-6)
    _check_default_view(image, values, ds)


def _check_default_view(image: Image, values: np.ndarray[Any, Any], ds: pydicom.FileDataset) -> None:
    """The display is a linear function, from black to white, of what pydicom's own VOI step gives."""
    shown = to_display(image)
    assert shown.dtype == np.float32
    assert 0 <= shown.min() <= shown.max() <= 1
    if image.is_color or not ("WindowCenter" in ds or "VOILUTSequence" in ds):
        return
    with quiet():
        theirs = apply_voi_lut(values[0], ds).astype(np.float64)
    ours = 1 - shown if image.inverted else shown
    dark, bright = theirs.argmin(), theirs.argmax()
    slope = (ours.flat[bright] - ours.flat[dark]) / max(theirs.flat[bright] - theirs.flat[dark], 1e-9)
    np.testing.assert_allclose(ours, ours.flat[dark] + slope * (theirs - theirs.flat[dark]), atol=1e-4)
    assert slope > 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_file_that_pydicom_ships_is_shown_as_pydicom_says_or_refused(path: Path) -> None:
    _check_against_pydicom(path)


OURS_BY_THE_STANDARD = {
    "OBXXXX1A_expb.dcm": "pydicom takes a big endian palette for little endian",
    "OBXXXX1A_expb_2frame.dcm": "pydicom takes a big endian palette for little endian",
    "eCT_Supplemental.dcm": "pydicom does not apply the rescale of functional groups",
}


@pytest.mark.data
def test_each_public_file_is_shown_as_pydicom_says_or_refused(data_dir: Path) -> None:
    paths = sorted((data_dir / "dicom").glob("*.dcm"))
    assert len(paths) > 70
    for path in paths:
        if path.name not in OURS_BY_THE_STANDARD:
            _check_against_pydicom(path)


@pytest.mark.data
def test_big_endian_palette_gives_the_little_endian_picture(data_dir: Path) -> None:
    little, big = (
        read_dicom(name, (data_dir / "dicom" / name).read_bytes()) for name in ("OBXXXX1A.dcm", "OBXXXX1A_expb.dcm")
    )
    np.testing.assert_array_equal(little.pixels, big.pixels)


@pytest.mark.parametrize(("name", "syntax"), SYNTAXES.items())
def test_transfer_syntaxes_are_covered_by_name(name: str, syntax: str) -> None:
    image = read_dicom(name, (SHIPPED / name).read_bytes())
    assert image.tags["TransferSyntax"] == syntax


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("test-SR.dcm", NoPixels),
        ("rtplan.dcm", NoPixels),
        ("waveform_ecg.dcm", NoPixels),
        ("dicomdirtests/DICOMDIR", NoPixels),
        ("MR_truncated.dcm", DamagedFile),
        ("badVR.dcm", DamagedFile),
    ],
)
def test_what_is_no_image_has_its_own_error(name: str, kind: type[UploadError]) -> None:
    with pytest.raises(kind) as caught:
        read_dicom(name, (SHIPPED / name).read_bytes())
    assert caught.value.advice


def test_structured_report_is_called_by_its_name() -> None:
    with pytest.raises(NoPixels, match="Comprehensive SR Storage"):
        read_dicom("report", (SHIPPED / "test-SR.dcm").read_bytes())


def test_record_of_a_slice() -> None:
    image = read_dicom("slice.dcm", (SHIPPED / "CT_small.dcm").read_bytes())
    assert (image.modality, image.unit, image.format, image.name) == ("CT", "HU", "DICOM", "slice.dcm")
    assert image.orientation == ("L", "P")
    assert image.spacing is not None
    assert image.spacing.source is SpacingSource.PATIENT
    assert image.shape == (128, 128)
    assert len(image.digest) == 64


def test_monochrome1_is_inverted_on_display_only(make_dicom: MakeDicom) -> None:
    stored = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    image = read_dicom("x", make_dicom(stored, PhotometricInterpretation="MONOCHROME1"))
    assert image.inverted
    np.testing.assert_array_equal(image.pixels, stored)
    assert to_display(image)[0, 0] == 1.0
    assert to_display(image)[-1, -1] == 0.0


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"Rows": 60_000, "Columns": 60_000, "NumberOfFrames": 9_000}, TooLarge),
        ({"Rows": 4_000}, DamagedFile),
        ({"Rows": 0}, DamagedFile),
        ({"Rows": None}, DamagedFile),
        ({"NumberOfFrames": -1}, DamagedFile),
        ({"NumberOfFrames": 20_000, "Rows": 1, "Columns": 1}, TooLarge),
        ({"BitsAllocated": None}, DamagedFile),
        ({"PixelData": b""}, DamagedFile),
        ({"PixelData": None}, DamagedFile),
        ({"SamplesPerPixel": 4}, UnsupportedContent),
        ({"PhotometricInterpretation": "HSV"}, UnsupportedContent),
        ({"RescaleSlope": "1e400", "RescaleIntercept": "0"}, DamagedFile),
    ],
)
def test_impossible_headers_are_refused_before_decoding(
    make_dicom: MakeDicom, attributes: dict[str, Any], kind: type[UploadError]
) -> None:
    with quiet():
        data = make_dicom(np.zeros((1, 8, 8), np.uint16), **attributes)
    with pytest.raises(kind):
        read_dicom("x", data)


def test_windows_fall_back_to_the_range_without_padding(make_dicom: MakeDicom, ramp: np.ndarray[Any, Any]) -> None:
    data = make_dicom(ramp, PixelPaddingValue=-128)
    (window,) = read_dicom("x", data).windows
    assert (window.center, window.width, window.explanation) == (0.5, 255, "full range")


def test_eight_bit_images_without_window_are_shown_over_their_stored_range(make_dicom: MakeDicom) -> None:
    stored = np.arange(100, 116, dtype=np.uint8).reshape(1, 4, 4)
    assert read_dicom("x", make_dicom(stored)).windows[0].width == 256
    shifted = read_dicom("x", make_dicom(stored - 100, BitsStored=4, HighBit=3, RescaleSlope=1, RescaleIntercept=50))
    assert (shifted.windows[0].center, shifted.windows[0].width) == (58, 16)


def test_video_is_refused_by_its_name(make_dicom: MakeDicom) -> None:
    video = encapsulate([bytes(64)], has_bot=False)
    data = make_dicom(np.zeros((5, 8, 8), np.uint8), syntax=MPEG2MPML, PixelData=video)
    with pytest.raises(UnsupportedContent, match="MPEG2"):
        read_dicom("x", data)


def test_frames_of_an_extended_offset_table(make_dicom: MakeDicom) -> None:
    ds = pydicom.dcmread(SHIPPED / "MR_small_jp2klossless.dcm")
    frame = next(generate_frames(ds.PixelData, number_of_frames=1))
    pixels, offsets, lengths = encapsulate_extended([frame, frame, frame])
    data = make_dicom(
        np.zeros((3, 64, 64), np.int16),
        syntax=ds.file_meta.TransferSyntaxUID,
        PixelData=pixels,
        ExtendedOffsetTable=offsets,
        ExtendedOffsetTableLengths=lengths,
    )
    np.testing.assert_array_equal(read_dicom("x", data).pixels, np.stack([ds.pixel_array] * 3))
