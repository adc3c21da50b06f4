"""`python -m tests.fuzz [READER ...] [--seconds N]`: feed readers inputs grown by atheris (libFuzzer) under coverage.

Each reader has a process of its own. What it raises beyond its own kinds of errors is kept, once for each place in the
code, in `tests/engine/io/found/READER-DIGEST`, which the tests read again; fuzzing goes on behind it.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import atheris

FOUND = Path(__file__).resolve().parents[1] / "engine" / "io" / "found"
_COVERED = ["engine", "pydicom", "PIL", "pypdf", "docx", "striprtf", "hl7", "defusedxml"]
_LONGEST = 32_768  # bytes of an input
_SLOW = 10.0  # seconds for which one input may be read


def fuzz(name: str, seconds: int, seed: int) -> None:
    """Feed one reader; libFuzzer ends the process."""
    with atheris.instrument_imports(include=_COVERED, enable_loader_override=False):
        from engine.io.seam import quiet
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    known: set[tuple[str, ...]] = set()
    began, count = time.monotonic(), 0

    def read(data: bytes) -> None:
        nonlocal count
        count += 1
        start = time.monotonic()
        try:
            target.read(data)
        except target.refusals:
            pass
        except Exception as exc:
            frames = traceback.extract_tb(exc.__traceback__)[-2:]
            place = (type(exc).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in frames))
            if place not in known:
                known.add(place)
                _keep(name, data, " ".join(place))
        if time.monotonic() - start > _SLOW:
            _keep(name, data, f"{time.monotonic() - start:.0f} s")
        if time.monotonic() - began > seconds:
            rate = count / (time.monotonic() - began)
            print(f"{name:12s} {count:9,d} executions {rate:8.0f} a second, {len(known)} found", flush=True)
            sys.stdout.flush()
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as corpus, quiet():
        for rank, content in enumerate(target.seeds()):
            Path(corpus, f"seed-{rank}").write_bytes(content)
        options = [f"-max_len={_LONGEST}", f"-seed={seed}", "-rss_limit_mb=4096", "-timeout=100", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *options, corpus], read)
        atheris.Fuzz()


def _keep(name: str, data: bytes, why: str) -> None:
    path = FOUND / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print(f"{name}: {path.name} ({why})", flush=True)


def main() -> int:
    """Fuzz the readers that are named, or all, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("readers", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fuzz(options.readers[0], options.seconds, options.seed)
        return 0
    from tests.fuzz.targets import TARGETS

    before = set(FOUND.iterdir())
    for name in options.readers or TARGETS:
        again = [sys.executable, "-m", "tests.fuzz", name, "--here", f"--seconds={options.seconds}"]
        subprocess.run([*again, f"--seed={options.seed}"], check=False, stderr=subprocess.DEVNULL)
    return 1 if set(FOUND.iterdir()) - before else 0


if __name__ == "__main__":
    sys.exit(main())
