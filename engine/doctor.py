"""`attending doctor`: check an installation and say what to mend."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from engine.errors import AttendingError
from engine.installation import check_log, check_rights, check_room, check_sign_in, check_versions
from engine.store.folder import DATABASE, data_folder

if TYPE_CHECKING:
    from engine.store.store import Store

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
    yield "versions", check_versions
    yield "device", _device
    yield "codecs", _codecs
    yield "reading", _reading
    yield "samples", _samples
    yield "viewer", _viewer
    yield "room", check_room
    yield "rights", check_rights
    yield "log", check_log
    yield "store", _store
    yield "chain", _chain
    yield "key", _key
    yield "sign-in", check_sign_in
    from engine.tasks import TASKS

    for name in TASKS:
        yield f"model {name}", lambda name=name: _model(name)  # type: ignore[misc]
    yield "model names", _names


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


def _reading() -> str:
    """Whether a process that reads files starts, and what holds it."""
    from engine.io.limits import READ_MEMORY, READ_SECONDS
    from engine.io.upload import read_upload

    read_upload("check", b"Findings: none.")
    known = importlib.util.find_spec("resource") is not None
    memory = f"{READ_MEMORY // 1024**3} GiB" if known else "memory without limit (this system knows none)"
    return f"in processes of their own, {READ_SECONDS:.0f} s a file, {memory}"


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
    """Where things are kept, and what is there; a store that is not there yet is not made."""
    if not _is_there():
        return f"none yet; made at first use in {data_folder()}"
    facts = _opened().facts()
    return f"{facts.database}, {facts.cases} cases, {facts.files} files"


def _chain() -> str:
    """Whether the chain of events is whole, and the tables are what it tells of."""
    if not _is_there():
        return "none yet"
    report = _opened().verify(files=False)
    if not report.whole:
        raise AttendingError(
            f"The chain is not whole: {report.faults[0]}", "Run `attending audit verify`, and compare with your backup."
        )
    return "; ".join((f"{report.links} links, whole", *report.remarks))


def _key() -> str:
    """Whether the key of files at rest is the one that they were encrypted with."""
    given = bool(os.environ.get("ATTENDING_KEY"))
    if not _is_there():
        return "given" if given else "none (no ATTENDING_KEY): files are not encrypted"
    facts = _opened().facts()
    if not facts.opens:
        raise AttendingError(
            f"Kept files do not open with the key at hand; {facts.sealed} of {facts.files} are encrypted.",
            "Set ATTENDING_KEY to the key of the time; `attending audit verify` tells of files that were changed.",
        )
    if given and facts.sealed < facts.files:
        raise AttendingError(
            f"{facts.files - facts.sealed} of {facts.files} files were kept before there was a key, in clear.",
            "Back the store up, and restore it with the key into an empty ATTENDING_HOME.",
        )
    return f"{facts.sealed} of {facts.files} files encrypted{'' if given else ' (no ATTENDING_KEY)'}"


def _is_there() -> bool:
    return "ATTENDING_DATABASE_URL" in os.environ or (data_folder() / DATABASE).exists()


def _opened() -> Store:
    from engine.store.store import open_store

    return open_store()


def _model(name: str) -> str:
    from engine.pipeline import shipped_model

    return f"SHA-256 {shipped_model(name).digest[:12]} verified"


def _names() -> str:
    from engine.deidentify.find import shipped_tagger

    return f"SHA-256 {shipped_tagger().digest[:12]} verified"
