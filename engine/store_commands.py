"""The commands over what is kept: audit verify and export; store key, backup, restore, retire and expire."""

from __future__ import annotations

import argparse
import getpass
import sys

from engine.errors import StoreDamaged, UsageError
from engine.store.blobs import new_key
from engine.store.chain import ChainReport
from engine.store.names import COMMAND_LINE
from engine.store.retention import checked_days, ends_before, keep_days
from engine.store.store import open_store, restore


def verify(options: argparse.Namespace) -> int:
    """Check chain, tables and files; every fault in words, and the last digest to write down.

    Raises
    ------
    StoreDamaged
        If anything is not as it was written.
    """
    del options
    report = open_store().verify()
    for remark in report.remarks:
        print(f"note: {remark}")
    for fault in report.faults:
        print(f"fault: {fault}", file=sys.stderr)
    if report.faults:
        count = len(report.faults)
        raise StoreDamaged(
            f"The store is not whole: {count} fault{'s' if count > 1 else ''}.", "Compare with your last backup."
        )
    print(f"whole: {_end(report)}")
    print("Write this digest down elsewhere: what is cut off at the end cannot be seen from inside the chain.")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write every event as one line of JSON, or as one row of a table where the name ends with .csv."""
    out = options.to or options.out
    print(f"{open_store().export_events(out, actor=_actor())} links written to {out}")
    return 0


def key(options: argparse.Namespace) -> int:
    """Print a new key, and on standard error what it is for."""
    del options
    print(new_key())
    print("Set ATTENDING_KEY to it and keep a copy apart: without it, encrypted files are lost.", file=sys.stderr)
    return 0


def backup(options: argparse.Namespace) -> int:
    """Copy everything into one archive, and read it back."""
    report = open_store().backup(options.out, actor=_actor())
    print(f"{options.out} holds {_end(report)}")
    print("Titles, answers and reviews stand in it in clear: guard it as the store itself.", file=sys.stderr)
    return 0


def restore_store(options: argparse.Namespace) -> int:
    """Fill the empty store from an archive, chain and files checked before anything counts."""
    report = restore(options.source, actor=_actor())
    print(f"restored and whole: {_end(report)}")
    return 0


def retire(options: argparse.Namespace) -> int:
    """Take cases away that are older than the retention period; without ``--yes`` only say how many they are.

    Raises
    ------
    UsageError
        If the period is no number of days from 1 to 36,500.
    """
    return _take_away(checked_days(options.older_than), really=options.yes, how="add --yes to take them away")


def expire(options: argparse.Namespace) -> int:
    """Take cases away now whose time is over by ATTENDING_KEEP_DAYS, as the server does once a day.

    Raises
    ------
    UsageError
        If there is no retention period.
    """
    days = keep_days()
    if days is None:
        raise UsageError("There is no retention period: cases are kept for ever.", "Set ATTENDING_KEEP_DAYS.")
    return _take_away(days, really=not options.dry_run, how="leave --dry-run out to take them away")


def _take_away(days: int, *, really: bool, how: str) -> int:
    moment, store = ends_before(days), open_store()
    before = f"{moment:%Y-%m-%d %H:%M} UTC"
    if not really:
        found = len(store.cases.older_than(moment))
        print(f"Added before {before}: {_cases(found)}. Nothing was changed: {how}.")
        return 0
    gone = store.cases.retire(moment, actor=_actor(), kept_days=days)
    print(f"Added before {before} and taken away, with files, answers and reviews: {_cases(gone)}.")
    return 0


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"


def _end(report: ChainReport) -> str:
    return f"{report.links} links, the last with SHA-256 {report.digest}"


def _actor() -> str:
    """Who gives the command, as the operating system knows them."""
    try:
        return f"{getpass.getuser()} ({COMMAND_LINE})"
    except (OSError, KeyError, ImportError):
        return COMMAND_LINE
