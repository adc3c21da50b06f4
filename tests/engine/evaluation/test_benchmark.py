"""The table: every contender timed against the plain pass, its maps judged, and the absent ones named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from engine.case import Case
from engine.evaluation import benchmark as benchmark_module
from engine.evaluation.benchmark import Benchmark, Row, benchmark_explanations
from engine.models.checkpoint import LoadedModel
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.pipeline import shipped_card
from engine.results import Method
from engine.samples import sample_case, sample_index


@pytest.fixture(scope="module")
def film() -> Case:
    return sample_case(next(entry.case_id for entry in sample_index() if entry.modality == "DX"))


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    torch.manual_seed(0)
    config = ImageTransformerConfig(labels=3, image_size=64, patch_size=16, width=24, layers=1, heads=2)
    card = replace(shipped_card("chest-xray"), map_scales={Method.RELEVANCE: 4.0, Method.OCCLUSION: 4.0})
    network = ImageTransformer(config).eval().requires_grad_(False)
    return LoadedModel("chest-xray", network, card.labels, "abc123", card, torch.device("cpu"))


@pytest.fixture(scope="module")
def table(model: LoadedModel, film: Case) -> Benchmark:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark_module, "peers", lambda network: ([], ["Captum"]))
        return benchmark_explanations(model, [film])


def _row(table: Benchmark, name: str) -> Row:
    return next(row for row in table.rows if row.name == name)


def test_work_costs_its_multiple_of_a_plain_pass(table: Benchmark) -> None:
    assert _row(table, "Relevance").multiple > 1
    assert _row(table, "Occlusion").multiple > _row(table, "prediction with the attention of every layer").multiple
    assert table.plain_milliseconds > 0


def test_maps_are_judged_and_other_work_is_not(table: Benchmark) -> None:
    relevance, badge = _row(table, "Relevance"), next(row for row in table.rows if "badge" in row.name)
    assert relevance.deletion is not None
    assert 0 <= relevance.deletion <= 1
    assert relevance.faithful in (0, 1)
    assert badge.deletion is badge.insertion is badge.faithful is None


def test_maps_that_know_nothing_come_last(table: Benchmark) -> None:
    assert {row.name for row in table.rows[-2:]} == {"random map", "blob in the middle"}
    times = [row.multiple for row in table.rows[:-2]]
    assert times == sorted(times)


def test_the_table_is_markdown_and_json(table: Benchmark) -> None:
    lines = table.to_markdown().splitlines()
    assert {line.count("|") for line in lines[: len(table.rows) + 3]} == {7}
    assert "| Captum | not installed: pip install 'attending[bench]' |" in table.to_markdown()
    record = json.loads(json.dumps(table.to_json()))
    assert record["films"] == 1
    assert record["model_digest"] == "abc123"
    assert len(record["rows"]) == len(table.rows)
