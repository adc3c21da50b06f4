"""What the cards that ship say stands behind their figures."""

from __future__ import annotations

import pytest

from engine.models.card import Card, read_card
from engine.pipeline import WEIGHTS
from engine.tasks import TASKS

YES_OR_NO = [name for name, task in TASKS.items() if "sensitivity" in read_card(WEIGHTS / name).metrics]


def _split(figures: object) -> tuple[int, int]:
    return figures["sensitivity"].n, figures["specificity"].n  # type: ignore[index]


@pytest.mark.parametrize("name", YES_OR_NO)
def test_the_diseased_stand_behind_sensitivity_and_the_healthy_behind_specificity(name: str) -> None:
    card: Card = read_card(WEIGHTS / name)
    diseased, healthy = _split(card.metrics)
    assert diseased + healthy == card.metrics["auroc"].n
    for label, row in zip(card.labels, card.report.confusion, strict=False):
        if label not in TASKS[name].positive:
            healthy -= row[0].n
        else:
            diseased -= row[0].n
    assert not card.report.confusion or (diseased, healthy) == (0, 0)
    for group in card.report.subgroups:
        assert sum(_split(group.figures)) == group.figures["auroc"].n, group.value


def test_breast_scans_were_kept_apart_by_near_duplicates_not_by_patients() -> None:
    assert "patients:" in (split := read_card(WEIGHTS / "breast-ultrasound").data.split)
    assert "groups of near-duplicates" in split
    assert "of 367 patients" not in split
