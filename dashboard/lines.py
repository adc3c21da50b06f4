"""Cases as lines of the worklist; what is kept for good is named by what it is, never by its file."""

from __future__ import annotations

from engine import Case, Line, SampleEntry


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


def _made_of(case: Case) -> str:
    if case.course is not None:
        return "course"
    if case.sequence is not None:
        return f"sequence, {len(case.sequence.bases):,} bases"
    return kind(sum(image.frames for image in case.images), case.note is not None)
