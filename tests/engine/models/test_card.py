from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from engine.errors import CheckpointError
from engine.models.card import (
    FEWEST_CASES,
    Card,
    DataFacts,
    Metric,
    Mistake,
    NetBenefit,
    Reliability,
    Report,
    Subgroup,
    TrustParameters,
    read_card,
    write_card,
)
from engine.pipeline import WEIGHTS
from engine.tasks import TASKS

YES_OR_NO = [name for name, task in TASKS.items() if "sensitivity" in read_card(WEIGHTS / name).metrics]

CARD = Card(
    task="chest-xray",
    title="A film",
    labels=("a", "b"),
    summary="Tells a from b.",
    intended_use="Research and education; not a medical device.",
    limits=("Knows a and b.",),
    data=DataFacts("Set", "CC0", 10, "Nobody", "By patient"),
    metrics={"auroc": Metric(0.9, 0.8, 0.95, 10)},
    trust=TrustParameters(temperatures=(1.5,), operating_point=0.4, rule_out=(0.1, 0.2), rule_in=(0.6, 0.7)),
    map_scales={"relevance": 4.0},
    training={"seed": 0},
    files={"config.json": "00"},
)


def test_a_card_survives_its_file(tmp_path: Path) -> None:
    write_card(CARD, tmp_path)
    assert read_card(tmp_path) == CARD


@pytest.mark.parametrize(("low", "first"), [(0.30, "libra-full-gradient"), (0.38, "integrated-gradients")])
def test_another_map_leads_only_where_it_is_better_beyond_its_interval(low: float, first: str) -> None:
    gaps = {"integrated-gradients": Metric(0.4, low, 0.5, 24), "libra-full-gradient": Metric(0.35, 0.2, 0.5, 24)}
    gaps["rollout"] = Metric(0.39, 0.2, 0.5, 24)
    card = replace(
        CARD,
        map_scales=dict.fromkeys([*gaps, "occlusion"], 1.0),
        metrics={f"removal_gap@{name}": gap for name, gap in gaps.items()},
    )
    names = [str(method) for method in card.methods]
    assert names[0] == first
    assert names[-1] == "occlusion"  # was not measured
    learned = replace(card, map_scales={**card.map_scales, "learned-shapley": 1.0})
    assert learned.methods[0] == "learned-shapley"


@pytest.mark.parametrize(("drop", "first"), [(0.25, "learned-shapley"), (0.1, "libra-full-gradient")])
def test_a_learned_map_leads_unless_what_it_marks_matters_less_when_it_is_replaced(drop: float, first: str) -> None:
    metrics = {
        "removal_gap@learned-shapley": Metric(0.6, 0.5, 0.7, 24),
        "removal_gap@libra-full-gradient": Metric(0.55, 0.45, 0.65, 24),
        "outside_drop@learned-shapley": Metric(drop, 0.05, 0.3, 24),
        "outside_drop@libra-full-gradient": Metric(0.3, 0.2, 0.4, 24),
    }
    scales = {"learned-shapley": 1.0, "libra-full-gradient": 1.0, "relevance": 1.0}
    card = replace(CARD, map_scales=scales, metrics=metrics)
    assert card.methods[0] == first
    assert set(card.methods) == set(scales)


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    figure = Metric(0.9, 0.8, 0.95, 10)
    report = Report(
        reliability=(Reliability(0.3, figure),),
        decisions=(NetBenefit(0.2, figure, Metric(0.1, None, None, 10)),),
        confusion=((figure, figure), (figure, figure)),
        subgroups=(Subgroup("sex", "F", {"auroc": figure}),),
        mistakes=(Mistake("a/1", ("a",), "b", 0.8),),
    )
    card = replace(CARD, report=report, cross_validated={"auroc": figure})
    write_card(card, tmp_path)
    assert read_card(tmp_path) == card


def test_an_unknown_key_in_the_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps({**asdict(CARD), "report": {"praise": []}}))
    with pytest.raises(CheckpointError, match="praise"):
        read_card(tmp_path)


