import csv
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from pydicom import dcmread
from pydicom.uid import JPEGLSLossless

import sample_data
from sample_data.cases import CASES, COURSES, ECHOES, NOTES, SLICES
from sample_data.write import case_seed, write_cases

SHIPPED = Path(sample_data.__file__).parent / "cases"
INDEX = json.loads((SHIPPED / "cases.json").read_text())


def _digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _png(path):
    with Picture.open(path) as picture:
        return np.asarray(picture)


def test_the_index_lists_what_ships_and_no_file_is_left_over():
    listed = {name for entry in INDEX for name in (*entry["files"], entry["truth"]["mask"]) if name}
    assert listed | {"cases.json"} == set(_digests(SHIPPED))
    assert [entry["case_id"] for entry in INDEX] == [recipe.case_id for recipe in CASES]
    assert all(entry["synthetic"] for entry in INDEX)


def test_there_are_enough_cases_of_every_kind():
    assert len(CASES) >= 12
    headers = [dcmread(path, stop_before_pixels=True) for path in sorted(SHIPPED.rglob("*.dcm"))]
    assert {header.Modality for header in headers} == {"DX", "CR", "CT", "US"}
    assert {header.PhotometricInterpretation for header in headers} == {"MONOCHROME1", "MONOCHROME2"}
    assert JPEGLSLossless in {header.file_meta.TransferSyntaxUID for header in headers}
    assert any(int(header.get("NumberOfFrames", 1)) > 1 for header in headers)
    assert any(recipe.modality.endswith("+NOTE") for recipe in CASES)
    assert any(len(recipe.note.text.split()) > 1000 for recipe in NOTES)


def test_the_samples_stay_small():
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 25e6


def test_masks_are_black_and_white_on_the_grid_of_the_first_image():
    for entry in INDEX:
        if entry["truth"]["mask"] is None:
            assert not {"bacterial pneumonia", "viral pneumonia", "benign", "malignant"} & set(entry["truth"]["labels"])
            continue
        mask = _png(SHIPPED / entry["truth"]["mask"])
        first = SHIPPED / entry["files"][0]
        pixels = _png(first) if first.suffix == ".png" else dcmread(first).pixel_array
        assert mask.shape == pixels.shape[-2:]
        assert set(np.unique(mask)) == {0, 255}
        assert 0.005 < (mask > 0).mean() < 0.5


def test_one_case_regenerated_twice_gives_the_same_bytes(tmp_path):
    chosen = (ECHOES[1], NOTES[0])
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_cases(tmp_path / name, sample_data.SEED, chosen)
    assert _digests(tmp_path / "first") == _digests(tmp_path / "second")


def test_what_ships_is_what_the_generator_makes():
    """Compared grey level by grey level: another processor may round the last bit of a float otherwise."""
    made = ECHOES[1].make(case_seed(ECHOES[1], sample_data.SEED))
    shipped = _png(SHIPPED / ECHOES[1].case_id / "image.png").astype(int)
    fresh = np.asarray(Picture.open(io.BytesIO(made.files["image.png"]))).astype(int)
    assert np.abs(fresh - shipped).max() <= 1


@pytest.mark.parametrize("recipe", NOTES, ids=lambda recipe: recipe.case_id)
def test_notes_ship_as_they_are_written(recipe):
    assert (SHIPPED / recipe.case_id / "note.txt").read_text() == recipe.note.text


@pytest.mark.parametrize("recipe", COURSES, ids=lambda recipe: recipe.case_id)
def test_courses_ship_as_they_are_made(recipe):
    made = recipe.make(case_seed(recipe, sample_data.SEED))
    assert {recipe.file: (SHIPPED / recipe.case_id / recipe.file).read_bytes()} == dict(made.files)


def test_the_names_of_slices_do_not_follow_their_order():
    place = SHIPPED / SLICES.case_id
    heights = [float(dcmread(path, stop_before_pixels=True).SliceLocation) for path in sorted(place.glob("*.dcm"))]
    assert len(set(heights)) == len(heights) == len(SLICES.scan.heights)
    assert heights not in (sorted(heights), sorted(heights, reverse=True))


@pytest.mark.data
def test_the_labels_of_notes_are_those_of_the_data_set(data_dir):
    with (data_dir / "mtsamples" / "notes.csv").open(newline="") as file:
        known = {name for row in csv.DictReader(file) for name in row["specialties"].split("|")}
    assert {label for recipe in NOTES for label in recipe.note.specialties} <= known
