from __future__ import annotations

import numpy as np
import pytest

from engine.case import Image, Note, Placement
from engine.errors import EmptyFile, TooLarge, UnknownFormat
from engine.io.group import group, in_order, read_uploads
from engine.io.limits import ARCHIVE_BYTES, ARCHIVE_FILES, READ_FAILURES, Budget
from tests.engine.io.test_archive import make_zip
from tests.engine.io.test_worker import aborting, black_png


def _image(name: str, **fields: object) -> Image:
    placement = Placement(
        **{key: fields.pop(key) for key in ("study", "series", "instance", "position") if key in fields}
    )  # type: ignore[arg-type]
    return Image(pixels=np.zeros((1, 2, 2), np.uint8), digest=name * 4, name=name, placement=placement, **fields)  # type: ignore[arg-type]


def _note(name: str) -> Note:
    return Note(text=f"Text of {name}", digest=name, name=name)


def test_slices_stand_in_geometric_order_whatever_their_numbers() -> None:
    slices = [
        _image("c", position=10.0, instance=1, orientation=("L", "P")),
        _image("a", position=-5.0, instance=2, orientation=("L", "P")),
        _image("b", position=2.5, instance=3, orientation=("L", "P")),
    ]
    assert [image.name for image in in_order(slices)] == ["a", "b", "c"]


def test_slices_that_cross_stand_in_order_of_instance() -> None:
    slices = [
        _image("b", position=-5.0, instance=2, orientation=("L", "P")),
        _image("a", position=10.0, instance=1, orientation=("P", "F")),
    ]
    assert [image.name for image in in_order(slices)] == ["a", "b"]


def test_without_any_order_the_name_decides() -> None:
    assert [image.name for image in in_order([_image("2"), _image("1")])] == ["1", "2"]


def test_studies_and_series() -> None:
    images = [
        _image("1", study="A", series="a2", tags={"SeriesNumber": "2"}),
        _image("2", study="B", series="b"),
        _image("3", study="A", series="a1", tags={"SeriesNumber": "1"}),
        _image("4", study="A", series="a2", tags={"SeriesNumber": "2"}),
        _image("5"),
        _image("6"),
    ]
    cases = group(images, [])
    names = [[[image.name for image in series] for series in case.series] for case in cases]
    assert names == [[["3"], ["1", "4"]], [["2"]], [["5"]], [["6"]]]


@pytest.mark.parametrize(
    ("images", "notes", "pairs"),
    [
        (["a.dcm"], ["n.txt"], [("a.dcm", "n.txt")]),
        (["a.dcm", "b.dcm"], ["b.txt"], [("a.dcm", None), ("b.dcm", "b.txt")]),
        (["1/x.dcm", "2/y.dcm"], ["2/n.txt", "1/m.txt"], [("1/x.dcm", "1/m.txt"), ("2/y.dcm", "2/n.txt")]),
        (["a.dcm", "b.dcm"], ["c.txt"], [("a.dcm", None), ("b.dcm", None), (None, "c.txt")]),
        (["1/x.dcm", "1/y.dcm"], ["1/n.txt", "2/m.txt"], None),
        ([], ["n.txt"], [(None, "n.txt")]),
    ],
    ids=["only two", "name", "folder", "strangers", "crowded folder", "note alone"],
)
def test_notes_stand_beside_their_study(
    images: list[str], notes: list[str], pairs: list[tuple[str | None, str | None]] | None
) -> None:
    cases = group([_image(name, study=name) for name in images], [_note(name) for name in notes])
    found = [
        (case.images[0].name if case.images else None, case.note.name if case.note is not None else None)
        for case in cases
    ]
    if pairs is None:
        assert all(None in pair for pair in found)
    else:
        assert found == pairs


def test_titles_say_what_it_is() -> None:
    images = [_image(str(index), study="A", modality="CT", tags={"BodyPartExamined": "CHEST"}) for index in range(3)]
    (case,) = group(images, [_note("n.txt")])
    assert case.title == "CT chest, 3 images and note"
    assert group([_image("drop/film.png")], [])[0].title == "film.png"


def test_the_same_files_make_the_same_case() -> None:
    images = [_image("1", study="A"), _image("2", study="A")]
    assert group(images, [])[0].case_id == group(images[::-1], [])[0].case_id
    assert group(images, [])[0].case_id != group(images[:1], [])[0].case_id


def test_a_drop_names_every_refused_file_and_tells_its_progress() -> None:
    told: list[tuple[int, int, str]] = []
    drop = [("a.txt", b"Findings: none."), ("b.bin", bytes(40)), ("c.txt", b"")]
    report = read_uploads(drop, lambda done, total, name: told.append((done, total, name)))
    assert told == [(0, 3, "a.txt"), (1, 3, "b.bin"), (2, 3, "c.txt"), (3, 3, "")]
    assert [(refusal.name, type(refusal.error)) for refusal in report.refused] == [
        ("b.bin", UnknownFormat),
        ("c.txt", EmptyFile),
    ]
    assert [case.title for case in report.cases] == ["a.txt"]


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_the_decoded_pixels_of_a_drop_share_one_allowance(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    """Each picture takes 10,000 bytes, and some hundreds for its attributes."""
    monkeypatch.setattr(Budget.__init__, "__defaults__", (ARCHIVE_FILES, ARCHIVE_BYTES, READ_FAILURES, 25_000))
    pictures = {f"{rank}.png": black_png(100) for rank in range(5)}
    report = read_uploads([("drop.zip", make_zip(pictures))] if packed else pictures.items())
    prefix = "drop.zip/" if packed else ""
    assert [case.images[0].name for case in report.cases] == [f"{prefix}0.png", f"{prefix}1.png"]
    assert [refusal.name for refusal in report.refused] == [f"{prefix}{rank}.png" for rank in (2, 3, 4)]
    assert all(isinstance(refusal.error, TooLarge) for refusal in report.refused)
    assert "Drop fewer files at once" in report.refused[0].error.advice
    assert len(read_uploads([("9.png", black_png(100))]).cases) == 1, "the next drop has an allowance of its own"


def test_files_that_make_their_readers_fail_are_counted_by_the_drop() -> None:
    report = read_uploads((f"{rank}", aborting()) for rank in range(READ_FAILURES + 1))
    unread = ["left unread" in refusal.error.happened for refusal in report.refused]
    assert unread == [False] * READ_FAILURES + [True]
