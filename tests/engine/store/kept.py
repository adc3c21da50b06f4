"""What the tests keep: small cases, answers and reviews, and how a folder is searched for what should be gone."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.case import Box, Case, Image, Note, Placement
from engine.results import Call, Finding
from engine.review import Answer, Judgement, Mark, MarkedRegion, Plausibility, Review, Stance, Step
from engine.store.worklist import Line

READER = "reader@example.org"


def case_of(number: int, *, patient: str = "", words: str = "Nothing of note.") -> Case:
    """A film of random pixels, and a note."""
    pixels = np.random.default_rng(number).integers(0, 4096, (1, 8, 16), np.uint16)
    digest = hashlib.sha256(b"case %d" % number).hexdigest()
    image = Image(pixels, digest, name="of a patient.dcm", placement=Placement(patient=patient))
    return Case(digest, f"Case {number}", ((image,),), note=Note(words, digest, name="of a patient.txt"))


def line_of(case: Case, *, priority: float | None = None, title: str = "") -> Line:
    """Its line in the worklist."""
    return Line(case.case_id, title or case.title, "film and note", "DX", ("chest-xray",), priority=priority)


def answer_of(case_id: str, *, model: str = "a" * 64) -> Answer:
    """What a model said."""
    findings = (Finding("viral pneumonia", 0.7, Call.UNCERTAIN), Finding("normal", 0.1 + 0.2, Call.RULED_OUT))
    return Answer(case_id, "chest-xray", findings, model, reasons=("Ein Röntgenbild, aber „quer“.",))


def review_of(case_id: str, *, reader: str = READER, comment: str = "") -> Review:
    """A reader's word with something of everything."""
    said = (Judgement("chest-xray", "viral pneumonia", Stance.EDIT, 0.7, "bacterial pneumonia"),)
    review = Review(case_id, reader, judgements=said, comment=comment, plausible=Plausibility.PARTLY, confidence=80)
    review = review.took(Step.OPENED, datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC))
    region = MarkedRegion(Box(1.5, 2.0, 3.25, 4.0), Mark.NOT_THERE)
    return Review(**{**review.__dict__, "regions": (region,)})


def holds(folder: Path, *words: bytes) -> set[bytes]:
    """Which of some bytes stand in any file of a folder."""
    return {word for path in folder.rglob("*") if path.is_file() for word in words if word in path.read_bytes()}
