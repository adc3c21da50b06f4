"""The variables of a course in intensive care: names, units, codes, what a body can have and what is normal for adults.

The set is that of Silva et al., Predicting in-hospital mortality of ICU patients: the PhysioNet/Computing in Cardiology
Challenge 2012, CinC 2012 (its magnesium is in mg/dL, whatever its list says). Codes are LOINC's; units are read as UCUM
and as people write them. Impossible values follow what monitors and laboratories can report, not what is likely.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.errors import UnsupportedContent
from engine.words import mark, tr

Linear = tuple[float, float]
"""A factor and what is added afterwards: the way from one unit to another."""

COURSE_HOURS = 48
"""The hours from the beginning on that models read."""

_SAME: Linear = (1.0, 0.0)


@dataclass(frozen=True)
class Slip:
    """A unit slip that is told by the value alone: numbers in [low, high] that are meant in another unit."""

    low: float
    high: float
    way: Linear
    meant: str


@dataclass(frozen=True)
class CourseVariable:
    """One thing that is observed of a patient.

    Parameters
    ----------
    name : str
        The short name, as `engine.case.Course.variables` holds it.
    unit : str
        Of all its values in a course; empty for pure numbers.
    possible : tuple of float
        Lowest and highest value, in `unit`, that is believed; anything beyond is an error of the record.
    normal : tuple of float or None
        Reference range of adults, in `unit`; None where there is none that holds for everybody.
    synonyms, loinc : tuple of str
        Other names, and LOINC codes.
    units : mapping of str to (float, float)
        Other units that are accepted, with the way to `unit`.
    slips : tuple of Slip
        Believed only where a value comes without its unit.
    """

    name: str
    title: str
    unit: str
    possible: tuple[float, float]
    normal: tuple[float, float] | None = None
    synonyms: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()
    units: Mapping[str, Linear] = field(default_factory=lambda: MappingProxyType({}))
    slips: tuple[Slip, ...] = ()

    @property
    def decimals(self) -> int:
        """Digits after the point with which its values are written."""
        return _DECIMALS.get(self.name, 0)

    def written(self, value: float) -> str:
        """Write a value with its unit.

        Examples
        --------
        >>> COURSE_VARIABLES["HR"].written(104.6), COURSE_VARIABLES["pH"].written(7.2)
        ('105/min', '7.20')
        """
        unit = self.unit.removeprefix("1") if self.unit == "1/min" else f" {self.unit}"
        return f"{value:.{self.decimals}f}{unit}".rstrip().replace("-", "−")


def _times(**factors: float) -> Mapping[str, Linear]:
    return MappingProxyType({_PLAIN[unit]: (factor, 0.0) for unit, factor in factors.items()})


_PLAIN = {
    "mmol": "mmol/L",
    "umol": "µmol/L",
    "mg": "mg/dL",
    "g_l": "g/L",
    "kpa": "kPa",
    "ng_l": "ng/L",
    "ukat": "µkat/L",
    "per_ul": "1/µL",
    "share": "share",
    "percent": "%",
    "lb": "lb",
    "g": "g",
    "l": "L",
    "m": "m",
    "inch": "inch",
}
_FAHRENHEIT: Linear = (5 / 9, -160 / 9)
_PRESSURE = _times(kpa=7.50062)
_ENZYME = _times(ukat=60.0)
_CELLS = _times(per_ul=0.001)
_TROPONIN = _times(ng_l=0.001)
_V = CourseVariable  # its second word, the title, is found by Babel
_AS_SHARES, _IN_FAHRENHEIT, _IN_PERCENT = mark("as shares"), mark("in °F"), mark("in %")
_PERCENT = _times(share=100.0)

_CATALOGUE = (
    _V("HR", "Heart rate", "1/min", (10, 300), (60, 100), ("heart rate", "pulse", "pulse rate"), ("8867-4",)),
    _V("SysABP", "Systolic pressure, arterial line", "mmHg", (20, 300), (90, 140),
       ("systolic abp", "abp systolic", "invasive systolic blood pressure", "ibp systolic", "art sys"),
       ("76215-3",), _PRESSURE),
    _V("DiasABP", "Diastolic pressure, arterial line", "mmHg", (10, 220), (60, 90),
       ("diastolic abp", "abp diastolic", "invasive diastolic blood pressure", "ibp diastolic", "art dia"),
       ("76213-8",), _PRESSURE),
    _V("MAP", "Mean pressure, arterial line", "mmHg", (10, 250), (70, 105),
       ("mean arterial pressure", "abp mean", "mean abp", "invasive mean blood pressure", "ibp mean", "art mean"),
       ("76214-6",), _PRESSURE),
    _V("NISysABP", "Systolic pressure, cuff", "mmHg", (20, 300), (90, 140),
       ("sbp", "systolic", "systolic blood pressure", "nibp systolic", "nisbp", "sys bp"),
       ("8480-6", "76534-7"), _PRESSURE),
    _V("NIDiasABP", "Diastolic pressure, cuff", "mmHg", (10, 220), (60, 90),
       ("dbp", "diastolic", "diastolic blood pressure", "nibp diastolic", "nidbp", "dia bp"),
       ("8462-4", "76535-4"), _PRESSURE),
    _V("NIMAP", "Mean pressure, cuff", "mmHg", (10, 250), (70, 105),
       ("nibp mean", "mean blood pressure", "nimbp", "mbp"), ("8478-0", "76536-2"), _PRESSURE),
    _V("RespRate", "Respiratory rate", "1/min", (1, 100), (12, 20),
       ("respiratory rate", "resp", "rr", "breathing rate"), ("9279-1",)),
    _V("SaO2", "Arterial oxygen saturation", "%", (20, 100), (94, 100),
       ("arterial oxygen saturation", "oxygen saturation in arterial blood"), ("2708-6",), _PERCENT,
       (Slip(0.3, 1.0, (100.0, 0.0), _AS_SHARES),)),
    _V("Temp", "Temperature", "°C", (24, 45), (36.0, 38.0), ("temperature", "body temperature", "core temperature"),
       ("8310-5",), MappingProxyType({"°F": _FAHRENHEIT, "K": (1.0, -273.15)}),
       (Slip(75.2, 113, _FAHRENHEIT, _IN_FAHRENHEIT),)),
    _V("GCS", "Glasgow Coma Scale", "points", (3, 15), (15, 15),
       ("glasgow coma scale", "glasgow coma score", "glasgow coma score total", "gcs total"), ("9269-2",)),
    _V("Urine", "Urine output", "mL", (0, 10_000), None, ("urine output", "diuresis", "uop"), ("9187-6", "9192-6"),
       _times(l=1000.0)),
    _V("MechVent", "Mechanical ventilation", "", (0, 1), None, ("mechanical ventilation", "ventilated", "ventilation")),
    _V("FiO2", "Inspired share of oxygen", "", (0.2, 1.0), None,
       ("fraction of inspired oxygen", "inspired oxygen", "inhaled oxygen concentration", "fio2"),
       ("3150-6", "19996-8"), _times(percent=0.01), (Slip(20, 100, (0.01, 0.0), _IN_PERCENT),)),
    _V("PaO2", "Arterial oxygen tension", "mmHg", (15, 700), (75, 100), ("po2 arterial", "arterial po2"), ("2703-7",),
       _PRESSURE),
    _V("PaCO2", "Arterial carbon dioxide tension", "mmHg", (5, 250), (35, 45), ("pco2 arterial", "arterial pco2"),
       ("2019-8",), _PRESSURE),
    _V("pH", "Arterial pH", "", (6.3, 8.0), (7.35, 7.45), ("arterial ph", "ph arterial"), ("2744-1",),
       slips=(Slip(63, 80, (0.1, 0.0), "times 10"), Slip(630, 800, (0.01, 0.0), "times 100"))),
    _V("HCO3", "Bicarbonate", "mmol/L", (2, 60), (22, 28), ("bicarbonate", "serum bicarbonate", "bicarb"),
       ("1963-8", "1960-4", "14627-4")),
    _V("Lactate", "Lactate", "mmol/L", (0.1, 40), (0.5, 2.0), ("lactic acid", "lac", "blood lactate"),
       ("2524-7", "32693-4", "2518-9"), _times(mg=1 / 9.008)),
    _V("Na", "Sodium", "mmol/L", (90, 200), (135, 145), ("sodium", "serum sodium"), ("2951-2", "2947-0")),
    _V("K", "Potassium", "mmol/L", (1, 15), (3.5, 5.0), ("potassium", "serum potassium"), ("2823-3", "6298-4")),
    _V("Mg", "Magnesium", "mg/dL", (0.2, 12), (1.7, 2.4), ("magnesium", "serum magnesium"), ("19123-9", "2601-3"),
       _times(mmol=2.4305)),
    _V("Glucose", "Glucose", "mg/dL", (10, 2000), (70, 140), ("blood glucose", "serum glucose", "blood sugar", "glu"),
       ("2345-7", "2339-0", "41653-7", "15074-8", "14749-6"), _times(mmol=18.016)),
    _V("BUN", "Blood urea nitrogen", "mg/dL", (1, 300), (7, 20), ("blood urea nitrogen", "urea nitrogen"),
       ("3094-0", "14937-7"), _times(mmol=2.8013)),
    _V("Creatinine", "Creatinine", "mg/dL", (0.05, 40), (0.6, 1.3), ("serum creatinine", "crea", "creat"),
       ("2160-0", "14682-9"), _times(umol=1 / 88.42)),
    _V("Bilirubin", "Bilirubin, total", "mg/dL", (0.05, 80), (0.1, 1.2), ("total bilirubin", "bilirubin total", "bili"),
       ("1975-2", "14631-6"), _times(umol=1 / 17.104)),
    _V("ALT", "Alanine aminotransferase", "U/L", (1, 30_000), (7, 55), ("alanine aminotransferase", "gpt", "sgpt"),
       ("1742-6",), _ENZYME),
    _V("AST", "Aspartate aminotransferase", "U/L", (1, 40_000), (8, 48), ("aspartate aminotransferase", "got", "sgot"),
       ("1920-8",), _ENZYME),
    _V("ALP", "Alkaline phosphatase", "U/L", (1, 5000), (40, 130), ("alkaline phosphatase", "alk phos"), ("6768-6",),
       _ENZYME),
    _V("Albumin", "Albumin", "g/dL", (0.5, 8), (3.5, 5.0), ("serum albumin", "alb"), ("1751-7",), _times(g_l=0.1)),
    _V("HCT", "Haematocrit", "%", (5, 75), (36, 50), ("hematocrit", "haematocrit"), ("4544-3", "20570-8"), _PERCENT,
       (Slip(0.05, 0.75, (100.0, 0.0), _AS_SHARES),)),
    _V("WBC", "White blood cells", "10⁹/L", (0, 600), (4, 11),
       ("white blood cells", "white blood cell count", "leukocytes", "leucocytes", "wcc"),
       ("6690-2", "26464-8"), _CELLS),
    _V("Platelets", "Platelets", "10⁹/L", (0, 3000), (150, 400), ("platelet count", "thrombocytes", "plt"),
       ("777-3", "26515-7"), _CELLS),
    _V("TroponinI", "Troponin I", "µg/L", (0, 500), (0, 0.04), ("troponin i", "cardiac troponin i", "tni"),
       ("10839-9", "42757-5", "89579-7"), _TROPONIN),
    _V("TroponinT", "Troponin T", "µg/L", (0, 100), (0, 0.014), ("troponin t", "cardiac troponin t", "tnt"),
       ("6598-7", "48425-3", "67151-1"), _TROPONIN),
    _V("Cholesterol", "Cholesterol, total", "mg/dL", (10, 1500), (0, 200), ("total cholesterol", "chol"),
       ("2093-3", "14647-2"), _times(mmol=38.67)),
    _V("Weight", "Body weight", "kg", (20, 400), None, ("body weight", "wt"), ("29463-7", "3141-9"),
       _times(lb=0.45359237, g=0.001)),
)  # fmt: skip

COURSE_VARIABLES: Mapping[str, CourseVariable] = MappingProxyType({variable.name: variable for variable in _CATALOGUE})
"""By name, in the order in which a chart in intensive care shows them."""

AGE = _V("Age", "Age", "years", (0, 130), None, ("age years",), ("30525-0",))
GENDER = _V("Gender", "Gender, 1 male, 0 female", "", (0, 1), None, ("sex",))
HEIGHT = _V("Height", "Body height", "cm", (50, 260), None, ("body height",), ("8302-2",), _times(m=100.0, inch=2.54),
            (Slip(1.2, 2.4, (100.0, 0.0), "in m"), Slip(330, 600, (1 / 2.54, 0.0), "times 2.54")))  # fmt: skip
ICU_TYPE = _V("ICUType", "Unit, 1 coronary, 2 cardiac surgery, 3 medical, 4 surgical", "", (1, 4))

STATIC_VARIABLES: Mapping[str, CourseVariable] = MappingProxyType(
    {variable.name: variable for variable in (AGE, GENDER, HEIGHT, ICU_TYPE)}
)
"""What holds for a whole course, by name; the first weight stands beside them."""

_UREA = _V("BUN", "Urea", "mmol/L", (1, 300), None, ("urea", "serum urea", "blood urea"), ("22664-7",))
_UREA_WAYS: Mapping[str, Linear] = MappingProxyType({"mmol/L": (2.8013, 0.0), "mg/dL": (0.467, 0.0)})
"""Urea is more than its nitrogen: the same figure in mg/dL means less than half as much."""

_DECIMALS = dict.fromkeys(("pH", "FiO2", "TroponinI", "TroponinT"), 2) | dict.fromkeys(
    ("Temp", "K", "Mg", "Lactate", "Creatinine", "Bilirubin", "Albumin", "WBC", "Weight"), 1
)

_SPELLINGS = {
    "mmHg": "mm[hg] mmhg mm_hg torr",
    "kPa": "kpa",
    "1/min": "1/min /min bpm min-1 beats/min breaths/min {beats}/min {breaths}/min beats/minute breaths/minute "
    "{heartbeats}/min rpm",
    "%": "% percent pct",
    "share": "share fraction l/l ratio 1",
    "°C": "cel °c c degc deg_c celsius degrees_c degrees_celsius",
    "°F": "[degf] °f f degf deg_f fahrenheit degrees_f degrees_fahrenheit",
    "K": "k kelvin",
    "points": "points point {score} score {points} 1",
    "mL": "ml cc",
    "L": "l liter litre",
    "mmol/L": "mmol/l meq/l mm",
    "µmol/L": "umol/l",
    "mg/dL": "mg/dl mg%",
    "g/dL": "g/dl",
    "g/L": "g/l",
    "U/L": "u/l iu/l [iu]/l units/l",
    "µkat/L": "ukat/l",
    "10⁹/L": "10*9/l 10^9/l 10e9/l 10*3/ul 10^3/ul x10^9/l x10*9/l x10^3/ul 1000/ul k/ul cells/nl /nl 1/nl giga/l "
    "thou/ul 10³/ul",
    "1/µL": "/ul 1/ul cells/ul /mm3 /mm^3",
    "µg/L": "ug/l ng/ml mcg/l",
    "ng/L": "ng/l pg/ml",
    "kg": "kg",
    "lb": "lb lbs [lb_av] pound pounds",
    "g": "g",
    "cm": "cm",
    "m": "m",
    "inch": "[in_i] in inch inches",
    "years": "years year a yr yrs y",
    "": "1 {ph} [ph] ph share fraction l/l ratio bool boolean 0/1",
}  # fmt: skip


def plain(words: str) -> str:
    """Bring a name to the form in which names are compared: lower case, blanks for anything but letters and digits.

    Examples
    --------
    >>> plain(" Heart_Rate (monitor) ")
    'heart rate monitor'
    """
    return " ".join(re.findall(r"[a-z0-9]+", words.lower().replace("₂", "2")))


def plain_unit(unit: str) -> str:
    """Bring a unit to the form in which units are compared.

    Examples
    --------
    >>> plain_unit("x10^9 / L"), plain_unit("μmol/l")
    ('x10^9/l', 'umol/l')
    """
    spelled = unit.strip().lower().replace("\u00b5", "u").replace("\u03bc", "u").replace("⁹", "^9").replace("º", "°")
    spelled = re.sub(r"\s*/\s*", "/", spelled)
    return re.sub(r"\s+", "_" if spelled.startswith(("deg", "mm ")) else "", spelled)


def find_variable(name: str) -> CourseVariable | None:
    """Find the variable, or the static one, that a name or a LOINC code means; None where we know none."""
    return _BY_NAME.get(name.strip()) or _BY_NAME.get(plain(name))


def way_from(variable: CourseVariable, unit: str) -> Linear:
    """Return the way from a unit to the variable's own.

    Parameters
    ----------
    unit : str
        As people write it; empty where the file names none, which then means the variable's own.

    Raises
    ------
    UnsupportedContent
        If the variable is not read in that unit.
    """
    ways = _UREA_WAYS if variable is _UREA else variable.units
    if not unit.strip() or unit.strip() == variable.unit:
        return ways.get(variable.unit, _SAME)
    spelled = plain_unit(unit)
    for known, way in (*ways.items(), (variable.unit, _SAME)):
        if unit.strip() == known or spelled in _SPELLINGS[known].split():
            return way
    known_units = ", ".join(dict.fromkeys((variable.unit or tr("a pure number"), *ways)))
    named = "".join(letter for letter in unit.strip()[:20] if letter.isprintable()) or "?"
    raise UnsupportedContent(
        tr("{title} is given in {unit}, which is not read here.", title=tr(variable.title), unit=named),
        tr("Give it in {units}.", units=known_units),
    )


def _names(variable: CourseVariable) -> set[str]:
    said = (variable.name, variable.title, *variable.synonyms) if variable is not _UREA else variable.synonyms
    return {plain(words) for words in said} | set(variable.loinc)


_BY_NAME = {
    name: variable for variable in (*_CATALOGUE, *STATIC_VARIABLES.values(), _UREA) for name in _names(variable)
}
