"""Notes of other makers: the words come out in their order, nothing of the header does, and nothing is executed."""

from __future__ import annotations

import base64
import json
import zipfile
from io import BytesIO

import PIL.Image
import pytest
from docx import Document
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Note
from engine.errors import DamagedFile, EmptyFile, TooLarge, UnsafeArchive, UnsupportedContent, UploadError
from engine.io import note_document
from engine.io.note_format import looks_like_formatted_note, read_any_note
from engine.io.upload import read_upload
from engine.words import speaking

RTF = rb"{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}\f0\b FINDINGS:\b0\par No caf\'e9 effusion.\par}"
PATIENT = "Doe"


def docx(*paragraphs: str, table: tuple[tuple[str, ...], ...] = ()) -> bytes:
    document = Document()
    document.sections[0].header.paragraphs[0].text = f"{PATIENT}, 12 High Street"
    for words in paragraphs:
        document.add_paragraph(words)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, cells in zip(made.rows, table, strict=True):
            for cell, words in zip(row.cells, cells, strict=True):
                cell.text = words
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def cda(body: str, *, prolog: str = "") -> bytes:
    header = f"<recordTarget><patientRole><patient><name>{PATIENT}</name></patient></patientRole></recordTarget>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<ClinicalDocument xmlns="urn:hl7-org:v3">{header}'
        f"<component>{body}</component></ClinicalDocument>"
    ).encode()


SECTIONS = cda(
    "<structuredBody><component><section><title>Findings</title><text><paragraph>The <content>lungs</content> are"
    " clear.</paragraph><list><item>No effusion</item><item>No <content revised='delete'>small</content>"
    " nodule</item></list><table><tbody><tr><th>Heart</th><td>normal</td></tr></tbody></table></text><entry>coded"
    "</entry><component><section><title>Bones:</title><text>Intact.</text></section></component></section></component>"
    "<component><section><title>Empty</title></section></component></structuredBody>"
)

ORU = "\r".join(
    (
        r"MSH|^~\&|RIS|H|EHR|H|20260101||ORU^R01|1|P|2.5.1",
        f"PID|1||123^^^H||{PATIENT}^JANE||19600101|F|||12 HIGH STREET",
        "OBR|1|||71020^CHEST 2 VIEWS",
        r"OBX|1|FT|59776-5^Findings^LN||Lungs clear.\.br\Heart \T\ vessels \H\normal\N\.||||||F",
        "OBX|2|TX|59776-5^Findings^LN||No effusion.~No nodule.||||||F",
        "OBX|3|TX|59776-5^Findings^LN||A wrong line.||||||W",
        "OBX|4|CE|19005-8^Impression^LN||N^Normal chest^L||||||F",
        "OBX|5|NM|8867-4^Heart rate^LN||72|/min^per minute^UCUM|||||F",
    )
)


def fhir(**report: object) -> bytes:
    subject = {"reference": "Patient/1", "display": PATIENT}
    return json.dumps({"resourceType": "DiagnosticReport", "subject": subject, "status": "final"} | report).encode()


def one(data: bytes) -> Note:
    assert looks_like_formatted_note(data)
    (note,) = read_upload("note", data)
    assert isinstance(note, Note)
    assert PATIENT not in note.text
    return note


def test_rich_text_is_read_without_its_marks() -> None:
    note = one(RTF)
    assert note.text.split("\n")[:2] == ["FINDINGS:", "No café effusion."]
    assert note.format == "RTF"


def test_paragraphs_and_tables_come_in_their_order_and_no_letterhead() -> None:
    note = one(docx("Findings:", "Clear.", table=(("Lobe", "State"), ("left", "clear"))))
    assert note.text == "Findings:\nClear.\nLobe\tState\nleft\tclear"
    assert note.format == "DOCX"


def test_a_document_within_an_archive_is_read() -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letters/one.docx", docx("Well."))
        archive.writestr("letters/two.rtf", RTF)
    assert [note.format for note in read_upload("all.zip", file.getvalue()) if isinstance(note, Note)] == [
        "DOCX",
        "RTF",
    ]


