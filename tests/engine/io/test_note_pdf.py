"""PDF: all of its text, and the pages of which there is none."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from engine.errors import DamagedFile, PasswordProtected, TooLarge, UnsupportedContent
from engine.io import note_pdf
from engine.io.note_pdf import read_pdf


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


def scanned(writer: PdfWriter, page: int, side: int = 1000) -> None:
    """Put a picture of a page upon a page."""
    picture = StreamObject()
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(side),
            NameObject("/Height"): NumberObject(side),
        }
    )
    resources = writer.pages[page]["/Resources"]
    resources[NameObject("/XObject")] = DictionaryObject({NameObject("/P"): writer._add_object(picture)})


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
    monkeypatch.setattr(note_pdf, "PDF_PAGES", 1)
    with pytest.raises(TooLarge):
        read_pdf("x", _bytes(make_pdf("a", "b")))


@pytest.mark.parametrize("cut", [8, 100, 400])
def test_truncated_pdf_is_damage_or_has_no_text(cut: int) -> None:
    with pytest.raises((DamagedFile, UnsupportedContent)):
        read_pdf("x", _bytes(make_pdf("Findings: none."))[:cut])


def test_scanned_pages_beside_pages_of_text_are_named() -> None:
    writer = make_pdf("Findings: none.", "", "page 3 of 4", "Impression: normal.", "")
    for page in (1, 2):
        scanned(writer, page)
    scanned(writer, 3, side=100)  # a logo
    note = read_pdf("x", _bytes(writer))
    assert note.warnings == ("Pages of the PDF that are scans or drawings were not read: 2, 3.",)
    assert "Impression" in note.text


def test_what_was_typed_into_a_form_and_upon_a_page_is_read() -> None:
    writer = make_pdf("Findings: none.")
    writer.add_annotation(0, FreeText(text="ADDENDUM: Pneumothorax.", rect=(10, 10, 90, 30)))
    names = {"/T": TextStringObject("Laterality"), "/V": TextStringObject("left")}
    field = {"/Type": NameObject("/Annot"), "/Subtype": NameObject("/Widget"), "/FT": NameObject("/Tx"), **names}
    made = writer._add_object(DictionaryObject({NameObject(key): value for key, value in field.items()}))
    annotations = writer.pages[0]["/Annots"]
    assert isinstance(annotations, ArrayObject)
    annotations.append(made)
    note = read_pdf("x", _bytes(writer))
    assert "ADDENDUM: Pneumothorax." in note.text
    assert "Laterality: left" in note.text


def test_attached_files_are_told() -> None:
    writer = make_pdf("Findings: none.")
    writer.add_attachment("more.txt", b"Pneumothorax.")
    assert read_pdf("x", _bytes(writer)).warnings == ("Files that are attached to the PDF were not read.",)
