"""Whether a draft says what its findings say: a list of words for 26 chest findings, and the rules of denial.

A finding is stated where a sentence names it and neither denies it (`engine.io.negation`) nor says that it has gone,
denied where every sentence that names it denies it. Where both texts state it, it is asked whether the draft is surer,
and whether side and size agree (`engine.io.finding_traits`). A list of words knows no more than its words: it misses
what is put otherwise, and takes a conclusion ("pneumonia" from an opacity) for an invention. So it is measured on
impressions that people wrote, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from engine.drafts import Check, CheckKind
from engine.io.finding_traits import Size, Traits, traits_of
from engine.io.negation import Assertion, assertion_of
from engine.io.sections import sentences
from engine.words import mark

_LARGE_HEART = mark("large heart")
_HEART = (
    r"(?:heart|cardiac|cardiomediastinal|cardiopericardial)(?: (?:size|silhouette|shadow))?"
    r"(?: (?:is|are|remains|appears|was))?"
)


@dataclass(frozen=True)
class ChestFinding:
    """A finding, and the alternatives of a regular expression for whole words that name it, in any case."""

    name: str
    words: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What matches any of its words."""
        return re.compile(rf"\b(?:{self.words})\b", re.IGNORECASE)


CHEST_FINDINGS: tuple[ChestFinding, ...] = (
    ChestFinding(mark("pneumothorax"), r"(?:hydro)?pneumothora(?:x|ces)"),
    ChestFinding(mark("pleural effusion"), r"(?:pleural )?effusions?|pleural fluid"),
    ChestFinding(mark("pleural thickening"), r"pleural (?:based )?thickening|pleuroparenchymal"),
    ChestFinding(mark("pneumonia"), r"(?:broncho)?pneumonias?"),
    ChestFinding(mark("tuberculosis"), r"tuberculosis|tuberculous|tb"),
    ChestFinding(
        mark("airspace disease"),
        r"consolidat(?:ions?|ive)|air ?space (?:disease|process)|infiltrat(?:es?|ions?|ive)"
        r"|(?:focal )?air ?space opacit(?:y|ies)",
    ),
    ChestFinding(mark("atelectasis"), r"atelecta(?:sis|ses|tic)"),
    ChestFinding(mark("opacity"), r"(?<!space )opacit(?:y|ies)|opacification|opacified"),
    ChestFinding(
        mark("nodule or mass"), r"nodules?|nodular(?:ity)?|mass(?:es)?|tumou?rs?|malignancy|metasta(?:sis|ses|tic)"
    ),
    ChestFinding(mark("pulmonary edema"), r"edema"),
    ChestFinding(
        mark("congestion"), r"(?:vascular|pulmonary|venous) (?:congestion|engorgement)|congestive|chf|heart failure"
    ),
    ChestFinding(
        _LARGE_HEART,
        rf"cardiomegaly|cardiac enlargement|(?:enlarged|enlargement of the) (?:heart|cardiac|cardiomediastinal)"
        rf"|{_HEART}(?: \w+){{0,2}} (?:enlarged|large)",
    ),
    ChestFinding(
        mark("emphysema or COPD"),
        r"emphysema(?:tous)?|copd|chronic obstructive|(?:hyper|over)(?:inflat|expan)\w+|hyperaerat\w+",
    ),
    ChestFinding(mark("interstitial change"), r"interstitial|reticul(?:ar|onodular)"),
    ChestFinding(mark("scarring"), r"scars?|scarring|fibro(?:sis|tic)|cicatri\w+"),
    ChestFinding(mark("granuloma"), r"granulom(?:a|as|ata|atous)"),
    ChestFinding(mark("hiatal hernia"), r"hiat(?:al|us) hernias?"),
    ChestFinding(mark("fracture"), r"fractur(?:es?|ed)"),
    ChestFinding(
        mark("degenerative bone"), r"degenerative|spondylosis|spondylotic|osteophytes?|osteophytosis|arthr(?:itis|itic)"
    ),
    ChestFinding(mark("curved spine"), r"(?:kypho)?scolio(?:sis|tic)|kypho(?:sis|tic)"),
    ChestFinding(mark("atherosclerosis"), r"atheroscler(?:osis|otic)|(?:aortic|vascular) calcifications?"),
    ChestFinding(
        mark("wide or winding aorta"), r"tortu(?:ous|osity)|ectatic|ectasia|aneurysm(?:s|al)?|(?:uncoiled|unfolded)"
    ),
    ChestFinding(mark("large lymph nodes"), r"(?:lymph)?adenopathy"),
    ChestFinding(mark("raised diaphragm"), r"elevat(?:ed|ion)(?: \w+){0,4} (?:hemi)?diaphragms?|eventration"),
    ChestFinding(
        mark("line, tube or device"),
        r"catheters?|picc|lines?(?= tip)|port-?a-?cath|mediport|pacemakers?|icd|tubes?|stents?",
    ),
    ChestFinding(mark("surgery"), r"sternotomy|cabg|postoperative|postsurgical|surgical|clips|mastectomy|lobectomy"),
)


