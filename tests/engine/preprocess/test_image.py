from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Image, Window
from engine.preprocess.image import letterbox, prepare_image, resize, standardise, to_grey
from engine.training.augment import plain_batch
from engine.training.images import load_films


def film(rows: int, columns: int, seed: int = 0) -> Image:
    pixels = np.random.default_rng(seed).integers(0, 4096, (1, rows, columns)).astype(np.uint16)
    return Image(pixels=pixels, digest="", windows=(Window(2048, 4096),))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4000), st.integers(1, 4000), st.sampled_from([(224, 16), (96, 16), (64, 8)]))
def test_letterbox_keeps_the_aspect_and_covers_whole_patches(rows: int, columns: int, sizes: tuple[int, int]) -> None:
    size, patch = sizes
    box = letterbox(rows, columns, size=size, patch=patch)
    assert max(box.height, box.width) == size
    assert all(side % patch == 0 for side in (box.top, box.left, box.height, box.width))
    assert box.top + box.height <= size
    assert box.left + box.width <= size
    short, exact = min(box.height, box.width), size * min(rows, columns) / max(rows, columns)
    assert abs(short - exact) <= patch / 2 or short == patch
    assert box.presence.sum() == box.height * box.width // patch**2


def test_a_map_returns_to_the_pixels_it_came_from() -> None:
    box = letterbox(300, 400, size=224, patch=16)
    row, column = 6, 3
    values = np.zeros((14, 14), dtype=np.float32)
    values[row, column] = 1.0
    found = box.to_source(values.ravel())
    assert found.shape == (300, 400)
    assert found.dtype == np.float32
    peak = np.unravel_index(np.argmax(found), found.shape)
    assert peak[0] == pytest.approx((16 * row + 8 - box.top) * 300 / box.height, abs=1)
    assert peak[1] == pytest.approx((16 * column + 8 - box.left) * 400 / box.width, abs=1)
    assert np.isfinite(found).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 1000))
def test_a_map_stays_within_the_range_of_its_tokens(rows: int, columns: int, seed: int) -> None:
    box = letterbox(rows, columns, size=96, patch=16)
    tokens = np.random.default_rng(seed).random(36).astype(np.float32)
    found = box.to_source(tokens)
    assert found.shape == (rows, columns)
    assert np.isfinite(found).all()
    inside = tokens[box.presence]
    assert inside.min() - 1e-5 <= found.min() <= found.max() <= inside.max() + 1e-5


def test_a_constant_map_is_constant_up_to_the_edge_of_a_letterbox() -> None:
    box = letterbox(100, 300, size=96, patch=16)
    tokens = np.where(box.presence, np.float32(2.0), np.float32(99.0))
    assert np.allclose(box.to_source(tokens), 2.0)


def test_patches_that_were_not_seen_are_nan_and_the_others_do_not_fade() -> None:
    box = letterbox(96, 96, size=96, patch=16)
    tokens = np.ones((6, 6), dtype=np.float32)
    tokens[2, 4] = np.nan
    found = box.to_source(tokens.ravel())
    assert np.isnan(found[32:48, 64:80]).all()
    assert np.isnan(found).sum() == 256
    assert np.allclose(found[np.isfinite(found)], 1.0)


def test_prepared_pixels_are_standardised_and_the_padding_is_absent() -> None:
    pixels, presence, geometry = prepare_image(film(120, 200), 0, 96, 16)
    assert pixels.shape == (1, 96, 96)
    assert pixels.dtype == torch.float32
    shown = pixels[0, geometry.top : geometry.top + geometry.height]
    assert float(shown.mean()) == pytest.approx(0.0, abs=1e-4)
    assert float(shown.std(correction=0)) == pytest.approx(1.0, abs=1e-3)
    assert float(pixels[0, : geometry.top].abs().sum()) == 0.0
    assert torch.equal(presence, torch.from_numpy(geometry.presence))


def test_a_flat_picture_is_zero_not_nan() -> None:
    flat = Image(pixels=np.full((1, 50, 50), 7, dtype=np.uint8), digest="", windows=(Window(128, 256),))
    pixels, _, _ = prepare_image(flat, 0, 96, 16)
    assert float(pixels.abs().max()) < 1e-4


def test_standardising_looks_at_present_patches_only() -> None:
    pixels = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    presence = torch.arange(4)[None] < 2
    other = pixels.clone()
    other[..., 16:, :] = 100.0
    assert torch.equal(standardise(pixels, presence), standardise(other, presence))


def test_colour_becomes_luma() -> None:
    red = np.zeros((1, 4, 4, 3), dtype=np.uint8)
    red[..., 0] = 255
    assert np.allclose(to_grey(Image(pixels=red, digest=""), 0), 0.299)


def test_resizing_does_not_alias() -> None:
    stripes = np.tile(np.array([0.0, 1.0], dtype=np.float32), (64, 32))
    assert np.allclose(resize(stripes, 16, 16)[:, 2:-2].numpy(), 0.5, atol=0.05)


@pytest.mark.parametrize("shape", [(96, 96), (200, 200)])
def test_training_without_augmentation_sees_what_serving_sees(shape: tuple[int, int]) -> None:
    image = film(*shape)
    pixels, presence, _ = prepare_image(image, 0, 96, 16)
    films = load_films([lambda: image], [0], size=96)
    batch = plain_batch(films.pixels, films.aspects, patch=16)
    assert torch.equal(batch.presence[0], presence)
    step = 1 / 255 / float(films.pixels.float().std() / 255)  # one grey level of the cache, in deviations
    assert float((batch.values[0] - pixels).abs().max()) < 1.5 * step


def test_training_keeps_the_aspect_as_serving_does() -> None:
    rows = np.linspace(0, 1, 120)[:, None] * np.linspace(0.2, 1, 200)[None]
    image = Image(pixels=(rows * 4095).astype(np.uint16)[None], digest="", windows=(Window(2048, 4096),))
    pixels, presence, _ = prepare_image(image, 0, 96, 16)
    films = load_films([lambda: image], [0], size=96)
    batch = plain_batch(films.pixels, films.aspects, patch=16)
    assert torch.equal(batch.presence[0], presence)
    assert float((batch.values[0] - pixels).abs().mean()) < 0.05
