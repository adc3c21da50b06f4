"""What a note states that speaks against a treatment: allergies, pregnancy, organs that fail, bleeding and the like.

Found by rules, never by a model: a missed word is a missing entry in a table that anybody can read. A condition counts
where a sentence outside the family history names it and does not deny it (`engine.io.negation`); an allergy also where
a drug stands in the section on allergies. The table is general knowledge from the warnings of drug labels, written by
us, short, and not complete: it does not know doses, severity or the patient's other drugs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.case import Stretch
from engine.io.negation import Assertion, assertion_of
from engine.io.sections import Section, SectionKind, sentences, split_sections
from engine.results import Caution, Cautions, Objection
from engine.tasks.treatment_lexicon import TREATMENTS

_QUOTED = 160  # characters of a sentence that are quoted around the words that count


@dataclass(frozen=True)
class Condition:
    """Something about a patient that speaks against treatments.

    Parameters
    ----------
    words : str
        Alternatives of a regular expression for whole words, in any case.
    against : mapping of str to str
        By treatment, why not, in one sentence.
    least, most : float or None
        The words are followed by a number, and count only where it is at least, or at most, this.
    """

    name: str
    words: str
    against: Mapping[str, str]
    least: float | None = None
    most: float | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches any of its words."""
        return re.compile(rf"\b(?:{self.words})(?!\w)", re.IGNORECASE)


_KIDNEY = {
    "NSAID": "NSAIDs can worsen kidney function further.",
    "glucose-lowering tablet": "Metformin and some sulfonylureas accumulate when the kidneys fail.",
    "ACE inhibitor or ARB": "Kidney function and potassium can worsen; needs close control.",
    "anticoagulant": "Several anticoagulants accumulate: dose by kidney function.",
    "other antibiotic": "Aminoglycosides and vancomycin harm the kidneys or accumulate; doses must be adjusted.",
    "coronary angiography or intervention": "Iodinated contrast can harm the kidneys further.",
    "laxative": "Laxatives with magnesium or phosphate accumulate.",
    "vitamins and minerals": "Potassium and magnesium accumulate.",
}
_LIVER = {
    "acetaminophen": "Toxic to a failing liver in usual doses.",
    "lipid-lowering drug": "Statins are not started in active or decompensated liver disease.",
    "anticoagulant": "Clotting is already impaired.",
    "opioid": "Broken down slowly; can bring on encephalopathy.",
    "benzodiazepine or sleep aid": "Broken down slowly; can bring on encephalopathy.",
    "NSAID": "Raise the risk of bleeding and of kidney failure in cirrhosis.",
    "anticonvulsant": "Valproate and some others are toxic to the liver.",
}
_BLEEDING = {
    "anticoagulant": "Makes bleeding worse.",
    "antiplatelet": "Makes bleeding worse.",
    "NSAID": "Makes bleeding worse and harms the stomach.",
}

CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "pregnancy",
        r"(?:is|currently|now|weeks?|months?|\d) pregnan(?:t|cy)|pregnant|intrauterine pregnancy|gravid uterus|iup"
        r"|(?<=possible )pregnancy|(?<=suspected )pregnancy",
        {
            "ACE inhibitor or ARB": "Harms the fetus from the second trimester on.",
            "lipid-lowering drug": "Statins are generally stopped in pregnancy.",
            "anticoagulant": "Warfarin harms the fetus; heparins do not cross the placenta.",
            "NSAID": "Avoided from 20 weeks on: fetal kidneys and ductus arteriosus.",
            "macrolide or tetracycline": "Tetracyclines stain teeth and harm bone of the fetus.",
            "fluoroquinolone": "Avoided in pregnancy.",
            "anticonvulsant": "Valproate and several others cause malformations.",
            "chemotherapy or radiotherapy": "Harms the fetus; needs a specialist's decision.",
            "glucose-lowering tablet": "Insulin is usually preferred in pregnancy.",
            "sex hormone or contraceptive": "Not given in pregnancy.",
            "antipsychotic or lithium": "Lithium can harm the fetal heart.",
        },
    ),
    Condition(
        "breast feeding",
        r"breast[- ]?feeding|breastfeeds|nursing mother|lactating",
        {
            "opioid": "Codeine and tramadol can depress the infant's breathing.",
            "chemotherapy or radiotherapy": "Not compatible with breast feeding.",
            "antipsychotic or lithium": "Lithium passes into the milk.",
        },
    ),
    Condition(
        "kidney failure",
        r"(?:chronic |acute |end[- ]stage )?(?:renal|kidney) (?:failure|insufficiency|impairment)|acute kidney injury"
        r"|chronic (?:kidney|renal) disease|end[- ]stage renal(?: disease)?|esrd|ckd|h(?:a)?emodialysis|on dialysis",
        _KIDNEY,
    ),
    Condition("creatinine of 2 or more", r"creatinine(?: level)?(?: is| was| of|:|,)?", _KIDNEY, least=2.0),
    Condition(
        "potassium of 5.5 or more",
        r"potassium(?: level)?(?: is| was| of|:|,)?",
        {
            "ACE inhibitor or ARB": "Raises potassium further.",
            "diuretic": "Spironolactone and triamterene raise potassium further.",
            "vitamins and minerals": "Potassium supplements would raise it further.",
        },
        least=5.5,
    ),
    Condition(
        "liver failure",
        r"cirrhosis|cirrhotic|liver failure|hepatic (?:failure|insufficiency|encephalopathy)|end[- ]stage liver disease"
        r"|acute hepatitis|decompensated liver",
        _LIVER,
    ),
    Condition(
        "bleeding",
        r"(?:gi|gastrointestinal|active|upper gi|lower gi|rectal|intracranial|intracerebral|subarachnoid) "
        r"(?:bleed(?:ing)?|h(?:a)?emorrhage)|h(?:a)?ematemesis|melena|bleeding ulcer|subdural h(?:a)?ematoma"
        r"|hemorrhagic stroke|active bleeding",
        _BLEEDING,
    ),
    Condition("platelets under 50", r"platelets?(?: count)?(?: is| was| of|:|,)?", _BLEEDING, most=50.0),
    Condition("tendency to bleed", r"h(?:a)?emophilia|von willebrand'?s?(?: disease)?|thrombocytopenia", _BLEEDING),
    Condition(
        "anticoagulation",
        r"warfarin|coumadin|enoxaparin|lovenox|rivaroxaban|apixaban|dabigatran|anticoagulated|anticoagulation",
        {
            "NSAID": "Together with an anticoagulant, bleeding is several times more frequent.",
            "antiplatelet": "Together with an anticoagulant, bleeding is more frequent; needs a clear reason.",
            "biopsy": "Anticoagulation has to be planned around the procedure.",
            "injection or nerve block": "Neuraxial blocks under anticoagulation can bleed into the spinal canal.",
        },
    ),
    Condition(
        "peptic ulcer",
        r"peptic ulcer(?: disease)?|(?:gastric|duodenal|stomach) ulcers?|pud",
        {
            "NSAID": "Can make an ulcer bleed or perforate.",
            "antiplatelet": "Can make an ulcer bleed.",
            "corticosteroid": "With an ulcer, bleeds are more frequent.",
        },
    ),
    Condition(
        "asthma",
        r"asthma|asthmatic|reactive airway disease",
        {
            "beta-blocker": "Can bring on severe bronchospasm.",
            "NSAID": "Can bring on an attack in those who are sensitive to aspirin.",
            "antiplatelet": "Aspirin can bring on an attack in those who are sensitive to it.",
        },
    ),
    Condition(
        "heart block or slow pulse",
        r"(?:second|third|2nd|3rd)[- ]degree (?:av |heart |atrioventricular )?block|complete heart block|bradycardia"
        r"|sick sinus syndrome|av block",
        {
            "beta-blocker": "Slows conduction further.",
            "calcium channel blocker": "Diltiazem and verapamil slow conduction further.",
            "antiarrhythmic or digoxin": "Slows conduction further.",
        },
    ),
    Condition(
        "heart failure",
        r"(?:congestive )?heart failure|chf|ejection fraction (?:of )?(?:[12]\d|30|35) ?(?:%|percent)",
        {
            "NSAID": "Retains salt and water and can worsen heart failure.",
            "glucose-lowering tablet": "Glitazones retain fluid and can worsen heart failure.",
            "calcium channel blocker": "Diltiazem and verapamil weaken a failing heart.",
            "intravenous fluids": "Can overload a failing heart.",
            "transfusion": "Can overload a failing heart.",
        },
    ),
    Condition(
        "long QT",
        r"(?:long|prolonged) qtc?(?: interval| syndrome)?|torsades?(?: de pointes)?",
        {
            "macrolide or tetracycline": "Macrolides lengthen the QT interval.",
            "fluoroquinolone": "Lengthens the QT interval.",
            "antiemetic": "Ondansetron and others lengthen the QT interval.",
            "antipsychotic or lithium": "Many antipsychotics lengthen the QT interval.",
            "antiarrhythmic or digoxin": "Several antiarrhythmics lengthen the QT interval.",
        },
    ),
    Condition(
        "seizures",
        r"seizures?|epilepsy|seizure disorder",
        {
            "antidepressant": "Bupropion and tricyclics lower the threshold for seizures.",
            "opioid": "Tramadol and meperidine lower the threshold for seizures.",
            "fluoroquinolone": "Lowers the threshold for seizures.",
        },
    ),
    Condition(
        "slow or obstructed breathing",
        r"respiratory (?:failure|depression)|hypercapni[ac]|obstructive sleep apnea|sleep apnea|osa",
        {
            "opioid": "Depresses breathing.",
            "benzodiazepine or sleep aid": "Depresses breathing.",
        },
    ),
    Condition(
        "venous thrombosis",
        r"(?:history of |acute )?(?:deep (?:venous|vein) thrombosis|pulmonary embol(?:ism|us|i)|dvt)",
        {"sex hormone or contraceptive": "Estrogens raise the risk of another thrombosis."},
    ),
    Condition(
        "glaucoma",
        r"(?:narrow|closed)[- ]angle glaucoma|angle[- ]closure glaucoma",
        {
            "antihistamine or decongestant": "Can bring on an acute attack of angle closure.",
            "antidepressant": "Tricyclics can bring on an acute attack of angle closure.",
        },
    ),
    Condition(
        "diabetes",
        r"diabetes(?: mellitus)?|diabetic",
        {"corticosteroid": "Raises blood glucose; needs control and often more insulin."},
    ),
)

