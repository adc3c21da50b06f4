"""Text that is burned into pixels: how much of planted text is found, alarms without any text, and blanking."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from scipy import ndimage

from engine.case import Box, Case, Image
from engine.io.burned_in import blank, burned_in, find_text, opened, without_text
from engine.io.dicom import read_dicom

WORDS = ("DOE^JANE 1950-02-03", "Smith, Anna", "MRN 4711-0815", "12.03.2021 14:55", "ST. MARY HOSPITAL")


def speckled(seed: int, side: int = 420) -> NDArray[np.uint8]:
    """Smooth shapes under grain, as tissue is under speckle."""
    noise = np.random.default_rng(seed)
    coarse = Picture.fromarray(noise.integers(20, 150, (12, 12)).astype(np.uint8)).resize((side, side), Picture.BICUBIC)
    fine = noise.integers(0, 60, (side // 3, side // 3)).astype(np.uint8)
    grain = Picture.fromarray(fine).resize((side, side), Picture.BICUBIC)
    return np.asarray(np.clip(np.asarray(coarse, int) + np.asarray(grain, int) - 30, 0, 255), np.uint8)


def plant(frame: NDArray[np.uint8], size: int, ink: int, seed: int) -> tuple[NDArray[np.uint8], Box]:
    chance = random.Random(seed)
    picture, font = Picture.fromarray(frame.copy()), ImageFont.load_default(size)
    pen = ImageDraw.Draw(picture)
    fits = [words for words in WORDS if pen.textbbox((0, 0), words, font=font)[2] < frame.shape[1] - 2]
    words = chance.choice(fits)
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    x, y = chance.randint(0, int(frame.shape[1] - right) - 1), chance.randint(0, int(frame.shape[0] - bottom) - 1)
    pen.text((x, y), words, fill=ink, font=font)
    return np.asarray(picture), Box(y + top, x + left, y + bottom, x + right)


def covered(boxes: Sequence[Box], text: Box) -> float:
    """The share of the text's rectangle that boxes lie over."""
    mask = np.zeros((int(text.bottom - text.top), int(text.right - text.left)), bool)
    for box in boxes:
        rows = slice(max(int(box.top - text.top), 0), max(int(box.bottom - text.top), 0))
        mask[rows, max(int(box.left - text.left), 0) : max(int(box.right - text.left), 0)] = True
    return float(mask.mean())


def found_of(frames: Sequence[NDArray[np.uint8]], size: int, ink: int) -> int:
    planted = [plant(frame, size, ink, seed) for seed, frame in enumerate(frames)]
    return sum(covered(find_text(frame), text) >= 0.5 for frame, text in planted)


def tell(line: str) -> None:
    sys.stdout.write(f"\n{line}")


def test_planted_text_is_found_at_every_size_and_grain_alone_raises_no_alarm() -> None:
    frames = [speckled(seed) for seed in range(12)]
    alarms = sum(bool(find_text(frame)) for frame in frames)
    tell(f"grain without text: {alarms} of {len(frames)} flagged")
    assert alarms <= 1
    for size, ink, least in ((12, 255, 10), (16, 255, 9), (24, 255, 11), (32, 0, 9), (48, 255, 11)):
        found = found_of(frames, size, ink)
        tell(f"text of {size} px, ink {ink}: {found} of {len(frames)} found")
        assert found >= least


