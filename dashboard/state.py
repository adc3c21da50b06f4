"""What one browser session holds: its cases, what was computed of them, and where the reader is.

Patient data lives here and nowhere else (`st.session_state` is private to one session and goes when it ends).
"""

from __future__ import annotations

import weakref
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import streamlit as st

from dashboard import cache, keeping
from dashboard.background import Job, Progress
from dashboard.components.waiting import in_turn
from dashboard.edits import Edits
from dashboard.latest import Latest
from dashboard.lines import line_of
from engine import (
    TASKS,
    Analysis,
    Box,
    Case,
    Explanation,
    Line,
    Method,
    Query,
    Refusal,
    ReviewState,
    Spool,
    StoreUnavailable,
    answer_of,
    in_few_words,
)

if TYPE_CHECKING:
    from dashboard.naming import NamesCheck
    from engine import WhatIf

_KEY = "attending"
_T = TypeVar("_T")
_MAPS_KEPT = 12  # a map of a 2048 x 2048 film takes 16 MB
_JOBS_KEPT = 24
_CASES_KEPT = 3  # read back from the disk in an instant
_REPLIES_KEPT = 24
REVIEW, WORKLIST, OPEN_CASE = "views/review.py", "views/worklist.py", "views/open_case.py"


class View(NamedTuple):
    """What one model looks at: a frame of an image of a case, or its note."""

    case_id: str
    task: str
    image_index: int = 0
    frame: int = 0


class Question(NamedTuple):
    """What is asked of an explanation."""

    method: Method
    label: str | None = None
    head: int | None = None
    rather_than: str | None = None


