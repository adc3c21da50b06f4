"""Records to bytes and back: cases as safetensors with a JSON header, answers and reviews as JSON (cattrs).

Safetensors holds arrays and text and nothing that could run; the header holds everything that is no array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.case import Case
from engine.errors import StoreDamaged
from engine.packing import JSON, UNREADABLE, put_together, take_apart
from engine.review import Answer, Review
from engine.words import mark, tr

_FORMAT = "attending-case-1"
_UNREAD: Mapping[type, str] = {
    Answer: mark("A kept answer cannot be read."),
    Review: mark("A kept review cannot be read."),
}
_UNREADABLE = (SafetensorError, *UNREADABLE)
_Record = TypeVar("_Record")


def pack_case(case: Case, *, names: bool = False) -> bytes:
    """Make one file of a case; the truth of a generated sample is left out.

    Parameters
    ----------
    names : bool
        Keep the names of files, which may be the patient's.
    """
    arrays: dict[str, Any] = {}
    told = case if names else replace(case, series=_nameless(case), **_nameless_parts(case))
    header = take_apart(replace(told, truth={}), arrays)
    arrays["header"] = np.frombuffer(json.dumps({"format": _FORMAT, "case": header}).encode(), np.uint8)
    return save(arrays)


def unpack_case(content: bytes) -> Case:
    """Read a case back.

    Raises
    ------
    StoreDamaged
        If the content is no case of this version.
    """
    try:
        arrays = load(content)
        header = json.loads(arrays.pop("header").tobytes())
        if header.get("format") != _FORMAT:
            raise StoreDamaged(tr("A kept case is of another version."), tr("Open the case's files again."))
        case = put_together(header["case"], arrays, Case)
    except _UNREADABLE as exc:
        raise StoreDamaged(tr("A kept case cannot be read."), tr("Open the case's files again.")) from exc
    return case


def pack_answer(answer: Answer) -> dict[str, Any]:
    """Make JSON of an answer."""
    return dict(JSON.unstructure(answer))


def unpack_answer(content: Mapping[str, Any]) -> Answer:
    """Read an answer back.

    Raises
    ------
    StoreDamaged
        If the content is none.
    """
    return _read(content, Answer)


def pack_review(review: Review) -> dict[str, Any]:
    """Make JSON of a review."""
    return dict(JSON.unstructure(review))


def unpack_review(content: Mapping[str, Any]) -> Review:
    """Read a review back.

    Raises
    ------
    StoreDamaged
        If the content is none.
    """
    return _read(content, Review)


def _read(content: Mapping[str, Any], kind: type[_Record]) -> _Record:
    try:
        return JSON.structure(content, kind)
    except _UNREADABLE as exc:
        raise StoreDamaged(
            tr(_UNREAD[kind]),
            tr("`attending audit verify` says which; restore a backup."),
        ) from exc


def _nameless(case: Case) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(replace(image, name="") for image in series) for series in case.series)


def _nameless_parts(case: Case) -> dict[str, Any]:
    parts = {"note": case.note, "course": case.course, "sequence": case.sequence}
    return {kind: replace(part, name="") for kind, part in parts.items() if part is not None}
