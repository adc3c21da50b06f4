"""What a report shows of a case: the picture, its map with a legend, and in words the parts that a map marks.

The picture keeps its true proportions (PS3.3 C.7.6.3.1.7 gives the way from spacing to aspect), its letters of
orientation (C.7.6.1.1.1) and the regions that the reader marked.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray

from engine.case import Case, Image, Stretch
from engine.explain.overlay import draw_overlay, palette
from engine.interop.map_table import course_table, sequence_table
from engine.measured import Faithfulness
from engine.models.card import Card
from engine.preprocess.display import to_display
from engine.results import Explanation, Span
from engine.review import KeyImage, Mark, MarkedRegion
from engine.wording import map_warning, p_in_words
from engine.words import mark, spoken, tr

UNCHECKED = mark("This map was not checked on this case: do not read it as a reason.")

_LONGEST = 1000  # pixels of a printed picture, each way
_STRONGEST = 8
_BAR_HEIGHT = 12
_JPEG_QUALITY = 92
_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_MARK_COLOR = {Mark.HERE: "#ffd400", Mark.NOT_THERE: "#ff7a7a"}


@dataclass(frozen=True, eq=False)
class ShownMap:
    """A map that a reader saw, and what its check on the case gave (None where it was not checked)."""

    task: str
    explanation: Explanation
    faithfulness: Faithfulness | None = None
    image_index: int = 0
    frame: int = 0


@dataclass(frozen=True)
class Edges:
    """Letters of the directions in which the edges of a picture lie; empty where the file does not say."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


@dataclass(frozen=True, eq=False)
class Legend:
    """The colours of a map from its lowest to its highest value, with what stands below them."""

    bar: PIL.Image.Image
    low: str
    middle: str
    high: str
    unit: str


@dataclass(frozen=True, eq=False)
class Illustration:
    """One picture with its map, or what a map marks in words.

    Parameters
    ----------
    plain, overlay : PIL.Image.Image or None
        RGB, the same size: the picture with the reader's regions, and with the map; None where there is none. A map
        that lies on no picture is one of its own, without overlay.
    alt, overlay_alt : str
        What they show, in words.
    strongest : tuple of str
        The words, bases or observations that the map marks most.
    badge : str
        What checking the map gave; empty where there is no map.
    trusted : bool
        Whether the map passed.
    wide : bool
        Whether `plain` is a table, which takes the whole width of a page.
    """

    title: str
    alt: str = ""
    plain: PIL.Image.Image | None = None
    overlay: PIL.Image.Image | None = None
    overlay_alt: str = ""
    edges: Edges = Edges()
    legend: Legend | None = None
    strongest: tuple[str, ...] = ()
    badge: str = ""
    trusted: bool = False
    wide: bool = False


def illustrations(
    case: Case,
    maps: Sequence[ShownMap],
    regions: Sequence[MarkedRegion],
    cards: Mapping[str, Card],
    keys: Sequence[KeyImage] = (),
    instead: Mapping[Stretch, str] = MappingProxyType({}),
) -> tuple[Illustration, ...]:
    """Draw every map that was shown; of pictures without one, key images and those that were marked, else the first.

    Parameters
    ----------
    instead : mapping of Stretch to str
        What is printed for the words in some places of the note.
    """
    drawn = [_of_map(case, shown, regions, cards, instead) for shown in maps]
    pointed = {(key.image_index, key.frame) for key in keys if key.image_index < len(case.images)}
    mapped = {(shown.image_index, shown.frame) for shown in maps if shown.explanation.map is not None}
    marked = {(region.image_index, region.frame) for region in regions if region.image_index < len(case.images)}
    bare = sorted((marked | pointed) - mapped)
    if case.images and not mapped and not bare:
        bare = [(0, 0)]
    pictures = {place: _of_picture(case, *place, regions) for place in bare}
    drawn += [_as_key(shown) if place in pointed else shown for place, shown in pictures.items()]
    return tuple(drawn)


def _as_key(shown: Illustration) -> Illustration:
    return replace(
        shown, title=tr("Key image: {title}", title=shown.title), alt=tr("Key image: {title}", title=shown.alt)
    )


def edges_of(image: Image) -> Edges:
    """Letters of the four edges from those of the right and the bottom one.

    Examples
    --------
    >>> edges_of(Image(np.zeros((1, 2, 2)), "", orientation=("L", "FP")))
    Edges(left='R', right='L', top='HA', bottom='FP')
    """
    if image.orientation is None:
        return Edges()
    right, bottom = image.orientation
    left, top = ("".join(_OPPOSITE.get(letter, letter) for letter in letters) for letters in (right, bottom))
    return Edges(left=left, right=right, top=top, bottom=bottom)


