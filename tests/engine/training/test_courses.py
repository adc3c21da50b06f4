"""Training of a course model: what is drawn, what each member may know, and that a stopped run goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.models.course import CourseTransformer, CourseTransformerConfig, read_at
from engine.preprocess.course import HOURS, KIND, READING, prepare_course
from engine.training.courses import CourseSettings, Stays, fit_scale, predict_stays, random_batches, train_courses
from tests.engine.courses import random_course

SETTINGS = CourseSettings(epochs=2, batch_size=4, members=2, width=16, heads=4)


@pytest.fixture(scope="module")
def stays() -> Stays:
    tokens = tuple(prepare_course(random_course(60, seed=seed))[0].values[0] for seed in range(12))
    return Stays(tokens, (torch.arange(12) % 3 == 0).float(), torch.arange(12) % 2)


@pytest.fixture
def network(stays: Stays) -> CourseTransformer:
    torch.manual_seed(0)
    made = CourseTransformer(CourseTransformerConfig(width=16, heads=4, members=2))
    torch.nn.init.normal_(made.head.weight)
    fit_scale(made, stays)
    return made.eval()


def test_each_kind_is_put_on_the_scale_of_normal_scores(network: CourseTransformer, stays: Stays) -> None:
    tokens = torch.cat(stays.tokens)
    kind = int(tokens[:, KIND].mode().values)
    values = tokens[tokens[:, KIND] == kind, 2]
    scaled = network.scaled(torch.full((1, len(values)), kind), values[None])[0]
    assert (scaled.sort().indices == values.sort().indices).all() or scaled[values.argmax()] == scaled.max()
    assert abs(float(scaled.median())) < 0.1
    assert float(scaled.std()) == pytest.approx(1 / 1.5, abs=0.2)


def test_batches_show_only_the_past_of_their_hour_and_no_stay_to_its_member(
    network: CourseTransformer, stays: Stays
) -> None:
    batches = list(random_batches(network, stays, SETTINGS, np.random.default_rng(0)))
    assert len(batches) == 3
    for batch in batches:
        values, presence = batch.inputs.values, batch.inputs.presence
        assert (values[..., 1] < values[..., READING])[presence].all()
        assert (values[..., READING] <= HOURS).all()
        assert (batch.weight.sum(1) == 1).all()


def test_predictions_are_those_of_the_network_whatever_is_beside_them(network: CourseTransformer, stays: Stays) -> None:
    votes = predict_stays(network, stays, [3, 0, 7], hour=30)
    for row, found in zip([3, 0, 7], votes, strict=True):
        with torch.inference_mode():
            output = network(read_at(stays.batch([row]), torch.tensor([[30.0]])))
            alone = network.votes(output.embedding)[0].numpy()  # (M,)
        np.testing.assert_allclose(alone, found, atol=1e-5)


def test_a_run_that_was_stopped_ends_as_one_that_was_not(stays: Stays, tmp_path: Path) -> None:
    whole = train_courses(stays, SETTINGS, out=tmp_path / "whole", seed=1)
    again = train_courses(stays, SETTINGS, out=tmp_path / "whole", seed=1)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)
