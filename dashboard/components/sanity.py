"""Whether each method's map is about the model at all: what is left of it while the weights are randomised."""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.components.facts import table
from dashboard.components.waiting import awaited
from dashboard.state import Desk
from engine import Sanity, check_sanity, known_sanity, spoken, tr


def sanity(desk: Desk, task_name: str) -> None:
    """Show the check of the model that is looked at; it is begun where this computer has not done so yet."""
    st.markdown(tr("**Do the maps depend on the model?**"))
    model = cache.model(task_name)
    found = known_sanity(model)
    if found:
        _result(found)
        return
    st.caption(tr("Not checked on this computer yet: are the maps still alike when the weights are random?"))
    asked = (f"sanity {task_name}", model.digest)
    job = desk.in_background(*asked, lambda progress: check_sanity(model, progress=progress), patient=True)
    awaited(job, _result, doing=tr("Randomising the weights, from the head down"))


def _result(found: Sanity) -> None:
    rows = [
        (spoken(method.method.full_name), *(f"{value:.2f}" for value in method.correlations), spoken(method.sentence))
        for method in found.methods
    ]
    table(
        (tr("Rank correlation left"), *map(spoken, found.stages), ""), rows, label=tr("Cascading weight randomisation")
    )
    st.caption(
        tr(
            "From {cases} sample cases. Each column is randomised with all before it (Adebayo et al. 2018): a "
            "map that stays as it was is not about this model.",
            cases=found.cases,
        )
    )
