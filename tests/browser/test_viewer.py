"""The viewer in a real Chromium: grey values, the overlay's place, and how little it says to the server."""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from engine import Image, Window, to_display
from tests.browser.conftest import NO_WEBGL, WEBGL
from tests.browser.steps import choose
from tests.browser.viewer_steps import PAGE, data, eventually, settle

pytestmark = pytest.mark.browser

Drawn = dict[str, object]  # what `show` is told of who draws

READ = """(root, points) => {
  const { stage, overlay } = root.attendingViewer;
  const places = points.map(([x, y]) => stage.toCanvas(x, y).map(Math.floor));
  const pixels = (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height); // once: reading is slow
    return places.map(([x, y]) => [...data.subarray(4 * (y * canvas.width + x), 4 * (y * canvas.width + x) + 4)]);
  };
  return { grey: pixels(root.querySelector(".cornerstone-canvas")), map: pixels(overlay.canvas) };
}"""


@pytest.fixture(scope="module")
def page_cases() -> ModuleType:
    """The page's own module: what it shows is what we compare with."""
    spec = importlib.util.spec_from_file_location("viewer_page", PAGE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["webgl", "cpu"])
def renderer(request: pytest.FixtureRequest, launch: Callable[..., Browser]) -> Drawn:
    """Pages in which Cornerstone draws by WebGL, as with a graphics card, and pages in which it draws on the CPU."""
    webgl = request.param == "webgl"
    return {"browser": launch(*(WEBGL if webgl else NO_WEBGL)), "card": webgl}


