"""The literature task: categories that sum to 1, votes of words that vanish with them, figures of the search."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.case import Case, Note
from engine.errors import DatasetError
from engine.evaluation.evaluate import evaluate
from engine.explain.passes import Passes
from engine.models.checkpoint import LoadedModel, load_model
from engine.models.literature import LiteratureTransformer
from engine.pipeline import analyse, explain_case
from engine.results import Method
from engine.tasks.literature import CODES, LABELS, LITERATURE, read_dataset
from engine.trust.similar import nearest

WORDS = {"C14": "heart artery chest pain", "C17": "skin rash left arm", "C05": "knee fracture right"}


def _write(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    with (folder / "abstracts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["pmid", "category", "abstract"])
        writer.writerows(rows)
    return folder


def _rows() -> list[tuple[str, str, str]]:
    """Sixty abstracts of three kinds, each in its own words."""
    generator = np.random.default_rng(0)
    kinds = [list(WORDS)[number % 3] for number in range(60)]
    return [
        (f"{number:07d}", kind, " ".join(generator.permutation(f"the patient has a {WORDS[kind]} {number}".split())))
        for number, kind in enumerate(kinds)
    ]


@pytest.fixture(scope="module")
def folder(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder written by the task's own training, and `abstracts.csv` beside it."""
    place = _write(tmp_path_factory.mktemp("literature"), _rows())
    settings = {**LITERATURE.defaults, "init": str(encoder_folder), "vocabulary": 10_000, "layers": 2, "frozen": 1}
    settings |= {"key_size": 8, "epochs": 4, "batch_size": 8, "held": 0.3}
    LITERATURE.train(read_dataset(place), place / "model", settings, 0)
    return place


@pytest.fixture(scope="module")
def model(folder: Path) -> LoadedModel:
    return load_model(folder / "model", device="cpu")


def _case(text: str) -> Case:
    return Case("c", "c", note=Note(text, "0" * 64))


def test_rows_carry_their_category_by_name(tmp_path: Path) -> None:
    (example,) = read_dataset(_write(tmp_path, [("7", "C14", "A heart.\n It beats.")]))
    assert (example.case_id, example.truth, example.text) == ("7", ("Cardiovascular diseases",), "A heart.\n It beats.")
    assert sorted(CODES.values()) == [f"C{number:02d}" for number in range(1, 24)]


def test_an_unknown_category_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="C01 to C23"):
        read_dataset(_write(tmp_path, [("7", "C99", "A heart.")]))


def test_probabilities_sum_to_one_and_votes_count(model: LoadedModel) -> None:
    said = analyse(_case("chest pain of the heart"), model)
    assert sum(finding.probability for finding in said.findings) == pytest.approx(1.0)
    assert said.findings[0].label == "Cardiovascular diseases"


def test_a_word_that_is_absent_casts_no_vote(model: LoadedModel) -> None:
    network = model.network
    assert isinstance(network, LiteratureTransformer)
    inputs = LITERATURE.prepare(_case("skin heart"), model).inputs
    with torch.no_grad():
        louder = network.votes.weight.clone()
    louder[inputs.values[0, 1]] += 100.0
    presence = inputs.presence.clone()
    presence[0, 1] = False
    kept = network.votes.weight.data
    silent = network(inputs.having(presence)).logits
    network.votes.weight.data = louder
    assert torch.equal(network(inputs.having(presence)).logits, silent)
    assert not torch.equal(network(inputs).logits, silent)
    network.votes.weight.data = kept


def test_maps_add_up_with_the_votes(model: LoadedModel) -> None:
    network, inputs = model.network, LITERATURE.prepare(_case("skin rash of the left arm"), model).inputs
    assert isinstance(network, LiteratureTransformer)
    rank = LABELS.index("Skin and connective tissue diseases")
    found = Passes(network, inputs, lambda logits: logits.sum(dim=0)[rank][None]).maps(Method.LIBRA_FULL_GRADIENT)
    logit = (network(inputs).logits[0, rank] - network.head.bias[rank]).detach()
    assert float(found.sum()) == pytest.approx(float(logit), abs=1e-3)


def test_a_map_of_words(model: LoadedModel) -> None:
    found = explain_case(_case("a rash of the skin"), model)
    assert [span.start for span in found.spans] == [0, 2, 7, 10, 14]


def test_memory_knows_the_category(model: LoadedModel) -> None:
    assert model.memory is not None
    prepared = LITERATURE.prepare(_case("heart artery"), model)
    key = model.network(prepared.inputs).embedding.detach().mean(dim=0).numpy()
    found = nearest(key, model.memory, model.labels, count=3)
    assert all(set(case.labels) <= set(LABELS) for case in found.cases)


def test_evaluation_speaks_in_the_codes_of_the_set(model: LoadedModel, folder: Path, tmp_path: Path) -> None:
    found = evaluate(LITERATURE, model, folder, repeats=20)
    assert {"accuracy", "macro_f1"} <= set(found.metrics)
    searched = [name for name in found.metrics if name.startswith("precision@5")]
    assert searched == ["precision@5 among the abstracts themselves", "precision@5 among training abstracts"]
    found.write_csv(tmp_path / "said.csv")
    with (tmp_path / "said.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert list(row) == ["case_id", "truth", "flag", *(f"p:{code}" for code in sorted(CODES.values()))]
    assert row["truth"] == "C14"
    assert sum(float(value) for name, value in row.items() if name.startswith("p:")) == pytest.approx(1.0, abs=1e-6)
