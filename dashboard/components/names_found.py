"""What may identify a person in a note, shown before it is kept: marked, listed, replaced when the reader says so.

The note is hostile text: it is put on the page as text of a tree, never as markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import streamlit as st

from dashboard import cache, state
from dashboard.components.burned_in import keep_looked_through
from dashboard.components.facts import table
from dashboard.components.markup import node, show
from dashboard.naming import REPLACED, VOUCHED, NamesCheck
from engine import Identifier, IdentifierKind, language_caution, spoken, tr, trn

_LONGEST = 60_000  # characters of a note that are drawn; what is beyond is searched all the same
_RECALL = "recall of identifiers"


def names_found(desk: state.Desk) -> None:
    """Let the reader look at what was found in the first note that waits, and say what becomes of it."""
    check = desk.naming
    if check is None:
        return
    with st.spinner(tr("Looking for names")):
        found = check.look()
    st.subheader(tr("Before this note is kept") if check.total == 1 else _which(check), anchor=False)
    show(node("div", _how_many(found), class_="at-problem" if found else "at-line", role="status"))
    caution = language_caution(check.text)
    if caution:
        show(node("div", node("strong", caution), class_="at-line at-alarm", role="alert"))
    else:
        show(node("div", _how_sure(), class_="at-quiet"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _legend(found)
        show(_drawn(check, found))
    with right:
        _list(check, found)
        _spare(check, found)
        _mark(check)
    _decide(desk, check)


def _which(check: NamesCheck) -> str:
    return tr("Before these notes are kept: note {rank} of {total}", rank=check.rank, total=check.total)


def _how_many(found: Sequence[Identifier]) -> str:
    if not found:
        return tr("Nothing was found that names somebody. Read the note yourself before you keep it.")
    return trn(
        "One place may identify a person. It is replaced by made-up words before the note is kept.",
        "{n} places may identify a person. They are replaced by made-up words before the note is kept.",
        len(found),
    )


def _how_sure() -> str:
    """What may be missed, in the figures of the card."""
    figure = cache.card("names").metrics[_RECALL]
    return tr(
        "In notes with {n:,} planted identifiers {share:.1%} were found: some are missed. Look for them. A "
        "name stays the same other name through the notes that you open together, and all dates move by the "
        "same number of days. What stood there before is kept nowhere.",
        n=figure.n,
        share=figure.value,
    )


def _legend(found: Sequence[Identifier]) -> None:
    """The kinds that occur, each with its colour and letter."""
    counts = Counter(one.kind for one in found)
    items = (
        node(
            "span",
            node("mark", node("b", kind.letter), class_=_class(kind)),
            f" {spoken(kind.value)} ({counts[kind]}) ",
        )
        for kind in IdentifierKind
        if counts[kind]
    )
    show(node("div", *items, class_="at-names-legend"))


def _drawn(check: NamesCheck, found: Sequence[Identifier]) -> object:
    """The note with its marks; what stays as it is has a dashed one."""
    parts: list[object] = []
    last = 0
    for one in found:
        if one.end > _LONGEST:
            break
        spared = check.words(one) in check.spared
        title = tr("{kind}, stays as it is", kind=spoken(one.kind.value)) if spared else spoken(one.kind.value)
        classes = f"{_class(one.kind)} at-spared" if spared else _class(one.kind)
        parts += [
            check.text[last : one.start],
            node("mark", node("b", one.kind.letter), check.words(one), class_=classes, title=title),
        ]
        last = one.end
    rest = check.text[last:_LONGEST]
    more = tr("… {n:,} more characters", n=len(check.text) - _LONGEST) if len(check.text) > _LONGEST else ""
    return node(
        "div", *parts, rest, more, class_="at-names-note", role="region", aria_label=tr("The note"), tabindex="0"
    )


def _class(kind: IdentifierKind) -> str:
    return f"at-name at-name-{kind.name.lower()}"


def _list(check: NamesCheck, found: Sequence[Identifier]) -> None:
    """One row for the same words of one kind."""
    places = Counter((one.kind, check.words(one)) for one in found)
    if places:
        head = (tr("Words"), tr("Kind"), tr("Places"), tr("Becomes"))
        table(head, _rows(check, places), label=tr("What may identify a person"))


def _rows(check: NamesCheck, places: Counter[tuple[IdentifierKind, str]]) -> Iterator[tuple[str, str, str, str]]:
    for (kind, words), count in places.items():
        stays = words in check.spared
        becomes = tr("stays as it is") if stays else check.surrogates.instead_of(words, kind)
        yield words, f"{kind.letter} · {spoken(kind.value)}", str(count), becomes


def _spare(check: NamesCheck, found: Sequence[Identifier]) -> None:
    """Let the reader leave words as they are."""
    words = list(dict.fromkeys(check.words(one) for one in found))
    if not words:
        return
    chosen = st.multiselect(tr("Leave as they are"), words, default=list(check.spared), key=f"spare-{_key(check)}")
    if tuple(chosen) != check.spared:
        check.spared = tuple(chosen)
        st.rerun()


def _mark(check: NamesCheck) -> None:
    """Let the reader mark what was missed."""
    with st.form(f"mark-{_key(check)}", border=False, clear_on_submit=True):
        words = st.text_input(tr("Mark more words"), placeholder=tr("As they stand in the note"))
        kind = st.selectbox(tr("They are a"), list(IdentifierKind), format_func=lambda one: spoken(one.value))
        sent = st.form_submit_button(tr("Mark them"))
    if sent and words.strip():
        if check.mark(words, kind):
            st.rerun()
        show(node("div", tr("The note does not have these words."), class_="at-problem", role="alert"))


def _decide(desk: state.Desk, check: NamesCheck) -> None:
    """What becomes of the note."""
    several = len(check.waiting)
    foreign = sum(bool(language_caution(case.note.text)) for case in check.waiting[1:] if case.note)
    if foreign:
        said = trn(
            "One of the notes that follow does not seem to be in English: look at each instead of replacing in all.",
            "{n} of the notes that follow do not seem to be in English: look at each instead of replacing in all.",
            foreign,
        )
        show(node("div", said, class_="at-line at-alarm", role="alert"))
    with st.container(horizontal=True, gap="small"):
        replace_one = st.button(tr("Replace and keep"), type="primary", key=f"replace-{_key(check)}")
        replace_all = several > 1 and st.button(
            tr("Replace in all {n} and keep", n=several), key=f"replace-all-{_key(check)}"
        )
        unkept = st.button(tr("Open without keeping"), key=f"unkept-{_key(check)}")
    vouched = st.checkbox(
        tr("Keep the words as they are: I have checked that they name nobody"),
        key=f"vouch-{_key(check)}",
        help=tr("Your name and this choice are recorded in the chain of events."),
    )
    as_it_is = vouched and st.button(tr("Keep as it is"), key=f"as-it-is-{_key(check)}")
    if replace_one:
        _keep_replaced(desk, check)
    elif replace_all:
        bar = st.progress(0.0, text=tr("Replacing"))
        while check.waiting:
            _keep_replaced(desk, check)
            bar.progress(
                len(check.opened) / check.total,
                text=tr("Replacing {n} of {total}", n=len(check.opened), total=check.total),
            )
    elif unkept or as_it_is:
        case = check.waiting[0]
        if as_it_is:
            keep_looked_through(desk, [case], names=VOUCHED)
        else:
            desk.add([case], keep=lambda _: False)
        check.done(case.case_id)
    else:
        return
    _go_on(desk, check)


def _keep_replaced(desk: state.Desk, check: NamesCheck) -> None:
    case = check.replaced()
    keep_looked_through(desk, [case], names=REPLACED)
    check.done(case.case_id)


def _go_on(desk: state.Desk, check: NamesCheck) -> None:
    """The next note, or the first one that was opened."""
    if check.waiting:
        st.rerun()
    desk.naming = None
    refused = desk.refused  # of the same upload: it is told beside the case
    desk.open(check.opened[0])
    desk.refused = refused
    if desk.unchecked:
        st.rerun()
    st.switch_page(state.REVIEW)


def _key(check: NamesCheck) -> str:
    return f"{check.waiting[0].case_id}-{check.rank}"
