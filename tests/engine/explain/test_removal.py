"""Parts of a case: what goes together, and that dropping tokens gives the answer that masking them gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.explain.removal import FIXED, Players, answers
from engine.models.output import ModelInput
from engine.models.text import TextTransformer, start_from_encoder
from engine.models.vision import ImageTransformer, ImageTransformerConfig


@pytest.fixture(scope="module")
def reader(encoder_folder: Path) -> TextTransformer:
    torch.manual_seed(1)
    return start_from_encoder(encoder_folder, num_labels=3).eval().requires_grad_(False)


def test_a_word_goes_with_all_its_pieces_in_all_windows() -> None:
    words = torch.tensor([[-1, 0, 1, 1, -1], [-1, 1, 1, 4, -1]])
    presence = torch.tensor([[True, True, True, True, True], [True, True, True, True, False]])
    players = Players.of_words(words, presence)
    assert players.members.tolist() == [[FIXED, 0, 1, 1, FIXED], [FIXED, 1, 1, 2, FIXED]]
    left = players.presence(torch.tensor([[True, False, True]]), presence)
    assert left[0].tolist() == [[True, True, False, False, True], [True, False, False, True, False]]


def test_patches_are_grouped_into_squares_and_words_into_runs() -> None:
    patches = Players.of_patches(torch.ones(1, 16, dtype=torch.bool))
    assert patches.blocks(4).view(4, 4).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]
    assert patches.blocks(4, (1, 0)).view(4, 4)[:, 0].tolist() == [0, 2, 2, 4]
    words = Players.of_tokens(torch.ones(1, 6, dtype=torch.bool))
    assert words.blocks(4).tolist() == [0, 0, 0, 0, 1, 1]
    assert words.blocks(4, (3, 1)).tolist() == [0, 0, 0, 1, 1, 1]


def test_cells_of_a_course_are_grouped_by_hour_but_never_across_variables() -> None:
    places = torch.tensor([[3, 0], [4, 0], [3, 1], [3, 2], [4, 3]])
    players = Players.of_cells(places, torch.tensor([[0, 1, 2, 3, 4, 1, -1]]))
    assert players.members.tolist() == [[0, 1, 2, 3, 4, 1, FIXED]]
    assert players.blocks(4).tolist() == [0, 2, 0, 1, 3]
    assert players.blocks(4096).tolist() == [0, 1, 0, 0, 1]


def test_values_are_spread_to_tokens_and_absent_ones_get_none() -> None:
    presence = torch.tensor([[True, False, True, True]])
    players = Players.of_tokens(presence)
    assert len(players) == 3
    assert players.spread(torch.tensor([1.0, 2.0, 3.0])).tolist() == [[1.0, 0.0, 2.0, 3.0]]


def test_dropped_tokens_answer_as_masked_ones_do(reader: TextTransformer) -> None:
    generator = torch.Generator().manual_seed(2)
    inputs = ModelInput(
        torch.randint(4, 20, (3, 12), generator=generator), torch.rand(3, 12, generator=generator) < 0.9
    )
    variants = inputs.presence & (torch.rand(20, 3, 12, generator=generator) < 0.5)  # (M, W, T)
    variants[0] = inputs.presence
    found = answers(reader, inputs, variants)  # (M, W, L)
    masked = torch.stack([reader(ModelInput(inputs.values, variant)).logits for variant in variants])
    torch.testing.assert_close(found, masked, atol=1e-5, rtol=1e-5)


def test_dropped_patches_answer_as_masked_ones_do() -> None:
    torch.manual_seed(0)
    sizes = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=2, heads=3)
    network = ImageTransformer(sizes).eval()
    inputs = ModelInput(torch.randn(1, 1, 32, 32), torch.ones(1, 16, dtype=torch.bool))
    variants = torch.rand(9, 1, 16) < 0.4
    variants[1] = False
    masked = torch.stack([network(ModelInput(inputs.values, variant)).logits for variant in variants])
    torch.testing.assert_close(answers(network, inputs, variants), masked, atol=1e-5, rtol=1e-5)


def test_only_the_windows_that_change_are_asked_again_and_with_fewer_tokens(reader: TextTransformer) -> None:
    asked: list[tuple[int, ...]] = []

    class Counting:
        def embed(self, inputs: ModelInput) -> torch.Tensor:
            return reader.embed(inputs)

        def encode(self, hidden: torch.Tensor, presence: torch.Tensor) -> object:
            asked.append(tuple(presence.shape))
            return reader.encode(hidden, presence)

    inputs = ModelInput(torch.full((4, 10), 5), torch.ones(4, 10, dtype=torch.bool))
    variants = inputs.presence.repeat(2, 1, 1)  # (M, W, T)
    variants[1, 2, :7] = False
    answers(Counting(), inputs, variants)
    assert sorted(asked) == [(1, 3), (4, 10)]
