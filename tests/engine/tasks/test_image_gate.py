from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Case, Image
from engine.models.checkpoint import LoadedModel
from engine.pipeline import analyse, shipped_model
from engine.preprocess.image import to_grey
from engine.samples import sample_case
from engine.tasks.image_gate import changed, features, fit_limit, learn_gate
from engine.training.augment import random_view
from engine.training.images import Films
from engine.training.strangers import blur, changes, turn
from engine.trust.gate import likeliest, log_shares, strangeness

WEIGHTS = Path(__file__).parents[3] / "engine" / "weights"
Change = Callable[[np.ndarray], np.ndarray]


def _films(count: int, seed: int, *, lung: float = 0.6) -> Films:
    """Dark lungs on a body, as high as `lung`, a heart low on one side, and grain."""
    generator = torch.Generator().manual_seed(seed)
    down, across = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(-1, 1, 64), indexing="ij")
    pixels = []
    for _ in range(count):
        x, y = 0.1 * torch.randn(2, generator=generator)
        film = 0.7 - 0.5 * (((across.abs() - 0.45) / 0.3) ** 2 + ((down - y) / lung) ** 2 < 1).float()
        film = film + 0.4 * (((across - 0.25 - x) / 0.3) ** 2 + ((down - 0.3) / 0.3) ** 2 < 1).float()
        film = film * (across.abs() < 0.9) + 0.02 * torch.randn(64, 64, generator=generator)
        pixels.append((film.clamp(0, 1) * 255).to(torch.uint8))
    return Films(torch.stack(pixels), torch.ones(count), torch.zeros(count, dtype=torch.int64))


def test_a_gate_learns_what_is_done_to_images_and_says_which() -> None:
    films, held = _films(40, 0), _films(30, 1)
    gate = learn_gate(films, patch=16, mirror=False, view=random_view, seed=0)
    limit = fit_limit(gate, held, patch=16, view=random_view, seed=0)
    shares = log_shares(torch.from_numpy(features(held, 16)), gate)
    assert np.mean(strangeness(shares) > limit) <= 0.1
    for kind, change in changes(mirror=False).items():
        shares = log_shares(torch.from_numpy(features(changed(held, kind, change, 7), 16)), gate)
        told = np.array(likeliest(shares, gate))[strangeness(shares) > limit]
        assert len(told) >= 24
        assert np.mean(told == kind) > 0.7


def test_films_of_older_patients_are_told_as_such_where_the_gate_was_shown_some() -> None:
    films, held, older = _films(40, 0), _films(30, 1), _films(50, 2, lung=0.85)
    given = {"patch": 16, "mirror": False, "view": random_view, "seed": 0}
    shares = {}
    for taught in (None, Films(older.pixels[:30], older.aspects[:30], older.targets[:30])):
        gate = learn_gate(films, **given, older=taught)
        limit = fit_limit(gate, held, patch=16, view=random_view, seed=0)
        seen = log_shares(torch.from_numpy(features(older, 16)[30:]), gate)
        told = np.array(likeliest(seen, gate))[strangeness(seen) > limit]
        shares[taught is not None] = np.sum(told == "older") / 20
        assert np.mean(strangeness(log_shares(torch.from_numpy(features(held, 16)), gate)) > limit) <= 0.1
    assert shares[True] >= 0.9
    assert shares[False] == 0.0


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("chest-xray", "c6fc95b331cb465ca70a1e0a4bb40a87278937460dacd0c7aab0d3c642aa0851"),
        ("breast-ultrasound", "2b10150e7e3801635904c52340acd012649c5c80bf605f95cf7089fe243477b8"),
        ("film-and-note", "2aa5ba5da12f7069db6c8d91c824c63e9c367f98e85de64b1e51d2893876faa1"),
    ],
)
def test_the_gate_left_the_weights_as_they_were(name: str, digest: str) -> None:
    assert hashlib.sha256((WEIGHTS / name / "model.safetensors").read_bytes()).hexdigest() == digest
    model = shipped_model(name)
    assert model.digest == digest
    assert model.gate is not None
    assert sum(tensor.nbytes for tensor in model.gate.values()) < 20_000
    plain = replace(model, gate=None)
    if name != "film-and-note":
        case = sample_case("chest-normal-1" if name == "chest-xray" else "breast-benign-1")
        assert analyse(case, model).findings == analyse(case, plain).findings


