"""Records to bytes and back: cases as safetensors with a JSON header, answers and reviews as JSON (cattrs).

Safetensors holds arrays and text and nothing that could run; the header holds everything that is no array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, get_origin

import numpy as np
from cattrs import BaseValidationError
from cattrs.preconf.json import make_converter
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.case import Case
from engine.errors import StoreDamaged
from engine.review import Answer, Review

_FORMAT = "attending-case-1"
_ARRAY = "\0array"  # a name that no mapping of a case has
_JSON = make_converter()
_UNREADABLE = (SafetensorError, BaseValidationError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
_Record = TypeVar("_Record")


def _is_array(kind: Any) -> bool:
    return get_origin(kind) is np.ndarray or kind is np.ndarray


def _as_array(value: Any, kind: Any) -> Any:
    if not isinstance(value, np.ndarray):
        raise TypeError("an array is missing")
    return value


_JSON.register_structure_hook_func(_is_array, _as_array)


def pack_case(case: Case) -> bytes:
    """Make one file of a case; the truth of a generated sample is left out.

    Names of files are left out too: they may be the patient's.
    """
    arrays: dict[str, Any] = {}
    anonymous = replace(case, series=_nameless(case), truth={}, **_nameless_parts(case))
    header = _plain(anonymous, arrays)
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
            raise StoreDamaged("A kept case is of another version.", "Open the case's files again.")
        case: Case = _JSON.structure(_filled(header["case"], arrays), Case)
    except _UNREADABLE as exc:
        raise StoreDamaged("A kept case cannot be read.", "Open the case's files again.") from exc
    return case


def pack_answer(answer: Answer) -> dict[str, Any]:
    """Make JSON of an answer."""
    return dict(_JSON.unstructure(answer))


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
    return dict(_JSON.unstructure(review))


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
        return _JSON.structure(content, kind)
    except _UNREADABLE as exc:
        raise StoreDamaged(
            f"A kept {kind.__name__.lower()} cannot be read.", "`attending audit verify` says which; restore a backup."
        ) from exc


def _nameless(case: Case) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(replace(image, name="") for image in series) for series in case.series)


def _nameless_parts(case: Case) -> dict[str, Any]:
    parts = {"note": case.note, "course": case.course, "sequence": case.sequence}
    return {kind: replace(part, name="") for kind, part in parts.items() if part is not None}


def _plain(value: Any, arrays: dict[str, Any]) -> Any:
    """A record as JSON; its arrays go to `arrays`, and their keys stand in for them."""
    if isinstance(value, np.ndarray):
        key = f"array {len(arrays)}"
        arrays[key] = np.ascontiguousarray(value)
        return {_ARRAY: key}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), arrays) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item, arrays) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item, arrays) for item in value]
    return value


def _filled(value: Any, arrays: Mapping[str, Any]) -> Any:
    """The way back: keys to arrays."""
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {key: _filled(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, arrays) for item in value]
    return value
