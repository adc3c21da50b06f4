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
from engine.words import mark, recorded

_ALLERGY = mark("allergy to {name}")
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
    "NSAID": mark("NSAIDs can worsen kidney function further."),
    "glucose-lowering tablet": mark("Metformin and some sulfonylureas accumulate when the kidneys fail."),
    "ACE inhibitor or ARB": mark("Kidney function and potassium can worsen; needs close control."),
    "anticoagulant": mark("Several anticoagulants accumulate: dose by kidney function."),
    "other antibiotic": mark("Aminoglycosides and vancomycin harm the kidneys or accumulate; doses must be adjusted."),
    "coronary angiography or intervention": mark("Iodinated contrast can harm the kidneys further."),
    "laxative": mark("Laxatives with magnesium or phosphate accumulate."),
    "vitamins and minerals": mark("Potassium and magnesium accumulate."),
}
_LIVER = {
    "acetaminophen": mark("Toxic to a failing liver in usual doses."),
    "lipid-lowering drug": mark("Statins are not started in active or decompensated liver disease."),
    "anticoagulant": mark("Clotting is already impaired."),
    "opioid": mark("Broken down slowly; can bring on encephalopathy."),
    "benzodiazepine or sleep aid": mark("Broken down slowly; can bring on encephalopathy."),
    "NSAID": mark("Raise the risk of bleeding and of kidney failure in cirrhosis."),
    "anticonvulsant": mark("Valproate and some others are toxic to the liver."),
}
_BLEEDING = {
    "anticoagulant": mark("Makes bleeding worse."),
    "antiplatelet": mark("Makes bleeding worse."),
    "NSAID": mark("Makes bleeding worse and harms the stomach."),
}

