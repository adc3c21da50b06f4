"""`attending doctor`: check an installation and say what to mend."""

from __future__ import annotations

import argparse
import os
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
    yield "store", _store
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


def _store() -> str:
    """Where things are kept, and whether files are encrypted; a store that is not there yet is not made."""
    from engine.store.folder import DATABASE, data_folder
    from engine.store.store import open_store

    folder, url, key = data_folder(), os.environ.get("ATTENDING_DATABASE_URL"), os.environ.get("ATTENDING_KEY")
    if url is None and not (folder / DATABASE).exists():
        return f"none yet; made at first use in {folder}, {'encrypted' if key else 'not encrypted (no ATTENDING_KEY)'}"
    facts = open_store().facts()
    open_to_all = os.name == "posix" and folder.stat().st_mode & 0o007
    if open_to_all:
        raise AttendingError(f"All users of this machine can look into {folder}.", f"Run `chmod 700 {folder}`.")
    if key and facts.sealed < facts.files:
        raise AttendingError(
            f"{facts.files - facts.sealed} of {facts.files} files were kept before there was a key, in clear.",
            "Back the store up, and restore it with the key into an empty ATTENDING_HOME.",
        )
    sealed = f"{facts.sealed} of {facts.files} files encrypted"
    return f"{folder}, {facts.database}, {facts.cases} cases, {sealed if key else sealed + ' (no ATTENDING_KEY)'}"


def _model(name: str) -> str:
    from engine.pipeline import shipped_model

    return f"SHA-256 {shipped_model(name).digest[:12]} verified"
