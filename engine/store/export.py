"""The chain of events as a file for an auditor: JSON lines that can be checked again, or a table for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import TextIO

from engine.store.chain import GENESIS, ChainReport, Event
from engine.table import cell

_COLUMNS = tuple(field.name for field in fields(Event))


def write_json_lines(links: Iterable[Event], file: TextIO) -> ChainReport:
    """Write one link a line with everything that its hash was taken over; return where the file ends."""
    end = _End()
    for link in end.passing(links):
        file.write(json.dumps(asdict(link), ensure_ascii=False) + "\n")
    return end.report


def write_csv(links: Iterable[Event], file: TextIO) -> ChainReport:
    """Write one link a row, its details as JSON in a cell; return where the file ends."""
    end = _End()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for link in end.passing(links):
        row = asdict(link) | {"detail": json.dumps(link.detail, ensure_ascii=False, sort_keys=True)}
        writer.writerow([cell(row[name]) for name in _COLUMNS])
    return end.report


class _End:
    """Counts what passes, and remembers the last digest."""

    def __init__(self) -> None:
        self.report = ChainReport(0, GENESIS, ())

    def passing(self, links: Iterable[Event]) -> Iterator[Event]:
        for link in links:
            yield link
            self.report = ChainReport(self.report.links + 1, link.digest, ())