def test_a_merged_cell_is_said_once() -> None:
    document = Document()
    table = document.add_table(1, 3)
    table.rows[0].cells[0].merge(table.rows[0].cells[1]).text = "wide"
    table.rows[0].cells[2].text = "last"
    file = BytesIO()
    document.save(file)
    assert one(file.getvalue()).text == "wide\tlast"


def test_the_narrative_of_each_section_stands_under_its_title() -> None:
    assert one(SECTIONS).text == (
        "FINDINGS:\nThe lungs are clear.\nNo effusion\nNo nodule\nHeart\tnormal\n\nBONES:\nIntact."
    )


def test_entities_are_refused_before_they_grow() -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    data = cda(
        "<structuredBody><component><section><text>&b;</text></section></component></structuredBody>", prolog=bomb
    )
    with pytest.raises(DamagedFile):
        read_any_note("x", data)


def test_the_observations_of_a_message_are_its_text() -> None:
    note = one(ORU.encode())
    assert note.text.split("\n") == [
        "FINDINGS:",
        "Lungs clear.",
        "Heart & vessels normal.",
        "No effusion.",
        "No nodule.",
        "IMPRESSION:",
        "Normal chest",
        "Heart rate: 72 per minute",
    ]
    assert note.format == "HL7 v2"


@pytest.mark.parametrize("frame", ["\x0b{}\x1c\r", "{}\r", "\ufeff{}"])
def test_a_message_may_be_framed(frame: str) -> None:
    assert one(frame.format(ORU).encode()).text == one(ORU.encode()).text
    assert one(ORU.replace("\r", "\r\n").encode()).text == one(ORU.encode()).text


def test_several_messages_and_none_with_text_are_refused() -> None:
    for data in (f"{ORU}\r{ORU}", ORU.split("\rOBX")[0]):
        with pytest.raises(UnsupportedContent):
            read_any_note("x", data.encode())


def test_the_conclusion_of_a_report_and_its_narrative_are_read() -> None:
    div = "<div xmlns='http://www.w3.org/1999/xhtml'><p>Lungs <b>clear</b>.</p><ul><li>No effusion</li></ul></div>"
    note = one(fhir(text={"div": div}, conclusion="Normal chest."))
    assert note.text == "Lungs clear.\nNo effusion\n\nIMPRESSION:\nNormal chest."
    bundle = {"resourceType": "Bundle", "entry": [{"resource": json.loads(fhir(conclusion="Normal chest."))}]}
    assert one(json.dumps(bundle).encode()).text == "IMPRESSION:\nNormal chest."


@pytest.mark.parametrize(
    "inner", [RTF, docx("FINDINGS:", "No café effusion."), "FINDINGS:\nNo café effusion.".encode()]
)
def test_a_document_that_is_wrapped_is_unwrapped(inner: bytes) -> None:
    packed = base64.b64encode(inner).decode()
    attachment = {"contentType": "any/thing", "data": packed}
    reference = {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}
    message = ORU.split("\rOBX")[0] + f"\rOBX|1|ED|1^Report^L||RIS^AP^X^Base64^{packed}||||||F"
    wrapped = cda(f"<nonXMLBody><text mediaType='any' representation='B64'>{packed}</text></nonXMLBody>")
    for outer in (fhir(presentedForm=[attachment]), json.dumps(reference).encode(), message.encode(), wrapped):
        note = one(outer)
        assert note.text.strip() == "FINDINGS:\nNo café effusion."
        assert " in " in note.format
        assert note.digest != one_digest(inner)


def one_digest(inner: bytes) -> str:
    return read_any_note("inner", inner).digest


def test_a_wrapper_within_a_wrapper_is_refused() -> None:
    inner = base64.b64encode(fhir(conclusion="Normal.")).decode()
    with pytest.raises(UnsupportedContent, match="wraps another"):
        read_any_note("x", fhir(presentedForm=[{"data": inner}]))


@pytest.mark.parametrize(
    "report", [{"status": "entered-in-error", "conclusion": "Normal."}, {}, {"presentedForm": [{"url": "http://x"}]}]
)
def test_what_was_withdrawn_or_only_linked_to_is_refused(report: dict[str, object]) -> None:
    with pytest.raises(UnsupportedContent):
        read_any_note("x", fhir(**report))


