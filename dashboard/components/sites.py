"""The sites that were found in a long sequence: a table to choose from, and the same as files to take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components.markup import node, show
from dashboard.components.take_away import take_away
from dashboard.components.waiting import in_line, seconds_in_words
from dashboard.searching import Search, Searches
from dashboard.tongue import speaks
from dashboard.uninterrupted import uninterrupted
from engine import (
    AT_LEAST,
    DENSITY,
    MOST_DENSITY,
    Case,
    LoadedModel,
    Scan,
    Site,
    fits_one_window,
    mark,
    sites_bed,
    sites_csv,
    spoken,
    tr,
)

_SHOWN = 500
_SHOWN_MEANWHILE = 50
_HEIGHT = 220
_EVERY = 2.0  # seconds between looks at a search that goes on
_DENSITY = "junctions-expected"  # of the session: a reader who looks at genomes does so in all cases


def site_asked(case: Case, found: Scan | None) -> int:
    """Return the site that the reader looks at, as in `Case.at`: the most probable one until another is chosen."""
    if fits_one_window(case):
        return 0
    chosen: int | None = st.session_state.get(_key(case))
    return chosen if chosen is not None else found.best if found else 0


def expected_density() -> float:
    """Return how many junctions the reader expects in 1,000 bases."""
    return float(st.session_state.get(_DENSITY, DENSITY))


def meanwhile(case: Case, search: Search) -> None:
    """Show how far a search is and what was found so far; the page is drawn anew when it ends."""
    st.fragment(_meanwhile, run_every=_EVERY)(search)
    _go_to(case, None, len(case.sequence.bases) if case.sequence else 0)


@speaks
def _meanwhile(search: Search) -> None:
    job, found = search.job, search.so_far
    if job.ended:
        st.rerun()  # of the whole page: what is found is said in several places
    doing = tr("Searching the sequence for junctions")
    if job.place is not None and job.place.before:
        words = in_line(doing, job.place)
    else:
        left = search.left
        rest = tr(", about {time} left", time=seconds_in_words(left)) if left is not None else ""
        words = f"{doing}: {job.share:.1%}{rest}"
    show(node("div", words, class_="at-quiet at-waiting"))
    bar, ending = st.columns([5, 2], vertical_alignment="center")
    bar.progress(min(job.share, 1.0))
    _stop((search,), ending, key="search-stop")
    if found is not None and found.count:
        found = found.expecting(expected_density())
        st.caption(
            tr(
                "{n:,} sites so far, the most probable of them here; one can be chosen when the search is done.",
                n=found.count,
            )
        )
        _table(found.first(_SHOWN_MEANWHILE), key=None)


def _stop(running: Sequence[Search], place: DeltaGenerator, *, key: str) -> None:
    """Let the reader end searches; what they have found stays."""

    @uninterrupted
    def stop() -> None:
        for search in running:
            search.stop()

    place.button(
        tr("Stop, keep what was found"),
        on_click=stop,
        disabled=all(one.stopped for one in running),
        key=key,
        width="stretch",
    )


def sites(case: Case, found: Scan, there: Callable[[], bool], anew: Callable[[], None]) -> None:
    """Show the sites of a sequence, most probable first, and let the reader turn to one of them or to any place.

    Parameters
    ----------
    anew : callable
        Begins the search once more, where it was stopped.
    """
    if found.share < 1:
        said, again = st.columns([5, 2], vertical_alignment="center")
        said.warning(
            tr(
                "The search was stopped after {share:.1%} of the sequence: of the rest nothing is known.",
                share=found.share,
            )
        )
        again.button(tr("Search all of it"), on_click=uninterrupted(anew), key=f"{_key(case)}-anew", width="stretch")
    _said(found)
    shown = found.first(_SHOWN)
    table = f"{_key(case)}-table"

    def turn() -> None:
        rows = st.session_state[table]["selection"]["rows"]
        if rows:
            st.session_state[_key(case)] = shown[rows[0]].frame

    if shown:
        _table(shown, key=table, turn=turn)
    _go_to(case, found, found.length)
    _files((found,), there, key=_key(case))


def density() -> None:
    """Ask how many junctions are expected."""
    st.number_input(
        tr("Junctions expected in 1,000 bases"),
        0.01,
        MOST_DENSITY,
        value=DENSITY,
        step=0.1,
        key=_DENSITY,
        help=tr(
            "Over all strands searched. In a human gene there are 0.6 (8.8 exons in 27,000 bases: International Human "
            "Genome Sequencing Consortium, Nature 2001), over a whole genome 0.1. Every probability follows from it."
        ),
    )


def all_sites(
    cases: Sequence[Case], model: LoadedModel, held: Searches, there: Callable[[], bool], *, key: str
) -> None:
    """Search all sequences that were opened together where the reader asks for it: one table, one file of each kind."""
    if not cases or not st.toggle(tr("All {n:,} sequences of this upload", n=len(cases)), key=f"all-{key}"):
        return
    begun = [held.of(case, model) for case in cases if not fits_one_window(case)]
    st.fragment(_all, run_every=_EVERY if any(not one.job.ended for one in begun) else None)(begun, there, key)


@speaks
def _all(begun: Sequence[Search], there: Callable[[], bool], key: str) -> None:
    done = [one for one in begun if one.job.ended]
    found = [one.job.result.expecting(expected_density()) for one in done if one.job.result is not None]
    listed = sum(one.count for one in found)
    running = [one for one in begun if not one.job.ended]
    if running:
        _stop(running, st.container(), key=f"stop-{key}")
    partly = sum(one.share < 1 for one in found)
    if partly:
        st.warning(tr("{n:,} searches were stopped: what they did not reach is not in the table.", n=partly))
    st.caption(
        tr(
            "{done:,} of {n:,} long sequences are searched, with {sites:,} sites.",
            done=len(done),
            n=len(begun),
            sites=listed,
        )
    )
    best = sorted(
        ((one.name, site) for one in found for site in one.first(_SHOWN)), key=lambda pair: -pair[1].probability
    )[:_SHOWN]
    if best:
        _table([site for _, site in best], key=None, names=[name for name, _ in best])
    _files(tuple(found), there, key=f"all-{key}")


def _said(found: Scan) -> None:
    more = tr(", the first {most:,} of them here", most=_SHOWN) if found.count > _SHOWN else ""
    st.caption(
        tr(
            "{length:,} bases, both strands; {searched:,} places with GT or AG were asked about, {n:,} are at least "
            "{least:.0%} likely to be junctions{more}. By their own probabilities {right:.1f} of these are right.",
            length=found.length,
            searched=found.searched,
            n=found.count,
            least=AT_LEAST,
            more=more,
            right=found.expected,
        )
    )
    st.caption(
        tr(
            "The probability holds where {density:g} junctions are expected in 1,000 bases, which adds {shift:.1f} to "
            "the model's log odds. “As trained”, and the answer beside the sequence, hold for windows of which half "
            "are junctions. On the strand − bases are read from right to left.",
            density=found.density,
            shift=found.shift,
        )
    )
    if found.unknown:
        st.warning(tr("{n:,} places among runs of N were not searched.", n=found.unknown))


def _table(shown: Sequence[Site], *, key: str | None, turn: Any = None, names: Sequence[str] = ()) -> None:
    rows = [_row(site) | {mark("Junction"): spoken(site.label)} for site in shown]
    if names:
        rows = [{mark("Sequence"): name} | row for name, row in zip(names, rows, strict=True)]
    choice = {"on_select": turn, "selection_mode": "single-row", "key": key} if turn else {}
    st.dataframe(
        [{tr(name): value for name, value in row.items()} for row in rows],
        height=_HEIGHT,
        hide_index=True,
        column_config={
            tr("Probability"): st.column_config.NumberColumn(format="%.3f"),
            tr("As trained"): st.column_config.NumberColumn(format="%.3f"),
        },
        **choice,
    )


def _go_to(case: Case, found: Scan | None, length: int) -> None:
    place, strand = f"{_key(case)}-place", f"{_key(case)}-strand"
    now = site_asked(case, found)

    @uninterrupted
    def go_to() -> None:
        base = int(st.session_state[place]) - 1
        st.session_state[_key(case)] = -base if st.session_state.get(strand) == "-" else base

    go, way, expected = st.columns([2, 1, 2], vertical_alignment="bottom")
    middle = abs(now) or length // 2
    go.number_input(tr("Go to the base"), 2, length, value=middle + 1, on_change=go_to, key=place, step=1)
    way.segmented_control(
        tr("Strand"),
        ("+", "-"),
        default="-" if now < 0 else "+",
        required=True,
        on_change=go_to,
        key=strand,
        format_func=lambda sign: sign.replace("-", "−"),
    )
    with expected:
        density()


def _files(found: Sequence[Scan], there: Callable[[], bool], *, key: str) -> None:
    """Offer the sites as long as all that they were found in are there."""
    bed, table = (partial(make, found) for make in (sites_bed, sites_csv))
    left, right = st.columns(2)
    with left:
        take_away("BED", bed, "sites.bed", "text/plain", key=f"{key}-bed", width="stretch", there=there)
    with right:
        take_away("CSV", table, "sites.csv", "text/csv", key=f"{key}-csv", width="stretch", there=there)


def _row(site: Site) -> dict[str, Any]:
    return {
        mark("Base"): site.position + 1,
        mark("Strand"): site.strand.replace("-", "−"),
        mark("Junction"): site.label,
        mark("Probability"): round(site.probability, 4),
        mark("As trained"): round(site.as_trained, 4),
        mark("Around"): site.context,
    }


def _key(case: Case) -> str:
    return f"site-{case.case_id}"
