"""The splice-junction task: its data set grouped by gene, a whole small training, and what the shipped model says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.errors import DatasetError
from engine.evaluation.evaluate import evaluate
from engine.models.checkpoint import load_model
from engine.results import Method
from engine.tasks.splice_junction import ACCEPTOR, DONOR, LABELS, SPLICE_JUNCTION, read_dataset
from sample_data.gene import gene, window

LINE = "EI, GENEA-DONOR-1, CCAGCTGCATCACAGGAGGCCAGCGAGCAGGTCTGTTCCAAGGGCCTTCGAGCCAGTCTG"


def _folder(folder: Path, lines: list[str]) -> Path:
    (folder / "splice.data").write_text("\n".join(lines) + "\n", encoding="ascii")
    return folder


def test_a_row_is_its_bases_and_its_label(tmp_path: Path) -> None:
    (example,) = read_dataset(_folder(tmp_path, [LINE]))
    assert (example.case_id, example.truth) == ("GENEA-DONOR-1", (DONOR,))
    case = SPLICE_JUNCTION.load(example)
    assert case.sequence is not None
    assert case.sequence.bases == LINE.split()[-1]
    assert SPLICE_JUNCTION.accepts(case)


def test_equal_windows_and_windows_of_one_gene_are_one_group(tmp_path: Path) -> None:
    other = LINE.replace("GENEA-DONOR-1", "GENEB-DONOR-9")
    third = LINE.replace("GENEA-DONOR-1", "GENEB-NEG-2").replace("CCAG", "TTTT")
    apart = LINE.replace("GENEA-DONOR-1", "GENEC-NEG-2").replace("CCAG", "GGGG")
    found = read_dataset(_folder(tmp_path, [LINE, other, third, apart]))
    assert len({example.group for example in found[:3]}) == 1
    assert found[3].group != found[0].group


def test_names_that_come_twice_are_told_apart(tmp_path: Path) -> None:
    assert [one.case_id for one in read_dataset(_folder(tmp_path, [LINE, LINE]))] == [
        "GENEA-DONOR-1",
        "GENEA-DONOR-1#2",
    ]


@pytest.mark.parametrize("line", ["EI, only-two", LINE.replace("EI", "XX"), LINE[:-1], LINE.replace("CCAG", "CCAJ")])
def test_a_line_of_another_layout_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(DatasetError, match="Line 2"):
        read_dataset(_folder(tmp_path, [LINE, line]))
    with pytest.raises(DatasetError, match=r"splice\.data"):
        read_dataset(tmp_path / "elsewhere")


def test_a_whole_small_training_writes_a_model_that_can_be_evaluated(tmp_path: Path) -> None:
    lines = []
    for number in range(36):
        lines.append(f"EI, D{number}-1, {window(donor=True, seed=number)}")
        lines.append(f"IE, A{number}-1, {window(donor=False, seed=100 + number)}")
        lines.append(f"N, N{number}-1, {gene((60,), (), 200 + number)}")
    data = _folder(tmp_path, lines)
    small = {"epochs": 2, "folds": 2, "width": 16, "layers": 1, "heads": 2, "batch_size": 16}
    settings = {**SPLICE_JUNCTION.defaults, **small}
    SPLICE_JUNCTION.train(read_dataset(data), tmp_path / "model", settings, 0)
    model = load_model(tmp_path / "model", device="cpu")
    assert model.labels == LABELS
    assert model.card.metrics["accuracy"].n == 108
    assert {"macro_auroc@50% of bases", "ece", "conformal_coverage"} <= set(model.card.metrics)
    assert len(model.card.map_scales) >= 10
    found = evaluate(SPLICE_JUNCTION, model, data)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)


@pytest.mark.parametrize(("name", "label"), [("sequence-donor-1", DONOR), ("sequence-acceptor-1", ACCEPTOR)])
def test_the_shipped_model_answers_our_samples(name: str, label: str) -> None:
    case = engine.sample_case(name)
    analysis = engine.analyse(case)
    assert analysis.task == "splice-junction"
    assert analysis.findings[0].label == label
    assert analysis.findings[0].probability > 0.8
    assert analysis.domain.inside
    explanation = engine.explain_case(case, engine.shipped_model("splice-junction"))
    assert explanation.method is Method.LEARNED_SHAPLEY
    assert [(span.start, span.end) for span in explanation.spans] == [(base, base + 1) for base in range(60)]
    likeliest = max(explanation.spans, key=lambda span: span.relevance)
    assert 25 <= likeliest.start <= 35, "the junction lies in the middle"
