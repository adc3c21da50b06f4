"""The sites that were found in a long sequence: a table to choose from, and the same as files to take away."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import Any

import streamlit as st

from dashboard.components.take_away import take_away
from dashboard.uninterrupted import uninterrupted
from engine import Case, Scan, Site, fits_one_window, mark, spoken, tr

_SHOWN = 500
_HEIGHT = 220


def site_asked(case: Case, found: Scan | None) -> int:
    """Return the site that the reader looks at, as in `Case.at`: the most probable one until another is chosen."""
    if fits_one_window(case):
        return 0
    chosen: int | None = st.session_state.get(_key(case))
    return chosen if chosen is not None else found.best if found else 0


def sites(case: Case, found: Scan) -> None:
    """Show the sites of a sequence, most probable first, and let the reader turn to one of them or to any place."""
    shown = found.sites[:_SHOWN]
    more = tr(", the first {most:,} of them here", most=_SHOWN) if len(found.sites) > _SHOWN else ""
    st.caption(
        tr(
            "{length:,} bases, this strand; {searched:,} places with GT or AG were asked about, {n:,} are called "
            "junctions{more}. In a genome most such calls are wrong: the probability holds for windows of which "
            "half are junctions.",
            length=found.length,
            searched=found.searched,
            n=len(found.sites),
            more=more,
        )
    )
    table = f"{_key(case)}-table"

    def turn() -> None:
        rows = st.session_state[table]["selection"]["rows"]
        if rows:
            st.session_state[_key(case)] = shown[rows[0]].position

    if shown:
        st.dataframe(
            [
                {tr(name): value for name, value in (_row(site) | {"Junction": spoken(site.label)}).items()}
                for site in shown
            ],
            height=_HEIGHT,
            hide_index=True,
            on_select=turn,
            selection_mode="single-row",
            column_config={tr("Probability"): st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.2f")},
            key=table,
        )
    go, bed, table_file = st.columns([2, 1, 1], vertical_alignment="bottom")
    place = f"{_key(case)}-place"

    @uninterrupted
    def go_to() -> None:
        st.session_state[_key(case)] = st.session_state[place] - 1

    go.number_input(
        tr("Go to the base"), 2, found.length, value=site_asked(case, found) + 1, on_change=go_to, key=place, step=1
    )
    with bed:
        take_away(
            "BED",
            partial(found.to_bed, case.title),
            "sites.bed",
            "text/plain",
            key=f"{_key(case)}-bed",
            width="stretch",
        )
    with table_file:
        take_away("CSV", partial(to_csv, found), "sites.csv", "text/csv", key=f"{_key(case)}-csv", width="stretch")


def to_csv(found: Scan) -> str:
    """Write all sites as a table, bases counted from 1."""
    written = io.StringIO()
    writer = csv.DictWriter(written, ["Base", "Junction", "Probability", "Around"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(site) for site in found.sites)
    return written.getvalue()


def _row(site: Site) -> dict[str, Any]:
    return {
        mark("Base"): site.position + 1,
        mark("Junction"): site.label,
        mark("Probability"): round(site.probability, 4),
        mark("Around"): site.context,
    }


def _key(case: Case) -> str:
    return f"site-{case.case_id}"
