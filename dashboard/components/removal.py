"""Taking a kept case, or all of its patient, away for good: asked twice, and told what stays."""

from __future__ import annotations

import streamlit as st

from dashboard import access, keeping
from dashboard.components.frame import told
from engine import Case, mark, tr

_STAYS = mark(
    "Content, answers and reviews go; the audit chain keeps that there was a case of this id, and stays whole."
)


def removal(case: Case) -> str | None:
    """Offer to remove the case that is open.

    Returns
    -------
    str or None
        What was removed, in words; None where nothing was.
    """
    line = keeping.line(case.case_id)
    if line is None or line.synthetic or not access.allowed(access.Role.ADMIN):
        return None
    st.caption(tr(_STAYS))
    sure = st.checkbox(tr("I want to remove it for good"), key=f"sure-{case.case_id}")
    one, all_of_patient = st.columns(2)
    with told():
        if one.button(tr("Remove this case"), disabled=not sure, key=f"remove-{case.case_id}", width="stretch"):
            keeping.remove(case.case_id)
            return tr("The case was removed.")
        patient = any(image.placement.patient for image in case.images)
        if all_of_patient.button(
            tr("Remove every case of this patient"),
            disabled=not (sure and patient),
            help=None if patient else tr("The files do not say whose they are."),
            key=f"remove-patient-{case.case_id}",
            width="stretch",
        ):
            return tr("{n} cases were removed.", n=keeping.remove_patient_of(case.case_id))
    return None
