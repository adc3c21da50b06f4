"""Generated courses for tests: random variables at random hours, and a set on disk as PhysioNet lays it out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.case import Course
from engine.preprocess.course import HOURS, VARIABLES


def random_course(observations: int = 120, *, seed: int = 0, hours: float = HOURS) -> Course:
    """Make a course of standard normal values, sorted by hour."""
    generator = np.random.default_rng(seed)
    names = tuple(str(name) for name in generator.choice(VARIABLES, observations))
    return Course(
        np.sort(generator.uniform(0, hours, observations)),
        names,
        generator.normal(size=observations),
        digest=str(seed),
        static={"Age": 60.0, "Gender": 1.0, "ICUType": 3.0},
    )


def cut(course: Course, hour: float) -> Course:
    """Keep what was observed before an hour."""
    kept = course.hours < hour
    names = tuple(name for name, stays in zip(course.variables, kept, strict=True) if stays)
    return Course(course.hours[kept], names, course.values[kept], course.digest, static=course.static)


def write_set(folder: Path, stays: int = 48, *, letter: str = "a") -> Path:
    """Write stays whose heart rate is fast where the patient died, with the outcomes file."""
    generator = np.random.default_rng(1)
    records = folder / f"set-{letter}"
    records.mkdir(parents=True)
    rows = ["RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death"]
    for number in range(stays):
        died = number % 3 == 0
        lines = ["Time,Parameter,Value", f"00:00,RecordID,{number}", f"00:00,Age,{50 + number % 30}", "00:00,Gender,1"]
        lines += ["00:00,Height,-1", "00:00,ICUType,2", "00:00,Weight,-1"]
        for hour in range(0, 48, 4):
            lines.append(f"{hour:02d}:10,HR,{generator.normal(120 if died else 75, 8):.0f}")
            lines.append(f"{hour:02d}:20,Temp,{generator.normal(37, 0.5):.1f}")
            lines.append(f"{hour:02d}:30,{('GCS', 'Urine', 'pH')[hour % 3]},{(12, 60, 7.4)[hour % 3]}")
        (records / f"{number}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        rows.append(f"{number},1,1,3,-1,{int(died)}")
    (folder / f"Outcomes-{letter}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
