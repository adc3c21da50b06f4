from __future__ import annotations

import tarfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.case import Course, Note
from engine.errors import DamagedFile, TooLarge, UnknownFormat, UnsupportedContent, UploadError
from engine.io import course as module
from engine.io.course import looks_like_course, read_course
from engine.io.course_variables import COURSE_VARIABLES
from engine.io.group import read_uploads
from engine.io.upload import read_upload

STAY = b"""Time,Parameter,Value
00:00,RecordID,132539
00:00,Age,54
00:00,Gender,0
00:00,Height,-1
00:00,ICUType,4
00:00,Weight,-1
00:07,HR,73
00:07,Temp,35.1
47:37,HR,86
"""
TABLE = b"time,HR,Temp (F),note\n0,80,98.6,calm\n1.5,90,,\n"
BUNDLE = b"""{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation",
"effectiveDateTime": "2026-03-01T10:00:00Z", "code": {"coding": [{"code": "8867-4"}]},
"valueQuantity": {"value": 80, "code": "/min"}}}]}"""


def test_a_stay_of_the_challenge_is_read() -> None:
    course = read_course("stay.txt", STAY)
    assert course.hours.tolist() == pytest.approx([7 / 60, 7 / 60, 47 + 37 / 60])
    assert course.variables == ("HR", "Temp", "HR")
    assert course.values.tolist() == [73, 35.1, 86]
    assert dict(course.static) == {"Age": 54, "Gender": 0, "ICUType": 4}
    assert (course.format, course.digest, course.warnings) == ("PhysioNet", sha256(STAY).hexdigest(), ())


def test_what_a_stay_says_twice_and_differently_is_told() -> None:
    twice = STAY.replace(b"00:07,HR", b"00:00,Age,80\n00:00,Gender,1\n00:00,Height,170\n05:00,Height,190\n00:07,HR")
    course = read_course("stay.txt", twice)
    assert dict(course.static) == {"Age": 54, "Gender": 0, "ICUType": 4, "Height": 170}
    said = "{}: different values; the first is kept."
    assert course.warnings == tuple(said.format(name) for name in ("Age", "Gender", "Height"))


def test_the_identifier_of_the_stay_goes_nowhere() -> None:
    (case,) = read_uploads([("132539.txt", STAY)]).cases
    course = case.course
    assert course is not None
    said = (course.name, case.title, case.case_id, *course.warnings, *map(str, course.static))
    assert not any("132539" in words for words in said)
    assert case.title == "Course, 48 h, 3 observations"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"00:00,RecordID,132540", UnsupportedContent),
        (b"half past,HR,80", DamagedFile),
        (b"00:10,HR,fast", DamagedFile),
        (b"00:10", DamagedFile),
        (b"00:61,HR,80", DamagedFile),
    ],
)
def test_what_contradicts_the_layout_is_refused(line: bytes, error: type[UploadError]) -> None:
    with pytest.raises(error):
        read_course("stay.txt", STAY + line)


@pytest.mark.parametrize("line", [b"00:10,HR,-1", b"00:10,HR,", b"00:10,,", b"00:10,HR,NaN", b""])
def test_what_is_unknown_is_left_out(line: bytes) -> None:
    assert read_course("stay.txt", STAY + line).values.tolist() == [73, 35.1, 86]


@pytest.mark.parametrize("data", [STAY, TABLE, BUNDLE, STAY.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + TABLE])
@pytest.mark.parametrize("name", ["course.csv", "note.txt", ""])
def test_content_decides_that_it_is_a_course(data: bytes, name: str) -> None:
    (record,) = read_upload(name, data)
    assert isinstance(record, Course)
    assert "HR" in record.variables


def test_the_header_of_the_challenge_with_dates_is_a_table() -> None:
    assert read_course("x", b"Time,Parameter,Value\n2026-03-01,HR,80\n").format == "table"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_table_may_come_in_any_encoding(encoding: str) -> None:
    data = "time;Temp [°C]\n0;36,6\n".encode(encoding)
    (record,) = read_upload("x", data)
    assert isinstance(record, Course)
    assert record.values.tolist() == [36.6]