@pytest.fixture
def show(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Callable[..., Locator]:
    """Open a case of the page and wait until its image is there and keeps its place."""
    address = serve_streamlit(PAGE)

    def open_case(case: str, **options: object) -> Locator:
        page = new_page(**options)
        page.goto(f"{address}/?case={case}")
        viewer = page.locator('.viewer[data-ready="1"]')
        viewer.wait_for()
        settle(viewer)
        return viewer

    return open_case


def read(viewer: Locator, points: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """RGBA of the image and of the overlay at image positions (0, 0 is the outer corner of the first pixel)."""
    seen = viewer.evaluate(READ, points)
    return np.array(seen["grey"], dtype=float), np.array(seen["map"], dtype=float)


def zoom(viewer: Locator, factor: float) -> None:
    """Zoom about the centre, by the viewer's own function."""
    viewer.evaluate("(root, factor) => root.attendingViewer.stage.zoomBy(factor)", factor)


def draw_without_smoothing(viewer: Locator) -> None:
    """Show each pixel as a rectangle of its own grey: browsers round in their own way when they smooth."""
    viewer.evaluate("({ attendingViewer: { stage } }) => stage.viewport.setProperties({ interpolationType: 0 })")
    viewer.evaluate("({ attendingViewer: { stage } }) => stage.viewport.render()")


def magnify(viewer: Locator) -> None:
    """Zoom in until pixels are seen one by one."""
    zoom(viewer, 8)
    eventually(lambda: float(data(viewer, "zoom")) > 7)


def error(viewer: Locator, expected: np.ndarray) -> float:
    """Largest difference between what is drawn and what should be, in steps of 1/255, over a patch of the image."""
    draw_without_smoothing(viewer)
    rows, columns = np.meshgrid(np.arange(140, 160, 3), np.arange(185, 216, 5), indexing="ij")
    grey, _ = read(viewer, [(x + 0.5, y + 0.5) for x, y in zip(columns.flat, rows.flat, strict=True)])
    wanted = expected[rows.ravel(), columns.ravel()] * 255
    return float(np.abs(grey[:, :3] - (wanted[:, None] if wanted.ndim == 1 else wanted)).max())


@pytest.mark.parametrize("case", ["ct", "monochrome1", "lut", "float", "color"])
def test_grey_values_are_those_of_the_standard(
    case: str, show: Callable[..., Locator], renderer: Drawn, page_cases: ModuleType
) -> None:
    image: Image = page_cases.CASES[case]()
    viewer = show(case, **renderer)
    magnify(viewer)
    eventually(lambda: error(viewer, to_display(image)) <= 1)


def test_a_preset_of_the_file_is_drawn_as_the_standard_says(
    show: Callable[..., Locator], renderer: Drawn, page_cases: ModuleType
) -> None:
    image: Image = page_cases.CASES["lut"]()
    viewer = show("lut", **renderer)
    magnify(viewer)
    before = float(data(viewer, "zoom"))
    viewer.get_by_label("Window preset").select_option("SIGMOID")
    eventually(lambda: error(viewer, to_display(image, window=image.windows[0])) <= 1)
    low, high = int(image.pixels.min()), int(image.pixels.max())
    viewer.get_by_label("Window preset").select_option("Full range")
    eventually(lambda: error(viewer, to_display(image, window=Window((low + high + 1) / 2, high - low + 1))) <= 1)
    assert float(data(viewer, "zoom")) == pytest.approx(before)


def edges(viewer: Locator, axis: int, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the bright box of the image and the hot part of the map begin and end, in image pixels, along one axis."""
    steps = np.arange(begin - 5, end + 5, 0.02)
    points = [(step, 125.0) if axis == 0 else (150.0, step) for step in steps]
    grey, overlay = read(viewer, points)
    bright, hot = grey[:, 0] > 250, overlay[:, 3] > 64
    return steps[np.flatnonzero(np.diff(bright))], steps[np.flatnonzero(np.diff(hot))]


@pytest.mark.parametrize("turns", [0, 1])
def test_the_overlay_lies_where_the_image_does(turns: int, show: Callable[..., Locator], renderer: Drawn) -> None:
    viewer = show("ct", **renderer)
    for _ in range(turns):
        viewer.get_by_role("button", name="Turn by 90").click()
    eventually(lambda: data(viewer, "rotation") == str(90 * turns))
    viewer.press("o")
    settle(viewer)
    for factor in (1, 4):
        size = float(data(viewer, "zoom"))
        zoom_in = "({ attendingViewer: { stage } }, by) => stage.zoomBy(by, stage.toCanvas(150, 125))"
        viewer.evaluate(zoom_in, factor)
        eventually(lambda size=size, factor=factor: float(data(viewer, "zoom")) == pytest.approx(size * factor))
        within = 0.1 + 1 / float(data(viewer, "zoom"))  # one pixel of the screen

        def aligned(within: float = within) -> bool:
            draw_without_smoothing(viewer)
            found = [(edges(viewer, 0, 120, 180), [120, 180]), (edges(viewer, 1, 100, 150), [100, 150])]
            return all(len(e) == 2 and np.abs(e - true).max() <= within for pair, true in found for e in pair)

        eventually(aligned)


def test_a_signed_map_shows_what_speaks_for_and_against_in_two_hues(show: Callable[..., Locator]) -> None:
    viewer = show("signed")
    hot, against, cool = (150, 125), (50, 225), (50, 280)
    viewer.get_by_role("button", name="Heat map on or off").click()
    eventually(lambda: read(viewer, [hot])[1][0, 3] > 0)
    overlay = read(viewer, [hot, against, cool])[1]
    assert overlay[0, :3] == pytest.approx([0xC6, 0x77, 0x6D], abs=14)  # 9 of 10 on berlin
    assert overlay[1, :3] == pytest.approx([0x61, 0xA4, 0xDE], abs=14)  # 1 of 10
    assert overlay[2, 3] == 0, "below the threshold"
    legend = viewer.locator("[data-part='color-bar']")
    assert "≥ 5 for" in legend.inner_text()
    assert "≤ −5 against" in legend.inner_text()


def test_the_overlay_comes_and_goes(show: Callable[..., Locator]) -> None:
    viewer = show("ct")
    hot, cool, unseen = (150, 125), (50, 250), (350, 125)
    assert read(viewer, [hot])[1][0, 3] == 0
    viewer.get_by_role("button", name="Heat map on or off").click()
    eventually(lambda: read(viewer, [hot])[1][0, 3] > 0)
    overlay = read(viewer, [hot, cool, unseen])[1]
    assert overlay[0, 3] == pytest.approx(0.5 * 255, abs=2)
    assert overlay[0, :3] == pytest.approx([0x7C, 0xCC, 0x4F], abs=14)  # 4 of 5 on viridis
    assert overlay[1, 3] == 0, "below the threshold"
    assert overlay[2, 3] == 0, "where the model saw nothing"
    viewer.get_by_role("slider", name="Threshold").fill("0")
    eventually(lambda: read(viewer, [cool])[1][0, 3] > 0)
    viewer.get_by_role("slider", name="Opacity").fill("1")
    eventually(lambda: read(viewer, [hot])[1][0, 3] == 255)
    viewer.press("o")
    eventually(lambda: read(viewer, [hot])[1][0, 3] == 0)


def drag(viewer: Locator, start: tuple[float, float], by: tuple[float, float], *, button: str = "left") -> None:
    """Drag over the image, from a point given as shares of the stage."""
    box = viewer.locator(".stage").bounding_box()
    assert box is not None
    mouse = viewer.page.mouse
    x, y = box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"]
    mouse.move(x, y)
    mouse.down(button=button)
    for step in range(1, 11):
        mouse.move(x + by[0] * step / 10, y + by[1] * step / 10)
    mouse.up(button=button)


def test_dragging_and_scrolling_say_nothing_to_the_server(show: Callable[..., Locator]) -> None:
    viewer = show("ct")
    page = viewer.page
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    viewer.wait_for()
    page.get_by_text("run 1, frame 0").wait_for()
    viewer.press("o")  # that a reader has seen the map is told, once
    eventually(lambda: data(viewer, "overlay") == "on" and any("mapped" in str(frame) for frame in sent))
    viewer.press("o")
    eventually(lambda: data(viewer, "overlay") == "off")
    page.wait_for_timeout(1000)
    sent.clear()
    width, center, size = (data(viewer, name) for name in ("window-width", "window-center", "zoom"))
    drag(viewer, (0.5, 0.5), (120, 60))
    eventually(lambda: data(viewer, "window-width") != width and data(viewer, "window-center") != center)
    page.mouse.wheel(0, -300)
    eventually(lambda: data(viewer, "zoom") != size)
    drag(viewer, (0.5, 0.5), (40, 40), button="middle")
    viewer.press("o")
    viewer.press("i")
    eventually(lambda: data(viewer, "inverted") == "true" and data(viewer, "overlay") == "on")
    page.wait_for_timeout(1000)  # what was sent is heard while the page is asked
    assert sent == []


def test_sixty_frames_by_wheel(show: Callable[..., Locator], renderer: Drawn) -> None:
    viewer = show("series", **renderer)
    viewer.locator(".stage").hover()
    for _ in range(59):
        viewer.page.mouse.wheel(0, 100)
    eventually(lambda: data(viewer, "frame") == "59")
    wanted = [255 * frame * 10 / 600 for frame in range(60)]
    eventually(lambda: abs(read(viewer, [(32, 32)])[0][0, 0] - wanted[59]) <= 1)
    viewer.get_by_role("slider", name="Frame").fill("31")
    eventually(lambda: abs(read(viewer, [(32, 32)])[0][0, 0] - wanted[30]) <= 1)
    viewer.press("PageUp")
    viewer.press("ArrowDown")
    eventually(lambda: data(viewer, "frame") == "21")
    assert "Frame 22 / 60" in viewer.inner_text()
    viewer.press("o")
    eventually(lambda: "The map belongs to frame 1." in viewer.inner_text())
    assert read(viewer, [(25, 25)])[1][0, 3] == 0, "a map is drawn on its own frame only"


def test_a_frame_is_analysed_on_request(show: Callable[..., Locator]) -> None:
    viewer = show("series")
    viewer.press("PageDown")
    eventually(lambda: data(viewer, "frame") == "10")
    viewer.get_by_role("button", name="Run the model and its map on this frame").click()
    viewer.page.get_by_text("run 2, frame 10").wait_for()
    assert data(viewer, "frame") == "10"


def run_of(page: Page) -> int:
    """How often the page has run."""
    return int(page.get_by_text(re.compile(r"run \d+, frame 0")).inner_text().split()[1].rstrip(","))


def test_a_new_run_keeps_the_view_and_resends_no_pixels(show: Callable[..., Locator]) -> None:
    received: list[int] = []
    viewer = show("large")
    page = viewer.page
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.reload()
    viewer.wait_for()
    assert sum(received) > 2048 * 2048 * 2
    viewer.press("o")
    zoom(viewer, 3)
    drag(viewer, (0.5, 0.5), (30, 0))
    kept = ("zoom", "window-width", "window-center", "overlay")
    before = [data(viewer, name) for name in kept]
    received.clear()
    runs = run_of(page)  # that the map was first seen is told to the page, sooner or later, by a run of its own
    page.get_by_role("button", name="Run again").click()
    eventually(lambda: run_of(page) > runs)
    assert sum(received) < 100_000
    choose(page, "Label", "normal")
    viewer.get_by_text("Relevance for normal").wait_for()
    assert [data(viewer, name) for name in kept] == before
    assert sum(received) < 1_000_000


@pytest.mark.parametrize(
    ("case", "unit", "per_column"),
    [
        ("ct", "mm", 0.25),
        ("no-spacing", "px: the file has no pixel spacing", 1.0),
        ("detector", "mm on the detector", 0.2),
    ],
)
def test_lengths(case: str, unit: str, per_column: float, show: Callable[..., Locator]) -> None:
    viewer = show(case)
    viewer.get_by_role("button", name="Left drag measures a distance").click()
    time.sleep(0.5)
    across = 150
    drag(viewer, (0.45, 0.5), (across, 0))
    text = viewer.locator(".stage svg text")
    text.first.wait_for()

    def measured() -> str:
        return text.first.text_content() or ""

    columns = across / float(data(viewer, "zoom"))
    eventually(lambda: abs(float(measured().split()[0]) - columns * per_column) < 0.02 * columns)
    assert measured().split(maxsplit=1)[1] == unit
    if case == "no-spacing":
        assert "mm" not in viewer.inner_text()
    viewer.get_by_role("button", name="Remove all measurements").click()
    eventually(lambda: text.count() == 0)


def test_measurements_stay_whichever_curve_or_window_is_chosen(show: Callable[..., Locator], renderer: Drawn) -> None:
    viewer = show("lut", **renderer)
    place = """({ attendingViewer: { panes: [{ tools }] } }) =>
      tools.put({ kind: "length", frame: 0, points: [[100, 100], [180, 100]], said: "" })"""
    viewer.evaluate(place)
    eventually(lambda: texts(viewer).endswith(" mm"))
    first = texts(viewer)
    for preset in ("SIGMOID", "Full range", "GAMMA"):
        viewer.get_by_label("Window preset").select_option(preset)
        settle(viewer)
        eventually(lambda: texts(viewer) == first)
    measured = "(root) => root.attendingViewer.panes[0].tools.measured().map(({ frame, said }) => [frame, said])"
    assert viewer.evaluate(measured) == [[0, first]]


def test_keys_and_read_out(show: Callable[..., Locator], page_cases: ModuleType) -> None:
    viewer = show("ct")
    start = float(data(viewer, "zoom"))
    viewer.press("+")
    eventually(lambda: float(data(viewer, "zoom")) > start)
    viewer.press("i")
    viewer.press("o")
    viewer.press("r")
    eventually(lambda: data(viewer, "inverted") == "false" and float(data(viewer, "zoom")) == pytest.approx(start))
    x, y = viewer.evaluate("(root) => root.attendingViewer.stage.toCanvas(150.5, 120.5)")
    viewer.locator(".stage").hover(position={"x": x, "y": y})
    readout = viewer.locator('[data-part="readout"]')
    value = page_cases.ramp()[120, 150]
    eventually(lambda: readout.inner_text() == f"column 150, row 120\n{value} HU\nrelevance 4 × average patch")
    assert viewer.locator('[data-part="help"]').is_hidden()
    viewer.press("?")
    assert viewer.locator('[data-part="help"]').is_visible()


def test_what_is_typed_on_a_menu_is_the_menus(show: Callable[..., Locator]) -> None:
    """It goes to the entry that begins so; K marked a key image, I inverted, and Space played the frames."""
    viewer = show("series")
    menu = viewer.get_by_label("Window preset")
    for key in ("k", "i", "c", "o", "?"):
        menu.press(key)
    assert [data(viewer, name) for name in ("keys", "inverted", "panes", "overlay")] == ["", "false", "1", "off"]
    assert viewer.locator('[data-part="help"]').is_hidden()
    viewer.get_by_label("Frames a second").dispatch_event("keydown", {"key": " "})  # pressed, it would open the menu
    assert viewer.get_by_role("button", name="Play").get_attribute("aria-pressed") == "false"
    viewer.press("k")
    eventually(lambda: data(viewer, "keys") == "0")


def test_texts_of_a_file_stay_texts(show: Callable[..., Locator], page_cases: ModuleType) -> None:
    viewer = show("ct")
    options = viewer.get_by_label("Window preset").locator("option").all_inner_texts()
    assert page_cases.HOSTILE in options
    assert viewer.locator("img").count() == 0
    assert "SYNTHETIC" in viewer.inner_text()


def test_letters_turn_with_the_image(show: Callable[..., Locator]) -> None:
    viewer = show("ct")

    def letters() -> list[str]:
        return [viewer.locator(f".letter.{edge}").inner_text() for edge in ("left", "top", "right", "bottom")]

    assert letters() == ["R", "H", "L", "F"]
    viewer.get_by_role("button", name="Turn by 90").click()
    eventually(lambda: letters() == ["F", "R", "H", "L"])


@pytest.mark.parametrize(("card", "renderer"), [(True, "webgl"), (False, "cpu")])
def test_without_a_graphics_card_the_processor_draws(card: bool, renderer: str, show: Callable[..., Locator]) -> None:
    """WebGL is there in both, drawn by software: a window was dragged at 5 to 10 frames a second by it."""
    assert data(show("ct", card=card), "renderer") == renderer


@pytest.mark.parametrize("case", ["ct", "series", "color"])
def test_pictures(case: str, show: Callable[..., Locator], screenshots: Path) -> None:
    viewer = show(case)
    viewer.press("o")
    viewer.locator(".stage").hover()
    eventually(lambda: data(viewer, "overlay") == "on")
    viewer.screenshot(path=screenshots / f"viewer-{case}.png")
    assert (screenshots / f"viewer-{case}.png").stat().st_size > 10_000


def texts(viewer: Locator) -> str:
    """What measurements say."""
    return " ".join(viewer.locator(".stage svg text tspan").all_text_contents())


def image_box(
    viewer: Locator, start: tuple[float, float], by: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a drag in image positions."""
    box = viewer.locator(".stage").bounding_box()
    assert box is not None
    x, y = start[0] * box["width"], start[1] * box["height"]
    at = "(root, points) => points.map((point) => root.attendingViewer.stage.toImage(point))"
    (left, top), (right, bottom) = viewer.evaluate(at, [[x, y], [x + by[0], y + by[1]]])
    return left, top, right, bottom


def test_region_statistics_are_those_of_the_raw_pixels(
    show: Callable[..., Locator], renderer: Drawn, page_cases: ModuleType
) -> None:
    viewer, start, by = show("ct", **renderer), (0.45, 0.55), (130, 90)
    viewer.get_by_role("button", name="Left drag: statistics of the values in a rectangle").click()
    time.sleep(0.5)
    drag(viewer, start, by)
    eventually(lambda: "mean" in texts(viewer))
    left, top, right, bottom = image_box(viewer, start, by)
    said = [float(word) for word in re.findall(r"-?[0-9.]+", texts(viewer).replace("mm²", ""))]
    mean, deviation, low, high, n, area = said
    values = page_cases.ramp()[round(top) : round(bottom), round(left) : round(right)]
    assert n == pytest.approx(values.size, rel=0.03)  # the drag ends between pixels
    assert area == pytest.approx(n * 0.5 * 0.25, rel=0.001)
    assert mean == pytest.approx(values.mean(), abs=20)
    assert deviation == pytest.approx(values.std(), rel=0.05)
    assert (low, high) == (pytest.approx(values.min(), abs=40), pytest.approx(values.max(), abs=40))


def test_an_ellipse_of_one_value_says_so(show: Callable[..., Locator]) -> None:
    viewer = show("series")
    viewer.press("ArrowDown")
    eventually(lambda: data(viewer, "frame") == "1")
    viewer.get_by_role("button", name="Left drag: statistics of the values in an ellipse").click()
    time.sleep(0.5)
    drag(viewer, (0.5, 0.5), (60, 60))
    eventually(lambda: "mean 10, SD 0" in texts(viewer))


@pytest.mark.parametrize(("case", "refused"), [("ct", False), ("no-spacing", True)])
def test_angles_are_refused_without_pixel_spacing(case: str, refused: bool, show: Callable[..., Locator]) -> None:
    viewer = show(case)
    viewer.get_by_role("button", name="Left drag one side").click()
    time.sleep(0.5)
    drag(viewer, (0.4, 0.6), (100, 0))
    box = viewer.locator(".stage").bounding_box()
    assert box is not None
    end = box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"] - 100
    viewer.page.mouse.move(*end, steps=4)
    viewer.page.mouse.click(*end)
    eventually(lambda: ("no pixel spacing" in texts(viewer)) is refused and bool(texts(viewer)))
    assert ("°" in texts(viewer)) is not refused


def test_a_mirrored_image_says_so_and_takes_letters_and_map_along(
    show: Callable[..., Locator], renderer: Drawn
) -> None:
    viewer = show("ct", **renderer)
    edge = viewer.locator(".letter.right")
    assert edge.inner_text() == "L"
    viewer.press("o")
    viewer.get_by_role("button", name="Mirror left and right").click()
    eventually(lambda: edge.inner_text() == "R")
    assert viewer.locator(".letter.left").inner_text() == "L"
    assert "Mirrored" in viewer.locator(".top-right").inner_text()
    x, _ = viewer.evaluate("(root) => root.attendingViewer.stage.toCanvas(400, 0)")
    left, _ = viewer.evaluate("(root) => root.attendingViewer.stage.toCanvas(0, 0)")
    assert x < left
    hot, cold = read(viewer, [(150.5, 125.5), (150.5, 20.5)])[1]
    assert hot[3] > 0
    assert cold[3] == 0
    viewer.get_by_role("button", name="Turn by 90 degrees").click()
    eventually(lambda: viewer.locator(".letter.bottom").inner_text() == "R")
    viewer.press("r")
    eventually(lambda: edge.inner_text() == "L" and data(viewer, "flipped") == "false")


def test_a_contour_follows_the_threshold(show: Callable[..., Locator]) -> None:
    viewer = show("ct")
    viewer.press("o")
    viewer.get_by_label("How the map is drawn").select_option("Contour")
    inside, edge = (150.5, 125.5), (120.0, 125.5)
    eventually(lambda: read(viewer, [inside])[1][0, 3] == 0)
    x, y = viewer.evaluate("(root, at) => root.attendingViewer.stage.toCanvas(...at)", edge)
    near = [(edge[0] + dx / float(data(viewer, "zoom")), edge[1]) for dx in (-1, 0, 1)]
    assert read(viewer, near)[1][:, 3].max() > 0, (x, y)


def test_frames_play_and_stop(show: Callable[..., Locator]) -> None:
    viewer = show("series")
    viewer.press(" ")
    eventually(lambda: int(data(viewer, "frame")) > 3)
    viewer.press(" ")
    time.sleep(0.3)
    still = data(viewer, "frame")
    time.sleep(0.6)
    assert data(viewer, "frame") == still


def test_number_keys_choose_windows(show: Callable[..., Locator]) -> None:
    viewer = show("ct")
    viewer.press("2")
    eventually(lambda: data(viewer, "window-width") == "400")
    viewer.press("1")
    eventually(lambda: data(viewer, "window-width") == "1600")
