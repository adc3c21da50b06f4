"""Messages to the browser: a JSON header and raw arrays, pixels apart from everything else.

A message is 4 bytes of header length (little endian), the header, and the arrays one after the other, each part padded
to 8 bytes (`frontend/src/message.js` reads it). A message that was sent before is sent by Streamlit as a reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.components.viewer.records import MAX_STACK_BYTES, Overlay, Pane, Preset, Region, Stack, reduce
from dashboard.components.viewer.words import words
from engine import tr

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
    panes: Sequence[Pane], *, chosen: int | None, boxes: bool = False, marks: bool = False, height: int
) -> bytes:
    """Everything but the pixels.

    Parameters
    ----------
    panes : sequence of Pane
        One, or two that stand side by side.
    chosen : int or None
        The frame of the first that is analysed; None where no model reads it.
    boxes, marks : bool
        Whether the reader may draw boxes, and mark key images, on the first.
    """
    arrays: list[NDArray[Any]] = []
    described = [_describe_pane(pane, arrays) for pane in panes]
    header = {"kind": "view", "chosen": chosen, "boxes": boxes, "marks": marks, "height": height, "panes": described}
    header |= {"words": words()}
    return pack(header, arrays)


def _describe_pane(pane: Pane, arrays: list[NDArray[Any]]) -> dict[str, Any]:
    """One picture; what are arrays is added to those that are sent, and named by its rank among them."""
    return {
        "title": pane.title,
        "stack": _describe_stack(pane.stack)
        | {"presets": [_describe_preset(preset, arrays) for preset in pane.stack.presets]},
        "overlays": [_describe_overlay(overlay, arrays) for overlay in pane.overlays],
        "regions": [_describe_region(region) for region in pane.regions],
        "measures": [asdict(measured) for measured in pane.measures],
        "keys": list(pane.keys),
    }


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
        "axes": asdict(stack.axes) if stack.axes else None,
        "notice": _notice(stack),
    }


def _describe_preset(preset: Preset, arrays: list[NDArray[Any]]) -> dict[str, Any]:
    known = {"name": preset.name, "lower": preset.lower, "upper": preset.upper}
    if preset.curve is None:
        return known
    arrays.append(preset.curve.table)
    return known | {"curve": {"table": len(arrays) - 1, "first": preset.curve.first, "step": preset.curve.step}}


def _describe_overlay(overlay: Overlay, arrays: list[NDArray[Any]]) -> dict[str, Any]:
    grid = reduce(overlay.map)
    arrays.append(grid)
    said = {field.name: getattr(overlay, field.name) for field in fields(overlay) if field.name != "map"}
    return said | {"rows": grid.shape[0], "columns": grid.shape[1], "values": len(arrays) - 1}


def _describe_region(region: Region) -> dict[str, Any]:
    box = [region.top, region.left, region.bottom, region.right]
    said = {"kind": region.kind, "name": region.name, "frame": region.frame, "editable": region.editable}
    return said | {"box": box}


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
    return tr(
        "The first {sent} of {n} frames are shown: a browser is sent at most {limit} MB.",
        sent=sent,
        n=len(stack.frames),
        limit=limit,
    )
