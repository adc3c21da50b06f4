"""Estimated lungs against those of generated films, whose anatomy is known, and pictures that have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.case import Image
from engine.explain.lung_fields import lungs
from engine.samples import sample_case
from sample_data.cases import BACTERIAL_FILMS, NORMAL_FILMS, VIRAL_FILMS
from sample_data.film import DEPTHS, Exposure, expose, magnification
from sample_data.recipes import FilmRecipe
from sample_data.shapes import filled
from sample_data.thorax import Thorax

LEAST_CROSSED = 20.0  # mm of lung on a ray that make a pixel lung
COARSER = 8


def coarse(exposure: Exposure) -> Exposure:
    return replace(
        exposure,
        rows=exposure.rows // COARSER,
        columns=exposure.columns // COARSER,
        spacing=exposure.spacing * COARSER,
    )


def crossed(thorax: Thorax, exposure: Exposure) -> NDArray[np.bool_]:
    """Where rays cross so much lung, ``(rows, columns)``, diseased or not."""
    v = (exposure.rows / 2 - np.arange(exposure.rows) - 0.5) * exposure.spacing
    u = (np.arange(exposure.columns) + 0.5 - exposure.columns / 2) * exposure.spacing
    total = np.zeros((exposure.rows, exposure.columns))
    for z in DEPTHS:
        scale = magnification(z)
        total += filled(thorax.lungs(u[None] / scale, exposure.centre + v[:, None] / scale, np.float32(z)))
    return np.asarray(total * (DEPTHS[1] - DEPTHS[0]) > LEAST_CROSSED)


def picture(values: NDArray[np.floating]) -> Image:
    return Image((255 * np.clip(values, 0, 1)).round().astype(np.uint8)[None], digest="x")


@pytest.mark.parametrize("recipe", [NORMAL_FILMS[2], *BACTERIAL_FILMS[:2], VIRAL_FILMS[0]], ids=lambda one: one.case_id)
def test_the_lungs_of_generated_films_are_found(recipe: FilmRecipe) -> None:
    thorax, exposure = Thorax(recipe.build, seed=1), coarse(recipe.exposure)
    film = expose(thorax, exposure, seed=1)
    found, truth = lungs(picture(film.values)), crossed(thorax, exposure)
    left = np.arange(exposure.columns) < exposure.columns / 2
    for mask, half in zip(found.values(), (left, ~left), strict=True):
        own = truth & half
        assert 2 * (mask & own).sum() / (mask.sum() + own.sum()) > 0.85
    if film.disease.any():  # a threshold would have left it out
        inside = np.logical_or.reduce(list(found.values()))
        assert inside[film.disease].mean() > 0.65


def test_sides_are_the_patients_only_where_the_file_tells_them() -> None:
    image = sample_case("chest-normal-1").images[0]
    assert image.orientation is not None
    assert list(lungs(image)) == ["Right lung", "Left lung"]
    mirrored = replace(image, pixels=image.pixels[:, :, ::-1], orientation=("R", image.orientation[1]))
    assert list(lungs(mirrored)) == ["Left lung", "Right lung"]
    unsaid = lungs(replace(image, orientation=None))
    assert list(unsaid) == ["Lung on the image's left", "Lung on the image's right"]
    left, right = unsaid.values()
    assert np.nonzero(left)[1].max() < np.nonzero(right)[1].min()


def test_a_picture_without_lungs_has_none() -> None:
    noise = np.random.default_rng(0).random((96, 96))
    assert lungs(picture(noise)) == {}
    assert lungs(picture(np.full((64, 80), 0.5))) == {}
    assert lungs(sample_case("breast-benign-1").images[0]) == {}


def test_the_same_film_has_the_same_lungs() -> None:
    image = sample_case("chest-viral-1").images[0]
    for one, again in zip(lungs(image).values(), lungs(image).values(), strict=True):
        assert one.shape == image.shape
        assert np.array_equal(one, again)


def test_lungs_whose_bases_are_white_reach_as_low_as_is_usual() -> None:
    """The sample's edges end above its consolidated base, and the outline once ended there too."""
    film = sample_case("chest-bacterial-1").images[0]
    rows, columns = film.shape
    for mask in lungs(film).values():
        down, across = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
        assert down[-1] > 0.68 * rows
        assert across[-1] - across[0] > 0.2 * columns