@dataclass
class Desk(Latest):
    """The reader's desk.

    Parameters
    ----------
    mine : dict of str to Line
        The cases that belong to this session alone, newest first, by case id.
    opened : dict of str to Case
        The latest cases with their pixels.
    away : Spool
        Cases of this session alone that are not among the latest.
    patients : dict of str to set of str
        Whose images they are, by case id, of all that were opened.
    order : tuple of str
        The ids in the order of the worklist as the reader last saw it.
    current : str or None
        The case on the Review page.
    refused : tuple of Refusal
        The files of the last upload that could not be read.
    unchecked : dict
        Where text seems to be burned into cases that wait for the reader's word before they are kept: boxes for each
        stack of their images, by case id.
    uploads : int
        How many uploads were read: a fresh uploader is drawn after each.
    naming : NamesCheck or None
        The notes that are not kept before the reader has seen what names somebody in them.
    named : dict of str to str
        What became of the names in notes of cases that wait for the reader's word on their pixels, by case id.
    kept_before : set of str
        Cases whose files were opened to be kept although they had been: what was kept is what is held.
    edits : dict of View to Edits
        What the reader has taken away.
    what_ifs : dict of View to WhatIf
        The questions asked about the current case.
    replies : dict
        What was answered to the questions about a place of a case, the latest last.
    jobs : dict
        Work in the background, running or done, by what it is for (its lane) and the question it answers.
    owner : object
        Stands for this session among those that wait for the background; it holds nothing.
    """

    mine: dict[str, Line] = field(default_factory=dict)
    opened: OrderedDict[str, Case] = field(default_factory=OrderedDict)
    away: Spool = field(default_factory=Spool)
    patients: dict[str, set[str]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    current: str | None = None
    seen: set[str] = field(default_factory=set)
    refused: tuple[Refusal, ...] = ()
    unchecked: dict[str, dict[tuple[int, ...], tuple[Box, ...]]] = field(default_factory=dict)
    uploads: int = 0
    naming: NamesCheck | None = None
    named: dict[str, str] = field(default_factory=dict)
    kept_before: set[str] = field(default_factory=set)
    analyses: dict[View, Analysis] = field(default_factory=dict)
    explanations: OrderedDict[tuple[View, Question], Explanation] = field(default_factory=OrderedDict)
    edits: defaultdict[View, Edits] = field(default_factory=lambda: defaultdict(Edits))
    what_ifs: dict[View, WhatIf] = field(default_factory=dict)
    replies: OrderedDict[tuple[str, tuple[int, int], str], Any] = field(default_factory=OrderedDict)
    jobs: OrderedDict[tuple[str, Hashable], Job[Any]] = field(default_factory=OrderedDict)
    owner: object = field(default_factory=object)

    def __post_init__(self) -> None:
        weakref.finalize(self, _give_up_all, self.jobs)  # the session has ended

    def add(
        self,
        cases: Iterable[Case],
        *,
        keep: Callable[[Case], bool],
        names: str | None = None,
        pixels: Mapping[str, str | int] | None = None,
    ) -> None:
        """Put opened cases at the top of the worklist: those that are to be kept into the store, others here.

        One that was there before is replaced with its results; one that was kept before stays as it was kept, and that
        is what is held. `names` and `pixels` say what became of the names in their notes and of text in their pixels.

        Raises
        ------
        AttendingError
            If one cannot be kept: what the session holds of it is as it was.
        """
        for case in map(keeping.known_here, reversed(list(cases))):
            case_id, wanted = case.case_id, keep(case)
            new = wanted and keeping.keep(case, names=names or self.named.get(case_id), pixels=pixels)
            before = keeping.kept_case(case_id) if wanted and not new else None
            if case_id in self.patients:
                self._forget_results(case_id)
            self._forget(case_id)
            if new or before:
                self.mine.pop(case_id, None)
                self.named.pop(case_id, None)
            else:
                self.named |= {case_id: names} if names else {}
                self.mine = {case_id: line_of(case)} | self.mine
            self.kept_before |= {case_id} if before else set()
            self._hold(before or case)
        self.refresh()

    def refresh(self, query: Query | None = None) -> None:
        """Take the order of the worklist anew."""
        self.order = (*self.mine, *keeping.order(query or keeping.everything()))

    def line(self, case_id: str) -> Line | None:
        """Return the line of a case; None where it is not on the worklist."""
        return self.mine.get(case_id) or keeping.line(case_id)

    def open(self, case_id: str) -> None:
        """Make a case the current one; what an earlier upload refused is then old news.

        Raises
        ------
        ValueError
            If it is not on the worklist.
        """
        if self.line(case_id) is None:
            raise ValueError("the case is not on the worklist")
        self.current = case_id
        self.refused = ()
        self.what_ifs.clear()
        _give_up_all(self.jobs)

    def case(self) -> Case | None:
        """Return the current case with its pixels; None where none is open.

        Raises
        ------
        AttendingError
            If it was kept and cannot be read back.
        """
        if self.current is None:
            return None
        return self.held(self.current)

    def held(self, case_id: str) -> Case:
        """Return a case of the worklist with its pixels.

        Raises
        ------
        AttendingError
            If it was kept and cannot be read back.
        """
        if case_id not in self.opened:
            found = self.away.get(case_id) if case_id in self.away else keeping.kept_case(case_id)
            if found is None:
                return cache.sample(case_id)
            self._hold(found)
        return self.opened[case_id]

    def let_go(self) -> None:
        """Forget the current case and everything that was computed of it: it was removed."""
        gone, self.current = self.current or "", None
        self._forget(gone)
        self._forget_results(gone)
        self.refresh()

    def drop(self, case_ids: Iterable[str]) -> None:
        """Have done with cases of this session alone that are not to be opened after all."""
        for case_id in case_ids:
            self.mine.pop(case_id, None)
            self.named.pop(case_id, None)
            self._forget(case_id)
            if case_id == self.current:
                self.let_go()
        self.refresh()

    def neighbour(self, step: int) -> str | None:
        """Return the case id `step` lines below the current one (negative: above); None beyond the ends."""
        place = self.order.index(self.current) + step if self.current in self.order else -1
        return self.order[place] if 0 <= place < len(self.order) else None

    def next_unseen(self) -> str | None:
        """Return the first case that the reader has not seen; None where all were."""
        own = next((case_id for case_id in self.mine if case_id not in self.seen), None)
        unseen = replace(keeping.everything(), states=(ReviewState.UNSEEN,), size=1)
        kept = keeping.page(unseen).lines
        return own or next((line.case_id for line in kept if line.case_id not in self.seen), None)

    def _forget(self, case_id: str) -> None:
        """Let a case go with its pixels, wherever they are."""
        self.opened.pop(case_id, None)
        self.away.drop(case_id)
        self.patients.pop(case_id, None)
        self.kept_before.discard(case_id)

    def _forget_results(self, case_id: str) -> None:
        """Let go of what was computed of a case, and of all that does not say of which case it was."""
        _give_up_all(self.jobs)
        for held in (self.analyses, self.edits, self.what_ifs):
            for view in [view for view in held if view.case_id == case_id]:
                del held[view]
        for results in (self.explanations, self.replies, self.jobs):
            results.clear()
        self.let_go_of_latest()

    def _hold(self, case: Case) -> None:
        """Keep a case at hand; the oldest makes room, put on the disk where it belongs to this session alone."""
        self.opened[case.case_id] = case
        self.opened.move_to_end(case.case_id)
        self.patients[case.case_id] = {image.placement.patient for image in case.images} - {""}
        with suppress(StoreUnavailable):  # no room on the disk: they stay in memory
            while len(self.opened) > _CASES_KEPT:
                case_id, oldest = next(iter(self.opened.items()))
                if case_id in self.mine and case_id not in self.away:
                    self.away.put(oldest)
                del self.opened[case_id]

    def analysis(self, view: View, compute: Callable[[], Analysis]) -> Analysis:
        """Return the analysis of a view, computed when it is first asked for."""
        if view not in self.analyses:
            self.analyses[view] = in_turn(f"analysis {view.task}", compute)
        return self.analyses[view]

    def explanation(self, view: View, question: Question, compute: Callable[[], Explanation]) -> Explanation:
        """Return the map that answers a question on a view, computed when it is asked for; the latest are kept."""
        key = (view, question)
        if key not in self.explanations:
            self.explanations[key] = in_turn(f"map {view.task} {question.method}", compute)
        self.explanations.move_to_end(key)
        while len(self.explanations) > _MAPS_KEPT:
            self.explanations.popitem(last=False)
        return self.explanations[key]

    def reply(self, key: tuple[str, tuple[int, int], str], compute: Callable[[], _T]) -> _T:
        """Return the answer to a question about a place of a case, computed when it is first asked."""
        if key not in self.replies:
            self.replies[key] = in_turn("reply", compute)
        self.replies.move_to_end(key)
        while len(self.replies) > _REPLIES_KEPT:
            self.replies.popitem(last=False)
        found: _T = self.replies[key]
        return found

    def what_if(self, view: View, make: Callable[[], WhatIf]) -> WhatIf:
        """Return the questions to a view's model, made when the first is asked."""
        if view not in self.what_ifs:
            self.what_ifs[view] = make()
        return self.what_ifs[view]

    def in_background(
        self, lane: str, key: Hashable, work: Callable[[Progress], _T], *, patient: bool = False
    ) -> Job[_T]:
        """Return the work on a question, begun when it is first asked for; other work of its lane is given up.

        Results are kept, the latest of them.
        """
        for place, job in list(self.jobs.items()):
            if place[0] == lane and place[1] != key and not job.ended:
                self.jobs.pop(place).give_up()
        if (lane, key) not in self.jobs:
            self.jobs[lane, key] = Job(work, owner=self.owner, kind=lane, patient=patient)
        while len(self.jobs) > _JOBS_KEPT:
            self.jobs.popitem(last=False)[1].give_up()
        return self.jobs[lane, key]

    def done(self, lane: str, key: Hashable) -> Any | None:
        """Return what the work on a question has found; None where it has not."""
        job = self.jobs.get((lane, key))
        return job.result if job else None

    def headline(self, case_id: str) -> str:
        """Return what models said in this session of a case that is not kept, as the worklist prints it."""
        latest: Mapping[str, Analysis] = {view.task: a for view, a in self.analyses.items() if view.case_id == case_id}
        said = (in_few_words(answer_of(a), to_question=TASKS[t].source == "question") for t, a in latest.items())
        return " · ".join(said)


def desk() -> Desk:
    """Return this session's desk, set up with the sample cases at the first call."""
    if _KEY not in st.session_state:
        made = Desk()
        made.refresh()
        st.session_state[_KEY] = made
        cache.warm_up()
    kept: Desk = st.session_state[_KEY]
    return kept


def _give_up_all(jobs: OrderedDict[tuple[str, Hashable], Job[Any]]) -> None:
    """End what is still running, and forget it."""
    for place, job in list(jobs.items()):
        if not job.ended:
            job.give_up()
            del jobs[place]