_DRUG_CLASSES = tuple(treatment for treatment in TREATMENTS if treatment.drug)
_RELATED = {
    "penicillin": ("cephalosporin", "A few patients with penicillin allergy react to cephalosporins too."),
    "NSAID": ("antiplatelet", "Who reacts to an NSAID often reacts to aspirin."),
    "antiplatelet": ("NSAID", "Who reacts to aspirin often reacts to other NSAIDs."),
}
_OTHER_ALLERGENS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "sulfa",
        r"sulfas?|sulfa (?:drugs?|antibiotics?)|sulfonamides?|sulfur",
        {
            "other antibiotic": "Trimethoprim-sulfamethoxazole is a sulfa drug; others of this class are not.",
            "diuretic": "Thiazides and furosemide are sulfonamides; reactions across are rare.",
        },
    ),
    (
        "contrast or iodine",
        r"(?:iv |iodinated |x-?ray )?(?:contrast(?: dye| media)?|dye)|iodine|shellfish|betadine",
        {
            "coronary angiography or intervention": "Needs iodinated contrast; ask what the reaction was and prepare.",
        },
    ),
    (
        "latex",
        r"latex",
        {
            "abdominal or hernia surgery": "A latex-free operating room is needed.",
            "cystoscopy or ureteral procedure": "Latex-free catheters are needed.",
        },
    ),
    ("local anaesthetic", r"lidocaine|novocain\w*|xylocaine", {"injection or nerve block": "Uses local anaesthetics."}),
)
_REACTION = re.compile(r"allerg|anaphyla|hives|urticaria|angioedema|intoleran|reaction to|sensitiv", re.IGNORECASE)
_NONE_KNOWN = re.compile(r"\b(?:nkda|no known (?:drug |medication |medical )?allerg\w*)\b", re.IGNORECASE)
_NOT_TOLERATED = re.compile(
    r"\b(?:not|never|cannot|can't|couldn't|doesn't|didn't|unable to)(?: \w+)? tolerat|tolerated (?:poorly|badly)",
    re.IGNORECASE,
)
_TOLERATED = re.compile(
    r"\b(?:tolerated|tolerates|tolerating)\b|\b(?:can|could|able to) tolerate\b"
    r"|\b(?:has|have|had) (?:previously |since |also )?(?:taken|received|used)\b.*\bwithout\b"
    r"|\bwithout (?:any )?(?:difficult|problem|reaction|trouble|incident|adverse|side effect)",
    re.IGNORECASE,
)
_HARM = re.compile(f"{_REACTION.pattern}|{_NOT_TOLERATED.pattern}", re.IGNORECASE)
_CONTRAST = re.compile(r"[;:.]|,? (?:but|however|although|though|except|yet)\b", re.IGNORECASE)
_VALUE = re.compile(r"\W{0,3}(\d{1,3}(?:,\d{3})+|\d{1,4}(?:\.\d+)?)(?!\d| ?(?:mg|meq|ml|tab))", re.IGNORECASE)
_HIGHEST = 20.0  # of a creatinine or a potassium: beyond it stands a dose or a date

