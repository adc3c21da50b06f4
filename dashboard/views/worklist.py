"""Worklist: samples and uploaded cases in one table, and the way to the next one that was not seen."""

import streamlit as st

from dashboard import state
from dashboard.components.case_table import CaseLine, case_table


def _lines(desk: state.Desk) -> list[CaseLine]:
    return [
        CaseLine(
            case_id=row.case_id,
            title=row.title,
            kind=row.kind,
            modality=row.modality,
            finding=desk.headline(row.case_id),
            seen=row.case_id in desk.seen,
            current=row.case_id == desk.current,
            synthetic=row.synthetic,
        )
        for row in desk.rows.values()
    ]


def _review(desk: state.Desk, case_id: str) -> None:
    desk.open(case_id)
    st.switch_page(state.REVIEW)


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    unseen = desk.next_unseen()
    title, actions = st.columns([3, 2], vertical_alignment="center")
    left = len(desk.rows.keys() - desk.seen)
    title.subheader("Worklist", anchor=False)
    title.caption(f"{len(desk.rows)} cases, {left} not seen. Open one by its name.")
    with actions.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Open files or a note", key="open-case"):
            st.switch_page(state.OPEN_CASE)
        if st.button("Next unseen case", key="next-unseen", type="primary", disabled=unseen is None) and unseen:
            _review(desk, unseen)
    opened = case_table(_lines(desk), key="worklist")
    if opened in desk.rows:
        _review(desk, opened)


main()
