"""Whether a draft says what its findings say: a list of words for 26 chest findings, and the rules of denial.

A finding is stated where a sentence names it and does not deny it (`engine.io.negation`), denied where every sentence
that names it denies it. A list of words knows no more than its words: it misses what is put otherwise, and takes a
conclusion ("pneumonia" from an opacity) for an invention. So it is measured on impressions that people wrote, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from engine.io.negation import Assertion, assertion_of
from engine.io.sections import sentences
from engine.results import Check, CheckKind
from engine.words import mark

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
        mark("large heart"),
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
    """How a text speaks of a finding, and the characters [start, end) of the mention that decides."""

    stated: bool
    start: int
    end: int


def mentions(text: str) -> MappingProxyType[str, Mention]:
    """Read which findings a text names, by name: stated where one sentence does not deny it, else denied.

    Examples
    --------
    >>> found = mentions("No pleural effusion. Scarring in the left base.")
    >>> {name: mention.stated for name, mention in found.items()}
    {'pleural effusion': False, 'scarring': True}
    """
    found: dict[str, Mention] = {}
    for sentence in sentences(text):
        said = text[sentence.start : sentence.end]
        for finding in CHEST_FINDINGS:
            for match in finding.pattern.finditer(said):
                stated = assertion_of(said, *match.span()) is not Assertion.NEGATED
                if finding.name not in found or (stated and not found[finding.name].stated):
                    start = sentence.start + match.start()
                    found[finding.name] = Mention(stated, start, start + len(match[0]))
    return MappingProxyType(found)


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
    """
    said, seen = mentions(draft), mentions(source)
    invented = []
    for name, mention in said.items():
        known = seen.get(name)
        if not mention.stated or (known and known.stated):
            continue
        kind = CheckKind.DENIED if known else CheckKind.NOT_THERE
        place = (known.start, known.end) if known else None
        invented.append(Check(kind, name, (mention.start, mention.end), place))
    left_out = [
        Check(CheckKind.LEFT_OUT, name, None, (mention.start, mention.end))
        for name, mention in seen.items()
        if mention.stated and not (name in said and said[name].stated)
    ]
    return (*invented, *left_out)
