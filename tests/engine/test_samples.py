import pytest

from engine.errors import CaseError
from engine.samples import sample_case, sample_cases, sample_index

IDS = [entry.case_id for entry in sample_index()]


def test_the_index_names_files_that_exist_and_says_what_each_case_is():
    assert len(IDS) == len(set(IDS)) >= 12
    for entry in sample_index():
        assert entry.title
        assert all(path.is_file() for path in entry.files)
        assert entry.mask is None or entry.mask.is_file()


@pytest.mark.parametrize("case_id", IDS)
def test_every_sample_is_read_whole(case_id):
    entry = next(entry for entry in sample_index() if entry.case_id == case_id)
    case = sample_case(case_id)
    assert case.case_id == case_id
    assert case.title == entry.title
    assert case.synthetic
    assert case.truth["labels"] == entry.labels
    assert case.truth["mask"] == entry.mask
    assert (case.course is not None) == (entry.modality == "COURSE")
    assert (case.sequence is not None) == (entry.modality == "DNA")
    pictures = sum(path.suffix != ".txt" for path in entry.files)
    assert len(case.images) == (0 if case.course or case.sequence else pictures)
    assert (case.note is not None) == ("NOTE" in entry.modality)
    assert {image.modality for image in case.images if image.modality} <= set(entry.modality.split("+"))


def test_slices_come_in_the_order_of_space():
    (series,) = sample_case("chest-ct-1").series
    places = [image.placement.position for image in series]
    assert places in (sorted(places), sorted(places, reverse=True))


def test_the_loop_has_frames():
    assert sample_case("breast-loop-1").images[0].frames == 16


def test_courses_come_in_three_layouts_and_one_tells_of_its_errors():
    courses = {
        entry.case_id: sample_case(entry.case_id).course for entry in sample_index() if "COURSE" in entry.modality
    }
    assert {course.format for course in courses.values()} == {"PhysioNet", "table", "FHIR"}
    assert courses["course-stable-1"].warnings == ()
    assert all("converted" in warning for warning in courses["course-septic-1"].warnings)
    assert len(courses["course-errors-1"].warnings) == 9


def test_an_unknown_sample_is_refused():
    with pytest.raises(CaseError, match="no such sample"):
        sample_case("chest-0")


def test_all_samples_at_once_are_the_samples_one_by_one(monkeypatch):
    monkeypatch.setattr("engine.samples.sample_index", lambda: _NOTES)
    assert [case.case_id for case in sample_cases()] == [entry.case_id for entry in _NOTES]


_NOTES = tuple(entry for entry in sample_index() if entry.modality == "NOTE")
