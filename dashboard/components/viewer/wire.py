"""Messages to the browser: a JSON header and raw arrays, pixels apart from everything else.

A message is 4 bytes of header length (little endian), the header, and the arrays one after the other, each part padded
to 8 bytes (`frontend/src/message.js` reads it). A message that was sent before is sent by Streamlit as a reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.components.viewer.records import MAX_STACK_BYTES, Curve, Measured, Overlay, Preset, Region, Stack, reduce

_ALIGNMENT = 8
_MESSAGE_BYTES = 16 * 2**20  # the first frames of a long stack are shown while the others are on their way


def pack(header: Mapping[str, Any], arrays: Sequence[NDArray[Any]]) -> bytes:
    """Join a header and its arrays.

    Parameters
    ----------
    header : mapping
        JSON values; ``"arrays"`` is added.
    arrays : sequence of numpy.ndarray
        uint8, int16, uint16 or float32.
    """
    little = [np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")) for array in arrays]
    entries = [{"dtype": array.dtype.str, "size": array.size} for array in little]
    head = json.dumps({**header, "arrays": entries}).encode()
    parts = [len(head).to_bytes(4, "little") + head, *(array.tobytes() for array in little)]
    return b"".join(part + bytes(-len(part) % _ALIGNMENT) for part in parts)


def frames_sent(stack: Stack) -> int:
    """How many frames of a stack go to the browser: as many as fit, at least one."""
    return max(1, min(len(stack.frames), MAX_STACK_BYTES // int(stack.frames[0].nbytes)))


def pixel_messages(stack: Stack) -> Iterator[bytes]:
    """The frames of a stack, a few megabytes at a time."""
    total = frames_sent(stack)
    step = max(1, _MESSAGE_BYTES // stack.frames[0].nbytes)
    for first in range(0, total, step):
        frames = stack.frames[first : min(first + step, total)]
        yield pack({"kind": "pixels", "digest": stack.digest, "first": first, "count": len(frames)}, [frames])


def view_message(
    stack: Stack,
    overlay: Overlay | None,
    regions: Sequence[Region] = (),
    measures: Sequence[Measured] = (),
    *,
    chosen: int | None,
    boxes: bool = False,
    height: int,
) -> bytes:
    """Everything but the pixels."""
    curves = [preset.curve for preset in stack.presets if preset.curve]
    tables = [curve.table for curve in curves]
    header = {
        "kind": "view",
        "chosen": chosen,
        "boxes": boxes,
        "height": height,
        "stack": _describe_stack(stack) | {"presets": [_describe_preset(preset, curves) for preset in stack.presets]},
        "regions": [_describe_region(region) for region in regions],
        "measures": [asdict(measured) for measured in measures],
        "overlay": None,
    }
    if overlay is None:
        return pack(header, tables)
    grid = reduce(overlay.map)
    return pack({**header, "overlay": _describe_overlay(overlay, grid) | {"values": len(tables)}}, [*tables, grid])


def _describe_stack(stack: Stack) -> dict[str, Any]:
    return {
        "digest": stack.digest,
        "frames": frames_sent(stack),
        "rows": stack.frames.shape[1],
        "columns": stack.frames.shape[2],
        "color": stack.frames.ndim == 4,
        "dtype": stack.frames.dtype.newbyteorder("<").str,
        "exact": stack.frames.dtype.kind == "f",
        "range": _range(stack),
        "inverted": stack.inverted,
        "spacing": stack.spacing,
        "spacingSource": stack.spacing_source,
        "unit": stack.unit,
        "orientation": stack.orientation,
        "label": stack.label,
        "notice": _notice(stack),
    }


def _describe_preset(preset: Preset, curves: Sequence[Curve]) -> dict[str, Any]:
    known = {"name": preset.name, "lower": preset.lower, "upper": preset.upper}
    if preset.curve is None:
        return known
    table = next(index for index, curve in enumerate(curves) if curve is preset.curve)
    return known | {"curve": {"table": table, "first": preset.curve.first, "step": preset.curve.step}}


def _describe_overlay(overlay: Overlay, grid: NDArray[np.float32]) -> dict[str, Any]:
    return {
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "scale": overlay.scale,
        "unit": overlay.unit,
        "label": overlay.label,
        "method": overlay.method,
        "frame": overlay.frame,
        "threshold": overlay.threshold,
        "palette": overlay.palette,
        "signed": overlay.signed,
    }


def _describe_region(region: Region) -> dict[str, Any]:
    box = [region.top, region.left, region.bottom, region.right]
    return {"kind": region.kind, "name": region.name, "frame": region.frame, "box": box}


def _range(stack: Stack) -> list[float] | None:
    """Lowest and highest value of floats, which a browser without WebGL draws as 16-bit steps between them."""
    if stack.frames.dtype.kind != "f":
        return None
    return [float(stack.frames.min()), float(stack.frames.max())]


def _notice(stack: Stack) -> str:
    sent = frames_sent(stack)
    if sent == len(stack.frames):
        return ""
    limit = MAX_STACK_BYTES // 2**20
    return f"The first {sent} of {len(stack.frames)} frames are shown: a browser is sent at most {limit} MB."
