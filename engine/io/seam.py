"""The seam to foreign readers: their warnings stay here and their exceptions become our typed errors.

pydicom, Pillow and pypdf raise nearly any exception on damaged files, warn through a process-wide filter, and quote
values of the file in both, which may be patient data.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from engine.errors import DamagedFile, TooLarge, UploadError
from engine.words import spoken, tr

for _name in ("pydicom", "pypdf", "PIL"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # their lines quote the file's values

_lock = threading.Lock()
_readers = 0
_outer: warnings.catch_warnings[None] | None = None


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore warnings while at least one thread reads: the first in sets the filter aside, the last out puts it back.

    `warnings.catch_warnings` alone is not safe when two threads overlap: the second restores what the first had set.
    """
    global _readers, _outer
    with _lock:
        _readers += 1
        if _outer is None:
            _outer = warnings.catch_warnings(record=False)
            _outer.__enter__()
            warnings.simplefilter("ignore")
    try:
        yield
    finally:
        with _lock:
            _readers -= 1
            if _readers == 0 and _outer is not None:
                _outer.__exit__(None, None, None)
                _outer = None


@contextmanager
def reading(kind: str) -> Iterator[None]:
    """Run a foreign reader: whatever it raises leaves as one `UploadError`.

    Parameters
    ----------
    kind : str
        What the content is, for the message: ``"DICOM object"``.

    Raises
    ------
    UploadError
        Our own errors as they are.
    TooLarge
        Where memory ran out.
    DamagedFile
        For everything else that a foreign reader raises.
    """
    try:
        with quiet():
            yield
    except UploadError:
        raise
    except MemoryError as exc:
        raise TooLarge(
            tr("The {kind} needs more memory than there is.", kind=spoken(kind)), tr("Export a smaller part of it.")
        ) from exc
    except Exception as exc:
        raise DamagedFile(
            tr("The {kind} is damaged or contradicts itself ({name}).", kind=spoken(kind), name=type(exc).__name__),
            tr("Export it again from its source."),
        ) from exc
