"""FASTA and bare bases: what is a sequence, what its letters become, and what is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import Note, Sequence
from engine.errors import DamagedFile, EmptyFile, TooLarge, UnsupportedContent, UploadError
from engine.io import limits, sequence
from engine.io.group import read_uploads
from engine.io.sequence import looks_like_sequence, read_sequences
from engine.io.upload import read_upload
from engine.words import spoken

WINDOW = "CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTCTGTTCCAAGGGCCTTCGAGCCAGTCTG"


def test_reads_of_a_sequencer_are_no_note() -> None:
    content = f"@read 1\r\n{WINDOW}\r\n+\r\n{'I' * len(WINDOW)}\r\n".encode()
    with pytest.raises(UnsupportedContent, match="Drop the assembled sequence"):
        read_upload("x.fq", content)


def test_a_record_is_its_letters_upper_case_without_line_ends() -> None:
    (found,) = read_sequences("x.fa", b">gene-1 of somebody\r\nacgtn\r\nRYacgu\r\n")
    assert (found.name, found.bases) == ("gene-1", "ACGTNRYACGT")


def test_every_record_of_a_file_is_one_and_empty_ones_are_none() -> None:
    found = read_sequences("x.fa", b"; a remark\n>a\nACGT\n\n>b\n>\nGGTT\nAA\n")
    assert [(one.name, one.bases) for one in found] == [("a", "ACGT"), ("x.fa", "GGTTAA")]


@pytest.mark.parametrize("content", [f">a\n{WINDOW}", WINDOW, WINDOW.lower(), f"\n{WINDOW[:30]}\n{WINDOW[30:]}\n", ">"])
def test_bases_are_told_from_notes(content: str) -> None:
    assert looks_like_sequence(content.encode())


@pytest.mark.parametrize("content", ["", "CAT TAG", "The patient has a cat.", f"{WINDOW}. Nothing else.", "GATTACA"])
def test_notes_are_no_sequences(content: str) -> None:
    assert not looks_like_sequence(content.encode())


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b">p\nMKVLAAGIEF\n", UnsupportedContent, "protein"),
        (b">p\nACG-T\n", UnsupportedContent, "gaps"),
        (b">p\nACGJ\n", DamagedFile, "no base"),
        (b">p\nACG\xff\n", DamagedFile, "no base"),
        (b">p\n\n>q\n", EmptyFile, "no bases"),
        (b"@read 1\nACGTN\n+\nIIIII\n", UnsupportedContent, "FASTQ"),
    ],
)
def test_what_is_no_dna_is_refused_in_words(content: bytes, error: type[UploadError], words: str) -> None:
    with pytest.raises(error, match=words):
        read_sequences("x.fa", content)


def test_of_too_many_sequences_the_first_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sequence, "SEQUENCE_RECORDS", 2)
    first, second = read_sequences("x.fa", b">a\nA\n>b\nC\n>c\nG\n")
    assert (first.name, second.name) == ("a", "b")
    assert "the first 2 were opened, the other 1 were left out" in spoken(first.warnings[0])
    assert not second.warnings
    monkeypatch.setattr(sequence, "SEQUENCE_BYTES", 4)
    with pytest.raises(TooLarge, match="bases"):
        read_sequences("x.fa", b">a\nACGT\n")
    assert limits.SEQUENCE_RECORDS > 2


def test_content_decides_and_each_sequence_is_a_case_of_its_own() -> None:
    (record,) = read_upload("report.txt", f">a\n{WINDOW}\n".encode())
    assert isinstance(record, Sequence)
    (record,) = read_upload("gene.fasta", b"The left knee.")
    assert isinstance(record, Note)
    report = read_uploads([("genes.fa", f">a\n{WINDOW}\n>b\n{WINDOW}\n".encode())])
    assert [case.title for case in report.cases] == ["a", "b"]
    assert len({case.case_id for case in report.cases}) == 2
    assert not report.refused


@given(st.binary(max_size=300))
def test_any_bytes_give_sequences_or_one_typed_error(data: bytes) -> None:
    try:
        found = read_sequences("x", b">x\n" + data)
    except UploadError:
        return
    assert all(one.bases and set(one.bases) <= set(sequence.LETTERS) for one in found)


def test_a_file_of_many_short_runs_is_told_at_once() -> None:
    assert not looks_like_sequence(b"ACGTACGTACGTACGTACGTACGT " * 160 + b"!")
