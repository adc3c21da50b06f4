"""Many uploads to cases: images by study in geometric order, notes beside the study they belong to, courses alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.case import Case, Course, Image, Note
from engine.case import Sequence as Bases
from engine.errors import UploadError
from engine.io.limits import Budget
from engine.io.upload import Refusal, Source, open_upload
from engine.words import mark, recorded

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class UploadReport:
    """What became of a drop: the cases in it, and every file that gave none, with the reason."""

    cases: tuple[Case, ...]
    refused: tuple[Refusal, ...]


def read_uploads(files: Iterable[tuple[str, Source]], progress: Progress | None = None) -> UploadReport:
    """Read everything that was dropped and sort it into cases.

    Parameters
    ----------
    files : iterable of (name, content)
        As for `read_upload`; archives and folders give as many records as they hold. All share one allowance.
    progress : callable, optional
        Told ``(done, total, name)`` before each file, and ``(total, total, "")`` at the end.

    Returns
    -------
    UploadReport
        One case a study; a picture without a study is one of its own; a note stands with the only study of the drop,
        the one of its name or the one of its folder, else alone; courses and sequences stand alone.
    """
    drop, budget = list(files), Budget()
    images: list[Image] = []
    notes: list[Note] = []
    sequences: list[Bases] = []
    courses: list[Course] = []
    refused: list[Refusal] = []
    for done, (name, data) in enumerate(drop):
        if progress is not None:
            progress(done, len(drop), name)
        try:
            outcomes = list(open_upload(name, data, budget))
        except UploadError as error:
            refused.append(Refusal(name, error))
            continue
        images += [outcome for outcome in outcomes if isinstance(outcome, Image)]
        notes += [outcome for outcome in outcomes if isinstance(outcome, Note)]
        courses += [outcome for outcome in outcomes if isinstance(outcome, Course)]
        sequences += [outcome for outcome in outcomes if isinstance(outcome, Bases)]
        refused += [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    if progress is not None:
        progress(len(drop), len(drop), "")
    alone = (*map(_course_case, courses), *map(_sequence_case, sequences))
    return UploadReport((*group(images, notes), *alone), tuple(refused))


def group(images: Sequence[Image], notes: Sequence[Note]) -> tuple[Case, ...]:
    """Sort records into cases: studies in the order in which they came, then the notes that stand alone."""
    studies = _by(images, lambda image: image.placement.study or f"file {image.digest} {image.name}")
    left = list(notes)
    cases = []
    for study in studies.values():
        note = _note_of(study, list(studies.values()), notes)
        if note is not None and note in left:
            left.remove(note)
        cases.append(_case(study, note))
    return (*cases, *(_case((), note) for note in left))


def _by(images: Iterable[Image], key: Callable[[Image], str]) -> Mapping[str, list[Image]]:
    groups: dict[str, list[Image]] = {}
    for image in images:
        groups.setdefault(key(image), []).append(image)
    return groups


def _note_of(study: Sequence[Image], studies: Sequence[Sequence[Image]], notes: Sequence[Note]) -> Note | None:
    """The note of a study: the only two of the drop, else one by name, else the only two of a folder."""
    if len(studies) == 1 and len(notes) == 1:
        return notes[0]
    names = {PurePosixPath(image.name).with_suffix("") for image in study}
    named = [note for note in notes if PurePosixPath(note.name).with_suffix("") in names]
    if named:
        return named[0] if len(named) == 1 else None
    folders = {PurePosixPath(image.name).parent for image in study}
    if len(folders) != 1 or folders == {PurePosixPath(".")}:
        return None
    folder = folders.pop()
    neighbours = [other for other in studies if any(PurePosixPath(image.name).parent == folder for image in other)]
    inside = [note for note in notes if PurePosixPath(note.name).parent == folder]
    return inside[0] if len(inside) == 1 and len(neighbours) == 1 else None


def _case(study: Sequence[Image], note: Note | None) -> Case:
    """One case: its key follows from the files' content, so that the same drop is the same case."""
    series = tuple(tuple(in_order(images)) for images in _by(study, lambda image: image.placement.series).values())
    series = tuple(sorted(series, key=_series_rank))
    return Case(
        case_id=case_key(study, note),
        title=_title(study, note),
        series=series,
        note=note,
    )


def case_key(study: Iterable[Image], note: Note | None) -> str:
    """The key of a case: it follows from the digests of its images and note."""
    digests = sorted(image.digest for image in study) + ([note.digest] if note is not None else [])
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]


def _sequence_case(sequence: Bases) -> Case:
    """One case, by name and content: a FASTA file may hold equal sequences."""
    key = hashlib.sha256(f"{sequence.name} {sequence.digest}".encode()).hexdigest()[:16]
    return Case(case_id=key, title=PurePosixPath(sequence.name).name or mark("Sequence"), sequence=sequence)


def _course_case(course: Course) -> Case:
    """A course is a case of its own; its title tells nothing of the file, whose name may be the patient's."""
    hours = course.hours[-1] if len(course.hours) else 0.0
    title = recorded("Course, {hours:.0f} h, {n:,} observations", hours=hours, n=len(course.hours))
    return Case(case_id=hashlib.sha256(course.digest.encode()).hexdigest()[:16], title=title, course=course)


def _series_rank(images: Sequence[Image]) -> tuple[float, int]:
    number = images[0].tags.get("SeriesNumber", "")
    return (float(number) if number.lstrip("-").isdecimal() else float("inf"), images[0].placement.instance)


def in_order(images: Iterable[Image]) -> Iterator[Image]:
    """The images of one series: along the normal of parallel slices, else by instance number, else by name.

    References
    ----------
    PS3.3 C.7.6.2.1.1 (Image Position and its projection on the normal); Instance Number orders nothing in space.
    """
    ranked = list(images)
    parallel = len({image.orientation for image in ranked}) == 1
    if parallel and all(image.placement.position is not None for image in ranked):
        ranked.sort(key=lambda image: (image.placement.position or 0.0, image.placement.instance, image.name))
    else:
        ranked.sort(key=lambda image: (image.placement.instance, image.name))
    return iter(ranked)


def _title(study: Sequence[Image], note: Note | None) -> str:
    """Modality, part of the body and view, else the name of the file; how many images; whether there is a note."""
    if not study:
        return PurePosixPath(note.name).name if note is not None else ""
    first = study[0]
    facts = (first.modality, first.tags.get("BodyPartExamined", "").lower(), first.view)
    words = " ".join(fact for fact in facts if fact) or PurePosixPath(first.name).name
    if len(study) == 1:
        return words if note is None else recorded("{what} and note", what=words)
    several = mark("{what}, {n} images") if note is None else mark("{what}, {n} images and note")
    return recorded(several, what=words, n=len(study))