def test_observations_of_a_bundle_stay_a_course() -> None:
    entry = [{"resource": {"resourceType": kind}} for kind in ("Observation", "DiagnosticReport")]
    assert not looks_like_formatted_note(json.dumps({"resourceType": "Bundle", "entry": entry}).encode())


def test_empty_and_too_large_documents_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (docx(), rb"{\rtf1 }"):
        with pytest.raises(EmptyFile):
            read_any_note("x", data)
    monkeypatch.setattr(note_document, "DOCUMENT_BYTES", 100)
    for data in (docx("Well."), RTF + b" " * 100, SECTIONS):
        with pytest.raises(TooLarge):
            read_any_note("x", data)


def test_another_office_document_is_still_refused() -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises((UnsupportedContent, UnsafeArchive)):
        read_upload("sheet.xlsx", file.getvalue())


def packed(*documents: bytes) -> list[dict[str, str]]:
    return [{"data": base64.b64encode(document).decode()} for document in documents]


def test_all_attachments_of_a_report_are_read() -> None:
    addendum = b"ADDENDUM: Pneumothorax on the left."
    note = one(fhir(presentedForm=packed(b"FINDINGS: Lungs clear.", addendum), conclusion="Call made."))
    assert note.text == "FINDINGS: Lungs clear.\n\nADDENDUM: Pneumothorax on the left.\n\nIMPRESSION:\nCall made."
    assert note.warnings == ()


def test_a_report_that_comes_as_text_and_as_a_document_is_told_once() -> None:
    note = one(fhir(presentedForm=packed(docx("FINDINGS:", "No café effusion."), RTF, b"ADDENDUM: Well.")))
    assert note.text.split() == ["FINDINGS:", "No", "café", "effusion.", "ADDENDUM:", "Well."]


def test_what_a_report_holds_and_is_not_read_is_said() -> None:
    forms = [*packed(b"FINDINGS: Lungs clear.", b"\x89PNG\r\n\x1a\n\0\0"), {"url": "http://x"}, {"data": "no base!"}]
    note = one(fhir(presentedForm=forms, contained=[{"resourceType": "Observation"}]))
    assert note.text == "FINDINGS: Lungs clear."
    assert note.warnings == (
        "1 documents of the FHIR report are only linked to and were not read.",
        "1 observations within the FHIR report were not read.",
        "A document within the file was not read: The content is none of the formats that are read here.",
        "A document within the file was not read: The document in the FHIR report cannot be unpacked.",
    )


def test_why_a_document_was_not_read_is_kept_in_english_and_refused_in_the_readers_language() -> None:
    broken = {"data": "no base!"}
    with speaking("zh_CN"):
        note = read_any_note("x", fhir(presentedForm=[*packed(b"Well."), broken]))
        with pytest.raises(UnsupportedContent) as refused:
            read_any_note("x", fhir(presentedForm=[broken]))
    assert note.warnings[0].isascii()
    assert not str(refused.value).isascii()


def test_documents_and_notes_of_a_message_are_read_beside_its_text() -> None:
    (form,) = packed(b"ADDENDUM: Pneumothorax on the left.")
    message = "\r".join(
        (
            ORU,
            "NTE|1||Called to ward~at noon.",
            f"OBX|6|ED|1^Report^L||RIS^AP^X^Base64^{form['data']}||||||F",
            "OBX|7|RP|1^Images^L||http://x||||||F",
            "OBX|8|TX|1^Old^L||A wrong line.||||||W",
            "NTE|1||On the wrong line.",
        )
    )
    note = one(message.encode())
    *_, called, at, blank, addendum = note.text.split("\n")
    assert (called, at, blank, addendum) == ("Called to ward", "at noon.", "", "ADDENDUM: Pneumothorax on the left.")
    assert note.warnings == ("1 observations of the HL7 type RP were not read.",)
    assert "wrong" not in note.text


def test_pictures_of_a_clinical_document_are_told() -> None:
    assert one(SECTIONS.replace(b"<entry>coded", b"<entry><observationMedia/>")).warnings == (
        "1 pictures of the document were not read.",
    )


