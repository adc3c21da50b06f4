"""FASTA, or bare bases, to one `Sequence` a record, whose bases are the coordinates of every map over them.

Format: Pearson & Lipman, PNAS 85, 1988. Letters: IUPAC-IUB nomenclature for incompletely specified bases, Nucleic Acids
Res 13, 1985.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from engine.case import Sequence
from engine.errors import DamagedFile, EmptyFile, TooLarge, UnsupportedContent
from engine.io.limits import MIB, SEQUENCE_BYTES, SEQUENCE_RECORDS
from engine.words import recorded, tr

LETTERS = "ACGTRYSWKMBDHVN"
"""Bases and the IUPAC letters for what is not certain of one."""

_FASTA = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[>;]")
_BARE = re.compile(rb"[ACGTUNacgtun]{30,}")
_READS = re.compile(rb"\A\s*@[^\n]*\n[ACGTUNacgtun]+\r?\n\+")  # FASTQ
_HEAD = 4096  # bytes in which bare bases are told from words
_READS_HEAD = 65_536  # bytes in which the first read of FASTQ ends
_RNA = str.maketrans("U", "T")
_BLANKS = re.compile(r"\s+")
_PROTEIN = frozenset("EFILPQZX*")  # letters that stand for amino acids and for no base


def looks_like_sequence(content: bytes) -> bool:
    """Tell FASTA, FASTQ, or nothing but bases, from a note."""
    head = content[:_HEAD]
    return bool(_FASTA.match(head) or _READS.match(content[:_READS_HEAD]) or _BARE.fullmatch(b"".join(head.split())))


def read_sequences(name: str, data: bytes) -> tuple[Sequence, ...]:
    """Read the records of a FASTA file; small letters and RNA's U become A, C, G and T as they stand for.

    Of more than `SEQUENCE_RECORDS` the first are read, and the very first says how many were left out.

    Parameters
    ----------
    name : str
        What records without a name of their own are called.

    Raises
    ------
    TooLarge
        Where it has more bytes than the limit.
    EmptyFile
        Where it has no bases.
    UnsupportedContent
        Where it holds proteins, an alignment with gaps, or reads with their qualities.
    DamagedFile
        Where a letter stands for no base.
    """
    if len(data) > SEQUENCE_BYTES:
        raise TooLarge(
            tr("The file has more than {most} MiB of bases.", most=SEQUENCE_BYTES // MIB),
            tr("Drop one chromosome."),
        )
    if _READS.match(data[:_READS_HEAD]):
        raise UnsupportedContent(
            tr("The file is FASTQ: reads of a sequencer with their qualities."),
            tr("Drop the assembled sequence as FASTA."),
        )
    found = ((head or name, bases) for head, bases in _records(data) if bases)
    records = tuple(_sequence(head, bases) for head, bases in islice(found, SEQUENCE_RECORDS))
    left = sum(1 for _ in found)
    if not records:
        raise EmptyFile(tr("The file has no bases."), tr("Drop a FASTA file with sequences in it."))
    if not left:
        return records
    warning = recorded(
        "The file has {n:,} sequences: the first {most:,} were opened, the other {left:,} were left out.",
        n=len(records) + left,
        most=len(records),
        left=left,
    )
    return (replace(records[0], warnings=(warning,)), *records[1:])


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """Headers' first words and letters, record after record."""
    text = data.decode("utf-8-sig", errors="replace")
    head, lines = "", list[str]()
    for line in text.splitlines():
        if line.lstrip().startswith(">"):
            yield head, _joined(lines)
            words = line.lstrip()[1:].split()
            head, lines = (words[0] if words else ""), []
        elif not line.lstrip().startswith(";"):
            lines.append(line)
    yield head, _joined(lines)


def _joined(lines: list[str]) -> str:
    return _BLANKS.sub("", "".join(lines)).upper().translate(_RNA)


def _sequence(name: str, bases: str) -> Sequence:
    unknown = set(bases) - set(LETTERS)
    if unknown & _PROTEIN:
        raise UnsupportedContent(tr("The sequence is of a protein: amino acids, not bases."), tr("Drop DNA or RNA."))
    if unknown & {"-", "."}:
        raise UnsupportedContent(
            tr("The sequence has gaps: it is an alignment."), tr("Drop the sequences without gaps.")
        )
    if unknown:
        raise DamagedFile(
            tr("The sequence has letters that stand for no base."), tr("Drop DNA or RNA in IUPAC letters.")
        )
    return Sequence(bases, hashlib.sha256(bases.encode()).hexdigest(), name=name)
