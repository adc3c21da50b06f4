"""The checklist of PS3.15 Table E.1-1: every attribute that it names is planted with a marker, and none comes out."""

from __future__ import annotations

import sys
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_has_tag, keyword_for_tag
from pydicom.dataset import FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from engine.errors import NoPixels, UploadError
from engine.io.confidentiality import Rule, rule_of
from engine.io.deidentify import deidentify
from engine.io.dicom import read_dicom
from engine.io.moments import shifted
from engine.io.pseudonyms import Pseudonyms
from engine.io.seam import quiet
from tests.engine.io.conftest import build_dicom
from tests.engine.io.planted import DATE_MARKER, MARKER, TABLE, UID_MARKER, leaks, planted

OURS, OTHERS = Pseudonyms(b"a" * 32), Pseudonyms(b"b" * 32)
IMAGE = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)


def cleaned(data: bytes, pseudonyms: Pseudonyms = OURS) -> FileDataset:
    with quiet():
        return dcmread(BytesIO(deidentify(data, pseudonyms).content))


def test_nothing_that_the_standard_names_comes_out() -> None:
    data = planted()
    assert len(leaks(data)) >= 3, "the markers are there to be found"
    found = deidentify(data, OURS)
    assert leaks(found.content) == []
    assert "471147" not in found.content.decode("latin-1").replace("112233.471147", ""), "times of day are kept alone"
    assert found.private == 3
    said = {keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})" for tag in TABLE}
    accounted = {*found.removed, *found.replaced, *found.kept}
    assert said <= accounted, f"{len(said)} attributes are accounted for"
    assert MARKER not in repr((found.removed, found.replaced, found.kept))
    sys.stdout.write(f"\n{len(TABLE)} attributes of the table planted: {len(found.removed)} keywords removed, ")
    sys.stdout.write(f"{len(found.replaced)} replaced, {len(found.kept)} kept, {found.private} private removed")


def test_every_attribute_of_the_table_has_a_rule_that_does_not_keep_it() -> None:
    kept = {keyword_for_tag(tag) for tag in TABLE if rule_of(tag) is Rule.KEEP}
    assert kept == {"PatientAge", "PatientSex"}, "patient characteristics, by the option that is claimed"
    clean = {keyword_for_tag(tag) for tag in TABLE if rule_of(tag) is Rule.CLEAN}
    assert clean == {"ReferencedImageSequence", "SourceImageSequence"}
    assert len(TABLE) > 600


def test_the_file_says_how_it_was_made_and_stays_an_image() -> None:
    ds = cleaned(planted())
    assert ds.PatientIdentityRemoved == "YES"
    assert [item.CodeValue for item in ds.DeidentificationMethodCodeSequence] == [
        "113100",
        "113104",
        "113105",
        "113107",
        "113108",
    ]
    assert ds.LongitudinalTemporalInformationModified == "MODIFIED"
    assert ds.PatientAge == "090Y", "an age above 89 points at a person"
    assert ds.preamble == bytes(128)
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID
    assert len(ds.PixelData) == 256
    np.testing.assert_array_equal(ds.pixel_array.ravel(), np.arange(256))


def test_uids_are_the_same_across_the_files_of_a_study_and_others_elsewhere() -> None:
    study, series = generate_uid(), generate_uid()
    one, two = (
        cleaned(build_dicom(IMAGE, StudyInstanceUID=study, SeriesInstanceUID=series, SOPInstanceUID=generate_uid()))
        for _ in range(2)
    )
    assert one.StudyInstanceUID == two.StudyInstanceUID != study
    assert one.SeriesInstanceUID == two.SeriesInstanceUID != series
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.StudyInstanceUID.is_valid
    assert one.StudyInstanceUID.startswith("2.25.")
    elsewhere = cleaned(build_dicom(IMAGE, StudyInstanceUID=study), OTHERS)
    assert elsewhere.StudyInstanceUID != one.StudyInstanceUID


def test_a_reference_still_points_at_its_image() -> None:
    other = generate_uid()
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", other
    ds = cleaned(build_dicom(IMAGE, ReferencedImageSequence=Sequence([item])))
    (found,) = ds.ReferencedImageSequence
    assert found.ReferencedSOPInstanceUID == cleaned(build_dicom(IMAGE, SOPInstanceUID=other)).SOPInstanceUID
    assert found.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2", "the Standard's own UIDs stay"


