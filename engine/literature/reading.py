"""Files to abstracts: tables, PubMed's XML, and plain texts; the content decides what a file is.

PubMed: the PubMedArticleSet of the National Library of Medicine, also compressed by gzip. XML is read by defusedxml: a
file that declares entities, or points to other files, is refused.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from engine.errors import DamagedFile, EmptyFile, TooLarge, UnknownFormat, UnsupportedContent
from engine.literature.records import Abstract, Gathered, RefusedRow
from engine.words import recorded, spoken, tr

LARGEST = 2**30  # bytes of a file, unpacked
LONGEST = 200_000  # characters of one abstract
MOST_REFUSED = 1000  # that are named; a wrong file has no more to tell
_LONGEST_TITLE = 300
_COLUMNS = {
    "abstract": ("abstract", "abstracttext", "text", "summary", "body"),
    "title": ("title", "articletitle", "name"),
    "identifier": ("pmid", "identifier", "id", "doi", "uid", "accession"),
    "year": ("year", "pubyear", "publicationyear", "date", "pubdate"),
    "source": ("journal", "source", "journaltitle", "journalbook"),
}
_YEAR = re.compile(r"\b(1[5-9]|20)\d\d\b")


def read_literature(name: str, data: bytes) -> Gathered:
    """Read the abstracts of one file.

    Parameters
    ----------
    name : str
        As the reader calls the file; it is the source of abstracts that name none.

    Raises
    ------
    EmptyFile, DamagedFile, TooLarge, UnknownFormat, UnsupportedContent
        Nothing of the file can be taken, and why.
    """
    if not data.strip():
        raise EmptyFile(tr("The file has nothing in it."), tr("Give a file with abstracts."))
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data)
    if len(data) > LARGEST:
        raise TooLarge(tr("The file is larger than 1 GB."), tr("Give it in parts."))
    if data.lstrip()[:1] == b"<":
        return _articles(io.BytesIO(data.lstrip()))
    text = _decoded(data)
    return _table(name, text) if _is_table(text) else _plain(name, text)


def digest_of(abstract: Abstract) -> str:
    """SHA-256 of what an abstract says, by which copies are known: neither case nor blanks count."""
    return hashlib.sha256(" ".join(abstract.words.casefold().split()).encode()).hexdigest()


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise DamagedFile(tr("The compressed file is damaged."), tr("Fetch it again.")) from exc
    return found


def _decoded(data: bytes) -> str:
    if b"\0" in data[:4096]:
        raise UnknownFormat(
            tr("The file is neither a table, nor PubMed XML, nor plain text."), tr("Give CSV, XML or text files.")
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _articles(file: IO[bytes]) -> Gathered:
    """Abstracts of a PubmedArticleSet."""
    found: list[Abstract] = []
    refused: list[RefusedRow] = []
    try:
        for _, element in iterparse(file, events=("end",), forbid_dtd=False):
            if element.tag == "PubmedArticle":
                _take(
                    _article(element), found, refused, where=recorded("article {n:d}", n=len(found) + len(refused) + 1)
                )
                element.clear()
    except DefusedXmlException as exc:
        raise UnsupportedContent(
            tr("The XML declares entities or other files."), tr("Give XML as PubMed writes it.")
        ) from exc
    except (ParseError, ValueError, LookupError) as exc:
        raise DamagedFile(tr("The XML is damaged or cut off."), tr("Fetch it again.")) from exc
    if not found and not refused:
        raise UnknownFormat(tr("The XML has no PubmedArticle."), tr("Export from PubMed in the format XML."))
    return _gathered(found, refused)


def _article(article: Element) -> Abstract:
    parts = [
        ": ".join(part for part in (one.get("Label", ""), "".join(one.itertext()).strip()) if part)
        for one in article.findall(".//Article/Abstract/AbstractText")
    ]
    dates = [_said(article, f".//Article/Journal/JournalIssue/PubDate/{tag}") for tag in ("Year", "MedlineDate")]
    return Abstract(
        identifier=_said(article, ".//MedlineCitation/PMID"),
        title=_said(article, ".//Article/ArticleTitle"),
        text="\n".join(part for part in parts if part),
        year=_year(" ".join(dates)),
        source=_said(article, ".//Article/Journal/ISOAbbreviation") or _said(article, ".//Article/Journal/Title"),
    )


def _said(article: Element, path: str) -> str:
    found = article.find(path)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _is_table(text: str) -> bool:
    return "abstract" in _named(next(iter(_rows(text)), []))


def _rows(text: str) -> Iterator[list[str]]:
    """Rows of a table whose first line says how its cells are parted."""
    csv.field_size_limit(2**24)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _named(header: list[str]) -> dict[str, int]:
    """Which column holds what, by the names that are usual."""
    plain = [re.sub(r"[^a-z]", "", cell.casefold()) for cell in header]
    found = {}
    for what, names in _COLUMNS.items():
        place = next((plain.index(name) for name in names if name in plain), None)
        if place is not None and len(header) > 1:
            found[what] = place
    return found


def _table(name: str, text: str) -> Gathered:
    found: list[Abstract] = []
    refused: list[RefusedRow] = []
    rows = _rows(text)
    columns = _named(next(rows))
    try:
        for number, row in enumerate(rows, start=2):
            cells = {what: row[place].strip() for what, place in columns.items() if place < len(row)}
            if row:
                _take(_from_cells(cells, name), found, refused, where=recorded("row {n:d}", n=number))
    except csv.Error as exc:
        raise DamagedFile(tr("The table is damaged."), tr("Save it again as CSV in UTF-8.")) from exc
    return _gathered(found, refused)


def _from_cells(cells: Mapping[str, str], name: str) -> Abstract:
    return Abstract(
        cells.get("identifier", ""),
        cells.get("title", ""),
        cells.get("abstract", ""),
        _year(cells.get("year", "")),
        cells.get("source", "") or PurePath(name).name,
    )


def _plain(name: str, text: str) -> Gathered:
    """A text of its own: its first line is the title where it is one."""
    first, _, rest = text.strip().partition("\n")
    titled = bool(rest.strip()) and len(first) <= _LONGEST_TITLE
    known = PurePath(name)
    one = Abstract(known.stem, first.strip() if titled else "", (rest if titled else text).strip(), None, known.name)
    found: list[Abstract] = []
    refused: list[RefusedRow] = []
    _take(one, found, refused, where=known.name)
    return _gathered(found, refused)


def _take(one: Abstract, found: list[Abstract], refused: list[RefusedRow], *, where: str) -> None:
    """Take an abstract, or say why not."""
    if not re.search(r"\w", one.text):
        _refuse(refused, where, recorded("it has no abstract"))
    elif len(one.words) > LONGEST:
        _refuse(refused, where, recorded("it is longer than {most:,} characters", most=LONGEST))
    else:
        found.append(one)


def _refuse(refused: list[RefusedRow], where: str, reason: str) -> None:
    if len(refused) < MOST_REFUSED:
        refused.append(RefusedRow(where, reason))


def _gathered(found: list[Abstract], refused: list[RefusedRow]) -> Gathered:
    if not found:
        raise UnsupportedContent(
            tr("The file holds no abstract that can be taken."),
            tr("First of all, {where}: {reason}.", where=spoken(refused[0].where), reason=spoken(refused[0].reason))
            if refused
            else tr("Give a file with abstracts."),
        )
    return Gathered(tuple(found), tuple(refused))


def _year(text: str) -> int | None:
    match = _YEAR.search(text)
    return int(match[0]) if match else None
