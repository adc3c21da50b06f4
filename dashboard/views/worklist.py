"""Worklist: kept cases, samples and those of this session in one table, and the way to the next unseen one."""

import math
from dataclasses import replace

import streamlit as st

from dashboard import keeping, state
from dashboard.components.case_table import CaseLine, case_table
from dashboard.components.frame import tell, told
from dashboard.components.own_reading import held_back
from dashboard.components.session import session_choice
from dashboard.lines import headline_in_words, kind_in_words, title_in_words
from engine import TASKS, Line, Order, Page, Query, ReviewState, mark, meanings, spoken, suitable_tasks, tr

_SIZE = 50
_STATES = {
    mark("All"): (),
    mark("Not seen"): (ReviewState.UNSEEN,),
    mark("Draft"): (ReviewState.DRAFT,),
    mark("Signed"): (ReviewState.SIGNED,),
}
_ANSWERED = ("", *(name for name, task in TASKS.items() if not task.asked))
_ORDERS = {mark("Priority"): Order.PRIORITY, mark("Newest"): Order.NEWEST, mark("Title"): Order.TITLE}


def _query() -> Query:
    """What the reader wants to see, from the line of filters."""
    blind = keeping.everything().blind
    search, states, tasks, order, page = st.columns([2.5, 2.7, 2.2, 1.5, 1.2], vertical_alignment="bottom")
    hint = tr("Search title, kind, modality") if blind else tr("Search title, kind, modality or finding")
    words = search.text_input(tr("Search"), placeholder=hint, key="worklist-search")
    chosen = states.segmented_control(
        tr("State"), list(_STATES), default="All", required=True, format_func=tr, key="worklist-state"
    )
    task = tasks.selectbox(
        tr("Answered by"),
        _ANSWERED,
        format_func=lambda name: spoken(TASKS[name].title) if name else tr("Any model"),
        key="worklist-task",
    )
    orders = [name for name in _ORDERS if not (blind and name == "Priority")]
    first = order.selectbox(tr("First"), orders, format_func=tr, key=f"worklist-order-{blind}")
    words = words or ""
    meant = {word: meanings(word) for word in words.split()}
    asked = replace(
        keeping.everything(),
        search=words,
        meant=meant,
        task=task,
        states=_STATES[chosen],
        order=_ORDERS[first],
        size=_SIZE,
    )
    pages = max(math.ceil(keeping.page(asked).total / _SIZE), 1)
    number = page.number_input(
        tr("Page of {pages}", pages=pages), min_value=1, max_value=pages, key=f"worklist-page-{pages}"
    )
    return replace(asked, first=(number - 1) * _SIZE)


def _lines(desk: state.Desk, query: Query, found: Page) -> list[CaseLine]:
    """Cases of this session stand first, on the first page, where they fit the search."""
    own = [line for line in desk.mine.values() if query.first == 0 and _fits(desk, line, query)]
    return [_line(desk, line) for line in (*own, *found.lines)]


def _fits(desk: state.Desk, line: Line, query: Query) -> bool:
    """Whether a case of this session, of which nothing is kept, is among those that are asked for."""
    asked = not query.states or (ReviewState.UNSEEN in query.states and line.case_id not in desk.seen)
    if query.task and asked:
        asked = any(task.name == query.task for task in suitable_tasks(desk.held(line.case_id)))
    kept, shown = (line.title, line.kind), (title_in_words(line), kind_in_words(line.kind))
    told = " ".join((*kept, *shown, line.modality)).casefold()
    return asked and all(word in told for word in query.search.casefold().split())


def _line(desk: state.Desk, line: Line) -> CaseLine:
    seen = line.state is ReviewState.UNSEEN and line.case_id in desk.seen
    said = not keeping.everything().blind or _answered(line)
    headline = line.headline or desk.headline(line.case_id)
    return CaseLine(
        case_id=line.case_id,
        title=title_in_words(line),
        kind=kind_in_words(line.kind),
        modality=line.modality,
        finding=(headline_in_words(headline) or tr("not analysed yet")) if said else tr("read it first"),
        said=said and bool(headline),
        state=spoken(ReviewState.OPENED if seen else line.state),
        unseen=not seen and line.state is ReviewState.UNSEEN,
        priority=line.priority if said else None,
        current=line.case_id == desk.current,
        mark=tr("SYNTHETIC") if line.synthetic else tr("THIS SESSION ONLY") if line.case_id in desk.mine else "",
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
    title.subheader(tr("Worklist"), anchor=False)
    counts = title.empty()
    with actions.container(horizontal=True, horizontal_alignment="right"):
        session_choice()
        if st.button(tr("Open files or a note"), key="open-case"):
            st.switch_page(state.OPEN_CASE)
        if st.button(tr("Next unseen case"), key="next-unseen", type="primary", disabled=unseen is None) and unseen:
            _review(desk, unseen)
    problem = keeping.trouble()
    if problem is not None:
        tell(problem)
    with told():
        query = _query()
        found = keeping.page(query)
        desk.refresh(query)
        total, waiting = found.total + len(desk.mine), keeping.waiting()
        left = tr(", {waiting} waiting for the models", waiting=waiting) if waiting else ""
        counts.caption(
            tr(
                "{total:,} cases, {unseen:,} of them not seen{left}. Open one by its name.",
                total=total,
                unseen=found.unseen,
                left=left,
            )
        )
        opened = case_table(_lines(desk, query, found), key="worklist")
        if opened and desk.line(opened):
            _review(desk, opened)


main()
