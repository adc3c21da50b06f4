"""Open case: files, a folder or a pasted note become cases; every file that cannot be read is named with its reason."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import keeping, state, uploads
from dashboard.components.burned_in import ask_about_text, keep_looked_through
from dashboard.components.frame import tell, told
from dashboard.components.names_found import names_found
from dashboard.components.refusals import refusals
from dashboard.naming import NamesCheck
from dashboard.searching import searches
from engine import mark, read_uploads, tr

_KEEP = "keep-opened"
_FILES, _FOLDER, _PASTE = mark("Files"), mark("A folder"), mark("Paste a note or a sequence")


def _read(desk: state.Desk, files: Sequence[tuple[str, bytes]], done: Callable[[], object] = lambda: None) -> None:
    """Read what was given, with progress; the first case that it holds opens, and `done` is told."""
    bar = st.progress(0.0, text=tr("Reading"))
    with told():
        report = read_uploads(
            files,
            lambda done, total, name: bar.progress(
                done / max(total, 1), text=tr("Reading {done} of {total}", done=done, total=total)
            ),
        )
        desk.uploads += 1
        kept = _to_be_kept()
        noted = [case for case in report.cases if case.note is not None and kept]
        rest = [case for case in report.cases if case not in noted]
        if kept:
            keep_looked_through(desk, rest)
        else:
            desk.add(rest, keep=lambda _: False)
        done()
        searches().opened(rest)
        if rest:
            desk.open(rest[0].case_id)
        desk.refused = report.refused
        desk.naming = NamesCheck.of(noted) if noted else None
        if rest and not noted and not desk.unchecked:
            st.switch_page(state.REVIEW)
        st.rerun()


def _to_be_kept() -> bool:
    """Whether the reader wants what they open to be kept, and it can be."""
    return bool(st.session_state.get(_KEEP, True)) and keeping.store() is not None


def _what_is_kept() -> None:
    """Let the reader choose what stays after the session."""
    problem = keeping.trouble()
    if problem is not None:
        tell(problem)
        return
    wanted = st.toggle(tr("Keep what I open on this installation's worklist"), value=True, key=_KEEP)
    if not wanted:
        st.caption(tr("What you open belongs to this browser session alone and is gone when the session ends."))
        return
    st.caption(
        tr(
            "Kept without names, numbers, dates and file names, as pixels and allow-listed attributes; whoever opens "
            "this installation can see it. You are asked first where text seems to be burned into a picture, and what "
            "may identify a person in a note is shown to you and replaced. You can remove a case or a patient at any "
            "time."
        )
    )


def _uploader(desk: state.Desk, *, folder: bool) -> None:
    given = st.file_uploader(
        tr("Drop a folder here") if folder else tr("Drop one or many files here"),
        accept_multiple_files="directory" if folder else True,
        key=f"upload-{'folder' if folder else 'files'}-{desk.uploads}",
    )
    if given:
        _read(desk, [(file.name, file.getvalue()) for file in given], lambda: uploads.release(given))


def _paste(desk: state.Desk) -> None:
    with st.form(f"paste-{desk.uploads}", border=False):
        text = st.text_area(
            tr("The note or the sequence"),
            height=260,
            placeholder=tr("Paste the text of a clinical note, or DNA as FASTA."),
        )
        if st.form_submit_button(tr("Open this text"), type="primary"):
            _read(desk, [(tr("Pasted text"), text.encode("utf-8"))])


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    title, actions = st.columns([3, 2], vertical_alignment="center")
    title.subheader(tr("Open case"), anchor=False)
    if desk.naming is not None or desk.unchecked:
        with actions.container(horizontal=True, horizontal_alignment="right"):
            _call_off(desk)
    refusals(desk.refused)
    if desk.naming is not None:
        names_found(desk)
    elif desk.unchecked:
        with told():
            ask_about_text(desk)
    else:
        _give(desk)


def _call_off(desk: state.Desk) -> None:
    """Let the reader have done with what waits for their word: nothing of it is kept, and it is not open either."""
    hint = tr("What waits for your word is let go of and not kept.")
    if st.button(tr("Call it off and open something else"), key="call-off", help=hint):
        desk.naming = None
        desk.drop(desk.unchecked)
        desk.unchecked.clear()
        st.rerun()


def _give(desk: state.Desk) -> None:
    """Take files, a folder or a text."""
    given = st.segmented_control(
        tr("What do you have?"),
        (_FILES, _FOLDER, _PASTE),
        default=_FILES,
        required=True,
        format_func=tr,
        key="open-how",
    )
    if given == _PASTE:
        _paste(desk)
    else:
        _uploader(desk, folder=given == _FOLDER)
    st.caption(
        tr(
            "DICOM of any maker, PNG, JPEG, TIFF, notes (plain text, PDF, DOCX, RTF, HTML, HL7 v2, C-CDA, FHIR "
            "reports), courses of intensive care (a table with times, a FHIR Bundle, PhysioNet text), FASTA, and zip "
            "archives of these; the content decides what a file is. One study with one note becomes a pair."
        )
    )
    _what_is_kept()


main()