CONDITIONS: tuple[Condition, ...] = (
    Condition(
        mark("pregnancy"),
        r"(?:is|currently|now|weeks?|months?|\d) pregnan(?:t|cy)|pregnant|intrauterine pregnancy|gravid uterus|iup"
        r"|(?<=possible )pregnancy|(?<=suspected )pregnancy",
        {
            "ACE inhibitor or ARB": mark("Harms the fetus from the second trimester on."),
            "lipid-lowering drug": mark("Statins are generally stopped in pregnancy."),
            "anticoagulant": mark("Warfarin harms the fetus; heparins do not cross the placenta."),
            "NSAID": mark("Avoided from 20 weeks on: fetal kidneys and ductus arteriosus."),
            "macrolide or tetracycline": mark("Tetracyclines stain teeth and harm bone of the fetus."),
            "fluoroquinolone": mark("Avoided in pregnancy."),
            "anticonvulsant": mark("Valproate and several others cause malformations."),
            "chemotherapy or radiotherapy": mark("Harms the fetus; needs a specialist's decision."),
            "glucose-lowering tablet": mark("Insulin is usually preferred in pregnancy."),
            "sex hormone or contraceptive": mark("Not given in pregnancy."),
            "antipsychotic or lithium": mark("Lithium can harm the fetal heart."),
        },
    ),
    Condition(
        mark("breast feeding"),
        r"breast[- ]?feeding|breastfeeds|nursing mother|lactating",
        {
            "opioid": mark("Codeine and tramadol can depress the infant's breathing."),
            "chemotherapy or radiotherapy": mark("Not compatible with breast feeding."),
            "antipsychotic or lithium": mark("Lithium passes into the milk."),
        },
    ),
    Condition(
        mark("kidney failure"),
        r"(?:chronic |acute |end[- ]stage )?(?:renal|kidney) (?:failure|insufficiency|impairment)|acute kidney injury"
        r"|chronic (?:kidney|renal) disease|end[- ]stage renal(?: disease)?|esrd|ckd|h(?:a)?emodialysis|on dialysis",
        _KIDNEY,
    ),
    Condition(mark("creatinine of 2 or more"), r"creatinine(?: level)?(?: is| was| of|:|,)?", _KIDNEY, least=2.0),
    Condition(
        mark("potassium of 5.5 or more"),
        r"potassium(?: level)?(?: is| was| of|:|,)?",
        {
            "ACE inhibitor or ARB": mark("Raises potassium further."),
            "diuretic": mark("Spironolactone and triamterene raise potassium further."),
            "vitamins and minerals": mark("Potassium supplements would raise it further."),
        },
        least=5.5,
    ),
    Condition(
        mark("liver failure"),
        r"cirrhosis|cirrhotic|liver failure|hepatic (?:failure|insufficiency|encephalopathy)|end[- ]stage liver disease"
        r"|acute hepatitis|decompensated liver",
        _LIVER,
    ),
    Condition(
        mark("bleeding"),
        r"(?:gi|gastrointestinal|active|upper gi|lower gi|rectal|intracranial|intracerebral|subarachnoid) "
        r"(?:bleed(?:ing)?|h(?:a)?emorrhage)|h(?:a)?ematemesis|melena|bleeding ulcer|subdural h(?:a)?ematoma"
        r"|hemorrhagic stroke|active bleeding",
        _BLEEDING,
    ),
    Condition(mark("platelets under 50"), r"platelets?(?: count)?(?: is| was| of|:|,)?", _BLEEDING, most=50.0),
    Condition(
        mark("tendency to bleed"), r"h(?:a)?emophilia|von willebrand'?s?(?: disease)?|thrombocytopenia", _BLEEDING
    ),
    Condition(
        mark("anticoagulation"),
        r"warfarin|coumadin|enoxaparin|lovenox|rivaroxaban|apixaban|dabigatran|anticoagulated|anticoagulation",
        {
            "NSAID": mark("Together with an anticoagulant, bleeding is several times more frequent."),
            "antiplatelet": mark("Together with an anticoagulant, bleeding is more frequent; needs a clear reason."),
            "biopsy": mark("Anticoagulation has to be planned around the procedure."),
            "injection or nerve block": mark("Neuraxial blocks under anticoagulation can bleed into the spinal canal."),
        },
    ),
    Condition(
        mark("peptic ulcer"),
        r"peptic ulcer(?: disease)?|(?:gastric|duodenal|stomach) ulcers?|pud",
        {
            "NSAID": mark("Can make an ulcer bleed or perforate."),
            "antiplatelet": mark("Can make an ulcer bleed."),
            "corticosteroid": mark("With an ulcer, bleeds are more frequent."),
        },
    ),
    Condition(
        mark("asthma"),
        r"asthma|asthmatic|reactive airway disease",
        {
            "beta-blocker": mark("Can bring on severe bronchospasm."),
            "NSAID": mark("Can bring on an attack in those who are sensitive to aspirin."),
            "antiplatelet": mark("Aspirin can bring on an attack in those who are sensitive to it."),
        },
    ),
    Condition(
        mark("heart block or slow pulse"),
        r"(?:second|third|2nd|3rd)[- ]degree (?:av |heart |atrioventricular )?block|complete heart block|bradycardia"
        r"|sick sinus syndrome|av block",
        {
            "beta-blocker": mark("Slows conduction further."),
            "calcium channel blocker": mark("Diltiazem and verapamil slow conduction further."),
            "antiarrhythmic or digoxin": mark("Slows conduction further."),
        },
    ),
    Condition(
        mark("heart failure"),
        r"(?:congestive )?heart failure|chf|ejection fraction (?:of )?(?:[12]\d|30|35) ?(?:%|percent)",
        {
            "NSAID": mark("Retains salt and water and can worsen heart failure."),
            "glucose-lowering tablet": mark("Glitazones retain fluid and can worsen heart failure."),
            "calcium channel blocker": mark("Diltiazem and verapamil weaken a failing heart."),
            "intravenous fluids": mark("Can overload a failing heart."),
            "transfusion": mark("Can overload a failing heart."),
        },
    ),
    Condition(
        mark("long QT"),
        r"(?:long|prolonged) qtc?(?: interval| syndrome)?|torsades?(?: de pointes)?",
        {
            "macrolide or tetracycline": mark("Macrolides lengthen the QT interval."),
            "fluoroquinolone": mark("Lengthens the QT interval."),
            "antiemetic": mark("Ondansetron and others lengthen the QT interval."),
            "antipsychotic or lithium": mark("Many antipsychotics lengthen the QT interval."),
            "antiarrhythmic or digoxin": mark("Several antiarrhythmics lengthen the QT interval."),
        },
    ),
    Condition(
        mark("seizures"),
        r"seizures?|epilepsy|seizure disorder",
        {
            "antidepressant": mark("Bupropion and tricyclics lower the threshold for seizures."),
            "opioid": mark("Tramadol and meperidine lower the threshold for seizures."),
            "fluoroquinolone": mark("Lowers the threshold for seizures."),
        },
    ),
    Condition(
        mark("slow or obstructed breathing"),
        r"respiratory (?:failure|depression)|hypercapni[ac]|obstructive sleep apnea|sleep apnea|osa",
        {
            "opioid": mark("Depresses breathing."),
            "benzodiazepine or sleep aid": mark("Depresses breathing."),
        },
    ),
    Condition(
        mark("venous thrombosis"),
        r"(?:history of |acute )?(?:deep (?:venous|vein) thrombosis|pulmonary embol(?:ism|us|i)|dvt)",
        {"sex hormone or contraceptive": mark("Estrogens raise the risk of another thrombosis.")},
    ),
    Condition(
        mark("glaucoma"),
        r"(?:narrow|closed)[- ]angle glaucoma|angle[- ]closure glaucoma",
        {
            "antihistamine or decongestant": mark("Can bring on an acute attack of angle closure."),
            "antidepressant": mark("Tricyclics can bring on an acute attack of angle closure."),
        },
    ),
    Condition(
        mark("diabetes"),
        r"diabetes(?: mellitus)?|diabetic",
        {"corticosteroid": mark("Raises blood glucose; needs control and often more insulin.")},
    ),
)