def test_a_card_from_before_reports_is_read(tmp_path: Path) -> None:
    content = asdict(CARD)
    del content["report"], content["cross_validated"], content["data"]["ages"]
    (tmp_path / "card.json").write_text(json.dumps(content))
    assert read_card(tmp_path) == CARD


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps({**asdict(CARD), "colour": "blue"}))
    with pytest.raises(CheckpointError, match="colour"):
        read_card(tmp_path)


@pytest.mark.parametrize("key", ["labels", "trust", "data", "metrics"])
def test_a_missing_key_is_refused(tmp_path: Path, key: str) -> None:
    content = asdict(CARD)
    del content[key]
    (tmp_path / "card.json").write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=key):
        read_card(tmp_path)


def test_an_unknown_key_deep_inside_is_refused(tmp_path: Path) -> None:
    content = asdict(CARD)
    content["trust"]["hope"] = 1.0
    (tmp_path / "card.json").write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match="hope"):
        read_card(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"data": 3}'])
def test_what_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(CheckpointError):
        read_card(tmp_path)


def test_a_figure_that_is_no_number_is_not_written(tmp_path: Path) -> None:
    broken = replace(CARD, metrics={"auroc": Metric(float("nan"), None, None, 3)})
    with pytest.raises(ValueError):
        write_card(broken, tmp_path)


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


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_card_that_claims_certainty_is_read_without_it(tmp_path: Path, value: float) -> None:
    """Cards were written with 1.000 (1.000 to 1.000)."""
    flat, fine = Metric(value, value, value, 257), Metric(value, 0.0, 0.03, 106)
    few, enough = Metric(0.9, 0.8, 1.0, 257, FEWEST_CASES - 1), Metric(0.9, 0.8, 1.0, 257, FEWEST_CASES)
    report = Report(reliability=(Reliability(0.3, flat),), confusion=((flat, fine),))
    write_card(
        replace(CARD, metrics={"flat": flat, "fine": fine, "few": few, "enough": enough}, report=report), tmp_path
    )
    found, bare = read_card(tmp_path), replace(flat, low=None, high=None)
    assert found.metrics == {"flat": bare, "fine": fine, "few": replace(few, low=None, high=None), "enough": enough}
    assert (found.report.reliability[0].found, found.report.confusion) == (bare, ((bare, fine),))


@pytest.mark.parametrize("name", TASKS)
def test_no_shipped_figure_is_certain(name: str) -> None:
    card = read_card(WEIGHTS / name)
    groups = [group.figures for group in card.report.subgroups]
    figures = [one for part in (card.metrics, card.cross_validated, card.domain, *groups) for one in part.values()]
    assert not [one for one in figures if one.low == one.high and one.low in (0.0, 1.0)]
    rows = dict(zip(card.labels, card.report.confusion, strict=False))
    areas = {label: card.metrics[f"auroc:{label}"] for label in rows if f"auroc:{label}" in card.metrics}
    assert {label: one.positives for label, one in areas.items()} == {label: rows[label][0].n for label in areas}
    areas = {each: one for each, one in card.metrics.items() if each.startswith("auroc:")}
    assert all(one.low is None or (one.positives or 0) >= FEWEST_CASES for one in areas.values())


@pytest.mark.parametrize("ending", ["", " on unseen images"])
def test_right_answers_among_those_given_are_of_the_answered_questions(ending: str) -> None:
    figures = read_card(WEIGHTS / "visual-question").metrics
    asked, right = figures[f"answered{ending}"], figures[f"exact_match_when_answered{ending}"]
    assert right.n == round(asked.value * asked.n)


def test_figures_of_the_same_reports_have_the_same_n() -> None:
    figures = read_card(WEIGHTS / "radiology-report").metrics
    copied = " of the nearest report's impression"
    pairs = {name: name.removesuffix(copied) for name in figures if name.endswith(copied)}
    pairs |= {name: "rouge_1" for name in figures if name.startswith("impressions written")}
    assert len(pairs) == 8
    assert {name: figures[name].n for name in pairs} == {name: figures[other].n for name, other in pairs.items()}
