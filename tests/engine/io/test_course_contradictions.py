"""Pressures that contradict one another are named, with when, and nothing else is."""

from __future__ import annotations

import numpy as np

from engine.io.course_contradictions import contradictions
from engine.io.observations import Observations, course_of

Seen = tuple[float, str, float]


def _found(*seen: Seen) -> list[str]:
    hours, names, values = zip(*seen, strict=True)
    return list(contradictions(np.asarray(hours, float), names, np.asarray(values, float)))


def test_sound_pressures_are_not_named() -> None:
    sound = [(1.0, "SysABP", 120.0), (1.0, "DiasABP", 60.0), (1.0, "MAP", 80.0), (2.0, "SysABP", 50.0)]
    assert _found(*sound, (1.0, "NISysABP", 55.0), (1.0, "HR", 300.0)) == []


def test_a_systolic_pressure_that_is_not_above_the_diastolic_is_named() -> None:
    (one,) = _found((1.5, "SysABP", 60), (1.5, "DiasABP", 80), (1.5, "MAP", 200), (2, "SysABP", 60), (2, "DiasABP", 59))
    assert one == "SysABP is not above DiasABP at 1 minute (60/80 at hour 1.5)."
    (several,) = _found(*((k, name, 70) for k in range(5) for name in ("NISysABP", "NIDiasABP")))
    assert several.startswith("NISysABP is not above NIDiasABP at 5 minutes (70/70 at hour 0, ")
    assert several.endswith(", ...).")


def test_a_mean_pressure_beside_the_others_is_named() -> None:
    (one,) = _found((3, "SysABP", 120), (3, "DiasABP", 60), (3, "MAP", 125))
    assert one == "MAP is not between DiasABP and SysABP at 1 minute (125/60/120 at hour 3)."


def test_a_course_says_so_and_keeps_the_values() -> None:
    found = Observations()
    for name, value in (("NISysABP", 60.0), ("NIDiasABP", 90.0)):
        found.add(4.0, name, value)
    course = course_of("x", b"x", "table", found)
    assert course.values.tolist() == [60, 90]
    assert course.warnings == ("NISysABP is not above NIDiasABP at 1 minute (60/90 at hour 4).",)
