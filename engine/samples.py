"""The synthetic cases that ship with Attending: an index that costs nothing, and cases decoded when asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.case import Case
from engine.errors import CaseError
from engine.io.group import read_uploads
from engine.words import tr

_FOLDER = Path(__file__).parent.parent / "sample_data" / "cases"
_LIBRARY = _FOLDER.with_name("library") / "abstracts.csv"


@dataclass(frozen=True)
class SampleEntry:
    """One line of the index of samples.

    Parameters
    ----------
    modality : str
        DX, CR, CT, US, NOTE or COURSE; two of them joined by a plus sign for a pair.
    files : tuple of pathlib.Path
        The files of the case.
    labels : tuple of str
        The ground truth, in the words of the tasks that the case is for.
    question : str
        What is asked of the first image; empty where nothing is.
    mask : pathlib.Path or None
        PNG on the pixel grid of the first image, 255 where the finding is.
    """

    case_id: str
    title: str
    modality: str
    files: tuple[Path, ...]
    labels: tuple[str, ...]
    mask: Path | None = None
    question: str = ""

    @property
    def truth(self) -> Mapping[str, Any]:
        """The ground truth as `Case.truth` holds it: ``labels`` and ``mask``."""
        return MappingProxyType({"labels": self.labels, "mask": self.mask})


@cache
def sample_index() -> tuple[SampleEntry, ...]:
    """Return what samples there are, without decoding any; empty where none are installed."""
    index = _FOLDER / "cases.json"
    if not index.is_file():
        return ()
    return tuple(_entry(line) for line in json.loads(index.read_text(encoding="utf-8")))


def sample_case(case_id: str) -> Case:
    """Read one sample case.

    Raises
    ------
    CaseError
        If no sample has this id.
    """
    entry = next((entry for entry in sample_index() if entry.case_id == case_id), None)
    if entry is None:
        raise CaseError(tr("There is no such sample case."), tr("Choose one from the worklist."))
    (case,) = read_uploads((path.name, path) for path in entry.files).cases
    named = replace(case, case_id=entry.case_id, title=entry.title, question=entry.question)
    return replace(named, synthetic=True, truth=entry.truth)


def sample_cases() -> tuple[Case, ...]:
    """Read all sample cases: some seconds and some hundred megabytes."""
    return tuple(sample_case(entry.case_id) for entry in sample_index())


def _entry(line: Mapping[str, Any]) -> SampleEntry:
    """Return the entry that a record of ``cases.json`` describes."""
    mask = line["truth"]["mask"]
    return SampleEntry(
        case_id=line["case_id"],
        title=line["title"],
        modality=line["modality"],
        files=tuple(_FOLDER / name for name in line["files"]),
        labels=tuple(line["truth"]["labels"]),
        mask=None if mask is None else _FOLDER / mask,
        question=line.get("question", ""),
    )


def sample_library() -> tuple[str, bytes]:
    """Return the name and the bytes of the library of invented abstracts.

    Raises
    ------
    CaseError
        If it is not installed.
    """
    try:
        return _LIBRARY.name, _LIBRARY.read_bytes()
    except OSError as exc:
        raise CaseError(tr("The sample library is not installed."), tr("Install Attending again.")) from exc
