"""A page with nothing but the viewer, for tests: ``?case=NAME`` chooses what is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard.components.viewer import Listeners, Overlay, Pane, Region, Stack, viewer
from engine import (
    Image,
    Lattice,
    PixelSpacing,
    Plane,
    SpacingSource,
    VoiFunction,
    VoiLut,
    Window,
    reformatted,
    volume_of,
)

ROWS, COLUMNS = 300, 400
HOSTILE = "<img src=x onerror=alert(1)>"
BOX = np.s_[100:150, 120:180]
AGAINST = np.s_[200:250, 20:80]
UNSEEN = np.s_[:, 300:]


def ramp(rows: int = ROWS, columns: int = COLUMNS) -> np.ndarray:
    """A slanted ramp of int16 values from -1000 to 3000, with a bright box where the heat map is hot."""
    across, down = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    values = (-1000 + 4000 * (0.7 * across + 0.3 * down)).astype(np.int16)
    values[BOX] = 3000
    return values


def image(pixels: np.ndarray, **changes: object) -> Image:
    """An image of the given frames, named by them."""
    fields = {
        "windows": (Window(800, 1600, explanation="LUNG"), Window(40, 400, explanation=HOSTILE)),
        "spacing": PixelSpacing(0.5, 0.25, SpacingSource.PATIENT),
        "orientation": ("L", "F"),
        "unit": "HU",
    }
    digest = hashlib.sha256(pixels.tobytes() + repr(sorted(changes)).encode()).hexdigest()
    return Image(pixels=pixels, digest=digest, **(fields | changes))


def series() -> np.ndarray:
    """Sixty frames, each of one grey value: its number times ten."""
    return np.repeat(np.arange(60, dtype=np.uint16) * 10, 64 * 64).reshape(60, 64, 64)


def lut() -> VoiLut:
    """A VOI LUT with a bend in it."""
    table = (np.linspace(0, 1, 4096) ** 2.2 * 4095).astype(np.uint16)
    return VoiLut(table=table, first=-1000, bits=12, explanation="GAMMA")


def color() -> np.ndarray:
    """One frame whose channels differ at every pixel."""
    across, down = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    return np.stack([across % 256, down % 256, (across + down) % 256], axis=-1).astype(np.uint8)[None]


def heat_map(against: float = 0.2) -> np.ndarray:
    """A map with one hot rectangle, one that may speak against, an unseen right quarter, and little elsewhere."""
    grid = np.full((ROWS, COLUMNS), 0.2, dtype=np.float32)
    grid[BOX] = 4.0
    grid[AGAINST] = against
    grid[UNSEEN] = np.nan
    return grid


def voxels() -> np.ndarray:
    """Twenty slices of 60 x 80 voxels; every value tells its slice, row and column."""
    slices, rows, columns = np.indices((20, 60, 80))
    return (slices * 1000 + rows * 10 + columns // 8).astype(np.int16)


CASES = {
    "ct": lambda: image(ramp()[None]),
    "monochrome1": lambda: image(ramp()[None], inverted=True),
    "no-spacing": lambda: image(ramp()[None], spacing=None),
    "detector": lambda: image(ramp()[None], spacing=PixelSpacing(0.2, 0.2, SpacingSource.IMAGER)),
    "signed": lambda: image(ramp()[None], unit=""),
    "lut": lambda: image(
        ramp()[None], voi_luts=(lut(),), windows=(Window(1000, 3000, VoiFunction.SIGMOID, "SIGMOID"),)
    ),
    "float": lambda: image(
        ramp()[None].astype(np.float32) / 4000, windows=(Window(0.25, 0.5, VoiFunction.LINEAR_EXACT),)
    ),
    "series": lambda: image(series(), windows=(Window(300, 601),), unit="", orientation=None),
    "volume": lambda: image(
        voxels(),
        windows=(Window(10000, 20000),),
        spacing=PixelSpacing(1.0, 1.0, SpacingSource.PATIENT),
        orientation=("L", "P"),
        lattice=Lattice((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 4.0)),
    ),
    "color": lambda: image(color(), windows=(), unit=""),
    "large": lambda: image(ramp(2048, 2048)[None]),
}


def second_map() -> np.ndarray:
    """Another map: hot in the lower left, cold elsewhere."""
    grid = np.full((ROWS, COLUMNS), 0.1, dtype=np.float32)
    grid[AGAINST] = 0.9
    return grid


def told(name: str) -> Callable[..., None]:
    """Write on the page what the viewer tells."""

    def keep(*what: object) -> None:
        st.session_state[name] = what

    return keep


def beside(name: str) -> Pane | None:
    """What the address wants in the second pane."""
    if not name:
        return None
    if name in set(Plane):
        cut, axes = reformatted(volume_of([CASES["volume"]()]), Plane(name))
        return Pane(replace(Stack.from_image(cut), axes=axes), name)
    overlays = (Overlay(second_map(), 1.0, "probability", "lesion", "Other method", shown=True),)
    return Pane(Stack.from_image(CASES[name]()), f"Prior: {name}", overlays if name == "ct" else ())


def main() -> None:
    """Show the case that the address names."""
    st.set_page_config(layout="wide")
    name, several = st.query_params.get("case", "ct"), "several" in st.query_params
    stack = Stack.from_image(CASES[name](), label="SYNTHETIC")
    runs = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    label = st.selectbox("Label", ["none", "viral pneumonia", "normal"], index=1)
    overlay = Overlay(map=heat_map(), scale=5.0, unit="× average patch", label=label, method="Relevance", threshold=1.0)
    if name == "signed":
        overlay = replace(overlay, map=heat_map(against=-4.0), palette="berlin", signed=True)
    overlays = [] if label == "none" else [overlay]
    if several:
        overlays.append(Overlay(second_map(), 1.0, "probability", "lesion", "Drawn", threshold=0.5, contour=True))
    box = st.session_state.get("on_moved", (None, (50.0, 100.0, 90.0, 180.0)))[1]
    regions = [Region(*box, "here", "here", editable=True)] if several and box else []
    state = viewer(
        "viewer",
        Pane(stack, "Current", overlays, regions, keys=st.session_state.get("on_keyed", ((),))[0]),
        beside=beside(st.query_params.get("beside", "")),
        listeners=Listeners(**{name: told(name) for name in ("on_box", "on_moved", "on_keyed", "on_measured")}),
        height=640,
    )
    st.button("Run again")
    st.write(f"run {runs}, frame {state.frame}")
    for heard in ("on_box", "on_moved", "on_keyed", "on_measured"):
        if heard in st.session_state:
            st.text(f"{heard}: {st.session_state[heard]}")


if __name__ == "__main__":
    main()