_BOX = (
    '<w:p {names}><w:r><w:t>Before</w:t><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p>'
    "<w:r><w:t>Boxed</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
    "<w:p><w:r><w:t>Boxed</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
)
_CONTROL = "<w:sdt {names}><w:sdtContent><w:p><w:r><w:t>Chosen</w:t></w:r></w:p></w:sdtContent></w:sdt>"
_CHANGED = (
    "<w:p {names}><w:ins><w:r><w:t>Pneumothorax</w:t></w:r></w:ins>"
    "<w:del><w:r><w:delText>None</w:delText></w:r></w:del></w:p>"
)


def test_boxes_controls_and_changes_of_a_document_are_read() -> None:
    document = Document()
    names = " ".join(
        f'xmlns:{short}="{name}"'
        for short, name in (
            ("w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
            ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
        )
    )
    for markup in (_BOX, _CONTROL, _CHANGED):
        document.element.body.insert(-1, parse_xml(markup.format(names=names)))
    file = BytesIO()
    document.save(file)
    note = one(file.getvalue())
    assert note.text == "Before\nBoxed\nChosen\nPneumothorax"
    assert note.warnings == ()


def test_what_a_document_holds_and_is_not_read_is_said() -> None:
    document = Document(BytesIO(docx("Well.")))
    picture = BytesIO()
    PIL.Image.new("L", (2, 2)).save(picture, "PNG")
    document.add_picture(BytesIO(picture.getvalue()))
    file = BytesIO()
    document.save(file)
    said = ("Not read of the document: headers and footers.", "Not read of the document: pictures.")
    assert one(file.getvalue()).warnings == said
    rich = RTF.replace(b"\\par}", rb"\par{\header Doe}{\*\shptxt Boxed}}")
    assert one(rich).warnings == (said[0], "Not read of the document: text boxes.")


HTML = (
    "<!DOCTYPE html><html><head><title>Doe</title><style>p {}</style></head><body><!-- Doe --><h2>Findings</h2>"
    "<p>Fièvre,\nno <b>effusion</b>.<br>Heart &amp; vessels<table><tr><td>Bones<td>intact</table><script>x</script>"
    "<pre>One\ntwo</pre><img src='x'></body></html>"
).encode()


def test_a_page_is_read_without_its_marks() -> None:
    note = one(HTML)
    assert note.text.split("\n") == [
        "Findings",
        "Fièvre, no effusion.",
        "Heart & vessels",
        "Bones\tintact",
        "One",
        "two",
    ]
    assert note.format == "HTML"
    assert note.warnings == ("Not read of the document: pictures.",)
    assert one(fhir(presentedForm=packed(HTML))).format == "HTML in FHIR"


def test_a_report_in_xml_is_read_as_in_json() -> None:
    documents = packed(b"Clear.", b"ADDENDUM: Air.")
    forms = "".join(f'<presentedForm><data value="{form["data"]}"/></presentedForm>' for form in documents)
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Called <b>ward</b></p></div>'
    report = (
        '<DiagnosticReport xmlns="http://hl7.org/fhir"><contained><Observation/></contained><text>'
        f'<status value="additional"/>{div}</text><status value="final"/>{forms}<conclusion value="Small."/>'
        "</DiagnosticReport>"
    )
    bundle = f'<Bundle xmlns="http://hl7.org/fhir"><entry><resource>{report}</resource></entry></Bundle>'
    for data in (report, f'<?xml version="1.0"?>{bundle}'):
        note = one(data.encode())
        assert note.text == "Clear.\n\nADDENDUM: Air.\n\nCalled ward\n\nIMPRESSION:\nSmall."
        assert note.warnings == ("1 observations within the FHIR report were not read.",)
    withdrawn = report.replace("final", "entered-in-error")
    with pytest.raises(UnsupportedContent, match="withdrawn"):
        read_any_note("x", withdrawn.encode())


SOUND = (HTML, RTF, docx("Findings: clear."), SECTIONS, ORU.encode(), fhir(conclusion="Normal."))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(SOUND), st.data())
def test_any_damage_gives_a_note_or_one_of_our_errors(sound: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sound)))
    end = data.draw(st.integers(start, min(len(sound), start + 40)))
    damaged = sound[:start] + data.draw(st.binary(max_size=12)) + sound[end:]
    try:
        records = read_upload("x", damaged)
    except UploadError:
        return
    assert records
