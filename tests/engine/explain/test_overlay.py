"""The drawn overlay: the image where nothing was seen, one colour for one value, the same opacity everywhere."""

from __future__ import annotations

import numpy as np

from engine.explain.overlay import draw_overlay


def test_what_was_not_seen_stays_as_it_is() -> None:
    display = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    relevance = np.full((3, 4), np.nan, dtype=np.float32)
    picture = np.asarray(draw_overlay(display, relevance, scale=3))
    np.testing.assert_array_equal(picture, np.repeat((display * 255).round()[..., None], 3, axis=2))


def test_the_scale_is_fixed_and_saturates() -> None:
    black = np.zeros((1, 4), dtype=np.float32)
    picture = np.asarray(draw_overlay(black, np.array([[0, 3, 6, 600]], dtype=np.float32), scale=6, opacity=1))
    assert tuple(picture[0, 0]) == (68, 1, 84)  # the first colour of Viridis
    assert tuple(picture[0, 2]) == tuple(picture[0, 3]) == (253, 231, 37)  # and its last
    assert 0 < picture[0, 1, 1] < 231


def test_a_signed_map_has_two_hues_and_is_dark_between() -> None:
    black = np.zeros((1, 3), dtype=np.float32)
    relevance = np.array([[-60, 0, 60]], dtype=np.float32)
    against, nothing, speaks_for = np.asarray(draw_overlay(black, relevance, scale=6, signed=True, opacity=1))[0]
    assert against.argmax() == 2  # blue
    assert speaks_for.argmax() == 0  # red
    assert nothing.max() < 40


def test_a_colour_image_keeps_its_colours() -> None:
    display = np.zeros((2, 2, 3), dtype=np.float32)
    display[..., 0] = 1
    picture = np.asarray(draw_overlay(display, np.full((2, 2), np.nan, np.float32), scale=1))
    assert (picture == [255, 0, 0]).all()
