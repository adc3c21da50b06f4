"""What is sent to the viewer: the right numbers, once, and no more than a browser holds."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dashboard.components.viewer import Measured, Overlay, Pane, Region, Stack, wire
from dashboard.components.viewer.records import measures_of, reduce
from dashboard.components.viewer.wire import frames_sent, pack, pixel_messages, view_message
from engine import Image, PixelSpacing, SpacingSource, VoiFunction, VoiLut, Window, speaking, to_display

RNG = np.random.default_rng(0)


def unpack(message: bytes) -> tuple[dict, list[np.ndarray]]:
    """What `frontend/src/message.js` does."""
    length = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + length])
    offset, arrays = -(-(4 + length) // 8) * 8, []
    for entry in header["arrays"]:
        array = np.frombuffer(message, entry["dtype"], entry["size"], offset)
        offset += -(-array.nbytes // 8) * 8
        arrays.append(array)
    assert offset == len(message)
    return header, arrays


def image(pixels: np.ndarray, **fields: object) -> Image:
    return Image(pixels=pixels, digest="d", **fields)


def drawn(stack: Stack, index: int, frame: int = 0) -> np.ndarray:
    """What the browser makes of a frame through a preset, without inversion: black 0, white 1."""
    preset, values = stack.presets[index], stack.frames[frame].astype(np.float64)
    if preset.curve:
        table = preset.curve.table
        entries = np.clip(np.round((values - preset.curve.first) / preset.curve.step), 0, len(table) - 1)
        values = table[entries.astype(int)] / 65535
    return np.clip((values - preset.lower) / (preset.upper - preset.lower), 0, 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("function", list(VoiFunction))
def test_windows_are_drawn_as_the_engine_displays_them(dtype: type, function: VoiFunction) -> None:
    pixels = RNG.integers(0, 200, (1, 20, 30)).astype(dtype)
    window = Window(90.0, 61.0, function)
    source = image(pixels, windows=(window,))
    stack = Stack.from_image(source)
    assert drawn(stack, 0) == pytest.approx(to_display(source, window=window), abs=1 / 255)


def test_a_window_of_width_one_compares() -> None:
    source = image(np.arange(10, dtype=np.int16)[None, None], windows=(Window(5, 1),))
    assert drawn(Stack.from_image(source), 0).tolist() == to_display(source).tolist()


def test_voi_luts_come_first_and_are_drawn_as_the_engine_displays_them() -> None:
    table = (np.linspace(0, 1, 300) ** 2 * 1023).astype(np.uint16)
    source = image(
        RNG.integers(-100, 400, (1, 20, 30)).astype(np.int16),
        voi_luts=(VoiLut(table, first=-50, bits=10, explanation="GAMMA"),),
        windows=(Window(40, 400),),
    )
    stack = Stack.from_image(source)
    assert [preset.name for preset in stack.presets] == ["GAMMA", "Window 1", "Full range"]
    assert drawn(stack, 0) == pytest.approx(to_display(source), abs=1e-4)
    assert drawn(stack, 1) == pytest.approx(to_display(source, window=Window(40, 400)), abs=1e-6)


def test_windows_have_the_names_that_the_file_gives_them_in_its_order_before_the_usual_ones() -> None:
    """The number keys choose them in this order."""
    given = (
        Window(40, 350, explanation="CT ANGIO <b>"),
        Window(90, 700),
        Window(50, 300, explanation="ABDOMEN"),
        Window(60, 500, explanation="ABDOMEN"),
        Window(-500, 1400, explanation="LUNG"),
    )
    source = replace(
        image(RNG.integers(-1000, 1000, (1, 8, 8)).astype(np.int16), windows=given), modality="CT", unit="HU"
    )
    names = ["CT ANGIO <b>", "Window 2", "ABDOMEN (50 / 300)", "ABDOMEN (60 / 500)", "Lung"]
    usual = ["Soft tissue", "Bone", "Brain", "Liver", "Full range"]
    assert [preset.name for preset in Stack.from_image(source).presets] == [*names, *usual]
    with speaking("zh_CN"):
        assert [preset.name for preset in Stack.from_image(source).presets][:2] == ["CT ANGIO <b>", "窗 2"]
        assert Stack.from_image(source).presets[4].name == "肺"


def test_the_full_range_is_offered_once() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert len(Stack.from_image(image(pixels, windows=(Window(128, 256),))).presets) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_not_sent(value: float) -> None:
    pixels = np.array([[[1.0, 2.0], [3.0, value]]])
    stack = Stack.from_image(image(pixels))
    assert stack.frames[0, 1, 1] == (3.0 if value == np.inf else 1.0)
    assert stack.presets[0].lower == 1.0
    assert stack.presets[0].upper == 3.0


def test_deep_color_is_sent_as_eight_bits() -> None:
    pixels = RNG.integers(0, 65536, (1, 4, 5, 3)).astype(np.uint16)
    source = image(pixels)
    stack = Stack.from_image(source)
    assert stack.frames.dtype == np.uint8
    assert stack.frames[0] / 255 == pytest.approx(to_display(source), abs=0.5 / 255 + 1e-6)


def test_a_series_becomes_one_stack() -> None:
    images = [Image(pixels=np.full((1, 4, 4), value, np.int16), digest=str(value)) for value in (3, 1, 2)]
    stack = Stack.from_series(images)
    assert stack.frames[:, 0, 0].tolist() == [3, 1, 2]
    assert stack.digest != Stack.from_series(images[:2]).digest
    with pytest.raises(ValueError, match="one size"):
        Stack.from_series([images[0], Image(pixels=np.zeros((1, 5, 4), np.int16), digest="other")])


def slices(*values: list[float], dtype: type = np.int16, **fields: object) -> list[Image]:
    """Images of one series, each of one row."""
    return [Image(np.array([[row]], dtype), str(rank), **fields) for rank, row in enumerate(values)]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32])
def test_a_curve_holds_the_values_of_all_slices(dtype: type) -> None:
    """Behind a nearly empty first slice, all that is brighter was drawn as its brightest value."""
    window = Window(40, 400, VoiFunction.SIGMOID)
    table = VoiLut((np.linspace(0, 1, 3000) ** 2 * 1023).astype(np.uint16), first=-1000, bits=10)
    rows = [[-1024.0, -1000.0, -990.0], [-1000.0, 0.0, 100.0], [100.0, 1000.0, 2000.0]]
    images = slices(*rows, dtype=dtype, windows=(window,), voi_luts=(table,))
    stack = Stack.from_series(images)
    for frame, image in enumerate(images):
        assert drawn(stack, 0, frame) == pytest.approx(to_display(image), abs=1e-3)
        assert drawn(stack, 1, frame) == pytest.approx(to_display(image, window=window), abs=1e-3)


@pytest.mark.parametrize(
    ("dtype", "windows"),
    [
        (np.int16, [Window(2, 4), Window(451, 900), Window(5.5, 1)]),
        (np.float32, [Window(1.5, 3, VoiFunction.LINEAR_EXACT), Window(450.5, 899), Window(5, 1)]),
    ],
)
def test_the_full_range_is_that_of_the_series(dtype: type, windows: list[Window]) -> None:
    """A file without windows gets one over its own values; the third slice is flat, and its window says nothing."""
    rows = [[0.0, 1.0, 3.0], [1.0, 400.0, 900.0], [5.0, 5.0, 5.0]]
    images = [
        replace(one, windows=(replace(windows[0], center=w.center, width=w.width, explanation="full range"),))
        for one, w in zip(slices(*rows, dtype=dtype), windows, strict=True)
    ]
    stack = Stack.from_series(images)
    assert [(preset.name, preset.lower, preset.upper) for preset in stack.presets] == [("Full range", 0, 900)]
    whole = Image(np.concatenate([one.pixels for one in images]), "whole")
    for frame in range(3):
        assert drawn(stack, 0, frame) == pytest.approx(to_display(whole, frame), abs=1e-6)


def test_the_full_range_leaves_out_what_is_no_number() -> None:
    images = slices([np.nan, np.nan], [100.0, 200.0], dtype=np.float32)
    (full,) = Stack.from_series(images).presets
    assert (full.lower, full.upper) == (100, 200)


def test_a_stack_has_one_kind_of_pixel() -> None:
    with pytest.raises(ValueError, match="one kind of pixel"):
        Stack.from_series([*slices([1.0, 2.0]), *slices([1.0, 2.0], dtype=np.float32)])


def test_spacing_says_what_it_was_measured_on() -> None:
    pixels = np.zeros((1, 2, 2), np.uint8)
    assert Stack.from_image(image(pixels)).spacing is None
    stack = Stack.from_image(image(pixels, spacing=PixelSpacing(0.3, 0.2, SpacingSource.IMAGER)))
    assert (stack.spacing, stack.spacing_source) == ((0.3, 0.2), "imager")


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
def test_frames_arrive_whole_and_in_order(dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_MESSAGE_BYTES", 300)
    frames = RNG.integers(0, 100, (7, 5, 9)).astype(dtype)
    seen = []
    for message in pixel_messages(Stack.from_image(image(frames))):
        header, (pixels,) = unpack(message)
        assert header["kind"] == "pixels"
        assert header["first"] == sum(len(part) for part in seen)
        seen.append(pixels.reshape(header["count"], 5, 9))
    assert np.array_equal(np.concatenate(seen), frames)
    assert len(seen) > 1


def test_a_stack_beyond_the_limit_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_STACK_BYTES", 3 * 2**20)
    stack = Stack.from_image(image(np.zeros((5, 1024, 1024), np.uint8)))
    assert frames_sent(stack) == 3
    header, _ = unpack(view_message([Pane(stack)], chosen=0, height=300))
    assert header["panes"][0]["stack"]["notice"] == "The first 3 of 5 frames are shown: a browser is sent at most 3 MB."
    assert sum(unpack(message)[0]["count"] for message in pixel_messages(stack)) == 3


def test_the_view_holds_no_pixels() -> None:
    source = image(np.zeros((1, 1000, 1000), np.uint16), windows=(Window(40, 400, VoiFunction.SIGMOID),))
    relevance = np.full((1000, 1000), 2.0, np.float32)
    overlay = Overlay(map=relevance, scale=5.0, unit="× average patch", label="pneumonia", method="relevance")
    pane = Pane(Stack.from_image(source), overlays=[overlay])
    header, arrays = unpack(view_message([pane], chosen=0, height=300))
    (told,) = header["panes"]
    (laid,) = told["overlays"]
    assert (laid["scale"], laid["signed"], laid["rows"], laid["columns"]) == (5.0, False, 512, 512)
    assert np.all(arrays[laid["values"]] == 2.0)
    assert arrays[told["stack"]["presets"][0]["curve"]["table"]].dtype == np.uint16


def test_two_panes_keep_their_own_arrays() -> None:
    """A second picture's curve and map are not mistaken for the first one's."""
    curve = (Window(40, 400, VoiFunction.SIGMOID),)
    first, second = (image(np.full((1, 4, 4), grey, np.uint16), windows=curve) for grey in (0, 7))
    maps = [[Overlay(np.full((4, 4), value, np.float32), scale=5.0, unit="×")] for value in (1.0, 2.0)]
    panes = [Pane(Stack.from_image(one), overlays=over) for one, over in zip((first, second), maps, strict=True)]
    header, arrays = unpack(view_message(panes, chosen=0, height=300))
    for value, pane in zip((1.0, 2.0), header["panes"], strict=True):
        assert np.all(arrays[pane["overlays"][0]["values"]] == value)
    tables = [arrays[pane["stack"]["presets"][0]["curve"]["table"]] for pane in header["panes"]]
    assert not np.array_equal(*tables)


def test_equal_input_makes_equal_messages() -> None:
    source = image(RNG.integers(0, 99, (2, 8, 8)).astype(np.uint16))
    first, second = (list(pixel_messages(Stack.from_image(source))) for _ in range(2))
    assert first == second, "Streamlit sends an equal message as a reference"


def test_pack_keeps_texts_as_they_are() -> None:
    header, _ = unpack(pack({"name": '<b>"ä'}, []))
    assert header["name"] == '<b>"ä'


@pytest.mark.parametrize("shape", [(3, 5), (512, 512), (700, 300), (2048, 1531)])
def test_reducing_a_map_keeps_its_mean_and_its_place(shape: tuple[int, int]) -> None:
    relevance = np.zeros(shape, np.float32)
    relevance[: shape[0] // 3] = 6.0
    relevance[:, shape[1] // 2 :] = np.nan
    small = reduce(relevance)
    assert small.shape == tuple(min(n, 512) for n in shape)
    assert np.isnan(small[:, -1]).all()
    assert np.nanmean(small) == pytest.approx(np.nanmean(relevance), abs=0.03)
    assert small[0, 0] == 6.0
    assert small[-1, 0] == 0.0


def test_regions_travel_in_image_positions() -> None:
    stack = Stack.from_image(image(np.zeros((2, 5, 9), np.uint8)))
    pane = Pane(stack, regions=[Region(1, 2, 3, 4.5, "taken", "1", 1, editable=True)])
    header, _ = unpack(view_message([pane], chosen=0, height=1))
    told = {"kind": "taken", "name": "1", "frame": 1, "editable": True, "box": [1, 2, 3, 4.5]}
    assert header["panes"][0]["regions"] == [told]


def test_measurements_from_the_browser_are_read_and_nonsense_is_left_out() -> None:
    sound = {"kind": "length", "frame": 2, "points": [[1, 2], [3, 4.5]], "said": "3 mm"}
    nonsense = [
        sound | {"kind": "<script>"},
        sound | {"points": [[1, 2]]},
        sound | {"points": [[float("nan"), 2], [3, 4]]},
    ]
    (found,) = measures_of([sound, *nonsense])
    assert found == Measured("length", 2, ((1.0, 2.0), (3.0, 4.5)), "3 mm")
    assert len(measures_of([sound] * 1000)) < 1000