@dataclass(frozen=True)
class Mention:
    """How a text speaks of a finding once, at the characters [start, end): how surely, on which side, how large."""

    assertion: Assertion
    traits: Traits
    start: int
    end: int

    @property
    def strength(self) -> int:
        """0 where the finding is denied, 1 where it has gone, 2 where it is possible, 3 where it is there."""
        if self.assertion is Assertion.NEGATED:
            return 0
        if self.traits.gone:
            return 1
        return 2 if self.assertion is Assertion.POSSIBLE else 3

    @property
    def stated(self) -> bool:
        """Whether the finding is said to be there, surely or possibly."""
        return self.strength >= 2

    @property
    def place(self) -> tuple[int, int]:
        """Its characters."""
        return self.start, self.end


def mentions(text: str) -> MappingProxyType[str, tuple[Mention, ...]]:
    """Read which findings a text names, by name: all mentions, the strongest first and then in the order of the text.

    Examples
    --------
    >>> found = mentions("No pleural effusion. Scarring in the left base.")
    >>> {name: (first.stated, sorted(first.traits.sides)) for name, (first, *_) in found.items()}
    {'pleural effusion': (False, []), 'scarring': (True, ['left'])}
    """
    found: dict[str, list[Mention]] = {}
    for sentence in sentences(text):
        said = text[sentence.start : sentence.end]
        named = [(finding, match) for finding in CHEST_FINDINGS for match in finding.pattern.finditer(said)]
        places = [match.span() for _, match in named]
        for finding, match in named:
            start, end = match.span()
            others = [place for place in places if place[1] <= start or place[0] >= end]
            traits = traits_of(said, start, end, others)
            if finding.name == _LARGE_HEART:  # "large" is the finding
                traits = replace(traits, sizes=traits.sizes - {Size.LARGE})
            mention = Mention(assertion_of(said, start, end), traits, sentence.start + start, sentence.start + end)
            found.setdefault(finding.name, []).append(mention)
    return MappingProxyType(
        {name: tuple(sorted(those, key=lambda one: -one.strength)) for name, those in found.items()}
    )


def check(draft: str, source: str) -> tuple[Check, ...]:
    """Compare a draft with the findings that it was written from; what it invents first, what it leaves out last.

    Parameters
    ----------
    source : str
        The findings; characters of checks count in it.

    Examples
    --------
    >>> [(one.kind.value, one.finding) for one in check("Small effusion.", "No pleural effusion. Healed fracture.")]
    [('denied in the findings', 'pleural effusion'), ('left out of the draft', 'fracture')]
    >>> [one.kind.value for one in check("Left pneumonia.", "Possible pneumonia.")]
    ['only possible in the findings']
    """
    said, seen = mentions(draft), mentions(source)
    unlike = []
    for name, stated in said.items():
        if stated[0].stated:
            unlike += _unlike(name, stated, seen.get(name, ()))
    left_out = [
        Check(CheckKind.LEFT_OUT, name, None, those[0].place)
        for name, those in seen.items()
        if those[0].stated and not (name in said and said[name][0].stated)
    ]
    return (*unlike, *left_out)


def _unlike(name: str, said: Sequence[Mention], seen: Sequence[Mention]) -> list[Check]:
    """How a draft's mentions of a finding differ from those of the findings: at most by one kind for each."""
    first = said[0]
    if not seen:
        return [Check(CheckKind.NOT_THERE, name, first.place)]
    known = seen[0]
    if not known.stated:
        kind = CheckKind.RESOLVED if known.strength else CheckKind.DENIED
        return [Check(kind, name, first.place, known.place)]
    if first.strength > known.strength:
        return [Check(CheckKind.ONLY_POSSIBLE, name, first.place, known.place)]
    there = [one for one in seen if one.stated]
    return [found for one in said if one.stated for found in _other_traits(name, one, there)][:1]


def _other_traits(name: str, said: Mention, there: Sequence[Mention]) -> list[Check]:
    """Where a mention gives a finding a side or a size that no mention in the findings gives it."""
    sides = frozenset().union(*(one.traits.sides for one in there))
    if said.traits.sides and all(one.traits.sides for one in there) and not said.traits.sides <= sides:
        other = next(one for one in there if not said.traits.sides <= one.traits.sides)
        return [Check(CheckKind.OTHER_SIDE, name, said.place, other.place)]
    alike = [
        one for one in there if not said.traits.sides or not one.traits.sides or said.traits.sides & one.traits.sides
    ]
    sizes = [one.traits.sizes for one in alike]
    if said.traits.sizes and all(sizes) and not said.traits.sizes & frozenset().union(*sizes):
        return [Check(CheckKind.OTHER_SIZE, name, said.place, alike[0].place)]
    return []
