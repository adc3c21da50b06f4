"""Find what may identify a person in a note: Presidio's analyser over patterns and a tagger of our own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine

from engine.deidentify.clinical import is_drug
from engine.deidentify.identifiers import Identifier, IdentifierKind, without_overlaps
from engine.deidentify.patterns import kind_of, recognisers
from engine.deidentify.tagging import TaggerRecogniser
from engine.models.checkpoint import LoadedModel, shared_model
from engine.trust.language import is_english
from engine.words import tr

WEIGHTS = Path(__file__).parents[1] / "weights" / "names"
_NAME_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDS = re.compile(r"^[\s,;:.|>*=_/)'\"–—-]+|[\s,;:|<*=_/('\"–—-]+$")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s*(?:-|to|or|and)\s*(?:19|20)\d\d)?")
_OLDEST_SAID = 89
# Written out: "Maple St. Boston" goes on after its stop, "Maple Street. Call" does not.
_STREET_ENDS = re.compile(
    r"\b(?:street|avenue|road|lane|drive|boulevard|court|terrace|highway|parkway|square|way)(?=\.(?:\s|$))",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]*")


def shipped_tagger() -> LoadedModel:
    """The tagger that comes with this version, loaded and checked once a process.

    Raises
    ------
    CheckpointError
        If the folder is not what its card vouches for.
    """
    return shared_model(WEIGHTS)


def language_caution(text: str) -> str:
    """Say that names in a text may hardly be found because it is not in English; empty where it is."""
    if is_english(text):
        return ""
    return tr(
        "This note does not seem to be in English, the one language in which names are looked for: most of those in it "
        "may be missed, and what is said of how many are found does not hold."
    )


def find_identifiers(text: str, model: LoadedModel | None = None) -> tuple[Identifier, ...]:
    """Find what may identify a person: names, dates, places, organisations, numbers, contacts, ages over 89.

    Parameters
    ----------
    model : LoadedModel or None
        Another tagger than the shipped one.

    Returns
    -------
    tuple of Identifier
        In the order of the text, without overlap.
    """
    if not text.strip():
        return ()
    engine = _shared_engine() if model is None else _engine(model)
    parts = (part for one in _found(engine, text) for part in _within_sentence(engine, text, one))
    found = [part for part in parts if not is_drug(text, part)]
    named = without_overlaps(found)
    return without_overlaps([*named, *_named_again(text, named)])


def _found(engine: AnalyzerEngine, text: str, start: int = 0, end: int | None = None) -> Iterator[Identifier]:
    """What the analyser finds in a part of a text that it reads by itself."""
    for one in engine.analyze(text[start:end], language="en"):
        first, last = _trimmed(text, start + one.start, start + one.end)
        if first < last and _identifies(text[first:last], kind_of(one.entity_type)):
            finder = "model" if one.recognition_metadata["recognizer_name"] == "tagger" else "pattern"
            yield Identifier(first, last, kind_of(one.entity_type), round(float(one.score), 4), finder)


def _within_sentence(engine: AnalyzerEngine, text: str, one: Identifier) -> Iterator[Identifier]:
    """An address up to the end of its sentence; what it took of the next is judged again, by that sentence alone."""
    street = _STREET_ENDS.search(text, one.start, one.end + 1) if one.kind is IdentifierKind.PLACE else None
    if street is None:
        yield one
        return
    yield replace(one, end=street.end())
    following = street.end() + 1
    if one.end > following and (sentence := _SENTENCE.match(text, following)):
        judged = _found(engine, text, following, max(sentence.end(), one.end))
        yield from (other for other in judged if other.start < one.end)


@cache
def _shared_engine() -> AnalyzerEngine:
    return _engine(shipped_tagger())


def _engine(model: LoadedModel) -> AnalyzerEngine:
    """The analyser, without a language model: our tagger reads the words."""
    registry = RecognizerRegistry(recognizers=[*recognisers(), TaggerRecogniser(model)], supported_languages=["en"])
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}]),
        supported_languages=["en"],
    )


def _identifies(words: str, kind: IdentifierKind) -> bool:
    """Whether words of a kind may identify: years and ages up to 89 do not, nor do signs alone."""
    if kind is IdentifierKind.DATE:
        return not _YEARS.fullmatch(words)
    if kind is IdentifierKind.AGE and words.isdecimal():
        return int(words) > _OLDEST_SAID
    return any(sign.isalnum() for sign in words)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A place without blanks and separators at its ends."""
    inside = text[start:end]
    stripped = _ENDS.sub("", inside)
    start += inside.find(stripped) if stripped else 0
    return start, start + len(stripped)


def _named_again(text: str, found: Iterable[Identifier]) -> Iterator[Identifier]:
    """Words of names wherever else they are written with a capital, unless the note uses them as words too."""
    names = {
        word
        for one in found
        if one.kind is IdentifierKind.NAME
        for word in _NAME_WORD.findall(text[one.start : one.end])
    }
    wanted = {name.casefold() for name in names if not name.islower()}
    if not wanted:
        return
    uses = Counter(word for word in _NAME_WORD.findall(text) if word.islower())
    for match in _NAME_WORD.finditer(text):
        word = match[0]
        if not word.islower() and word.casefold() in wanted and not uses[word.casefold()]:
            yield Identifier(match.start(), match.end(), IdentifierKind.NAME, 0.3, "model")
