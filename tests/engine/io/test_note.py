from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from engine.errors import (
    DamagedFile,
    EmptyFile,
    PasswordProtected,
    TooLarge,
    UnknownFormat,
    UnsupportedContent,
    UploadError,
)
from engine.io import note as note_module
from engine.io.note import read_note, read_pdf

TEXT = "Findings: fièvre, 37 °C, naïve.\nImpression: no acute disease.\n"


def make_pdf(*pages: str) -> PdfWriter:
    """A PDF with a text layer in Helvetica."""
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode() if text else b"")
        page[NameObject("/Contents")] = writer._add_object(stream)
    return writer


def _bytes(writer: PdfWriter) -> bytes:
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


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


def test_pdf_text_of_all_pages() -> None:
    note = read_pdf("note.pdf", _bytes(make_pdf("Findings: none.", "Impression: normal.")))
    assert note.text.split() == ["Findings:", "none.", "Impression:", "normal."]
    assert note.format == "PDF"


def test_scanned_pdf_is_told() -> None:
    with pytest.raises(UnsupportedContent, match="scan"):
        read_pdf("x", _bytes(make_pdf("")))


def test_password_of_a_pdf() -> None:
    writer = make_pdf("Findings: none.")
    writer.encrypt("secret", algorithm="RC4-128")
    with pytest.raises(PasswordProtected):
        read_pdf("x", _bytes(writer))


def test_pdf_that_only_its_owner_may_change_opens() -> None:
    writer = make_pdf("Findings: none.")
    writer.encrypt("", "secret", algorithm="RC4-128")
    data = _bytes(writer)
    assert PdfReader(BytesIO(data)).is_encrypted
    assert "Findings" in read_pdf("x", data).text


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_module, "PDF_PAGES", 1)
    with pytest.raises(TooLarge):
        read_pdf("x", _bytes(make_pdf("a", "b")))


@pytest.mark.parametrize("cut", [8, 100, 400])
def test_truncated_pdf_is_damage_or_has_no_text(cut: int) -> None:
    with pytest.raises((DamagedFile, UnsupportedContent)):
        read_pdf("x", _bytes(make_pdf("Findings: none."))[:cut])
