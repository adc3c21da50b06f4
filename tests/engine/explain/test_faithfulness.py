"""The badge checked: models that by construction look at one place only, and maps that know or do not know it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from engine.explain.baselines import blob_orders, random_orders
from engine.explain.faithfulness import Ask, RemovalEvidence, judge, measure, rank_p
from engine.measured import Verdict

GRID = 10
PARTS = GRID * GRID
PLACES = np.stack(np.divmod(np.arange(PARTS), GRID), axis=1)
WORDS = np.stack([np.zeros(PARTS, int), np.arange(PARTS)], axis=1)
CASES = 40


def _corner(case: int) -> NDArray[np.bool_]:
    """A 3 x 3 region away from the middle, where it would be a blob's."""
    row, column = ((0, 0), (0, 7), (7, 0), (7, 7))[case % 4]
    return (abs(PLACES - (row + 1, column + 1)) <= 1).all(axis=1)


def _model_that_looks_at(region: NDArray[np.bool_], seed: int) -> Ask:
    """A linear model over the present patches of the region, with a little of everything else."""
    weights = np.where(region, 1.0, 0.0) + np.random.default_rng(seed).normal(scale=0.02, size=PARTS)

    def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(1 / (1 + np.exp(3 - 0.8 * (kept @ weights))))

    return ask


def _word(case: int) -> NDArray[np.bool_]:
    """A word that stands seven times in a note of a hundred, not in its middle, where it would be a blob's."""
    ends = np.flatnonzero(abs(WORDS[:, 1] - PARTS / 2) > PARTS / 6)
    where = np.random.default_rng(500 + case).choice(ends, 7, replace=False)
    return np.isin(np.arange(PARTS), where)


@pytest.fixture(scope="module", params=["region", "word"])
def planted(request: pytest.FixtureRequest) -> tuple[list[RemovalEvidence], list[RemovalEvidence]]:
    """What is found of true maps, and of random ones: on images with a region, on notes with a word."""
    plant, places = (_corner, PLACES) if request.param == "region" else (_word, WORDS)
    true, random = [], []
    for case in range(CASES):
        ask, region = _model_that_looks_at(plant(case), case), plant(case)
        noise = np.random.default_rng(1000 + case).random(PARTS)
        true.append(measure(ask, region + 0.5 * noise, places, seed=case))
        random.append(measure(ask, noise, places, seed=case))
    return true, random


def test_the_badge_tells_true_maps_from_random_ones(
    planted: tuple[list[RemovalEvidence], list[RemovalEvidence]],
) -> None:
    true, random = planted
    scores = [found.chance.gap - np.mean(found.chance.gaps) for found in (*true, *random)]
    assert roc_auc_score([1] * CASES + [0] * CASES, scores) >= 0.95
    said = [1 - found.chance.p_better for found in (*true, *random)]
    assert roc_auc_score([1] * CASES + [0] * CASES, said) >= 0.95


def test_true_maps_are_called_faithful_and_random_ones_are_not(
    planted: tuple[list[RemovalEvidence], list[RemovalEvidence]],
) -> None:
    true, random = planted
    assert sum(found.verdict is Verdict.FAITHFUL for found in true) >= 0.95 * CASES
    assert sum(found.verdict is Verdict.CHANCE for found in random) >= 0.8 * CASES
    assert sum(found.verdict is Verdict.FAITHFUL for found in random) <= 0.1 * CASES


def test_a_map_that_is_upside_down_is_worse_than_chance() -> None:
    found = measure(_model_that_looks_at(_corner(0), 0), -_corner(0).astype(float), PLACES)
    assert found.verdict is Verdict.WORSE


def test_a_map_no_better_than_a_blob_is_not_called_faithful() -> None:
    """A model that looks at the middle, and a map that marks the middle: it may be right, but it proves nothing."""
    middle = (np.abs(PLACES - (GRID - 1) / 2) < 2).all(axis=1)
    found = measure(_model_that_looks_at(middle, 0), middle.astype(float), PLACES)
    assert found.chance.p_better <= 0.05
    assert found.verdict is Verdict.CHANCE
    assert "blobs in the middle" in found.sentence


def test_an_answer_that_does_not_move_proves_nothing() -> None:
    found = measure(lambda kept: 0.9 + 1e-6 * kept[:, 0], np.arange(PARTS, 0, -1.0), PLACES)
    assert found.verdict is Verdict.CHANCE
    assert "hardly moves" in found.sentence


def test_a_map_that_moves_nothing_where_others_move_much_is_no_better_than_chance() -> None:
    """The answer rests on two parts, which the map puts first and last: what it marks takes away what the rest does."""
    order = np.arange(PARTS, 0, -1.0)
    found = measure(lambda kept: 0.1 + 0.4 * kept[:, 0] + 0.4 * kept[:, -1], order, PLACES)
    assert abs(found.chance.gap) < 0.01
    assert max(map(abs, found.chance.gaps)) > 0.1
    assert found.verdict is Verdict.CHANCE
    assert "hardly moves" not in found.sentence


def test_the_areas_of_a_linear_answer_are_known() -> None:
    """With p = share of the first half that is present, insertion is min(1, 2 s) and deletion max(0, 1 - 2 s)."""
    half = np.arange(PARTS) < PARTS // 2
    found = measure(lambda kept: kept[:, half].mean(axis=1), half.astype(float), PLACES)
    assert found.insertion.area == pytest.approx(0.75)
    assert found.deletion.area == pytest.approx(0.25)
    assert found.insertion.probabilities[0] == found.deletion.probabilities[-1] == 0
    assert found.insertion.probabilities[-1] == found.deletion.probabilities[0] == 1
    assert found.comprehensiveness == pytest.approx(np.mean([0.02, 0.1, 0.2, 0.4, 1.0]))
    assert found.sufficiency == pytest.approx(1 - found.comprehensiveness)


