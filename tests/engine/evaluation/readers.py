"""Signed reviews of made-up readers, for tests of reader studies and of their exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from engine.evaluation.readings import Endpoint
from engine.results import Call, Finding
from engine.review import Answer, Judgement, OwnReading, ReadingOrder, Review, Stance, Step

TASK, YES, NO = "chest-xray", "bacterial pneumonia", "normal"
ENDPOINT = Endpoint(TASK, (NO, YES), (YES,))
START = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)


def word(yes: bool) -> str:
    return YES if yes else NO


def review(
    case_id: str,
    reader: str,
    alone: bool | None,
    final: bool,
    *,
    sure: int = 70,
    seconds: float = 60,
    signed: bool = True,
) -> Review:
    """One reading; without a call alone the model spoke first."""
    first = alone is None
    made = Review(
        case_id,
        reader,
        order=ReadingOrder.MODEL_FIRST if first else ReadingOrder.READ_FIRST,
        own=() if alone is None else (OwnReading(TASK, (word(alone),), sure),),
        judgements=(Judgement(TASK, word(final), Stance.AGREE, 0.5),),
        confidence=sure,
        signed_at=START + timedelta(seconds=seconds) if signed else None,
    )
    steps = (Step.OPENED, 0.0), (Step.READ, seconds / 3), (Step.MAPPED, seconds / 2), (Step.SIGNED, seconds)
    for step, at in steps:
        if signed or step is not Step.SIGNED:
            made = made.took(step, START + timedelta(seconds=at))
    return made


def answer(case_id: str, probability: float, *, in_domain: bool = True) -> Answer:
    found = (Finding(YES, probability, Call.UNCERTAIN), Finding(NO, 1 - probability, Call.UNCERTAIN))
    return Answer(case_id, TASK, found, "f" * 64, in_domain=in_domain, made_at=START)


def drawn_study(
    readers: int = 3, cases: int = 40, *, skill: float = 0.75, helped: float = 0.88, seed: int = 0
) -> tuple[list[Review], list[Answer], dict[str, frozenset[str]]]:
    """A study whose readers are right with a known chance alone and with the model; every third case model first."""
    draw = np.random.default_rng(seed)
    names = [f"case-{number:03d}" for number in range(cases)]
    truth = {name: bool(number % 2) for number, name in enumerate(names)}
    answers = [
        answer(name, float(np.clip(draw.normal(0.75 if truth[name] else 0.25, 0.25), 0.01, 0.99))) for name in names
    ]
    reviews: list[Review] = []
    for number in range(readers):
        for rank, name in enumerate(names):
            right, later = draw.random(2) < (skill, helped)
            alone = None if rank % 3 == 2 else truth[name] == bool(right)
            sure, seconds = int(draw.integers(40, 100)), float(draw.gamma(6, 12) + 10)
            reviews.append(
                review(name, f"reader-{number + 1}", alone, truth[name] == bool(later), sure=sure, seconds=seconds)
            )
    return reviews, answers, {name: frozenset({word(yes)}) for name, yes in truth.items()}


def reviews_of(calls: Sequence[tuple[str, str, bool | None, bool]]) -> list[Review]:
    """Reviews of (case, reader, call alone, final call)."""
    return [review(*one) for one in calls]