SEARCHED = (
    *(f"allergy to {treatment.name}" for treatment in _DRUG_CLASSES),
    *(f"allergy to {name}" for name, _, _ in _OTHER_ALLERGENS),
    *(condition.name for condition in CONDITIONS),
)
"""All that is looked for, by name."""


def find_contradictions(text: str) -> Cautions:
    """Find what a note states that speaks against treatments, each condition once, where it is stated first.

    Examples
    --------
    >>> find_contradictions("ALLERGIES: Penicillin (hives). Denies asthma.").found[0].quote
    'Penicillin (hives).'
    """
    found: dict[str, Caution] = {}
    for section in split_sections(text):
        if section.kind is SectionKind.FAMILY:
            continue
        for sentence in sentences(text, section.body, section.end):
            for caution in _in_sentence(text, section, sentence):
                known = found.get(caution.condition)
                if known is None or (known.possible and not caution.possible):
                    found[caution.condition] = caution
    return Cautions(tuple(sorted(found.values(), key=lambda caution: caution.start)), SEARCHED)


def _in_sentence(text: str, section: Section, sentence: Stretch) -> Iterator[Caution]:
    said = text[sentence.start : sentence.end]
    if (section.kind is SectionKind.ALLERGIES or _HARM.search(said)) and not _NONE_KNOWN.search(said):
        yield from _allergies(text, sentence, listed=section.kind is SectionKind.ALLERGIES)
    for condition in CONDITIONS:
        for match in condition.pattern.finditer(said):
            how = assertion_of(said, match.start(), match.end())
            if how in (Assertion.NEGATED, Assertion.ENDED) or not _counts(condition, said[match.end() :]):
                continue
            place = Stretch(sentence.start + match.start(), sentence.start + match.end())
            possible = how is Assertion.POSSIBLE
            yield _caution(text, sentence, place, condition.name, condition.against, possible=possible)
            break


def _allergies(text: str, sentence: Stretch, *, listed: bool) -> Iterator[Caution]:
    """Allergies that a sentence states: all drugs in a list of allergies, elsewhere those that were not tolerated."""
    said = text[sentence.start : sentence.end]
    tolerated = (Assertion.NEGATED,) if listed else (Assertion.NEGATED, Assertion.AFFIRMED, Assertion.POSSIBLE)
    known = [(one.name, one.pattern, _against_class(one.name)) for one in _DRUG_CLASSES]
    known += [(n, re.compile(rf"\b(?:{words})\b", re.IGNORECASE), against) for n, words, against in _OTHER_ALLERGENS]
    for name, pattern, against in known:
        for match in pattern.finditer(said):
            part = _part_about(said, match)
            harmed = _NOT_TOLERATED.search(part)
            if not harmed and _TOLERATED.search(part) and not _REACTION.search(_TOLERATED.sub("", part)):
                continue
            if harmed or assertion_of(said, match.start(), match.end()) not in tolerated:
                place = Stretch(sentence.start + match.start(), sentence.start + match.end())
                yield _caution(text, sentence, place, f"allergy to {name}", against, possible=False)
                break


def _part_about(said: str, drug: re.Match[str]) -> str:
    """The part of a sentence that names a drug, without what is set against it, as in "but tolerates codeine"."""
    before = [match.end() for match in _CONTRAST.finditer(said, 0, drug.start())]
    after = _CONTRAST.search(said, drug.end())
    return said[before[-1] if before else 0 : after.start() if after else len(said)]


def _against_class(name: str) -> dict[str, str]:
    own = {name: "The note states an allergy or intolerance to a drug of this class."}
    return own | dict([_RELATED[name]] if name in _RELATED else [])


def _counts(condition: Condition, rest: str) -> bool:
    """Whether the number that follows, where one is asked for, is as high or as low as it must be."""
    if condition.least is None and condition.most is None:
        return True
    match = _VALUE.match(rest)
    if match is None:
        return False
    value = float(match[1].replace(",", ""))
    value = value / 1000 if value > 1000 else value  # platelets are written in thousands or in full
    return condition.least <= value <= _HIGHEST if condition.least is not None else value <= (condition.most or 0.0)


def _caution(
    text: str, sentence: Stretch, place: Stretch, name: str, against: Mapping[str, str], *, possible: bool
) -> Caution:
    start = max(sentence.start, place.end - _QUOTED)
    if start > sentence.start:  # at the next word, never within one
        start = min(text.find(" ", start, place.start) + 1 or place.start, place.start)
    end = min(sentence.end, start + max(_QUOTED, place.end - start))
    objections = tuple(Objection(label, reason) for label, reason in against.items())
    return Caution(name, text[start:end].strip(), place.start, place.end, possible, objections)
