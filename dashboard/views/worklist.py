"""Worklist: kept cases, samples and those of this session in one table, and the way to the next unseen one."""

import math
from dataclasses import replace

import streamlit as st

from dashboard import keeping, state
from dashboard.components.case_table import CaseLine, case_table
from dashboard.components.frame import tell, told
from dashboard.components.own_reading import held_back
from dashboard.components.session import session_choice
from engine import Line, Order, Page, Query, ReviewState

_SIZE = 50
_STATES = {"All": (), "Not seen": (ReviewState.UNSEEN,), "Draft": (ReviewState.DRAFT,), "Signed": (ReviewState.SIGNED,)}
_ORDERS = {"Priority": Order.PRIORITY, "Newest": Order.NEWEST, "Title": Order.TITLE}


def _query() -> Query:
    """What the reader wants to see, from the line of filters."""
    blind = keeping.everything().blind
    search, states, order, page = st.columns([3, 3, 2, 1], vertical_alignment="bottom")
    hint = "Search title, kind, modality" if blind else "Search title, kind, modality or finding"
    words = search.text_input("Search", placeholder=hint, key="worklist-search")
    chosen = states.segmented_control("State", list(_STATES), default="All", required=True, key="worklist-state")
    orders = [name for name in _ORDERS if not (blind and name == "Priority")]
    first = order.selectbox("First", orders, key=f"worklist-order-{blind}")
    asked = replace(keeping.everything(), search=words or "", states=_STATES[chosen], order=_ORDERS[first], size=_SIZE)
    pages = max(math.ceil(keeping.page(asked).total / _SIZE), 1)
    number = page.number_input(f"Page of {pages}", min_value=1, max_value=pages, key=f"worklist-page-{pages}")
    return replace(asked, first=(number - 1) * _SIZE)


def _lines(desk: state.Desk, query: Query, found: Page) -> list[CaseLine]:
    """Cases of this session stand first, on the first page, where they fit the search."""
    own = [line for line in desk.mine.values() if query.first == 0 and _fits(desk, line, query)]
    return [_line(desk, line) for line in (*own, *found.lines)]


def _fits(desk: state.Desk, line: Line, query: Query) -> bool:
    """Whether a case of this session, of which nothing is kept, is among those that are asked for."""
    asked = not query.states or (ReviewState.UNSEEN in query.states and line.case_id not in desk.seen)
    told = f"{line.title} {line.kind} {line.modality}".casefold()
    return asked and all(word in told for word in query.search.casefold().split())


def _line(desk: state.Desk, line: Line) -> CaseLine:
    seen = line.state is ReviewState.UNSEEN and line.case_id in desk.seen
    said = not keeping.everything().blind or _answered(line)
    headline = line.headline or desk.headline(line.case_id)
    return CaseLine(
        case_id=line.case_id,
        title=line.title,
        kind=line.kind,
        modality=line.modality,
        finding=(headline or "not analysed yet") if said else "read it first",
        said=said and bool(headline),
        state=str(ReviewState.OPENED if seen else line.state),
        priority=line.priority if said else None,
        current=line.case_id == desk.current,
        mark="SYNTHETIC" if line.synthetic else "THIS SESSION ONLY" if line.case_id in desk.mine else "",
    )


def _answered(line: Line) -> bool:
    """Whether the reader has seen the model's answer to a case; a mark on the image comes before it."""
    if line.state is ReviewState.DRAFT:
        return not held_back(keeping.review_of(line.case_id))
    return line.state is ReviewState.SIGNED


def _review(desk: state.Desk, case_id: str) -> None:
    desk.open(case_id)
    st.switch_page(state.REVIEW)


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    unseen = desk.next_unseen()
    title, actions = st.columns([3, 2], vertical_alignment="center")
    title.subheader("Worklist", anchor=False)
    counts = title.empty()
    with actions.container(horizontal=True, horizontal_alignment="right"):
        session_choice()
        if st.button("Open files or a note", key="open-case"):
            st.switch_page(state.OPEN_CASE)
        if st.button("Next unseen case", key="next-unseen", type="primary", disabled=unseen is None) and unseen:
            _review(desk, unseen)
    problem = keeping.trouble()
    if problem is not None:
        tell(problem)
    with told():
        query = _query()
        found = keeping.page(query)
        desk.refresh(query)
        total, waiting = found.total + len(desk.mine), keeping.waiting()
        left = f", {waiting} waiting for the models" if waiting else ""
        counts.caption(f"{total:,} cases, {found.unseen:,} of them not seen{left}. Open one by its name.")
        opened = case_table(_lines(desk, query, found), key="worklist")
        if opened and desk.line(opened):
            _review(desk, opened)


main()
