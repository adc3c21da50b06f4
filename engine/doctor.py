"""`attending doctor`: check an installation and say what to mend."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from engine.errors import AttendingError

Check = tuple[str, Callable[[], str]]


def doctor(options: argparse.Namespace) -> int:
    """Print one line a check, ``ok`` or what to do; exit status 0 where all are well, else 1."""
    del options
    sound = True
    for name, check in _checks():
        try:
            print(f"ok    {name}: {check()}")
        except AttendingError as error:
            sound = False
            print(f"MEND  {name}: {error}")
    return 0 if sound else 1


def _checks() -> Iterator[Check]:
    yield "python", lambda: sys.version.split()[0]
    yield "device", _device
    yield "codecs", _codecs
    yield "samples", _samples
    yield "viewer", _viewer
    from engine.tasks import TASKS

    for name in TASKS:
        yield f"model {name}", lambda name=name: _model(name)  # type: ignore[misc]


def _device() -> str:
    import torch

    from engine.models.device import pick_device

    return f"{pick_device()}, torch {torch.__version__}, {torch.get_num_threads()} threads"


def _codecs() -> str:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import HTJ2K, JPEG2000, JPEGLossless, JPEGLSLossless, RLELossless

    missing = [
        uid.name
        for uid in (HTJ2K, JPEG2000, JPEGLossless, JPEGLSLossless, RLELossless)
        if not get_decoder(uid).is_available
    ]
    if missing:
        raise AttendingError(f"No decoder for {', '.join(missing)}.", "Install attending again with its dependencies.")
    return "RLE, JPEG, JPEG-LS, JPEG 2000, HTJ2K"


def _samples() -> str:
    from engine.samples import sample_index

    found = sample_index()
    if not found:
        raise AttendingError("The sample cases are missing.", "Install attending again.")
    return f"{len(found)} synthetic cases"


def _viewer() -> str:
    from engine.serve import dashboard_folder

    bundles = sorted((dashboard_folder() / "components" / "viewer" / "static").glob("*.js"))
    if not bundles:
        raise AttendingError(
            "The viewer's bundle was not built.", "Run `python hatch_build.py` in the checkout, or install the wheel."
        )
    return bundles[-1].name


def _model(name: str) -> str:
    from engine.pipeline import shipped_model

    return f"SHA-256 {shipped_model(name).digest[:12]} verified"
