"""The commands over names in notes: replace them in a file, and make the tagger that finds them."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from engine.case import Case
from engine.deidentify.cases import surrogates_of
from engine.deidentify.find import find_identifiers, language_caution
from engine.deidentify.making import train
from engine.errors import UploadError
from engine.evaluation.report import with_interval
from engine.io.note_format import read_any_note


def deidentify_note(options: argparse.Namespace) -> int:
    """Write the text of a note with made-up words for what may identify a person.

    Raises
    ------
    UploadError
        The file is no note, or the text cannot be written.
    """
    note = read_any_note(options.file.name, _bytes(options.file))
    found = find_identifiers(note.text)
    text = surrogates_of([Case("", "", note=note)]).replace(note.text, found)
    _write(options.out, text)
    if options.json:
        rows = [asdict(one) | {"kind": one.kind.value, "words": note.text[one.start : one.end]} for one in found]
        _write(options.json, json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    counts = Counter(one.kind.value for one in found)
    said = ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "nothing found"
    print(f"{options.out}: {said}. Some are missed: read the text before you pass it on.")
    if caution := language_caution(note.text):
        print(caution, file=sys.stderr)
    return 0


def train_names(options: argparse.Namespace) -> int:
    """Train and measure the tagger; a run that was stopped goes on where it was."""
    card = train(options.data, options.init, options.out, seed=options.seed)
    for name, metric in card.metrics.items():
        print(f"{name:60s} {with_interval(metric)}, n = {metric.n}")
    return 0


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise UploadError(f"It cannot be read: {exc.strerror}.", "Look at its name and its rights.") from exc


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise UploadError(f"{path.name} cannot be written: {exc.strerror}.", "Give another name.") from exc
