from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from engine.io.dicom import read_dicom
from engine.io.dicom_tags import ALLOWED
from engine.io.seam import quiet

SECRETS = {
    "PatientName": "Doe^Jane",
    "PatientID": "SECRET-4711",
    "PatientBirthDate": "19500203",
    "AccessionNumber": "SECRET-ACC",
    "InstitutionName": "SECRET Hospital",
    "ReferringPhysicianName": "Secret^Doctor",
    "StudyDate": "20200203",
    "StudyDescription": "SECRET description",
    "PatientComments": "SECRET comment",
    "StudyInstanceUID": "1.2.826.0.1.3680043.4711",
    "SeriesInstanceUID": "1.2.826.0.1.3680043.4712",
    "DeviceSerialNumber": "SECRET-SERIAL",
}


def _read(make_dicom: Any, **attributes: Any) -> Any:
    with quiet():
        return read_dicom("x", make_dicom(np.zeros((1, 4, 4), np.uint8), **attributes))


def test_nothing_that_names_a_patient_is_kept(make_dicom: Any) -> None:
    image = _read(make_dicom, Modality="DX", **SECRETS)
    kept = repr((image.tags, image.placement, image.windows, image.view, image.unit, image.name))
    for value in SECRETS.values():
        assert value not in kept
    assert image.tags["Modality"] == "DX"


def test_allow_list_is_sorted_and_names_no_identifier() -> None:
    assert list(ALLOWED) == sorted(ALLOWED)
    identifiers = ("Name", "ID", "UID", "Date", "Description", "Comments")
    assert not [keyword for keyword in ALLOWED if keyword.endswith(identifiers)]


@pytest.mark.parametrize(("age", "kept"), [("045Y", "045Y"), ("089Y", "089Y"), ("094Y", "over 089Y"), ("Jane", None)])
def test_ages_are_kept_up_to_eighty_nine_years(make_dicom: Any, age: str, kept: str | None) -> None:
    assert _read(make_dicom, PatientAge=age).tags.get("PatientAge") == kept


def test_same_study_has_the_same_key_and_another_one_another(make_dicom: Any) -> None:
    one, two, other = (
        _read(make_dicom, StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number).placement
        for study, series, number in (("1.2.3", "1.2.3.1", 1), ("1.2.3", "1.2.3.2", 2), ("1.2.4", "1.2.4.1", 1))
    )
    assert one.study == two.study != other.study
    assert one.series != two.series
    assert (one.instance, two.instance) == (1, 2)


@pytest.mark.parametrize(
    ("attributes", "view", "laterality"),
    [
        ({"ViewPosition": "PA"}, "PA", ""),
        ({"ImageLaterality": "L"}, "", "L"),
        ({"Laterality": "R"}, "", "R"),
        ({"Laterality": "X"}, "", ""),
    ],
)
def test_view_and_laterality(make_dicom: Any, attributes: dict[str, str], view: str, laterality: str) -> None:
    image = _read(make_dicom, **attributes)
    assert (image.view, image.laterality) == (view, laterality)


def test_view_from_its_code(make_dicom: Any) -> None:
    code = Dataset()
    code.CodeMeaning = "cranio-caudal"
    assert _read(make_dicom, ViewCodeSequence=Sequence([code])).view == "cranio-caudal"


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({"Modality": "CT", "RescaleSlope": 1, "RescaleIntercept": -1024}, "HU"),
        ({"Modality": "CT"}, ""),
        ({"Modality": "CT", "RescaleSlope": 1, "RescaleIntercept": 0, "RescaleType": "US"}, ""),
        ({"Modality": "PT", "Units": "BQML"}, "BQML"),
        ({"Modality": "MR"}, ""),
    ],
)
def test_unit_is_said_only_where_it_is_known(make_dicom: Any, attributes: dict[str, Any], unit: str) -> None:
    assert _read(make_dicom, **attributes).unit == unit


def test_long_and_unprintable_values_are_cut(make_dicom: Any) -> None:
    text = _read(make_dicom, Manufacturer="A\x07" + "B" * 100).tags["Manufacturer"]
    assert text.isprintable()
    assert len(text) <= 64
