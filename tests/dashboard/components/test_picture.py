"""Images of a case become stacks, and every frame of a stack is found again in its image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.components.picture import in_case, marks, on_stack, overlay, parts, place_in, regions, stack_of, thin
from engine import Box, Case, Explanation, Image, Mark, MarkedRegion, Measure, Measurement, Method, Stretch


def image(modality: str, *, size: int = 4, frames: int = 1, inverted: bool = False) -> Image:
    pixels = np.full((frames, size, size), frames, np.uint16)
    return Image(pixels, f"{modality} {size} {frames}", modality=modality, inverted=inverted)


def test_slices_of_one_series_are_one_stack() -> None:
    case = Case("a", "A", ((image("CT"), image("CT"), image("CT")), (image("CT", size=8),)))
    assert parts(case) == ((0, 1, 2), (3,))
    assert len(stack_of(case, (0, 1, 2)).frames) == 3


def test_slices_that_differ_are_shown_apart() -> None:
    case = Case("a", "A", ((image("MR"), image("MR", size=8), image("MR", size=8, inverted=True)),))
    assert parts(case) == ((0,), (1,), (2,))


def test_the_planes_of_a_localizer_are_shown_apart_each_under_its_own_letters() -> None:
    letters = [("L", "P"), ("L", "P"), ("L", "F"), ("P", "F"), ("P", "F")]
    case = Case("a", "A", (tuple(replace(image("MR"), orientation=pair) for pair in letters),))
    assert parts(case) == ((0, 1), (2,), (3, 4))
    assert [stack_of(case, part).orientation for part in parts(case)] == [("L", "P"), ("L", "F"), ("P", "F")]


def test_projections_keep_their_own_windows() -> None:
    assert parts(Case("a", "A", ((image("DX"), image("DX")),))) == ((0,), (1,))


def test_frames_are_found_again() -> None:
    case = Case("a", "A", ((image("US", frames=3), image("US", frames=2)), (image("US", size=8, frames=2),)))
    (first, second) = parts(case)
    stack = stack_of(case, first)
    places = [place_in(case, first, frame) for frame in range(len(stack.frames))]
    assert places == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    for (index, frame), pixels in zip(places, stack.frames, strict=True):
        np.testing.assert_array_equal(case.images[index].pixels[frame], pixels)
    assert place_in(case, second, 1) == (2, 1)
    with pytest.raises(ValueError, match="no such frame"):
        place_in(case, first, 5)


def test_samples_say_what_they_are() -> None:
    film = image("DX")
    assert stack_of(Case("a", "A", ((film,),), synthetic=True), (0,)).label == "SYNTHETIC"
    assert stack_of(Case("a", "A", ((film,),)), (0,)).label == ""


def test_the_overlay_belongs_to_the_frame_that_was_read() -> None:
    grid = np.ones((4, 4), np.float32)
    made = overlay(Explanation(Method.RELEVANCE, "normal", 4.2, grid), 2)
    assert made is not None
    assert (made.frame, made.scale, made.method, made.label) == (2, 4.2, "Relevance", "normal")
    assert (made.signed, made.palette) == (False, "viridis")


def test_a_signed_map_is_drawn_in_two_hues() -> None:
    made = overlay(Explanation(Method.LIBRA_FULL_GRADIENT, "normal", 4.2, -np.ones((4, 4), np.float32)), 0)
    assert made is not None
    assert (made.signed, made.palette) == (True, "berlin")


@pytest.mark.parametrize("shape", [(8, 8), (512, 512), (2048, 2048), (1023, 2501), (1, 700)])
def test_a_thinned_ramp_keeps_its_place(shape: tuple[int, int]) -> None:
    rows, columns = shape
    ramp = np.broadcast_to((np.arange(columns, dtype=np.float32) + 0.5) / columns, shape)
    coarse = thin(ramp)
    expected = (np.arange(coarse.shape[1]) + 0.5) / coarse.shape[1]
    assert coarse.shape == (min(rows, 512), min(columns, 512))
    np.testing.assert_allclose(coarse[0], expected, atol=0.5 / columns + 1e-6)


def test_what_the_model_did_not_see_stays_unseen() -> None:
    grid = np.ones((1024, 1024), np.float32)
    grid[:256] = np.nan
    coarse = thin(grid)
    assert np.isnan(coarse[:128]).all()
    assert not np.isnan(coarse[128:]).any()


def test_a_map_on_words_is_no_overlay() -> None:
    assert overlay(Explanation(Method.RELEVANCE, "normal", 4.0), 0) is None
    assert overlay(None, 0) is None


def test_boxes_are_numbered_where_they_were_taken_away() -> None:
    boxes = (Box(1, 2, 3, 4), Stretch(0, 5), Box(5, 6, 7, 8))
    taken = regions(boxes, "taken", 2)
    assert [(region.name, region.frame, region.top, region.right) for region in taken] == [
        ("1", 2, 1, 4),
        ("2", 2, 5, 8),
    ]
    assert {region.name for region in regions(boxes, "part", 0)} == {""}


def test_marks_and_measurements_find_their_frame_in_a_stack_and_back() -> None:
    films = tuple(Image(np.zeros((frames, 4, 5), np.uint8), str(frames), modality="CT") for frames in (2, 3))
    case, part = Case("c", "", (films,)), (0, 1)
    mark = MarkedRegion(Box(0, 1, 2, 3), Mark.NOT_THERE, image_index=1, frame=2)
    (drawn,) = marks(case, part, [mark])
    assert (drawn.frame, drawn.kind, drawn.left) == (4, "elsewhere", 1)
    assert marks(case, (0,), [mark]) == []
    length = Measurement(Measure.LENGTH, ((0.0, 0.0), (1.0, 1.0)), "2 mm", image_index=1, frame=0)
    (told,) = on_stack(case, part, [length])
    assert told.frame == 2
    assert in_case(case, part, [told]) == (length,)
    assert in_case(case, part, [replace(told, frame=9)]) == ()
