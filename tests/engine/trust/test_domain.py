from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Case, Image, Note
from engine.pipeline import analyse, shipped_model
from engine.preprocess.image import to_grey
from engine.trust.domain import (
    coarse_layout,
    content_reasons,
    distances,
    fit_familiar,
    layout_reasons,
    likeness,
)

SMOOTH = np.add.outer(np.linspace(0, 200, 64), np.linspace(0, 50, 64)).astype(np.uint8)


def _image(pixels: np.ndarray) -> Image:
    return Image(pixels=pixels[None], digest="")


def _reasons(pixels: np.ndarray) -> str:
    image = _image(pixels)
    return " ".join(content_reasons(image, to_grey(image, 0)))


def test_a_smooth_grey_picture_passes() -> None:
    assert not _reasons(SMOOTH)


def test_a_grey_picture_stored_in_colour_passes() -> None:
    assert not _reasons(np.repeat(SMOOTH[..., None], 3, axis=2))


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_is_refused(value: int) -> None:
    assert "uniform" in _reasons(np.full((64, 64), value, dtype=np.uint8))


def test_a_colour_picture_is_refused() -> None:
    assert "colour" in _reasons(np.stack([SMOOTH, SMOOTH[::-1], SMOOTH[:, ::-1]], axis=-1))


@pytest.mark.parametrize("side", [1, 8, 63])
def test_a_picture_of_few_pixels_is_refused(side: int) -> None:
    assert "few pixels" in _reasons(np.ones((side, 300), dtype=np.uint8))


def test_a_mask_is_refused_as_a_drawing() -> None:
    mask = np.zeros((200, 300), dtype=np.uint8)
    mask[60:120, 80:190] = 255
    assert "two tones" in _reasons(mask)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 2**32 - 1), st.booleans())
def test_noise_of_any_size_is_refused(rows: int, columns: int, seed: int, is_binary: bool) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint8)
    assert _reasons(np.where(noise > 127, 255, 0).astype(np.uint8) if is_binary else noise)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(0, 255))
def test_a_flat_picture_of_any_size_is_refused(rows: int, columns: int, value: int) -> None:
    assert _reasons(np.full((rows, columns), value, dtype=np.uint8))


def test_stripes_that_only_one_direction_tells_from_noise_are_refused() -> None:
    stripes = np.random.default_rng(0).integers(0, 256, (128, 1)).repeat(128, axis=1).astype(np.uint8)
    assert "noise" in _reasons(stripes)
    assert "noise" in _reasons(stripes.T)


def test_an_inverted_film_of_a_symmetrical_average_is_not_called_upside_down() -> None:
    film = np.zeros((56, 56), dtype=np.float32)
    film[:20] = 1.0  # bright skin above, dark depth below
    film[30:36, 20:36] = 0.6
    assert "inverted" in layout_reasons(1 - film, coarse_layout(film, 14), 0.2)[0]


def test_likeness_is_a_correlation() -> None:
    film = np.random.default_rng(0).random((56, 56)).astype(np.float32)
    average = coarse_layout(film, 14)
    assert likeness(film, average) == pytest.approx(1.0, abs=1e-3)
    assert likeness(1 - film, average) == pytest.approx(-1.0, abs=1e-3)
    assert likeness(np.zeros((56, 56), dtype=np.float32), average) == 0.0


def test_turned_films_are_named_so() -> None:
    film = np.zeros((56, 56), dtype=np.float32)
    film[30:50, 25:50] = 1.0  # a heart, low and to one side
    film[:, 26:30] += 0.5
    average = coarse_layout(film, 14)
    assert layout_reasons(film, average, 0.5) == []
    assert "upside down" in layout_reasons(film[::-1, ::-1], average, 0.5)[0]
    assert "mirrored" in layout_reasons(film[:, ::-1], average, 0.3)[0]
    assert "inverted" in layout_reasons(1 - film, average, 0.5)[0]
    assert "on its side" in layout_reasons(np.rot90(film), average, 0.5)[0]
    assert "layout" in layout_reasons(np.eye(56, dtype=np.float32), average, 0.5)[0]


def test_distances_are_those_of_the_fitted_gaussian() -> None:
    generator = np.random.default_rng(0)
    mixing = generator.standard_normal((5, 5))
    embeddings = (generator.standard_normal((4000, 5)) @ mixing + 3).astype(np.float32)
    mean, precision = fit_familiar(embeddings)
    found = distances(embeddings, mean, precision)
    assert np.mean(found**2) == pytest.approx(5.0, rel=0.05)
    assert distances(mean[None], mean, precision)[0] == pytest.approx(0.0)
    assert distances(mean[None] + 100, mean, precision)[0] > found.max()


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("pain", False),
        ("Dolor de rodilla derecha.", False),
        ("Sodium: 138 mmol/L\nPotassium: 6.1 mmol/L", False),
        ("x" * 50_000, False),
        ("Chest pain radiating to the left arm, relieved by nitroglycerin. He has hypertension.", True),
    ],
)
def test_a_few_words_are_no_note_for_a_model_of_notes(text: str, inside: bool) -> None:
    case = Case("c", "c", note=Note(text, "0" * 64))
    domain = analyse(case, shipped_model("clinical-note")).domain
    assert domain.inside is inside
    assert any("fewer than 10 words" in str(reason) for reason in domain.reasons) is not inside
