"""One small case with an answer, a map and a review, all made by hand: no model is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.case import Box, Case, Image, PixelSpacing, SpacingSource, Window
from engine.interop.illustration import ShownMap
from engine.interop.report import CaseReport, draft_report
from engine.measured import Band, Comparison, Curve, Faithfulness, Verdict
from engine.models.card import Card, DataFacts, Metric, TrustParameters
from engine.results import Call, Explanation, Finding, Method
from engine.review import (
    Answer,
    Judgement,
    Mark,
    MarkedRegion,
    Measure,
    Measurement,
    OwnReading,
    ReadingOrder,
    Review,
    Stance,
    Step,
)

TASK = "chest-xray"
START = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)


@pytest.fixture
def case() -> Case:
    """A ramp of 40 rows and 60 columns, twice as high a pixel as wide; its file bears a name."""
    pixels = np.tile(np.arange(60, dtype=np.float32), (1, 40, 1))
    image = Image(
        pixels=pixels,
        digest="d",
        name="MEIER^ANNA.dcm",
        modality="DX",
        view="PA",
        windows=(Window(30, 60),),
        orientation=("L", "F"),
        spacing=PixelSpacing(0.4, 0.2, SpacingSource.IMAGER),
        tags={"BodyPartExamined": "CHEST"},
    )
    return Case(case_id="0123456789abcdef", title="MEIER^ANNA.dcm", series=((image,),))


@pytest.fixture
def card() -> Card:
    """A card with what is written of it."""
    return Card(
        task=TASK,
        title="Chest radiograph",
        labels=("normal", "pneumonia"),
        summary="A small vision Transformer.",
        intended_use="Research and education; not a medical device. For children.",
        limits=("It knows two answers.", "Adults are outside."),
        data=DataFacts("Films", "CC BY 4.0", 100, "Children of one hospital.", "By patient."),
        metrics={"auroc": Metric(0.97, 0.96, 0.98, 757)},
        trust=TrustParameters((1.0,), operating_point=0.5),
        training={"seed": 7},
        files={"model.safetensors": "ab" * 32},
    )


@pytest.fixture
def answer(case: Case) -> Answer:
    """Pneumonia is ruled in."""
    found = (Finding("pneumonia", 0.87, Call.RULED_IN), Finding("normal", 0.13, Call.RULED_OUT))
    return Answer(case.case_id, TASK, found, "f" * 64, versions={"attending": "0.1.0"}, made_at=START)


@pytest.fixture
def review(case: Case) -> Review:
    """A signed reading: the reader spoke first, agreed, and marked two regions."""
    made = Review(
        case.case_id,
        "reader-1",
        order=ReadingOrder.READ_FIRST,
        own=(OwnReading(TASK, ("normal",), 60),),
        judgements=(
            Judgement(TASK, "pneumonia", Stance.AGREE, 0.87),
            Judgement(TASK, "normal", Stance.REJECT, 0.13),
            Judgement(TASK, "effusion", Stance.ADD),
        ),
        regions=(
            MarkedRegion(Box(10, 5, 20, 25), Mark.HERE),
            MarkedRegion(Box(25, 30, 35, 50), Mark.NOT_THERE),
        ),
        measurements=(Measurement(Measure.LENGTH, ((5, 5), (15, 5)), "2.0 mm (at the detector)"),),
        confidence=80,
        comment="Look again in a week.",
        signed_at=START + timedelta(seconds=90),
    )
    for step, seconds in ((Step.OPENED, 0), (Step.READ, 30), (Step.ANSWERED, 31), (Step.SIGNED, 90)):
        made = made.took(step, START + timedelta(seconds=seconds))
    return made


@pytest.fixture
def faithful() -> Faithfulness:
    """A map that passed its check."""
    flat = Band((0.0, 1.0), (0.1, 0.1), (0.2, 0.2), (0.3, 0.3))
    chance, blob = (
        Comparison(against, 0.2, 0.2, (0.1,) * 20, p_better=0.048, p_worse=1.0, deletion=flat, insertion=flat)
        for against in ("random maps", "blobs in the middle")
    )
    return Faithfulness(
        method=Method.RELEVANCE,
        label="pneumonia",
        rather_than=None,
        verdict=Verdict.FAITHFUL,
        sentence="It does better than 20 of 20 random maps.",
        baseline="A removed patch is absent.",
        unit="patch",
        deletion=Curve((0.0, 1.0), (0.9, 0.2)),
        insertion=Curve((0.0, 1.0), (0.2, 0.9)),
        chance=chance,
        blob=blob,
        sufficiency=0.05,
        comprehensiveness=0.4,
        model_digest="f" * 64,
        passes=31.0,
        seconds=1.5,
    )


@pytest.fixture
def shown(faithful: Faithfulness) -> ShownMap:
    """A map that marks the left half of the picture; the top row was not seen."""
    relevance = np.zeros((40, 60), np.float32)
    relevance[:, :30], relevance[0] = 3.0, np.nan
    return ShownMap(TASK, Explanation(Method.RELEVANCE, "pneumonia", 3.0, map=relevance), faithful)


@pytest.fixture
def report(case: Case, answer: Answer, review: Review, card: Card, shown: ShownMap) -> CaseReport:
    """The report of that reading."""
    return draft_report(case, [answer], review, cards={TASK: card}, maps=[shown])


@pytest.fixture
def draft(case: Case, answer: Answer, review: Review, card: Card, shown: ShownMap) -> CaseReport:
    """The same before it was signed, its map not checked."""
    unsigned = replace(review, signed_at=None)
    return draft_report(case, [answer], unsigned, cards={TASK: card}, maps=[replace(shown, faithfulness=None)])
