"""The lines that the values of sample courses follow: one patient who mends, one who worsens, one badly charted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One variable: points (hour, value), how far values stray, and how often they are taken.

    Parameters
    ----------
    points : tuple of (float, float)
        Ascending hours.
    noise : float
        Standard deviation around the line.
    every : float
        Hours from one value to the next.
    start, end : float
        Hours between which it is observed.
    """

    points: tuple[tuple[float, float], ...]
    noise: float
    every: float = 1.0
    digits: int = 0
    start: float = 0.3
    end: float = 48.0
    low: float = 0.0
    high: float = 10_000.0


def _flat(value: float, noise: float, every: float, digits: int = 0, **more: float) -> Line:
    return Line(((0.0, value),), noise, every, digits, **more)


MENDING: Mapping[str, Line] = {
    "HR": Line(((0, 92), (10, 84), (48, 76)), 4),
    "SysABP": Line(((0, 108), (8, 118), (48, 124)), 6, end=26),
    "DiasABP": Line(((0, 56), (8, 60), (48, 64)), 4, end=26),
    "MAP": Line(((0, 72), (8, 78), (48, 84)), 4, end=26),
    "NISysABP": _flat(122, 6, 2, start=26),
    "NIDiasABP": _flat(64, 4, 2, start=26),
    "NIMAP": _flat(83, 4, 2, start=26),
    "RespRate": Line(((0, 12), (9, 16), (48, 17)), 1.5),
    "Temp": Line(((0, 35.2), (7, 36.9), (48, 37.1)), 0.15, 2, 1),
    "GCS": Line(((0, 3), (5, 6), (9, 14), (12, 15), (48, 15)), 0, 4, high=15),
    "Urine": Line(((0, 160), (12, 110), (48, 100)), 25),
    "MechVent": _flat(1, 0, 2, end=9),
    "FiO2": Line(((0, 0.7), (4, 0.5), (9, 0.4)), 0.0, 2.5, 2, end=10),
    "PaO2": Line(((0, 240), (6, 130), (24, 96)), 8, 4, start=0.8, end=25),
    "PaCO2": _flat(40, 2, 4, start=0.8, end=25),
    "pH": Line(((0, 7.36), (12, 7.41)), 0.01, 4, 2, start=0.8, end=25),
    "HCO3": _flat(24, 0.8, 12, start=1),
    "Lactate": Line(((0, 2.6), (8, 1.4), (24, 1.0)), 0.1, 5, 1, start=0.8, end=25),
    "Na": _flat(138, 1, 12, start=1),
    "K": _flat(4.2, 0.2, 6, 1, start=1),
    "Mg": _flat(2.1, 0.1, 12, 1, start=1),
    "Glucose": Line(((0, 168), (12, 136), (48, 112)), 8, 4, start=1),
    "BUN": _flat(16, 1, 12, start=1),
    "Creatinine": _flat(0.9, 0.05, 12, 1, start=1),
    "HCT": Line(((0, 27), (12, 29), (48, 31)), 0.6, 8, 1, start=1),
    "WBC": Line(((0, 12.8), (24, 11.6), (48, 9.4)), 0.3, 12, 1, start=1),
    "Platelets": Line(((0, 132), (24, 148), (48, 172)), 4, 12, start=1),
    "Weight": _flat(82.4, 0, 24, 1, start=0.0),
}

