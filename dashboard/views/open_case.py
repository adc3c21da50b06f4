"""Open case: files, a folder or a pasted note become cases; every file that cannot be read is named with its reason."""

from collections.abc import Sequence

import streamlit as st

from dashboard import keeping, state
from dashboard.components.frame import tell, told
from dashboard.components.refusals import refusals
from engine import Case, read_uploads

_KEEP, _VOUCH = "keep-opened", "vouch-for-notes"
_FILES, _FOLDER, _PASTE = "Files", "A folder", "Paste a note or a sequence"


def _read(desk: state.Desk, files: Sequence[tuple[str, bytes]]) -> None:
    """Read what was given, with progress; the first case that it holds opens."""
    bar = st.progress(0.0, text="Reading")
    with told():
        report = read_uploads(
            files, lambda done, total, name: bar.progress(done / max(total, 1), text=f"Reading {done} of {total}")
        )
        desk.uploads += 1
        desk.add(report.cases, keep=_to_be_kept)
        if report.cases:
            desk.open(report.cases[0].case_id)
        desk.refused = report.refused
        if report.cases:
            st.switch_page(state.REVIEW)
        st.rerun()


def _to_be_kept(case: Case) -> bool:
    """Whether the reader wants a case kept; a note only where they vouch that it names nobody."""
    wanted = bool(st.session_state.get(_KEEP, True)) and keeping.store() is not None
    return wanted and (case.note is None or bool(st.session_state.get(_VOUCH, False)))


def _what_is_kept() -> None:
    """Let the reader choose what stays after the session."""
    problem = keeping.trouble()
    if problem is not None:
        tell(problem)
        return
    wanted = st.toggle("Keep what I open on this installation's worklist", value=True, key=_KEEP)
    if not wanted:
        st.caption("What you open belongs to this browser session alone and is gone when the session ends.")
        return
    st.caption(
        "Kept without names, numbers, dates and file names, as pixels and allow-listed attributes; whoever opens this "
        "installation can see it. Burned-in text stays in the picture. You can remove a case or a patient at any time."
    )
    st.checkbox(
        "I have checked that notes among these name nobody: keep them too",
        key=_VOUCH,
        help="The words of a note are kept as they are. Without this, a note belongs to this session alone.",
    )


def _uploader(desk: state.Desk, *, folder: bool) -> None:
    given = st.file_uploader(
        "Drop a folder here" if folder else "Drop one or many files here",
        accept_multiple_files="directory" if folder else True,
        key=f"upload-{'folder' if folder else 'files'}-{desk.uploads}",
    )
    if given:
        _read(desk, [(file.name, file.getvalue()) for file in given])


def _paste(desk: state.Desk) -> None:
    with st.form(f"paste-{desk.uploads}", border=False):
        text = st.text_area(
            "The note or the sequence", height=260, placeholder="Paste the text of a clinical note, or DNA as FASTA."
        )
        if st.form_submit_button("Open this text", type="primary"):
            _read(desk, [("Pasted text", text.encode("utf-8"))])


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    st.subheader("Open case", anchor=False)
    refusals(desk.refused)
    given = st.segmented_control(
        "What do you have?", (_FILES, _FOLDER, _PASTE), default=_FILES, required=True, key="open-how"
    )
    if given == _PASTE:
        _paste(desk)
    else:
        _uploader(desk, folder=given == _FOLDER)
    st.caption(
        "DICOM of any maker, PNG, JPEG, TIFF, notes (plain text, PDF, DOCX, RTF, HL7 v2, C-CDA, FHIR reports), courses "
        "of intensive care (a table with times, a FHIR Bundle, PhysioNet text), FASTA, and zip archives of these; the "
        "content decides what a file is. One study with one note becomes a pair."
    )
    _what_is_kept()


main()
