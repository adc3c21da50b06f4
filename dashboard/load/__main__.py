"""`attending benchmark load`: many readers beside one, on a dashboard of its own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.load.films import films
from dashboard.load.readers import Pace, Tally, read_together
from dashboard.load.server import own_server

_LATE = "badges_not_there_at_the_end"


def main() -> int:
    """Print throughput and waiting times of one reader and of many as a table in Markdown."""
    parser = argparse.ArgumentParser(prog="attending benchmark load")
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=2.0, help="of each of the two measurements")
    parser.add_argument("--hurried", action="store_true", help="readers who never pause")
    parser.add_argument("--json", type=Path, metavar="OUT")
    options = parser.parse_args()
    given, pace, seconds = films(options.sessions), Pace(not options.hurried), 60.0 * options.minutes
    with own_server() as server:
        read_together(server.address, given[:1], seconds=1.0, pace=Pace(thinking=False))  # models are loaded
        one = read_together(server.address, given[:1], seconds=seconds, pace=pace)
        before = server.memory()
        many = read_together(server.address, given, seconds=seconds, pace=pace)
        after = server.memory()
    record = {
        "sessions": options.sessions,
        "minutes": options.minutes,
        "thinking": pace.thinking,
        "one": _record(one, seconds),
        "many": _record(many, seconds),
        "memory_megabytes": {"after one": before, "after many": after},
    }
    print(_table(record))
    if options.json:
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 1 if one.wrong or many.wrong else 0


def _record(tally: Tally, seconds: float) -> dict[str, Any]:
    answers = len(tally.seconds["upload to answer"])
    return {
        "uploads_a_minute": 60.0 * answers / seconds,
        "visits": tally.visits,
        _LATE: tally.unfinished,
        "wrong": tally.wrong,
        "steps": {
            step: {"n": len(taken), "p50": float(np.quantile(taken, 0.5)), "p95": float(np.quantile(taken, 0.95))}
            for step, taken in tally.seconds.items()
        },
    }


def _table(record: dict[str, Any]) -> str:
    one, many = record["one"], record["many"]
    lines = [
        f"| step | 1 session: p50, p95 (s) | {record['sessions']} sessions: p50, p95 (s) |",
        "|---|---|---|",
        *(f"| {step} | {_times(one['steps'].get(step))} | {_times(taken)} |" for step, taken in many["steps"].items()),
        f"| uploads answered a minute | {one['uploads_a_minute']:.1f} | {many['uploads_a_minute']:.1f} |",
        f"| visits, failures | {one['visits']}, {len(one['wrong'])} | {many['visits']}, {len(many['wrong'])} |",
        f"| badges not there at the end | {one[_LATE]} | {many[_LATE]} |",
        "| memory afterwards (MB) | {after one:.0f} | {after many:.0f} |".format(**record["memory_megabytes"]),
        *(f"- {words}" for words in sorted(set(one["wrong"] + many["wrong"]))),
    ]
    return "\n".join(lines)


def _times(taken: dict[str, Any] | None) -> str:
    return f"{taken['p50']:.2f}, {taken['p95']:.2f} (n = {taken['n']})" if taken else ""


if __name__ == "__main__":
    raise SystemExit(main())
