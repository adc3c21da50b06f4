"""Analyses leave nothing behind: a leak of one film's pixels a time would show in a tenth of these."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.pipeline import analyse, explain_case, shipped_model
from engine.samples import sample_case

CASES = ("chest-normal-1", "chest-viral-1", "note-knee-1", "chest-bacterial-2")
WARM, MEASURED = 12, 40
BOUND = 50.0 * MEASURED / 500 + 10.0  # megabytes: 50 for 500 analyses, and what the allocator rounds up


def resident() -> float:
    """Megabytes that this process holds."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def read(number: int) -> None:
    """Open, analyse and explain one case, each in a thread of its own, as Streamlit runs pages."""

    def work() -> None:
        case = sample_case(CASES[number % len(CASES)])
        analysis = analyse(case)
        explain_case(case, shipped_model(analysis.task))
        done.append(analysis.case_id)

    done: list[str] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def growth() -> float:
    """Megabytes by which the least that was held in the second half of the analyses is above the least in the first.

    What the allocator keeps for a while comes and goes by tens of megabytes; what is never freed lifts the floor.
    """
    for number in range(WARM):
        read(number)
    held = []
    for number in range(MEASURED):
        read(number)
        gc.collect()
        held.append(resident())
    return min(held[MEASURED // 2 :]) - min(held[: MEASURED // 2])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_analyses() -> None:
    """In a process of its own: what other tests of this one have left to the allocator moves the figure."""
    environment = os.environ | {"MALLOC_ARENA_MAX": "2"}  # as `attending serve` sets it
    told = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True, env=environment)
    grown = float(told.stdout)
    assert grown < BOUND, f"{MEASURED} analyses left {grown:.1f} MB behind"


if __name__ == "__main__":
    print(growth())
