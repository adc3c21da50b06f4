"""Cases as lines of the worklist; what is kept for good is named by what it is, never by its file."""

from __future__ import annotations

import re

from engine import Case, Line, SampleEntry, mark, spoken, tr


def sample_line(entry: SampleEntry) -> Line:
    """Make the line of one of our own cases."""
    if entry.modality == "DNA":
        return Line(entry.case_id, entry.title, "sequence", entry.modality, synthetic=True)
    if entry.modality == "COURSE":
        return Line(entry.case_id, entry.title, "course", synthetic=True)
    *modalities, last = entry.modality.split("+")
    note = last == "NOTE"
    modalities += [] if note else [last]
    return Line(entry.case_id, entry.title, kind(len(entry.files) - note, note), ", ".join(modalities), synthetic=True)


def line_of(case: Case) -> Line:
    """Make the line of a case as it was opened, under the name of its file."""
    modalities = sorted({image.modality for image in case.images if image.modality})
    modality = "DNA" if case.sequence is not None else ", ".join(modalities)
    return Line(case.case_id, case.title, _made_of(case), modality, synthetic=case.synthetic)


def kept_line(case: Case) -> Line:
    """Make the line of a case that is kept, by what it is and the beginning of its id, which tells equal ones apart.

    A name that came from a file may be the patient's, and stays out.
    """
    opened = line_of(case)
    said_by_tags = bool(case.images) and bool(case.images[0].modality)
    what = case.title if said_by_tags or case.course is not None else opened.kind.split(",")[0].capitalize()
    title = f"{what} · {case.case_id[:6]}"
    return Line(opened.case_id, title, opened.kind, opened.modality, synthetic=case.synthetic)


def kind(images: int, note: bool) -> str:
    """Say in words what a case is made of.

    Examples
    --------
    >>> kind(1, False), kind(0, True), kind(24, True)
    ('image', 'note', '24 images + note')
    """
    pictures = f"{images} images" if images > 1 else "image"
    return " + ".join(([pictures] if images else []) + (["note"] if note else []))


_KINDS = (mark("image"), mark("note"), mark("course"))
_COUNTED = ((r"([\d,]+) images", mark("{n} images")), (r"sequence, ([\d,]+) bases", mark("sequence, {n} bases")))
_FIGURE = re.compile(r"(.+) (\d\.\d\d)")


def kind_in_words(kind: str) -> str:
    """What a case is made of, as a reader is told; the store keeps it in English.

    Examples
    --------
    >>> kind_in_words("24 images + note")
    '24 images + note'
    """
    return " + ".join(map(_one_kind, kind.split(" + ")))


def _one_kind(kind: str) -> str:
    for pattern, words in _COUNTED:
        found = re.fullmatch(pattern, kind)
        if found:
            return tr(words, n=found[1])
    return spoken(kind)


def title_in_words(line: Line) -> str:
    """The title of a line as a reader is told: what it is, with the beginning of an id where it has one.

    Examples
    --------
    >>> title_in_words(Line("0123abcd", "Note · 0123ab", "note"))
    'Note · 0123ab'
    """
    what, dot, mark_of_id = line.title.partition(" · ")
    return spoken(what) + dot + mark_of_id


def headline_in_words(headline: str) -> str:
    """What models said of a case, as a reader is told; the store keeps it in English.

    Examples
    --------
    >>> headline_in_words("normal 0.93 · outside the model's domain")
    "normal 0.93 · outside the model's domain"
    """
    return " · ".join(map(_one_answer, headline.split(" · ")))


def _one_answer(said: str) -> str:
    found = _FIGURE.fullmatch(said)
    return f"{spoken(found[1])} {found[2]}" if found else spoken(said)


def _made_of(case: Case) -> str:
    if case.course is not None:
        return "course"
    if case.sequence is not None:
        return f"sequence, {len(case.sequence.bases):,} bases"
    return kind(sum(image.frames for image in case.images), case.note is not None)