@pytest.mark.parametrize(
    "data",
    [
        b"Time is short, the patient is ill, HR 120.",
        b"HR,Temp\n80,37\n",
        b"time,place\n1,here\n",
        b"{",
        b"time",
    ],
)
def test_other_text_stays_a_note(data: bytes) -> None:
    assert not looks_like_course(data)
    assert isinstance(read_upload("x", data)[0], Note)
    with pytest.raises(UnknownFormat):
        read_course("x", data)


def test_json_that_only_names_a_resource_type_is_no_course() -> None:
    data = b'{"note": "resourceType"}'
    assert not looks_like_course(data)
    with pytest.raises(UnsupportedContent, match="neither a C-CDA document nor a FHIR report"):
        read_upload("x", data)
    with pytest.raises(UnknownFormat):
        read_course("x", data)


def test_each_course_is_a_case_of_its_own() -> None:
    report = read_uploads([("a", TABLE), ("b", STAY), ("c", b"Findings: none."), ("d", TABLE + b"x,1\n")])
    assert [case.course is not None for case in report.cases] == [False, True, True]
    assert len({case.case_id for case in report.cases}) == 3
    assert [refusal.name for refusal in report.refused] == ["d"]


def test_a_course_has_a_limit_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COURSE_BYTES", 100)
    with pytest.raises(TooLarge):
        read_course("x", STAY)


def _course_or_refusal(data: bytes) -> None:
    """The one law of reading: a sound course, or one typed error."""
    try:
        course = read_course("x", data)
    except UploadError:
        return
    assert len(course.hours) == len(course.values) == len(course.variables)
    assert (course.hours >= 0).all()
    assert (course.hours[1:] >= course.hours[:-1]).all()
    for name, value in zip(course.variables, course.values, strict=True):
        low, high = COURSE_VARIABLES[name].possible
        assert low <= value <= high
    "".join(course.warnings).encode()


@given(data=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
@example(data=b'{"resourceType": "Bundle", "entry": ' + b"[" * 5000)
@example(data=b'{"resourceType": "Bundle", "x": ' + b"9" * 5000 + b"}")
@example(data=b'Time,HR\n0,"' + b"9" * 200_000)
def test_any_bytes_are_a_course_or_a_refusal(data: bytes) -> None:
    _course_or_refusal(data)


@given(
    kind=st.sampled_from([STAY, TABLE, BUNDLE]),
    at=st.integers(0, 300),
    put=st.text(max_size=6),
    cut=st.integers(0, 12),
)
@settings(max_examples=300, deadline=None)
def test_a_changed_file_is_a_course_or_a_refusal(kind: bytes, at: int, put: str, cut: int) -> None:
    at = min(at, len(kind))
    _course_or_refusal(kind[:at] + put.encode("utf-8", "replace") + kind[at + cut :])


@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.floats().map(str), st.from_regex(r"\d\d:\d\d", fullmatch=True), st.datetimes().map(str)),
            st.sampled_from([*COURSE_VARIABLES, "SpO2", ""]),
            st.one_of(st.floats().map(str), st.sampled_from(["<0.1", "", "yes", "high", "7,4"])),
            st.sampled_from(["", "mmol/L", "%", "°F", "kPa", "mm"]),
        ),
        max_size=8,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_rows_are_a_course_or_a_refusal(rows: list[tuple[str, str, str, str]]) -> None:
    lines = ["time\tvariable\tvalue\tunit", *("\t".join(row) for row in rows)]
    _course_or_refusal("\n".join(lines).encode())


@pytest.mark.data
def test_every_stay_of_the_challenge_is_read(data_dir: Path) -> None:
    count, observed = 0, 0
    with tarfile.open(data_dir / "physionet2012" / "set-a.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None or not member.name.endswith(".txt"):
                continue
            course = read_course(member.name, file.read())
            count += 1
            observed += len(course.hours)
            assert course.static["ICUType"] in (1, 2, 3, 4)
            assert not len(course.hours) or course.hours[-1] <= 48
    assert (count, observed) == (4000, 1_652_654)