def test_a_random_map_and_its_reverse_have_opposite_gaps() -> None:
    found = measure(_model_that_looks_at(_corner(1), 1), _corner(1).astype(float), PLACES)
    gaps = np.array(found.chance.gaps)
    np.testing.assert_allclose(np.sort(gaps), np.sort(-gaps))
    assert len(gaps) == len(found.blob.gaps) == 20


def test_the_same_map_gets_the_same_badge_and_ties_have_no_side() -> None:
    ask = _model_that_looks_at(_corner(0), 0)
    flat = np.zeros(PARTS)
    assert measure(ask, flat, PLACES) == measure(ask, flat, PLACES)
    upper_left_first = measure(ask, -np.arange(PARTS, dtype=float), PLACES)
    assert measure(ask, flat, PLACES).insertion != upper_left_first.insertion


def test_the_cost_is_counted_and_small() -> None:
    asked = []

    def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        asked.append(kept.mean(axis=1).sum())
        return kept.mean(axis=1)

    found = measure(ask, np.arange(PARTS, dtype=float), PLACES)
    assert found.passes == pytest.approx(sum(asked))
    assert found.passes <= 40


def test_progress_rises_to_one_and_can_stop_the_work() -> None:
    said: list[float] = []
    measure(lambda kept: kept.mean(axis=1), np.arange(PARTS, dtype=float), PLACES, progress=said.append)
    assert said == sorted(said)
    assert said[-1] == 1

    def stop(share: float) -> None:
        raise KeyboardInterrupt(share)

    with pytest.raises(KeyboardInterrupt):
        measure(lambda kept: kept.mean(axis=1), np.arange(PARTS, dtype=float), PLACES, progress=stop)


def test_a_note_of_three_words_can_be_measured() -> None:
    places = np.array([[0, 0], [0, 1], [0, 2]])
    assert measure(lambda kept: kept[:, 0] * 0.8, np.array([3.0, 2.0, 1.0]), places).insertion.area > 0.5


def test_rank_p_counts_ties_against_the_map() -> None:
    assert rank_p(1.0, np.zeros(19)) == pytest.approx(0.05)
    assert rank_p(0.0, np.zeros(19)) == 1


def test_every_verdict_says_what_failed() -> None:
    found = measure(_model_that_looks_at(_corner(0), 0), _corner(0).astype(float), PLACES)
    assert "20 of 20 random maps and 20 of 20 blobs" in judge(found.chance, found.blob)[1]
    lost = replace(found.blob, p_better=0.5, gaps=(*[1.0] * 10, *[-1.0] * 10))
    assert judge(found.chance, lost) == (
        Verdict.CHANCE,
        "It does better than 20 of 20 random maps, but only than 10 of 20 blobs in the middle, which know nothing of "
        "the case.",
    )


def test_blobs_lie_in_the_middle_and_differ() -> None:
    generator = np.random.default_rng(0)
    blobs = blob_orders(PLACES, 20, generator)
    assert len({tuple(order) for order in blobs}) == 20
    first = np.array([PLACES[order[:10]].mean(axis=0) for order in blobs])
    np.testing.assert_allclose(first.mean(axis=0), (GRID - 1) / 2, atol=0.6)
    last = np.array([PLACES[order[-4:]] for order in blobs])
    assert (np.abs(last - (GRID - 1) / 2) > 2).any(axis=2).all()


def test_a_blob_over_a_note_is_a_run_of_words() -> None:
    words = np.stack([np.zeros(30, int), np.arange(30)], axis=1)
    for order in blob_orders(words, 5, np.random.default_rng(1)):
        assert np.ptp(order[:9]) == 8


def test_random_orders_hold_every_part_once() -> None:
    for order in random_orders(7, 3, np.random.default_rng(0)):
        assert sorted(order) == list(range(7))


def test_the_model_may_be_a_network_asked_in_batches() -> None:
    """The same through `engine.explain.removal`: a network that sees nothing but the brightness of one corner."""
    from engine.explain.removal import Players, answers
    from engine.models.output import ModelInput, ModelOutput

    region = torch.from_numpy(_corner(3))

    class Corner:
        def embed(self, inputs: ModelInput) -> torch.Tensor:
            seen = region & inputs.presence  # (B, T)
            return seen.float()[..., None]  # (B, T, 1)

        def encode(self, hidden: torch.Tensor, presence: torch.Tensor) -> ModelOutput:
            score = (hidden * presence[..., None]).sum(dim=1)  # (B, 1)
            return ModelOutput(score, (), presence.float(), score)

        def __call__(self, inputs: ModelInput) -> ModelOutput:
            return self.encode(self.embed(inputs), inputs.presence)

    presence = torch.ones(1, PARTS, dtype=torch.bool)
    inputs = ModelInput(torch.zeros(1, 1, GRID, GRID), presence)
    players = Players.of_patches(presence)

    def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        logits = answers(Corner(), inputs, players.presence(torch.from_numpy(kept), presence))  # (M, 1, 1)
        return np.asarray(torch.sigmoid(logits[:, 0, 0] - 4).numpy(), np.float64)

    assert measure(ask, region.numpy().astype(float), players.places.numpy()).verdict is Verdict.FAITHFUL
