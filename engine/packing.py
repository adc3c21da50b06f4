"""Records as plain JSON beside their arrays, and back: for what is kept, and for what a reading process hands over.

Nothing that could run is ever read back (no pickle): cattrs builds our own frozen records from JSON, or refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_origin

import numpy as np
from cattrs import BaseValidationError
from cattrs.preconf.json import make_converter

UNREADABLE = (BaseValidationError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
"""What `put_together` raises for JSON that is no record of the kind."""

JSON = make_converter()
"""Of records without arrays."""

_ARRAY = "\0array"  # a name that no mapping of a record has
_Record = TypeVar("_Record")


def _is_array(kind: Any) -> bool:
    return get_origin(kind) is np.ndarray or kind is np.ndarray


def _as_array(value: Any, kind: Any) -> Any:
    if not isinstance(value, np.ndarray):
        raise TypeError("an array is missing")
    return value


JSON.register_structure_hook_func(_is_array, _as_array)


def take_apart(value: Any, arrays: dict[str, Any]) -> Any:
    """Make JSON of a record; its arrays go to `arrays`, and their keys stand in for them."""
    if isinstance(value, np.ndarray):
        key = f"array {len(arrays)}"
        arrays[key] = np.ascontiguousarray(value)
        return {_ARRAY: key}
    if is_dataclass(value):
        return {field.name: take_apart(getattr(value, field.name), arrays) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: take_apart(item, arrays) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [take_apart(item, arrays) for item in value]
    return value


def put_together(plain: Any, arrays: Mapping[str, Any], kind: type[_Record]) -> _Record:
    """Build a record from what `take_apart` made of it; raises one of `UNREADABLE` where it is none."""
    return JSON.structure(_filled(plain, arrays), kind)


def _filled(value: Any, arrays: Mapping[str, Any]) -> Any:
    """Arrays where their keys stand."""
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {key: _filled(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, arrays) for item in value]
    return value