def test_dates_of_a_patient_keep_their_intervals_and_those_of_another_move_otherwise() -> None:
    def on(day: str, patient: str, pseudonyms: Pseudonyms = OURS) -> date:
        ds = cleaned(build_dicom(IMAGE, PatientID=patient, StudyDate=day, StudyTime="093000"), pseudonyms)
        assert ds.StudyTime == "093000"
        return date.fromisoformat(ds.StudyDate)

    first, second = on("20240228", "P1"), on("20240301", "P1")
    assert (second - first).days == 2
    moved = date(2024, 2, 28) - first
    assert 1 <= moved.days <= 3650
    assert date(2024, 2, 28) - on("20240228", "P2") != moved
    assert date(2024, 2, 28) - on("20240228", "P1", OTHERS) != moved


def test_a_patient_has_one_name_in_one_installation() -> None:
    names = [
        str(cleaned(build_dicom(IMAGE, PatientID=patient, PatientName=MARKER), where).PatientName)
        for patient, where in (("7", OURS), ("7", OURS), ("8", OURS), ("7", OTHERS))
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert cleaned(build_dicom(IMAGE, PatientID="7", PatientName=MARKER)).PatientID == names[0]


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\^="), min_size=9, max_size=60
    ),
    keyword=st.sampled_from(
        ["PatientName", "PatientID", "PatientComments", "StudyDescription", "InstitutionName", "OperatorsName"]
    ),
)
def test_no_text_comes_through_whatever_it_is(text: str, keyword: str) -> None:
    with quiet():
        data = build_dicom(IMAGE, **{keyword: text})
        assert text.encode() in data
        assert text.encode() not in deidentify(data, OURS).content


@settings(max_examples=60, deadline=None)
@given(
    day=st.dates(date(1920, 1, 1), date(2100, 1, 1)),
    gap=st.integers(0, 4000),
    shift=st.integers(1, 3650),
    time=st.sampled_from(["", "10", "1011", "101112", "101112.123456", "101112+0100"]),
)
def test_intervals_stay_whatever_the_dates(day: date, gap: int, shift: int, time: str) -> None:
    later = date.fromordinal(day.toordinal() + gap)
    moved = [shifted("DT", f"{one:%Y%m%d}{time}", shift) for one in (day, later)]
    assert all(one is not None and one.endswith(time) for one in moved)
    first, second = (date.fromisoformat(str(one)[:8]) for one in moved)
    assert (second - first).days == gap
    assert (day - first).days == shift


@pytest.mark.parametrize("value", ["1971", "17 July", "2024130", "20241301", "20240101-20240202", "99999999", ""])
def test_a_date_that_cannot_be_moved_is_not_kept(value: str) -> None:
    assert shifted("DA", value, 5) is None


def test_a_value_that_is_not_what_its_representation_promises_is_removed() -> None:
    with quiet():
        data = build_dicom(IMAGE, PatientSex="ZEBEDEE, JANE", BodyPartExamined="chest of Zebedee!", Modality="DX")
        ds = cleaned(data)
    assert "PatientSex" not in ds
    assert "BodyPartExamined" not in ds
    assert ds.Modality == "DX"


def test_a_code_of_an_unknown_scheme_and_the_words_of_codes_go() -> None:
    known, private_code = Dataset(), Dataset()
    known.CodeValue, known.CodingSchemeDesignator, known.CodeMeaning = "399162004", "SCT", f"cranio-caudal {MARKER}"
    private_code.CodeValue, private_code.CodingSchemeDesignator, private_code.CodeMeaning = "X", MARKER, MARKER
    ds = cleaned(
        build_dicom(IMAGE, ViewCodeSequence=Sequence([known]), AnatomicRegionSequence=Sequence([private_code]))
    )
    assert (ds.ViewCodeSequence[0].CodeValue, ds.ViewCodeSequence[0].CodeMeaning) == ("399162004", "399162004")
    assert "AnatomicRegionSequence" not in ds


