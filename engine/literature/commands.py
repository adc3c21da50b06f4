"""The commands over the reader's library of abstracts: add, search, list and clear."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import UploadError, UsageError
from engine.literature.library import Library
from engine.literature.reading import read_literature
from engine.literature.records import Found, Hit
from engine.literature.search import read_library, search_library
from engine.pipeline import shipped_model
from engine.wording import read_in_part

TASK = "literature"
MOST = 1000  # hits that may be asked for
_ENDINGS = {".csv", ".gz", ".tsv", ".txt", ".xml"}  # that are looked for in a folder


def add(options: argparse.Namespace) -> int:
    """Add the abstracts of files and folders; a file or row that is refused is named and does not stop the others.

    Raises
    ------
    UploadError
        No file could be taken.
    """
    library, taken = Library(), 0
    for path in _files(options.files):
        try:
            gathered = read_literature(path.name, _bytes(path))
        except UploadError as error:
            print(f"{path}: refused. {error}", file=sys.stderr)
            continue
        added = library.add(gathered.abstracts)
        taken += 1
        for row in gathered.refused:
            print(f"{path}: {row.where} was left out: {row.reason}.", file=sys.stderr)
        print(f"{path}: {added.new} new, {added.known} known already, {len(gathered.refused)} left out")
    if not taken:
        raise UploadError("No file could be taken.", "Give CSV, PubMed XML or text files.")
    read = read_library(library, shipped_model(TASK), progress=_progress)
    print(f"{len(library)} abstracts in the library, {read} of them read now")
    return 0


def search(options: argparse.Namespace) -> int:
    """Rank the library by its similarity to a text, or to the text in a file.

    Raises
    ------
    UsageError
        The number of hits is no sensible one, or the library is empty.
    """
    if not 1 <= options.top <= MOST:
        raise UsageError(f"--top {options.top} is no number of hits.", f"Give 1 to {MOST}.")
    library = Library()
    if not len(library):
        raise UsageError("The library is empty.", "Fill it: attending literature add FILE...")
    model = shipped_model(TASK)
    read_library(library, model, progress=_progress)
    found = search_library(library, model, _text(options.text), count=options.top)
    for rank, hit in enumerate(found.hits, start=1):
        print(f"{rank:3d}. {hit.similarity:.3f}  {hit.abstract.citation}")
        for sentence in _sentences(hit):
            print(f"       “{sentence}”")
    if partly := read_in_part(found.coverage):
        print(f"The text that you search with: {partly}")
    print(f"{found.searched} abstracts compared in {found.seconds:.2f} s. Alike to the model is not evidence.")
    if options.json:
        text = json.dumps(_record(found), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        options.json.write_text(text, encoding="utf-8")
    return 0


def list_all(options: argparse.Namespace) -> int:
    """Print one line for each abstract."""
    del options
    library, last = Library(), 0
    while page := library.after(last, most=MOST):
        for number, one in page:
            print(f"{number:6d}  {one.citation or one.text[:100]}")
        last = page[-1][0]
    print(f"{len(library)} abstracts in the library")
    return 0


def clear(options: argparse.Namespace) -> int:
    """Take everything out of the library; without ``--yes`` only say how much that is."""
    library = Library()
    if not options.yes:
        print(f"{len(library)} abstracts in the library. Nothing was changed: add --yes to take them out.")
        return 0
    print(f"{library.clear()} abstracts taken out")
    return 0


def _files(given: list[Path]) -> Iterator[Path]:
    """Yield files, and those of folders that may hold abstracts, in order."""
    for path in given:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.suffix.lower() in _ENDINGS and one.is_file())
        else:
            yield path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise UploadError(f"It cannot be read: {exc.strerror}.", "Look at its name and its rights.") from exc


def _text(given: str) -> str:
    """What is asked: the text itself, or what stands in the file of that name."""
    try:
        path = Path(given)
        return path.read_text(encoding="utf-8") if path.is_file() else given
    except (OSError, ValueError):  # a long question is no file's name; a file that is no text is refused below
        return given


def _sentences(hit: Hit) -> list[str]:
    words = hit.abstract.words
    return [words[match.place.start : match.place.end] for match in hit.sentences]


def _record(found: Found) -> dict[str, Any]:
    hits = [
        {
            "number": hit.number,
            "similarity": round(hit.similarity, 6),
            **asdict(hit.abstract),
            "sentences": _sentences(hit),
        }
        for hit in found.hits
    ]
    return {
        "searched": found.searched,
        "coverage": round(found.coverage, 4),
        "model_digest": found.model_digest,
        "hits": hits,
    }


def _progress(share: float) -> None:
    if sys.stderr.isatty() or share == 1.0:
        print(f"\rread by the model: {share:.0%}", end="\n" if share == 1.0 else "", file=sys.stderr, flush=True)
