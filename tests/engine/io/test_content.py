from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Course, Image, Note, Sequence
from engine.errors import EmptyFile, UnsupportedContent
from engine.io.archive import Archive
from engine.io.content import is_archive, read_content
from tests.engine.io.test_archive import make_zip
from tests.engine.io.test_course import TABLE
from tests.engine.io.test_note_format import RTF, docx
from tests.fuzz.targets import TARGETS

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
FOUND = sorted((Path(__file__).parent / "found").iterdir())
READERS = sorted(set(TARGETS) - {"dicom"})  # whose mutations are read in `test_upload`


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ((SHIPPED / "CT_small.dcm").read_bytes(), Image),
        (RTF, Note),
        (docx("Findings: none."), Note),
        (b"Findings: none.", Note),
        (b">a\nACGT\n", Sequence),
        (TABLE, Course),
    ],
)
def test_content_decides_which_reader(content: bytes, kind: type) -> None:
    found = read_content("x", content)
    assert isinstance(found, tuple)
    assert isinstance(found[0], kind)


def test_an_archive_is_opened_and_its_members_are_not_read() -> None:
    found = read_content("x", make_zip({"a": b"Findings: none."}))
    assert isinstance(found, Archive)
    assert found.members == (("a", 15),)
    assert not is_archive(docx("Findings: none."))


def test_what_gzip_packed_is_read_as_what_it_is() -> None:
    (found,) = read_content("x.fa.gz", gzip.compress(b">a\nAC") + gzip.compress(b"GT\n"))  # as bgzip packs, in blocks
    assert isinstance(found, Sequence)
    assert found.bases == "ACGT"


def test_nothing_at_all_is_told() -> None:
    with pytest.raises(EmptyFile):
        read_content("x", b"")


@pytest.mark.parametrize(
    "content",
    [
        make_zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<p>Findings: none.</p>"}),
        make_zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        bytes.fromhex("d0cf11e0a1b11ae1") + b"Findings: none.",
        b"<?xml version='1.0'?><order><item>Findings: none.</item></order>",
        b'{"findings": "none", "impression": "No acute disease of the heart or of the lungs."}',
    ],
    ids=["opendocument", "spreadsheet", "word-before-2007", "xml", "json"],
)
def test_text_that_is_no_note_is_refused_and_what_to_do_is_said(content: bytes) -> None:
    with pytest.raises(UnsupportedContent) as refused:
        read_content("x", content)
    assert "plain text" in str(refused.value.advice)


@pytest.mark.parametrize("text", ["[Name] was seen today.", "{Findings}: none.", "<patient> has no fever."])
def test_text_that_only_begins_like_markup_is_a_note(text: str) -> None:
    found = read_content("x", text.encode())
    assert isinstance(found, tuple)
    assert isinstance(found[0], Note)
    assert found[0].text == text


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_what_fuzzing_found_ends_in_a_typed_error(path: Path) -> None:
    """Each input once raised something else; `make fuzz` adds to the folder."""
    target = TARGETS[path.name.partition("-")[0]]
    with suppress(target.refusals):
        target.read(path.read_bytes())


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_input_ends_in_a_typed_error(name: str, data: st.DataObject) -> None:
    """Every reader that fuzzing knows, with cuts, changed bytes and doubled stretches of its own seeds."""
    target = TARGETS[name]
    content = bytearray(data.draw(st.sampled_from(target.seeds())))
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=8)
    ):
        content[place] = byte
    start, end = (data.draw(st.integers(0, len(content))) for _ in range(2))
    content[start:start] = content[start:end]
    with suppress(target.refusals):
        target.read(bytes(content[: data.draw(st.integers(0, len(content)))]))