def printed_size(image: Image) -> tuple[int, int]:
    """Width and height in pixels of an image as it is printed, in its true proportions.

    Examples
    --------
    >>> printed_size(Image(np.zeros((1, 400, 200)), ""))
    (200, 400)
    """
    rows, columns = image.shape
    spacing = image.spacing
    height, width = (rows * spacing.row, columns * spacing.column) if spacing else (float(rows), float(columns))
    longest = min(_LONGEST, max(rows, columns)) / max(height, width)
    return max(round(width * longest), 1), max(round(height * longest), 1)


def jpeg(picture: PIL.Image.Image) -> bytes:
    """Encode a picture for a document: no chroma is dropped, for colours carry the values of a map."""
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return sink.getvalue()


def strongest(
    case: Case, explanation: Explanation, instead: Mapping[Stretch, str] = MappingProxyType({})
) -> tuple[str, ...]:
    """The words, bases or observations that a map marks most, strongest first, each with its value."""
    if explanation.spans:
        most = sorted(explanation.spans, key=lambda span: -abs(span.relevance))[:_STRONGEST]
        return tuple(f"{_quoted(case, span, instead)} {_signed(span.relevance)}" for span in most)
    if explanation.observed is not None and case.course is not None:
        course, values = case.course, explanation.observed
        most_marked = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[:_STRONGEST]
        return tuple(
            tr(
                "{variable} {value:g} at {hour:.1f} h {relevance}",
                variable=course.variables[at],
                value=course.values[at],
                hour=course.hours[at],
                relevance=_signed(values[at]),
            )
            for at in most_marked
            if np.isfinite(values[at])
        )
    return ()


def _quoted(case: Case, span: Span, instead: Mapping[Stretch, str]) -> str:
    """A word of the note, or what stands for it, or a base with its place counted from 1."""
    if case.note is not None:
        others = (words for place, words in instead.items() if place.start < span.end and span.start < place.end)
        return f"“{next(others, case.note.text[span.start : span.end])}”"
    bases = case.sequence.bases if case.sequence is not None else ""
    return tr("{base} at {place}", base=bases[span.start : span.end], place=span.start + 1)


def _signed(relevance: float) -> str:
    return f"{relevance:+.1f}×".replace("-", "−")


def _of_map(
    case: Case,
    shown: ShownMap,
    regions: Sequence[MarkedRegion],
    cards: Mapping[str, Card],
    instead: Mapping[Stretch, str],
) -> Illustration:
    """One map with what its check gave: over its picture, or in words where there is none."""
    explanation, found = shown.explanation, shown.faithfulness
    in_words = Illustration(
        title=_map_title(explanation, spoken(cards[shown.task].title) if shown.task in cards else shown.task),
        strongest=strongest(case, explanation, instead),
        badge=_badge(found) if found else tr(UNCHECKED),
        trusted=found is not None and not map_warning(found),
    )
    if explanation.map is None or not case.images:
        return _in_a_table(case, explanation, in_words)
    bare = _of_picture(case, shown.image_index, shown.frame, regions)
    return replace(
        in_words,
        alt=bare.alt,
        plain=bare.plain,
        overlay=_overlay(case.images[shown.image_index], shown.frame, explanation.map, explanation),
        overlay_alt=tr("The same image with the map laid over it. {title}", title=in_words.title),
        edges=bare.edges,
        legend=legend(explanation),
    )


def _in_a_table(case: Case, explanation: Explanation, in_words: Illustration) -> Illustration:
    """What a map marks of a course or a sequence, with its picture; of a note as it is: its words may name somebody."""
    if case.course is not None and explanation.observed is not None and len(case.course.hours):
        alt = tr("Relevance of the variables that are marked most, by hours")
        table, unit = course_table(case.course, explanation), tr("multiples of an average observation")
    elif case.sequence is not None and explanation.spans:
        alt = tr("Relevance of the bases around the place that is asked about")
        table, unit = sequence_table(case.sequence.bases, explanation), tr("multiples of an average base")
    else:
        return in_words
    return replace(in_words, alt=alt, plain=table, legend=replace(legend(explanation), unit=unit), wide=True)