WORSENING: Mapping[str, Line] = {
    "HR": Line(((0, 104), (10, 112), (12, 131), (30, 128), (44, 142), (48, 118)), 4),
    "SysABP": Line(((0, 116), (10.5, 112), (12, 78), (16, 92), (36, 84), (48, 62)), 4),
    "DiasABP": Line(((0, 62), (10.5, 60), (12, 42), (16, 48), (36, 42), (48, 34)), 3),
    "MAP": Line(((0, 82), (10.5, 80), (12, 55), (16, 63), (36, 57), (48, 43)), 2.5),
    "RespRate": Line(((0, 26), (10, 30), (14, 22), (48, 24)), 1.5),
    "Temp": Line(((0, 38.9), (14, 39.6), (30, 37.4), (48, 35.6)), 0.15, 2, 1),
    "GCS": Line(((0, 14), (9, 13), (12, 9), (14, 3), (48, 3)), 0, 4, low=3, high=15),
    "Urine": Line(((0, 60), (10, 40), (14, 18), (48, 5)), 6),
    "MechVent": _flat(1, 0, 3, start=13),
    "FiO2": Line(((0, 0.5), (10, 0.6), (13, 0.8), (30, 0.9), (48, 1.0)), 0.0, 4, 2, high=1.0),
    "PaO2": Line(((0, 68), (10, 61), (16, 88), (30, 70), (48, 55)), 4, 4, start=1),
    "PaCO2": Line(((0, 31), (10, 30), (16, 42), (48, 52)), 1.5, 4, start=1),
    "pH": Line(((0, 7.37), (10, 7.31), (24, 7.22), (48, 7.05)), 0.01, 4, 2, start=1),
    "HCO3": Line(((0, 19), (24, 15), (48, 11)), 0.5, 6, start=1),
    "Lactate": Line(((0, 1.8), (6, 2.2), (14, 6.2), (30, 7.9), (48, 13.4)), 0.15, 4, 1, start=1),
    "Na": _flat(134, 1, 8, start=1),
    "K": Line(((0, 4.4), (24, 5.1), (48, 6.3)), 0.1, 6, 1, start=1),
    "Glucose": Line(((0, 188), (20, 162), (48, 74)), 10, 4, start=1),
    "BUN": Line(((0, 34), (48, 71)), 1, 8, start=1),
    "Creatinine": Line(((0, 1.5), (20, 2.6), (48, 4.4)), 0.05, 8, 1, start=1),
    "Bilirubin": Line(((0, 1.1), (48, 4.2)), 0.1, 16, 1, start=1),
    "ALT": Line(((0, 48), (20, 210), (48, 1240)), 10, 16, start=1),
    "AST": Line(((0, 61), (20, 340), (48, 2100)), 15, 16, start=1),
    "HCT": Line(((0, 34), (48, 27)), 0.5, 8, 1, start=1),
    "WBC": Line(((0, 21.4), (24, 26.0), (48, 3.1)), 0.4, 8, 1, start=1),
    "Platelets": Line(((0, 148), (48, 38)), 3, 8, start=1),
    "Albumin": _flat(2.3, 0, 24, 1, start=1),
    "Weight": _flat(78, 0, 48, 1, start=0.0),
}

CHARTED_BADLY: Mapping[str, Line] = {
    "HR": Line(((0, 96), (20, 88), (48, 84)), 5),
    "SysABP": Line(((0, 128), (48, 134)), 7, 1.5, end=31),
    "DiasABP": Line(((0, 66), (48, 70)), 4, 1.5, end=31),
    "MAP": Line(((0, 86), (48, 90)), 4, 1.5, end=31),
    "NISysABP": _flat(131, 6, 3, start=38),
    "NIDiasABP": _flat(70, 4, 3, start=38),
    "RespRate": _flat(18, 2, 1.5),
    "Temp": _flat(37.2, 0.2, 4, 1),
    "GCS": _flat(15, 0, 6, high=15),
    "Urine": _flat(90, 25, 2),
    "pH": _flat(7.39, 0.01, 8, 2, start=2),
    "PaO2": _flat(92, 6, 8, start=2),
    "PaCO2": _flat(41, 2, 8, start=2),
    "Na": _flat(139, 1, 12, start=2),
    "K": _flat(4.0, 0.1, 12, 1, start=2),
    "Glucose": _flat(124, 8, 6, start=2),
    "Creatinine": _flat(1.0, 0.05, 12, 1, start=2),
    "WBC": _flat(9.8, 0.4, 24, 1, start=2),
    "HCT": _flat(38, 0.5, 12, 1, start=2),
}
