"""What generated notes say of a small child's chest, and how often they say it of each kind of film.

The shares are assumed, no data set's. Their order follows what is published: low saturation and work of breathing
speak for pneumonia more than a fast rate or auscultation does (Shah et al., JAMA 318, 2017), and a C-reactive protein
above 35 to 60 mg/L speaks weakly for a bacterial one (Flood et al., Pediatr Infect Dis J 27, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("normal", "bacterial pneumonia", "viral pneumonia")
"""What a note may be written for, in the order of all shares."""


@dataclass(frozen=True)
class Level:
    """One thing that a sign may be, and its wordings.

    Parameters
    ----------
    shares : tuple of float
        Of the children of each of `KINDS`, in (0, 1]; those of a sign's levels sum to 1 for each kind.
    wordings : tuple of str
        With ``{n}`` for a number, ``{f}`` for it in degrees Fahrenheit, ``{he}``, ``{his}`` and ``{side}``.
    low, high : float
        Ends of the numbers, all alike within the level.
    digits : int
        Behind the point.
    """

    shares: tuple[float, float, float]
    wordings: tuple[str, ...]
    low: float = 0.0
    high: float = 0.0
    digits: int = 0


@dataclass(frozen=True)
class Sign:
    """Something that a note may tell, under a heading, with the levels that exclude one another."""

    name: str
    part: str
    levels: tuple[Level, ...]


HISTORY, EXAMINATION, TESTS = "history", "examination", "tests"

SIGNS = (
    Sign(
        "fever",
        HISTORY,
        (
            Level((0.45, 0.10, 0.18), ("no fever", "afebrile at home", "{he} has had no fever", "denies fever")),
            Level((0.27, 0.18, 0.30), ("low-grade fever", "fever up to {n}", "felt warm, {n} at most"), 37.6, 38.4, 1),
            Level(
                (0.20, 0.38, 0.35),
                ("fever up to {n}", "fever to {n} degrees Celsius", "fevers to {f} F", "max temp {n} C"),
                38.5,
                39.4,
                1,
            ),
            Level(
                (0.08, 0.34, 0.17),
                ("high fever up to {n}", "fever up to {n}", "fevers as high as {f} F", "high fevers"),
                39.5,
                40.8,
                1,
            ),
        ),
    ),
    Sign(
        "cough",
        HISTORY,
        (
            Level((0.26, 0.12, 0.06), ("no cough", "does not cough", "without cough", "denies cough")),
            Level((0.48, 0.40, 0.58), ("dry cough", "a dry, hacking cough", "coughs, nonproductive")),
            Level(
                (0.26, 0.48, 0.36), ("wet cough", "productive cough", "the cough has become wet", "cough with sputum")
            ),
        ),
    ),
    Sign(
        "duration",
        HISTORY,
        (
            Level((0.32, 0.27, 0.20), ("since yesterday", "for {n} days", "x {n} d", "sick for {n} days"), 2, 2),
            Level((0.40, 0.48, 0.45), ("for {n} days", "x {n} days", "symptoms for {n} days", "ill for {n} d"), 3, 5),
            Level((0.28, 0.25, 0.35), ("for {n} days", "x {n} d", "for about a week", "for {n} days now"), 6, 10),
        ),
    ),
    Sign(
        "rhinorrhoea",
        HISTORY,
        (
            Level((0.45, 0.65, 0.30), ("no rhinorrhea", "no runny nose", "nose is clear", "no congestion")),
            Level(
                (0.55, 0.35, 0.70), ("runny nose", "rhinorrhea and congestion", "stuffy nose and sneezing", "coryza")
            ),
        ),
    ),
    Sign(
        "contacts",
        HISTORY,
        (
            Level((0.60, 0.70, 0.45), ("no sick contacts", "nobody else at home is ill", "no ill contacts")),
            Level(
                (0.40, 0.30, 0.55),
                ("a sister has a cold", "older brother with cough and cold", "sick contacts at day care"),
            ),
        ),
    ),
    Sign(
        "pain",
        HISTORY,
        (
            Level((0.90, 0.72, 0.90), ("no chest pain", "no abdominal pain", "denies pain", "no pain")),
            Level(
                (0.10, 0.28, 0.10),
                (
                    "pain in the {side} chest",
                    "points to the {side} side of {his} belly when {he} coughs",
                    "pleuritic pain",
                ),
            ),
        ),
    ),
    Sign(
        "general",
        EXAMINATION,
        (
            Level((0.55, 0.20, 0.30), ("alert and playful", "well appearing", "looks well", "active, in no distress")),
            Level(
                (0.37, 0.49, 0.52), ("tired but consolable", "tired", "fussy but consolable", "mildly ill appearing")
            ),
            Level((0.08, 0.31, 0.18), ("ill appearing", "looks toxic", "lethargic", "looks very ill")),
        ),
    ),
    Sign(
        "temperature",
        EXAMINATION,
        (
            Level((0.60, 0.25, 0.32), ("temperature {n}", "T {n}", "temp {f} F", "afebrile, {n} C"), 36.3, 37.5, 1),
            Level((0.25, 0.30, 0.38), ("temperature {n}", "T {n}", "temp {f} F", "temperature {n} C"), 37.6, 38.6, 1),
            Level((0.15, 0.45, 0.30), ("temperature {n}", "T {n}", "temp {f} F", "febrile at {n}"), 38.7, 40.4, 1),
        ),
    ),
    Sign(
        "respiratory rate",
        EXAMINATION,
        (
            Level(
                (0.70, 0.35, 0.40),
                ("respirations {n}", "RR {n}", "respiratory rate {n}", "breathes {n} a minute"),
                20,
                36,
            ),
            Level(
                (0.22, 0.37, 0.37), ("respirations {n}", "RR {n}", "tachypneic at {n}", "respiratory rate {n}"), 38, 48
            ),
            Level(
                (0.08, 0.28, 0.23), ("respirations {n}", "RR {n}", "tachypneic at {n}", "respiratory rate {n}"), 50, 68
            ),
        ),
    ),
    Sign(
        "oxygen saturation",
        EXAMINATION,
        (
            Level(
                (0.82, 0.40, 0.47),
                ("oxygen saturation {n}% on room air", "SpO2 {n} %", "sats {n}%", "sat {n}% RA"),
                97,
                100,
            ),
            Level(
                (0.16, 0.38, 0.37),
                ("oxygen saturation {n}% on room air", "SpO2 {n} %", "sats {n}%", "sat {n}% RA"),
                93,
                96,
            ),
            Level(
                (0.02, 0.22, 0.16),
                ("oxygen saturation {n}% on room air", "SpO2 {n} %", "hypoxic at {n}%", "sats {n}%"),
                84,
                92,
            ),
        ),
    ),
    Sign(
        "work of breathing",
        EXAMINATION,
        (
            Level((0.80, 0.45, 0.46), ("no retractions", "no respiratory distress", "breathing is unlabored")),
            Level(
                (0.17, 0.37, 0.38),
                ("mild subcostal retractions", "mild retractions", "slightly increased work of breathing"),
            ),
            Level(
                (0.03, 0.18, 0.16), ("grunting", "marked retractions and nasal flaring", "severe respiratory distress")
            ),
        ),
    ),
    Sign(
        "auscultation",
        EXAMINATION,
        (
            Level(
                (0.60, 0.22, 0.24), ("lungs are clear", "clear to auscultation bilaterally", "no crackles, no wheeze")
            ),
            Level(
                (0.07, 0.46, 0.18),
                (
                    "crackles at the {side} base",
                    "decreased breath sounds and crackles at the {side} base, with dullness to percussion",
                    "rales over the {side} lower lobe",
                    "bronchial breathing on the {side}",
                ),
            ),
            Level((0.08, 0.16, 0.26), ("crackles on both sides", "coarse crackles bilaterally", "scattered rhonchi")),
            Level((0.25, 0.16, 0.32), ("expiratory wheeze", "wheezes bilaterally", "diffuse wheezing")),
        ),
    ),
    Sign(
        "C-reactive protein",
        TESTS,
        (
            Level((0.72, 0.18, 0.45), ("C-reactive protein {n} mg/L", "CRP {n}", "CRP {n} mg/L"), 2, 19),
            Level((0.21, 0.35, 0.37), ("C-reactive protein {n} mg/L", "CRP {n}", "CRP {n} mg/L"), 20, 79),
            Level((0.07, 0.47, 0.18), ("C-reactive protein {n} mg/L", "CRP {n}", "elevated CRP at {n} mg/L"), 80, 290),
        ),
    ),
    Sign(
        "leucocytes",
        TESTS,
        (
            Level((0.65, 0.28, 0.52), ("white blood cell count {n},000", "WBC {n}.0", "leukocytes {n} G/L"), 5, 11),
            Level((0.24, 0.30, 0.31), ("white blood cell count {n},000", "WBC {n}.0", "leukocytes {n} G/L"), 12, 15),
            Level(
                (0.11, 0.42, 0.17), ("white blood cell count {n},000", "WBC {n}.0", "leukocytosis of {n},000"), 16, 32
            ),
        ),
    ),
)