def test_all_shipped_weights_are_small_enough() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*")) < 150_000_000


def _turned(degrees: float) -> Change:
    return lambda grey: turn(torch.from_numpy(grey)[None], torch.tensor([degrees]), torch.ones(1))[0].numpy()


def _blurred(grey: np.ndarray) -> np.ndarray:
    return blur(torch.from_numpy(grey)[None], 6 / 224 * min(grey.shape))[0].numpy()


def _grainy(grey: np.ndarray) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, 0.35, (224, 224))
    coarse = np.kron(grain, np.ones((-(-grey.shape[0] // 224), -(-grey.shape[1] // 224))))
    return grey + coarse[: grey.shape[0], : grey.shape[1]]


ALIKE: list[tuple[str, Change, str]] = [
    ("inverted", lambda grey: 1 - grey, "inverted"),
    ("upside down", lambda grey: grey[::-1, ::-1], "upside down"),
    ("turned left", lambda grey: np.rot90(grey), "on its side"),
    ("turned right", lambda grey: np.rot90(grey, -1), "on its side"),
    ("blurred", _blurred, "blurred"),
    ("noisy", _grainy, "nois"),
]


def _reasons(grey: np.ndarray, model: LoadedModel) -> str:
    pixels = (np.clip(np.ascontiguousarray(grey), 0, 1) * 255).round().astype(np.uint8)
    case = Case("case", "A picture", ((Image(pixels=pixels[None], digest=""),),))
    return " ".join(analyse(case, model).domain.reasons)


@pytest.mark.parametrize(
    ("change", "said"), [*((how, said) for _, how, said in ALIKE), (lambda grey: grey[:, ::-1], "mirrored")]
)
def test_a_chest_film_that_was_changed_is_outside_for_its_true_reason(change: Change, said: str) -> None:
    grey = to_grey(sample_case("chest-normal-1").images[0], 0)
    assert said in _reasons(change(grey), shipped_model("chest-xray"))


@pytest.mark.parametrize("degrees", [-45.0, -20.0, 20.0, 45.0])
def test_a_tilted_chest_film_is_outside(degrees: float) -> None:
    grey = to_grey(sample_case("chest-normal-1").images[0], 0)
    assert _reasons(_turned(degrees)(grey), shipped_model("chest-xray"))


@pytest.mark.parametrize(("change", "said"), [(how, said) for _, how, said in ALIKE])
def test_a_breast_scan_that_was_changed_is_outside_for_its_true_reason(change: Change, said: str) -> None:
    grey = to_grey(sample_case("breast-benign-1").images[0], 0)
    assert said in _reasons(change(grey), shipped_model("breast-ultrasound"))


@pytest.mark.parametrize("name", ["chest-xray", "breast-ultrasound"])
def test_the_samples_of_another_kind_are_outside(name: str) -> None:
    model = shipped_model(name)
    for other in ("breast-benign-1" if name == "chest-xray" else "chest-normal-1", "chest-ct-1"):
        assert _reasons(to_grey(sample_case(other).images[0], 0), model)


@settings(max_examples=6, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_black_white_flat_pictures_and_noise_of_any_size_never_pass(rows: int, columns: int, seed: int) -> None:
    noise = np.random.default_rng(seed).random((rows, columns))
    for name in ("chest-xray", "breast-ultrasound"):
        for grey in (noise, np.zeros_like(noise), np.ones_like(noise), np.full_like(noise, noise[0, 0])):
            assert _reasons(grey, shipped_model(name))


@pytest.mark.parametrize("name", ["chest-xray", "breast-ultrasound"])
def test_the_card_says_how_many_of_each_kind_are_called_outside(name: str) -> None:
    found = shipped_model(name).card.domain
    assert found["familiar"].value <= 0.05
    for kind in set(found) - {"familiar"}:
        assert found[kind].value >= 0.8
        assert found[kind].n >= 30
