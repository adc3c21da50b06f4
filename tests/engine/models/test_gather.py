"""Readers who ask at once get what they get alone, and nothing of each other's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from engine.models.gather import ROWS, Gatherer
from engine.models.output import ModelInput, ModelOutput
from engine.pipeline import prepare_case, shipped_model
from engine.samples import sample_case, sample_index

THREADS = 16


@pytest.fixture(scope="module")
def patients() -> list[ModelInput]:
    """Two films as the model reads them."""
    films = [entry.case_id for entry in sample_index() if entry.modality in {"CR", "DX"}][:2]
    return [prepare_case(sample_case(case_id), shipped_model("chest-xray")).inputs for case_id in films]


class Counted:
    """A network that knows how often it is asked."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def __call__(self, inputs: ModelInput) -> ModelOutput:
        self.rows.append(len(inputs.presence))
        return shipped_model("chest-xray").network(inputs)


def ask_together(gatherer: Gatherer, asked: list[ModelInput]) -> list[ModelOutput]:
    begin = threading.Barrier(len(asked))

    def ask(inputs: ModelInput) -> ModelOutput:
        with torch.inference_mode():
            begin.wait(30.0)
            return gatherer(inputs)

    with ThreadPoolExecutor(len(asked)) as threads:
        return list(threads.map(ask, asked))


def test_two_patients_from_16_threads_get_what_they_get_alone(patients: list[ModelInput]) -> None:
    network = Counted()
    asked = [patients[number % 2] for number in range(THREADS)]
    with torch.inference_mode():
        alone = [shipped_model("chest-xray").network(inputs) for inputs in patients]
        by_itself = [Gatherer(network, wait=0.0)(inputs) for inputs in patients]
    assert (alone[0].logits - alone[1].logits).abs().max() > 1e-2
    network.rows.clear()
    answers = ask_together(Gatherer(network, wait=1.0), asked)
    for number, answer in enumerate(answers):
        expected = alone[number % 2]
        for got, wanted in zip(
            (answer.logits, answer.embedding, answer.readout, *answer.attentions),
            (expected.logits, expected.embedding, expected.readout, *expected.attentions),
            strict=True,
        ):
            assert (got - wanted).abs().max() <= 1e-5
        assert torch.equal(answer.logits, by_itself[number % 2].logits)  # the company changes nothing at all
    assert len(network.rows) < THREADS
    assert set(network.rows) == {ROWS}


def test_nobody_holds_the_tensors_of_another(patients: list[ModelInput]) -> None:
    first, second = ask_together(Gatherer(Counted(), wait=1.0), patients)
    for mine, theirs in zip((first.logits, *first.attentions), (second.logits, *second.attentions), strict=True):
        assert mine.untyped_storage().data_ptr() != theirs.untyped_storage().data_ptr()
        assert mine.untyped_storage().nbytes() == mine.nbytes


def test_a_batch_that_fails_leaves_everybody_to_ask_alone(patients: list[ModelInput]) -> None:
    def small(inputs: ModelInput) -> ModelOutput:
        if len(inputs.presence) > 1:
            raise torch.OutOfMemoryError("too much")
        return shipped_model("chest-xray").network(inputs)

    answers = ask_together(Gatherer(small, wait=1.0), patients)
    with torch.inference_mode():
        for answer, inputs in zip(answers, patients, strict=True):
            assert torch.equal(answer.logits, small(inputs).logits)


def test_only_what_is_alike_goes_together_and_what_is_too_large_goes_alone() -> None:
    def network(inputs: ModelInput) -> ModelOutput:
        rows, tokens = inputs.presence.shape
        seen.append((rows, tokens))
        return ModelOutput(inputs.values.float().sum(dim=1, keepdim=True), (), inputs.presence.float(), inputs.values)

    def words(rows: int, tokens: int) -> ModelInput:
        return ModelInput(torch.full((rows, tokens), float(tokens)), torch.ones(rows, tokens, dtype=torch.bool))

    seen: list[tuple[int, int]] = []
    asked = [words(3, 5), words(2, 5), words(1, 7), words(ROWS + 1, 5)]
    answers = ask_together(Gatherer(network, wait=0.5), asked)
    assert [tuple(answer.logits.shape) for answer in answers] == [(3, 1), (2, 1), (1, 1), (ROWS + 1, 1)]
    assert [float(answer.logits[0]) for answer in answers] == [25.0, 25.0, 49.0, 25.0]
    assert sorted(seen) == [(ROWS, 5), (ROWS, 7), (ROWS + 1, 5)]