def test_an_object_without_pixels_is_refused() -> None:
    path = get_testdata_file("test-SR.dcm")
    assert path is not None
    with pytest.raises(NoPixels):
        deidentify(Path(str(path)).read_bytes(), OURS)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "ExplVR_BigEnd.dcm", "JPEG2000.dcm", "SC_rgb_rle_2frame.dcm"]
)
def test_an_image_is_read_as_before(name: str) -> None:
    path = get_testdata_file(name)
    assert path is not None
    data = Path(str(path)).read_bytes()
    before, after = read_dicom(name, data), read_dicom(name, deidentify(data, OURS).content)
    np.testing.assert_array_equal(before.pixels, after.pixels)
    assert (before.spacing, before.orientation, before.unit, before.inverted) == (
        after.spacing,
        after.orientation,
        after.unit,
        after.inverted,
    )
    kept = {**after.tags, "DeidentificationMethod": ""}
    assert {key: kept.get(key) for key in before.tags} == dict(before.tags)


@pytest.mark.parametrize("kind", [np.uint16, np.int16, np.uint8, np.int8, np.uint32, np.int32])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_plane_in_the_bits_that_no_sample_uses_goes_and_the_values_stay(kind: Any, syntax: UID) -> None:
    """An overlay of an earlier edition: (6000,0100) = the bits allocated, (6000,0102) = the highest of them."""
    allocated = np.dtype(kind).itemsize * 8
    stored = allocated * 3 // 4
    signed = np.dtype(kind).kind == "i"
    low = -(2 ** (stored - 1)) if signed else 0
    values = np.random.default_rng(0).integers(low, low + 2**stored, (2, 5, 7)).astype(kind)
    plane = np.random.default_rng(1).integers(0, 2, values.shape).astype(bool)
    words = values.view(f"u{allocated // 8}")
    planted_there = np.where(plane, words ^ (1 << (allocated - 1)), words).astype(words.dtype).view(kind)
    written = planted_there.byteswap() if syntax == ExplicitVRBigEndian else planted_there
    data = build_dicom(written, syntax=syntax, BitsStored=stored, HighBit=stored - 1)
    np.testing.assert_array_equal(dcmread(BytesIO(data)).pixel_array, values)
    ds = cleaned(data)
    np.testing.assert_array_equal(ds.pixel_array, values)
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    left = np.frombuffer(ds.PixelData, f"{order}{np.dtype(kind).kind}{allocated // 8}")[: values.size]
    np.testing.assert_array_equal(left, values.ravel())


def test_what_lies_outside_the_values_that_were_decoded_goes_whatever_the_high_bit_says() -> None:
    values = np.arange(64, dtype=np.uint16).reshape(1, 8, 8)
    ds = cleaned(build_dicom(values | 0xA000, BitsStored=12, HighBit=15))
    assert ds.HighBit == 11
    np.testing.assert_array_equal(np.frombuffer(ds.PixelData, "<u2"), values.ravel())


def test_samples_of_floating_point_and_of_one_bit_stay_byte_by_byte() -> None:
    bits = build_dicom(IMAGE[:, :2], BitsAllocated=1, BitsStored=1, HighBit=0)
    assert cleaned(bits).PixelData == dcmread(BytesIO(bits)).PixelData[:2]
    real = np.linspace(-1, 1, 64, dtype=np.float32)
    ds = dcmread(BytesIO(build_dicom(IMAGE, BitsAllocated=32, PixelData=None)))
    ds.FloatPixelData = real.tobytes()
    buffer = BytesIO()
    ds.save_as(buffer)
    assert cleaned(buffer.getvalue()).FloatPixelData == real.tobytes()


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 3000), byte=st.integers(0, 255))
def test_a_damaged_file_gives_a_file_without_markers_or_one_typed_error(place: int, byte: int) -> None:
    data = bytearray(SMALL)
    data[place % len(data)] = byte
    try:
        content = deidentify(bytes(data), OURS).content
    except UploadError:
        return
    assert MARKER.encode() not in content


def _small() -> bytes:
    names: dict[str, Any] = dict.fromkeys(("PatientName", "PatientID", "StudyDescription", "InstitutionName"), MARKER)
    return build_dicom(IMAGE, StudyDate=DATE_MARKER, StudyInstanceUID=UID(UID_MARKER), Modality="CT", **names)


SMALL = _small()


def test_tags_that_no_dictionary_has_are_removed() -> None:
    assert all(rule_of(tag) is Rule.REMOVE for tag in TABLE if not dictionary_has_tag(tag))
