"""What a server writes down of itself: JSON lines in the data folder that quote nobody (https://jsonlines.org).

A line says when, under which number (the one that a reader sees with an error), how bad, which kind of error and where
in the code. What an exception or a library says stays out, wherever it was logged: it may quote a patient's file.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import secrets
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from engine.store.folder import data_folder

LOGS, LOG_FILE = "logs", "attending.jsonl"
_BYTES, _KEPT = 2_000_000, 5  # of a file; files beside the newest one
_DEEPEST = 24  # places of a traceback
_OURS = frozenset({"engine", "dashboard"})
_number: ContextVar[str] = ContextVar("number", default="")

logger = logging.getLogger(__name__)


def log_number() -> str:
    """The number under which this context logs; empty where it has none."""
    return _number.get()


@contextmanager
def numbered(number: str = "") -> Iterator[str]:
    """Log under a number until the end of the block: the one given, else the one there is, else a new one."""
    taken = number or _number.get() or _new_number()
    token = _number.set(taken)
    try:
        yield taken
    finally:
        _number.reset(token)


def begin_logs() -> None:
    """Let everything that this process logs, warns of or dies of go through one filter: to the file, and in short here.

    Called first of all, before libraries make their loggers. Where the file cannot be written the console is all.
    """
    logging.setLoggerClass(_Logger)
    logging.raiseExceptions = False  # a log that fails prints what was to be logged
    root = logging.getLogger()
    root.handlers = [_console()]
    root.setLevel(logging.WARNING)
    for room in _OURS:
        logging.getLogger(room).setLevel(logging.INFO)
    try:
        root.addHandler(log_file(data_folder()))
    except OSError as error:
        logger.warning("The log cannot be written: this console is all.", exc_info=error)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    warnings.showwarning = _warned


def log_error(room: str, said: str, error: BaseException) -> None:
    """Log an error by its kind and place; its own words are given to nobody.

    Parameters
    ----------
    room : str
        The module that caught it.
    said : str
        What failed, without anything of the case.
    """
    told = {"kind": kind_of(error), "place": _place(error)}
    logging.getLogger(room).error(said, extra=told)


def log_file(folder: Path) -> logging.Handler:
    """Open the log of a data folder, for this user's eyes only; old lines give way to new ones.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    for private in (folder, folder / LOGS):
        private.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = _OwnFile(folder / LOGS / LOG_FILE, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(_Lines())
    return handler


def told_of(record: logging.LogRecord) -> dict[str, str]:
    """What may be told of a log record, without anything that a file could have brought."""
    error = _error_of(record)
    return {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "number": _number.get(),
        "logger": record.name,
        "said": _said(record),
        "kind": getattr(record, "kind", "") or kind_of(error),
        "place": getattr(record, "place", "") or _place(error) or f"{record.filename}:{record.lineno}",
    }


def kind_of(error: BaseException | None) -> str:
    """The kind of an error and of those that it came from, without their words."""
    kinds: list[str] = []
    while error is not None and len(kinds) < _DEEPEST:
        code = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
        kinds.append(f"{type(error).__name__} {code}" if code else type(error).__name__)
        error = error.__cause__ or error.__context__
    return " < ".join(kinds)


class _Logger(logging.Logger):
    """A logger that speaks through the root's handlers alone, whatever its library hangs on it."""

    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802 - as the library names it
        if record.levelno >= logging.WARNING or _is_ours(record):
            logging.getLogger().callHandlers(record)


class _OwnFile(RotatingFileHandler):
    """A file of this user's alone, each time that it is begun."""

    def _open(self) -> Any:
        opened = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(opened, self.mode, encoding=self.encoding)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(told_of(record), ensure_ascii=False)


class _Short(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = told_of(record)
        words = " ".join(filter(None, (told["said"], told["kind"]))) or f"a message at {told['place']}"
        return f"{told['level']}: {told['logger']}: {words}" + (f" ({told['number']})" if told["number"] else "")


def _console() -> logging.Handler:
    console = logging.StreamHandler()
    console.setLevel(logging.WARNING)
    console.setFormatter(_Short())
    return console


def _new_number() -> str:
    """Eight signs that can be said over the telephone."""
    drawn = secrets.token_hex(4).upper()
    return f"{drawn[:4]}-{drawn[4:]}"


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS


def _said(record: logging.LogRecord) -> str:
    """The words that stand in our own code, with the figures in them; nothing of what others say."""
    if not _is_ours(record) or not isinstance(record.msg, str):
        return ""
    given = record.args if isinstance(record.args, tuple) else ()
    try:
        return record.msg % tuple(value if isinstance(value, (int, float)) else "…" for value in given)
    except (TypeError, ValueError):
        return record.msg


def _error_of(record: logging.LogRecord) -> BaseException | None:
    if isinstance(record.exc_info, tuple):
        return record.exc_info[1]
    return record.msg if isinstance(record.msg, BaseException) else None


def _place(error: BaseException | None) -> str:
    """Files and lines of a traceback, the innermost first."""
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Write down what nobody caught; who presses Ctrl+C or ends the program means it."""
    if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        logger.critical("Nobody caught this.", exc_info=(kind, error or kind(), trace))


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Write down the kind and place of a Python warning; its words may quote what was read."""
    del message, file, line
    logger.warning("A warning.", extra={"kind": category.__name__, "place": f"{Path(filename).name}:{lineno}"})
