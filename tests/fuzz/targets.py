"""The readers of untrusted content, each with seeds from which inputs are grown, and the errors that it may raise."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image as PillowImage
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from engine.errors import DatasetError, UnsupportedContent, UploadError
from engine.evaluation.readings import read_reference
from engine.io import dicom_pixels
from engine.io.archive import Archive, is_zip
from engine.io.content import read_content
from engine.io.course import read_course
from engine.io.dicom import read_dicom
from engine.io.messages import MALFORMED, read_answer, write_answer
from engine.io.note import read_note
from engine.io.note_cda import read_cda
from engine.io.note_document import read_rtf
from engine.io.note_docx import read_docx
from engine.io.note_fhir import read_fhir_note
from engine.io.note_message import read_message
from engine.io.note_pdf import read_pdf
from engine.io.raster import raster_format, read_raster
from engine.io.sequence import read_sequences
from engine.literature.reading import read_literature
from tests.engine.io.conftest import build_dicom
from tests.engine.io.test_course import BUNDLE, STAY, TABLE
from tests.engine.io.test_note_format import ORU, RTF, SECTIONS, docx, fhir
from tests.engine.io.test_note_pdf import make_pdf

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
PUBMED = b"""<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>A</ArticleTitle>
<Abstract><AbstractText Label="B">C</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>"""
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


@dataclass(frozen=True)
class Target:
    """One reader.

    Parameters
    ----------
    read : callable
        Reads an input; anything that it raises but `refusals` is a finding.
    seeds : callable
        Makes the inputs to begin with.
    """

    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    refusals: tuple[type[BaseException], ...] = (UploadError,)


def _small(names: tuple[str, ...]) -> list[bytes]:
    return [(SHIPPED / name).read_bytes() for name in names]


def _dicom(data: bytes) -> object:
    """Without the codecs, whose faults end a process of their own and would end the fuzzing too."""
    decode, dicom_pixels.pixel_array = dicom_pixels.pixel_array, _native_only
    try:
        return read_dicom("x", data)
    finally:
        dicom_pixels.pixel_array = decode


def _native_only(ds: pydicom.FileDataset) -> Any:
    if ds.file_meta.TransferSyntaxUID.is_compressed:
        raise UnsupportedContent("Compressed.", "Codecs are not fuzzed here.")
    return pydicom.pixels.pixel_array(ds)


def _dicom_seeds() -> list[bytes]:
    pixels = np.arange(64, dtype=np.uint16).reshape(1, 8, 8)
    syntaxes = (ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
    made = [build_dicom(pixels, syntax=syntax, PixelSpacing=[1, 2], WindowCenter=[1, 2]) for syntax in syntaxes]
    made += [
        build_dicom(pixels, preamble=False, ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[0, 0, 1]),
        build_dicom(np.zeros((2, 4, 4, 3), np.uint8), samples=3, PatientAge="050Y", RescaleSlope="2"),
    ]
    shipped = [path.read_bytes() for path in sorted(SHIPPED.glob("*.dcm")) if path.stat().st_size < 10_000]
    return made + shipped


def _archive(data: bytes) -> object:
    """All members, also of archives within the archive."""
    archive = Archive(data)
    for index, (name, _) in enumerate(archive.members[:20]):
        try:
            inner = archive.take(index)
            if is_zip(inner):
                Archive(inner)
            else:
                read_content(name, inner)
        except UploadError:
            continue
    return archive


def _zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _archive_seeds() -> list[bytes]:
    members = {"a/note.txt": b"Findings: none.", "b.csv": TABLE}
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    plain = [_zipped(members, method) for method in methods]
    return [*plain, _zipped({"inner.zip": plain[0]})]


def _raster(data: bytes) -> object:
    return read_raster("x", data) if raster_format(data) else None


def _raster_seeds() -> list[bytes]:
    grey = PillowImage.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
    made = []
    for picture in (grey, grey.convert("RGB"), grey.convert("I;16"), grey.convert("1"), grey.convert("RGBA")):
        for kind in ("PNG", "JPEG", "TIFF"):
            buffer = BytesIO()
            if kind != "JPEG" or picture.mode in ("L", "RGB"):
                picture.save(buffer, kind)
                made.append(buffer.getvalue())
    for compression in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg"):
        buffer = BytesIO()
        grey.save(buffer, "TIFF", compression=compression, save_all=True, append_images=[grey])
        made.append(buffer.getvalue())
    return made


def _docx(data: bytes) -> object:
    """The body of a document alone: the archive around it has a target of its own."""
    parts = {name: content for name, content in _DOCX.items() if name != "word/document.xml"}
    return read_docx("x", _zipped(parts | {"word/document.xml": data}, zipfile.ZIP_STORED))


def _docx_parts() -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(docx("Findings.", "None.", table=(("a", "b"), ("c", "d"))))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


_DOCX = _docx_parts()


def _pdf_seeds() -> list[bytes]:
    buffer = BytesIO()
    make_pdf("Findings: none.").write(buffer)
    return [buffer.getvalue()]


def _answer_seeds() -> list[bytes]:
    stream = BytesIO()
    write_answer(stream, read_content("x", b"Findings: none."))  # type: ignore[arg-type]
    return [stream.getvalue()]


def _of(folder: str, pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((SAMPLES / folder).glob(pattern)) if path.stat().st_size < 20_000]


TARGETS = {
    "dicom": Target(_dicom, _dicom_seeds),
    "archive": Target(_archive, _archive_seeds),
    "raster": Target(_raster, _raster_seeds),
    "text": Target(lambda data: read_note("x", data), lambda: _of("cases", "note-*/*.txt")),
    "pdf": Target(lambda data: read_pdf("x", data), _pdf_seeds),
    "rtf": Target(lambda data: read_rtf("x", data), lambda: [RTF]),
    "docx": Target(_docx, lambda: [_DOCX["word/document.xml"]]),
    "cda": Target(read_cda, lambda: [SECTIONS]),
    "hl7": Target(read_message, lambda: [ORU.encode()]),
    "fhir": Target(read_fhir_note, lambda: [fhir(conclusion="None."), fhir(presentedForm=[{"data": "RmluZGluZ3M="}])]),
    "course": Target(lambda data: read_course("x", data), lambda: [STAY, TABLE, BUNDLE]),
    "sequence": Target(lambda data: read_sequences("x", data), lambda: [b">a b\nACGTN\nACGU\n>c\nACGT\n", b"ACGT" * 9]),
    "any": Target(lambda data: read_content("x", data), lambda: [STAY, TABLE, BUNDLE, RTF, SECTIONS, ORU.encode()]),
    "literature": Target(
        lambda data: read_literature("x", data), lambda: [*_of("library", "*.csv"), b"title,abstract\na,b\n", PUBMED]
    ),
    "reference": Target(read_reference, lambda: [b"case_id,label\na,b|c\n"], (DatasetError,)),
    "answer": Target(lambda data: read_answer(BytesIO(data)), _answer_seeds, MALFORMED),
}
