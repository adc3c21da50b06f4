import io

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from sample_data import dicom
from sample_data.dicom import Photometric, Subject

SUBJECT = Subject("case-1", "Chest radiograph", "004Y", "F")
VALUES = np.random.default_rng(0).random((48, 64)).astype(np.float32)


def _film(photometric=Photometric.BLACK, syntax=ExplicitVRLittleEndian, computed=False):
    return dicom.film(VALUES, SUBJECT, computed=computed, photometric=photometric, spacing=0.2, syntax=syntax)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEGLSLossless, JPEG2000Lossless, RLELossless])
@pytest.mark.parametrize("photometric", list(Photometric))
def test_a_film_keeps_its_values_in_every_syntax(syntax, photometric):
    data = dcmread(io.BytesIO(_film(photometric, syntax)))
    stored = data.pixel_array.astype(int)
    stored = 4095 - stored if photometric is Photometric.WHITE else stored
    assert data.file_meta.TransferSyntaxUID == syntax
    assert np.abs((stored - 400) / 3300 - VALUES).max() < 2e-4


def test_the_same_film_has_the_same_bytes():
    assert _film() == _film()
    assert _film(computed=True) != _film()


def test_headers_say_synthetic_and_hold_no_wall_clock():
    data = dcmread(io.BytesIO(_film()))
    assert str(data.PatientName).startswith("SYNTHETIC^")
    assert "SYNTHETIC" in data.SeriesDescription
    assert "SYNTHETIC" in data.ImageComments
    assert data.StudyDate == dicom.DATE
    assert data.PatientOrientation == ["L", "F"]


def test_identifiers_are_valid_different_and_stable():
    names = [dicom.identifier("a", "study"), dicom.identifier("a", "series"), dicom.identifier("b", "study")]
    assert len(set(names)) == 3
    assert all(name.is_valid for name in names)
    assert names[0] == dicom.identifier("a", "study")
