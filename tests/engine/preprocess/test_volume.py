from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.case import Image, Lattice, PixelSpacing, SpacingSource
from engine.errors import NoVolume
from engine.preprocess.volume import Plane, plane_in_words, reformatted, volume_of

SIZE = (5, 7, 6)  # of the body: left, back, head
MM = (1.0, 2.0, 3.0)
BODY = np.random.default_rng(0).integers(0, 1000, SIZE).astype(np.int16)
SEEN = {  # frames, rows, columns as radiologists hang them
    Plane.AXIAL: BODY.transpose(2, 1, 0),
    Plane.CORONAL: BODY.transpose(1, 2, 0)[:, ::-1],
    Plane.SAGITTAL: BODY.transpose(0, 2, 1)[:, ::-1],
}
LETTERS = {Plane.AXIAL: ("L", "P"), Plane.CORONAL: ("L", "F"), Plane.SAGITTAL: ("P", "F")}


def slices(order: tuple[int, ...] = (2, 1, 0), signs: tuple[int, ...] = (1, 1, 1)) -> list[Image]:
    """The body as slices along one of its axes, with rows and columns along the others, forwards or backwards."""
    voxels = BODY.transpose(order)[tuple(slice(None, None, sign) for sign in signs)]
    step, down, right = (np.eye(3)[axis] * sign for axis, sign in zip(order, signs, strict=True))
    start = [0 if sign > 0 else (SIZE[axis] - 1) * MM[axis] for axis, sign in zip(order, signs, strict=True)]
    corner = np.zeros(3)
    corner[list(order)] = start
    spacing = PixelSpacing(MM[order[1]], MM[order[2]], SpacingSource.PATIENT)
    return [
        Image(
            pixels=frame[None],
            digest=hashlib.sha256(frame.tobytes() + bytes([rank])).hexdigest(),
            spacing=spacing,
            lattice=Lattice(vector(corner + rank * MM[order[0]] * step), vector(right), vector(down)),
        )
        for rank, frame in enumerate(voxels)
    ]


def vector(values: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
def test_however_a_body_was_sliced_its_planes_look_the_same(order: tuple[int, ...], signs: tuple[int, ...]) -> None:
    volume = volume_of(slices(order, signs))
    for plane in Plane:
        image, axes = reformatted(volume, plane)
        np.testing.assert_array_equal(image.pixels, SEEN[plane])
        assert image.orientation == LETTERS[plane]
        assert (axes.through.length, axes.down.length, axes.across.length) == image.pixels.shape
    taken = {2: Plane.AXIAL, 1: Plane.CORONAL, 0: Plane.SAGITTAL}[order[0]]
    assert volume.plane is taken


def test_each_plane_has_the_spacing_of_its_own_axes() -> None:
    volume = volume_of(slices())
    spacings = {plane: reformatted(volume, plane)[0].spacing for plane in Plane}
    assert {p: (s.row, s.column) for p, s in spacings.items() if s} == {
        Plane.AXIAL: (2.0, 1.0),
        Plane.CORONAL: (3.0, 1.0),
        Plane.SAGITTAL: (3.0, 2.0),
    }


def test_one_image_with_many_frames_is_a_volume_too() -> None:
    images = slices()
    lattice = images[0].lattice
    assert lattice is not None
    one = replace(
        images[0], pixels=np.concatenate([i.pixels for i in images]), lattice=replace(lattice, step=(0.0, 0.0, MM[2]))
    )
    np.testing.assert_array_equal(reformatted(volume_of([one]), Plane.CORONAL)[0].pixels, SEEN[Plane.CORONAL])
    with pytest.raises(NoVolume, match="evenly spaced"):
        volume_of([replace(one, lattice=lattice)])


def moved(image: Image, by: tuple[float, float, float]) -> Image:
    assert image.lattice is not None
    return replace(image, lattice=replace(image.lattice, corner=vector(np.add(image.lattice.corner, by))))


@given(angle=st.floats(3, 60))
@example(angle=32.5)
def test_a_tilted_gantry_is_refused_with_its_angle(angle: float) -> None:
    lean = np.tan(np.radians(angle)) * MM[2]
    images = [moved(image, (0.0, rank * lean, 0.0)) for rank, image in enumerate(slices())]
    with pytest.raises(NoVolume, match=r"askew by \d+° \(a tilted gantry\)") as refused:
        volume_of(images)
    said = int(refused.value.happened.split("°")[0].split()[-1])
    assert abs(said - angle) <= 0.5 + 1e-9  # the nearest whole degree; half a degree may go either way


def test_what_is_no_volume_is_refused_in_words() -> None:
    images = slices()
    uneven = [*images[:3], *images[4:]]
    twice = [images[0], *images]
    turned = [replace(images[0], lattice=slices((0, 1, 2))[0].lattice), *images[1:]]
    wanting = {
        "evenly spaced": [uneven, twice],
        "not parallel": [turned],
        "how large": [[replace(image, spacing=None) for image in images]],
        "where its slices lie": [[replace(image, lattice=None) for image in images]],
        "needs 3 slices": [images[:2]],
        "of one size": [[replace(images[0], pixels=images[0].pixels[:, :2]), *images[1:]]],
    }
    for words, cases in wanting.items():
        for case in cases:
            with pytest.raises(NoVolume, match=words):
                volume_of(case)


def test_a_turned_volume_is_named_oblique() -> None:
    c, s = np.cos(np.radians(18)), np.sin(np.radians(18))
    images = [
        replace(
            image,
            lattice=Lattice((0.0, -s * rank * MM[2], c * rank * MM[2]), (1.0, 0.0, 0.0), (0.0, float(c), float(s))),
        )
        for rank, image in enumerate(slices())
    ]
    assert plane_in_words(volume_of(images), Plane.CORONAL) == "Coronal, oblique by 18°"
    assert plane_in_words(volume_of(slices()), Plane.CORONAL) == "Coronal"
