"""Files to abstracts: what is guessed, what is refused in words, and that no bytes whatever make it fail otherwise."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DamagedFile, EmptyFile, UnknownFormat, UnsupportedContent, UploadError
from engine.literature.reading import digest_of, read_literature
from engine.literature.records import Abstract

ARTICLE = """<PubmedArticle><MedlineCitation><PMID>123</PMID><Article>
<Journal><JournalIssue><PubDate><MedlineDate>1991 Jan-Feb</MedlineDate></PubDate></JournalIssue>
<ISOAbbreviation>J Joints</ISOAbbreviation></Journal>
<ArticleTitle>On <i>gout</i>.</ArticleTitle>
<Abstract><AbstractText Label="AIM">To ask.</AbstractText><AbstractText>Gout hurts.</AbstractText></Abstract>
</Article></MedlineCitation></PubmedArticle>"""
NONE = "<PubmedArticle><MedlineCitation><PMID>5</PMID><Article/></MedlineCitation></PubmedArticle>"
SET = f'<?xml version="1.0"?>\n<PubmedArticleSet>{ARTICLE}{NONE}</PubmedArticleSet>'.encode()


def test_pubmed_xml_also_compressed() -> None:
    for data in (SET, gzip.compress(SET)):
        found = read_literature("set.xml", data)
        assert found.abstracts == (Abstract("123", "On gout.", "AIM: To ask.\nGout hurts.", 1991, "J Joints"),)
        assert [(row.where, row.reason) for row in found.refused] == [("article 2", "it has no abstract")]


def test_a_table_with_usual_columns() -> None:
    data = "\ufeffPMID;Title;Abstract Text;Publication Year\n7;On gout;It hurts; 1991\n8;Empty;;\n".encode()
    found = read_literature("x.csv", data)
    assert found.abstracts == (Abstract("7", "On gout", "It hurts", 1991, "x.csv"),)
    assert found.refused[0].where == "row 3"


def test_a_text_whose_first_line_is_its_title() -> None:
    (one,) = read_literature("folder/gout.txt", b"On gout\n\nIt hurts.").abstracts
    assert (one.identifier, one.title, one.text) == ("gout", "On gout", "It hurts.")
    (bare,) = read_literature("gout.txt", b"It hurts.").abstracts
    assert (bare.title, bare.words) == ("", "It hurts.")


def test_entities_are_refused() -> None:
    declared = b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>'
    bomb = b'<?xml version="1.0"?>' + declared + b"<PubmedArticleSet>&c;</PubmedArticleSet>"
    with pytest.raises(UnsupportedContent, match="entities"):
        read_literature("bomb.xml", bomb)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"  ", EmptyFile),
        (SET[:-30], DamagedFile),
        (gzip.compress(SET)[:-9], DamagedFile),
        (b"<html></html>", UnknownFormat),
        (b"\x89PNG\0\0", UnknownFormat),
        (b"title,abstract\nx,\n", UnsupportedContent),
    ],
    ids=["blank", "cut", "packed and cut", "page", "picture", "no text"],
)
def test_what_cannot_be_taken_is_refused_in_words(data: bytes, kind: type[UploadError]) -> None:
    with pytest.raises(kind):
        read_literature("file", data)


def test_copies_are_known_by_their_words() -> None:
    one, other = Abstract("1", "On  Gout", "It hurts."), Abstract("2", "on gout", "it  hurts.", 1991)
    assert digest_of(one) == digest_of(other)


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for given_ in (data, b"<?xml version='1.0'?>" + data, b"pmid,abstract\n" + data, b"\x1f\x8b" + data):
        with suppress(UploadError):
            assert read_literature("any", given_).abstracts
