"""Sets from the Shapley kernel, and a head that finds the values of games whose values are known."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from engine.models.explainer import centred
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.training.shapley import ExplainerSettings, Games, SizeAlone, draw_sets, play, train_head

PLAYERS = 6


def test_sets_come_with_their_complements_and_the_kernel_s_sizes() -> None:
    presence = torch.tensor([[True, True, True, True, False]])
    sets = draw_sets(presence, 3000, torch.Generator().manual_seed(0))[0]  # (M, T)
    assert not sets[:, 4].any()
    assert torch.equal(sets[0::2] ^ sets[1::2], presence.expand(3000, -1))
    sizes = sets.sum(dim=1).bincount(minlength=5) / len(sets)
    torch.testing.assert_close(sizes, torch.tensor([0, 4, 3, 4, 0]) / 11, atol=0.02, rtol=0)  # 1 / (k (4 - k))
    assert (sets.float().mean(dim=0)[:4] - 0.5).abs().max() < 0.03


def test_a_network_is_asked_for_each_set() -> None:
    torch.manual_seed(0)
    config = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=1, heads=2)
    network = ImageTransformer(config).eval().requires_grad_(False)
    inputs = ModelInput(torch.randn(2, 1, 32, 32), torch.ones(2, 16, dtype=torch.bool))
    games = play(network, inputs, 2, torch.Generator().manual_seed(0))
    alone = network(ModelInput(inputs.values[1:], games.sets[1:, 3])).logits.softmax(dim=1)
    torch.testing.assert_close(games.values[1, 3], alone[0])
    torch.testing.assert_close(games.tokens[0].float(), network(inputs).hidden[-1][0], atol=1e-2, rtol=1e-2)
    empty = network(ModelInput(inputs.values[:1], torch.zeros(1, 16, dtype=torch.bool)))
    torch.testing.assert_close(games.nothing, empty.logits.softmax(dim=1).expand(2, -1))


def _value(tokens: Tensor, sets: Tensor) -> Tensor:
    """What sets ``(B, M, T)`` are worth, ``(B, M, 1)``: each token's weight, a bonus for 0 with 1, and their number."""
    weight = torch.einsum("bmt,bt->bm", sets.float(), tokens[..., 0])
    pair = (sets[..., 0] & sets[..., 1]).float()  # (B, M)
    return (0.05 * weight + 0.2 * pair + 0.4 * (sets.sum(dim=2) / PLAYERS).sqrt())[..., None]


def _games(count: int, seed: int) -> Games:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(count, PLAYERS, 16, generator=generator)
    tokens[:, :, 1 : 1 + PLAYERS] = 2 * torch.eye(PLAYERS)  # which of the players it is
    tokens = tokens.half().float()
    presence = torch.ones(count, PLAYERS, dtype=torch.bool)
    sets = draw_sets(presence, 4, generator)
    whole, nothing = (_value(tokens, side[:, None])[:, 0] for side in (presence, ~presence))
    return Games(tokens.half(), presence, whole, nothing, sets, _value(tokens, sets))


def test_a_trained_head_tells_the_shapley_values_of_cases_it_has_not_seen(tmp_path: Path) -> None:
    settings = ExplainerSettings(epochs=10, lr=5e-3)
    head = train_head(_games(1000, 0), _games(50, 1), settings, tmp_path, seed=0)
    unseen = _games(8, 2)
    with torch.inference_mode():
        told = centred(head(unseen.tokens.float()), unseen.presence)[..., 0]  # (B, T)
    halves = torch.tensor([0.1, 0.1, 0, 0, 0, 0])  # of the bonus; each gets the same of what their number is worth
    exact = centred((0.05 * unseen.tokens[..., :1].float() + halves[:, None]), unseen.presence)[..., 0]  # (B, T)
    assert float((told - exact).square().mean() / exact.square().mean()) < 0.1
    assert head.nothing.item() == 0.0


def test_what_the_size_says_alone_is_most_of_the_noise() -> None:
    games = _games(500, 0)
    left = (games.values - SizeAlone(games)(games)).var()
    assert left < 0.5 * games.values.var()