@pytest.mark.data
def test_text_on_films_and_ultrasound_is_found_and_films_alone_raise_no_alarm(data_dir: Path) -> None:
    chance = random.Random(3)
    films = chance.sample(sorted((data_dir / "chest-xray").rglob("*.jpeg")), 16)
    scans = chance.sample(sorted((data_dir / "breast-ultrasound" / "images" / "normal").glob("*.png")), 8)
    grey = [np.asarray(Picture.open(path).convert("L")) for path in films]
    middles = [one[one.shape[0] // 5 : -one.shape[0] // 5, one.shape[1] // 5 : -one.shape[1] // 5] for one in grey]
    larger = [_larger(np.ascontiguousarray(one), 4) for one in middles]
    alarms = sum(bool(find_text(one)) for one in larger)
    tell(f"middles of chest films: {alarms} of {len(larger)} flagged")
    assert alarms == 0
    ultrasound = [_larger(np.asarray(Picture.open(path).convert("L")), 2) for path in scans]
    for name, frames in (("films", larger[:8]), ("ultrasound", ultrasound)):
        for size, least in ((12, 0.6), (24, 0.8)):
            found = found_of(frames, size, 255)
            tell(f"{name}, text of {size} px: {found} of {len(frames)} found")
            assert found >= least * len(frames)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "least"), [("US1_UNCI.dcm", 5), ("OBXXXX1A.dcm", 8), ("gdcm-US-ALOKA-16.dcm", 5), ("693_UNCI.dcm", 0)]
)
def test_pictures_of_other_makers(name: str, least: int, data_dir: Path) -> None:
    found = burned_in(read_dicom(name, (data_dir / "dicom" / name).read_bytes()))
    tell(f"{name}: {len(found.boxes)} places")
    assert (len(found.boxes) == 0) if least == 0 else (len(found.boxes) >= least)


def _larger(frame: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    size = (frame.shape[1] * times, frame.shape[0] * times)
    return np.asarray(Picture.fromarray(frame).resize(size, Picture.BICUBIC))


def image_of(*frames: NDArray[Any], **facts: Any) -> Image:
    return Image(np.stack(frames), "a digest", **facts)


def test_text_on_any_of_the_frames_is_found_and_what_the_file_declares_counts() -> None:
    empty = speckled(1)
    text, place = plant(empty, 24, 255, 5)
    found = burned_in(image_of(empty, empty, text))
    assert found.suspected
    assert covered(found.boxes, place) >= 0.5
    assert not burned_in(image_of(empty)).suspected
    assert burned_in(image_of(empty, tags={"BurnedInAnnotation": "YES"})).suspected
    assert burned_in(image_of(empty, tags={"BurnedInAnnotation": "NO"})).declared is False


@pytest.mark.parametrize(
    "frame",
    [np.zeros((40, 40), np.uint8), np.full((3, 3), 7.0), np.full((40, 40), np.nan), np.zeros((40, 40, 3), np.uint16)],
)
def test_a_picture_of_nothing_holds_no_text(frame: NDArray[Any]) -> None:
    assert find_text(frame) == []


@pytest.mark.parametrize("window", [5, 11, 23])
@pytest.mark.parametrize("shape", [(64, 37), (23, 24), (8, 9)])
def test_an_opening_is_that_of_scipy_bit_for_bit(shape: tuple[int, int], window: int) -> None:
    grey = np.random.default_rng(window).random(shape).astype(np.float32)
    np.testing.assert_array_equal(opened(grey, window), ndimage.grey_opening(grey, size=(window, window)))


@pytest.mark.parametrize(("inverted", "ink"), [(False, 10), (True, 250)])
def test_boxes_are_filled_in_all_frames_and_the_image_says_so(inverted: bool, ink: int) -> None:
    frame = np.full((20, 30), 100, np.uint8)
    frame[0, 0], frame[19, 29] = 10, 250
    case = Case("c", "", ((image_of(frame, frame, inverted=inverted), image_of(frame)),))
    box = Box(4.2, 5.0, 8.0, 29.7)
    after = without_text(case, {0: (box,)})
    first, second = after.images
    assert (first.pixels[:, 4:8, 5:30] == ink).all()
    assert (first.pixels[:, 9:, :29] == 100).all()
    assert first.digest != case.images[0].digest
    assert first.tags["BurnedInAnnotation"] == "NO"
    assert "blanked" in first.tags["DeidentificationMethod"]
    assert second is case.images[1]
    assert (case.images[0].pixels[0, 5, 6]) == 100, "the picture that was opened stays as it was"


def test_a_box_beyond_the_picture_is_cut_at_its_edge() -> None:
    assert (blank(np.ones((1, 4, 4)), [Box(-3, -3, 99, 2)])[0, :, :2] == 1).all()