_DRUG_CLASSES = tuple(treatment for treatment in TREATMENTS if treatment.drug)
_RELATED = {
    "penicillin": ("cephalosporin", mark("A few patients with penicillin allergy react to cephalosporins too.")),
    "NSAID": ("antiplatelet", mark("Who reacts to an NSAID often reacts to aspirin.")),
    "antiplatelet": ("NSAID", mark("Who reacts to aspirin often reacts to other NSAIDs.")),
}
OTHER_ALLERGENS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        mark("sulfa"),
        r"sulfas?|sulfa (?:drugs?|antibiotics?)|sulfonamides?|sulfur",
        {
            "other antibiotic": mark("Trimethoprim-sulfamethoxazole is a sulfa drug; others of this class are not."),
            "diuretic": mark("Thiazides and furosemide are sulfonamides; reactions across are rare."),
        },
    ),
    (
        mark("contrast or iodine"),
        r"(?:iv |iodinated |x-?ray )?(?:contrast(?: dye| media)?|dye)|iodine|shellfish|betadine",
        {
            "coronary angiography or intervention": mark(
                "Needs iodinated contrast; ask what the reaction was and prepare."
            ),
        },
    ),
    (
        mark("latex"),
        r"latex",
        {
            "abdominal or hernia surgery": mark("A latex-free operating room is needed."),
            "cystoscopy or ureteral procedure": mark("Latex-free catheters are needed."),
        },
    ),
    (
        mark("local anaesthetic"),
        r"lidocaine|novocain\w*|xylocaine",
        {"injection or nerve block": mark("Uses local anaesthetics.")},
    ),
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
    *(recorded(_ALLERGY, name=treatment.name) for treatment in _DRUG_CLASSES),
    *(recorded(_ALLERGY, name=name) for name, _, _ in OTHER_ALLERGENS),
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
    known += [(n, re.compile(rf"\b(?:{words})\b", re.IGNORECASE), against) for n, words, against in OTHER_ALLERGENS]
    for name, pattern, against in known:
        for match in pattern.finditer(said):
            part = _part_about(said, match)
            harmed = _NOT_TOLERATED.search(part)
            if not harmed and _TOLERATED.search(part) and not _REACTION.search(_TOLERATED.sub("", part)):
                continue
            if harmed or assertion_of(said, match.start(), match.end()) not in tolerated:
                place = Stretch(sentence.start + match.start(), sentence.start + match.end())
                yield _caution(text, sentence, place, recorded(_ALLERGY, name=name), against, possible=False)
                break


def _part_about(said: str, drug: re.Match[str]) -> str:
    """The part of a sentence that names a drug, without what is set against it, as in "but tolerates codeine"."""
    before = [match.end() for match in _CONTRAST.finditer(said, 0, drug.start())]
    after = _CONTRAST.search(said, drug.end())
    return said[before[-1] if before else 0 : after.start() if after else len(said)]


def _against_class(name: str) -> dict[str, str]:
    own = {name: mark("The note states an allergy or intolerance to a drug of this class.")}
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
    if end < sentence.end:
        end = max(text.rfind(" ", place.end, end), place.end)
    objections = tuple(Objection(label, reason) for label, reason in against.items())
    return Caution(name, text[start:end].strip(), place.start, place.end, possible, objections)
