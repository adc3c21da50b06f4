from __future__ import annotations

import pytest

from engine.errors import EmptyFile, TooLarge, UnknownFormat, UploadError
from engine.io.note import read_note

TEXT = "Findings: fièvre, 37 °C, naïve.\nImpression: no acute disease.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_encodings(encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    note = read_note("note.txt", mark + TEXT.encode(encoding))
    assert note.text == TEXT
    assert (note.name, note.format) == ("note.txt", "text")


def test_lines_end_in_line_feeds() -> None:
    assert read_note("x", b"one\r\ntwo\rthree\x1a").text == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\0\1\2\3" * 20, UnknownFormat),
        (bytes(range(256)), UnknownFormat),
        ("Заключение: норма".encode("cp1251"), UnknownFormat),
        (b"\xff\xfe\x00", UnknownFormat),
        (b"GIF89a\x01\x00\x01\x00", UnknownFormat),
        (b" \n\t ", EmptyFile),
        (b"word " * 1_000_000, TooLarge),
        (b"\0" * 5_000_000, UnknownFormat),
    ],
)
def test_what_is_no_note_is_refused(data: bytes, kind: type[UploadError]) -> None:
    with pytest.raises(kind):
        read_note("x", data)


def test_a_long_text_cut_within_a_character_is_still_text() -> None:
    with pytest.raises(TooLarge):
        read_note("x", b"x" + "é".encode() * 1_000_000)