def _map_title(explanation: Explanation, task: str) -> str:
    method, label = explanation.method.full_name, spoken(explanation.label or "")
    if explanation.rather_than:
        other = spoken(explanation.rather_than)
        return tr(
            "{task}: {method} for {label} rather than {other}", task=task, method=method, label=label, other=other
        )
    if label:
        return tr("{task}: {method} for {label}", task=task, method=method, label=label)
    return tr("{task}: {method}", task=task, method=method)


def _badge(found: Faithfulness) -> str:
    return tr(
        "This map: {verdict}. {sentence} {p}. {warning}",
        verdict=tr(found.verdict),
        sentence=spoken(found.sentence),
        p=p_in_words(found),
        warning=map_warning(found),
    ).strip()


def _overlay(image: Image, frame: int, relevance: NDArray[np.float32], explanation: Explanation) -> PIL.Image.Image:
    """The map over its picture, both at the size of print."""
    width, height = printed_size(image)
    picture = _resized(to_display(image, frame), width, height)
    display = np.asarray(picture, np.float32) / np.float32(255)  # (height, width, 3)
    rows, columns = (_centres(n, cells) for n, cells in zip(image.shape, (height, width), strict=True))
    at_print = np.ascontiguousarray(relevance[np.ix_(rows, columns)])  # (height, width)
    return draw_overlay(display, at_print, scale=explanation.scale, signed=explanation.signed)


def _of_picture(case: Case, index: int, frame: int, regions: Sequence[MarkedRegion]) -> Illustration:
    """The picture of one frame with the reader's regions, numbered as in the text."""
    image = case.images[index]
    picture = _resized(to_display(image, frame), *printed_size(image))
    numbered = [
        (rank, region)
        for rank, region in enumerate(regions, start=1)
        if (region.image_index, region.frame) == (index, frame)
    ]
    _draw_regions(picture, image, numbered)
    kind = f"{image.modality} {image.view}".strip()
    seen = tr("Image {image}, frame {frame}, {kind}", image=index + 1, frame=frame + 1, kind=kind).strip()
    marked = tr("{image}, with {n} regions that the reader marked", image=seen, n=len(numbered)) if numbered else seen
    return Illustration(title=seen, alt=marked, plain=picture, edges=edges_of(image))


def _draw_regions(picture: PIL.Image.Image, image: Image, numbered: Sequence[tuple[int, MarkedRegion]]) -> None:
    """Boxes with their numbers; one that says "not there" is crossed out."""
    pen = PIL.ImageDraw.Draw(picture)
    rows, columns = image.shape
    across, down = picture.width / columns, picture.height / rows
    thick = max(2, max(picture.size) // 300)
    font = PIL.ImageFont.load_default(size=max(12, max(picture.size) // 18))
    for rank, region in numbered:
        box, color = region.box, _MARK_COLOR[region.mark]
        left, right = sorted((box.left * across, box.right * across))
        top, bottom = sorted((box.top * down, box.bottom * down))
        pen.rectangle((left, top, right, bottom), outline=color, width=thick)
        if region.mark is Mark.NOT_THERE:
            pen.line((left, top, right, bottom), fill=color, width=thick)
        pen.text((left + 2 * thick, top), str(rank), fill=color, font=font, stroke_width=thick, stroke_fill="#000")


def legend(explanation: Explanation) -> Legend:
    """The colour bar of a map: the fixed scale of its method, never the map's own maximum."""
    colors = (palette(explanation.signed) * 255).round().astype(np.uint8)  # (256, 3)
    bar = PIL.Image.fromarray(np.repeat(colors[None], _BAR_HEIGHT, axis=0))  # (height, 256)
    unit = tr("multiples of an average patch or word") if explanation.spans else tr("multiples of an average patch")
    if explanation.signed:
        top = f"{explanation.scale:.1f}"
        return Legend(bar, tr("−{value} against", value=top), "0", tr("+{value} for", value=top), unit)
    middle, top = f"{explanation.scale / 2:.1f}", tr("{value:.1f} and more", value=explanation.scale)
    return Legend(bar, "0", middle, top, unit)


def _resized(display: NDArray[np.float32], width: int, height: int) -> PIL.Image.Image:
    """A display array, grey or RGB in [0, 1], as an RGB picture of a given size."""
    picture = PIL.Image.fromarray((display * 255).round().astype(np.uint8)).convert("RGB")
    return picture.resize((width, height), PIL.Image.Resampling.LANCZOS)


def _centres(n: int, cells: int) -> NDArray[np.intp]:
    """Which of n samples lies in the middle of each of so many cells."""
    return ((np.arange(cells) + 0.5) * n / cells).astype(np.intp)
