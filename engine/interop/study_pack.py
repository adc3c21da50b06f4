"""A reader study to hand on: reviews, figures, model cards, and a checklist that follows DECIDE-AI item by item.

DECIDE-AI: Vasey et al., Nature Medicine 28 and BMJ 377, 2022: 17 items of AI (1 to 17) and ten generic ones (I to X).
What the records know is filled in; what only investigators can say is left to them, in words of our own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.evaluation.reader_study import FEWEST_READERS, Estimate, ReaderStudy, Traits, reader_study
from engine.evaluation.readings import Endpoint, Reference, latest_signed, study_readings
from engine.interop.chai_card import chai_json
from engine.interop.study_export import figures_csv, pseudonymised, reviews_csv, reviews_json
from engine.models.card import FEWEST_CASES, Card
from engine.review import Answer, ReadingOrder, Review, Stance, Step
from engine.wording import DISCLAIMER, count, listed
from engine.words import mark, spoken, tr

CHECKLIST = "decide-ai.md"

_TITLE = mark("Study pack after DECIDE-AI")
_TO_WRITE = mark("_To be written by the investigators:_ {what}.")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same study gives the same bytes


@dataclass(frozen=True)
class Item:
    """One item of the checklist, and what the investigators have to say of it (empty where nothing is left)."""

    number: str
    theme: str
    to_write: str = ""


SECTIONS: Mapping[str, tuple[Item, ...]] = {
    mark("Title and abstract"): (
        Item(
            "1",
            mark("Title"),
            mark("that this is an early clinical evaluation of a system built on AI, and of what problem"),
        ),
        Item("I", mark("Abstract"), mark("a structured summary")),
    ),
    mark("Introduction"): (
        Item(
            "2",
            mark("Intended use"),
            mark("condition, patients, current practice, users, place in the pathway, expected effect"),
        ),
        Item("II", mark("Objectives"), mark("what the study set out to find")),
    ),
    mark("Methods"): (
        Item("III", mark("Research governance"), mark("protocol, registration, ethics approval")),
        Item(
            "3",
            mark("Participants"),
            mark("how patients and readers were found and chosen, how many and why, readers' training"),
        ),
        Item(
            "4",
            mark("AI system"),
            mark("how data reached the system, and what was done where they were poor or missing"),
        ),
        Item("5", mark("Implementation"), mark("setting, workflow, who acted on the answers and when")),
        Item("IV", mark("Outcomes"), mark("primary and secondary outcomes, and how the reference was made")),
        Item(
            "6",
            mark("Safety and errors"),
            mark("which errors were looked for, how they were found, and what was done about risk"),
        ),
        Item("7", mark("Human factors"), mark("which tools and methods were used, and what use was made of them")),
        Item("V", mark("Analysis"), mark("anything beyond the analysis named here")),
        Item("8", mark("Ethics"), mark("how ethical questions of the algorithm were considered")),
        Item("VI", mark("Patient involvement"), mark("how patients took part in design and conduct")),
    ),
    mark("Results"): (
        Item("9", mark("Participants"), mark("baseline of patients and readers, missing data")),
        Item("10", mark("Implementation"), mark("adherence, and changes to the workflow")),
        Item("VII", mark("Main results"), mark("anything beyond the figures named here")),
        Item("VIII", mark("Subgroup analysis"), mark("subgroups that the records do not know, such as age and sex")),
        Item("11", mark("Modifications"), mark("why a model or the system was changed during the study")),
        Item("12", mark("Human-computer agreement"), mark("reasons for disagreement")),
        Item("13", mark("Safety and errors"), mark("harm, near misses, and errors of hardware and support")),
        Item("14", mark("Human factors"), mark("usability, and how readers learned over time")),
    ),
    mark("Discussion"): (
        Item("15", mark("Support for intended use"), mark("whether the results support it")),
        Item("16", mark("Safety and errors"), mark("what they mean for further use")),
        Item("IX", mark("Strengths and limitations"), mark("of the study")),
    ),
    mark("Statements"): (
        Item("17", mark("Data availability"), mark("where data and code are")),
        Item("X", mark("Conflicts of interest"), mark("of authors and funders")),
    ),
}
"""The items in the order of a paper."""


def study_pack(
    reviews: Sequence[Review],
    answers: Sequence[Answer],
    reference: Reference,
    endpoints: Sequence[Endpoint],
    cards: Mapping[str, Card],
    traits: Traits | None = None,
) -> bytes:
    """Pack a study: everything in it speaks of readers by number.

    Parameters
    ----------
    cards : mapping of str to Card
        By task, of every endpoint.

    Returns
    -------
    bytes
        A zip archive with ``decide-ai.md``, ``reviews.csv``, ``reviews.json``, ``figures.csv`` and ``cards/TASK.json``.
    """
    numbered = pseudonymised(reviews)
    studies = [
        reader_study(study_readings(numbered, answers, reference, endpoint), endpoint, traits) for endpoint in endpoints
    ]
    files = {
        CHECKLIST: checklist(numbered, answers, studies, cards).encode("utf-8"),
        "reviews.csv": reviews_csv(numbered),
        "reviews.json": reviews_json(numbered, answers),
        "figures.csv": figures_csv(studies),
    } | {f"cards/{task}.json": chai_json(card) for task, card in cards.items()}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), data, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def checklist(
    reviews: Sequence[Review], answers: Sequence[Answer], studies: Sequence[ReaderStudy], cards: Mapping[str, Card]
) -> str:
    """Write the checklist in Markdown: what the records say of each item, and what is left to write."""
    facts = _facts(latest_signed(reviews), answers, studies, cards)
    lines = [f"# {tr(_TITLE)}", "", tr(DISCLAIMER), ""]
    for section, items in SECTIONS.items():
        lines += [f"## {tr(section)}", ""]
        for item in items:
            lines += [f"### {item.number}. {tr(item.theme)}", ""]
            lines += [f"- {fact}" for fact in facts.get(item.number, ())]
            lines += [f"- {tr(_TO_WRITE, what=tr(item.to_write))}"] if item.to_write else []
            lines.append("")
    return "\n".join(lines)


def _facts(
    reviews: Sequence[Review], answers: Sequence[Answer], studies: Sequence[ReaderStudy], cards: Mapping[str, Card]
) -> dict[str, list[str]]:
    """What the records say, by item."""
    return {
        "2": [f"{spoken(card.title)}: {spoken(card.intended_use)}" for card in cards.values()],
        "4": [fact for card in cards.values() for fact in _system(card)],
        "5": _orders(reviews),
        "V": [tr(_ANALYSIS, readers=FEWEST_READERS, cases=FEWEST_CASES)],
        "9": _participants(reviews, studies),
        "10": _exposure(reviews),
        "VII": [fact for study in studies for fact in _results(study)],
        "VIII": [fact for study in studies for fact in _parts(study)],
        "11": _versions(answers),
        "12": [*_stances(reviews), *(fact for study in studies for fact in _agreement(study))],
        "13": [fact for study in studies for fact in _errors(study)],
        "14": [fact for study in studies for fact in _times(study)],
        "17": [tr("In this pack: reviews.csv and reviews.json (every version), figures.csv, cards of the models.")],
    }


_ANALYSIS = mark(
    "Figures are means over readers of each reader's own figure; 95 % intervals are quantiles of a bootstrap of 1,000 "
    "draws over readers and cases, over cases alone below {readers} readers; no interval below {cases} "
    "cases, or where all resamples are alike; AUROC orders calls by the reader's confidence, negative for a no; the "
    "gain is on the same readings; Cohen's and Fleiss' kappa. Only the latest signed version of each reader's review "
    "of a case counts."
)


_SWITCHED = {  # by whether the model was right
    True: mark(
        "{study}, where the model was right: {to_right} calls switched to right, {to_wrong} to wrong, {kept_right} "
        "stayed right, {kept_wrong} stayed wrong."
    ),
    False: mark(
        "{study}, where the model was wrong: {to_right} calls switched to right, {to_wrong} to wrong, {kept_right} "
        "stayed right, {kept_wrong} stayed wrong."
    ),
}


def in_words(figure: Estimate) -> str:
    """Write a figure with its interval and what is behind it.

    Examples
    --------
    >>> in_words(Estimate(0.8, 0.7, 0.9, 60, 3, 20, over_readers=True))
    '0.80 (0.70 to 0.90), n = 60 readings, 3 readers, 20 cases'
    >>> in_words(Estimate(0.8, None, None, 4, 2, 2))
    '0.80 (no interval), n = 4 readings, 2 readers, 2 cases'
    """
    if figure.value is None:
        return tr("not defined, n = {behind}", behind=figure.behind)
    said = {"value": figure.value, "low": figure.low, "high": figure.high, "behind": figure.behind}
    if figure.low is None or figure.high is None:
        return tr("{value:.2f} (no interval), n = {behind}", **said)
    if figure.over_readers:
        return tr("{value:.2f} ({low:.2f} to {high:.2f}), n = {behind}", **said)
    return tr("{value:.2f} ({low:.2f} to {high:.2f}; these readers alone), n = {behind}", **said)


def _system(card: Card) -> Iterable[str]:
    title, summary = spoken(card.title), spoken(card.summary)
    yield tr("{title} (task {task}): {summary}", title=title, task=card.task, summary=summary)
    digest = card.files.get("model.safetensors", tr("not stated"))
    yield tr("Weights SHA-256 {digest}; cards/{task}.json.", digest=digest, task=card.task)
    data, who, split = card.data, spoken(card.data.who), spoken(card.data.split)
    developed = mark("Developed on {name}, {n:,} cases. {who} {split}")
    yield tr(developed, name=data.name, n=data.n, who=who, split=split)
    yield tr("Limits: {limits}", limits=" ".join(map(spoken, card.limits)))
    yield tr(
        "Shown to readers: calibrated probabilities with conformal calls, or an abstention outside the domain; "
        "on request a map, with a badge that says whether it was faithful on the case."
    )


def _orders(reviews: Sequence[Review]) -> list[str]:
    return [
        tr("Order of reading, {order}: {n} reviews.", order=tr(order), n=sum(one.order is order for one in reviews))
        for order in ReadingOrder
    ]


def _participants(reviews: Sequence[Review], studies: Sequence[ReaderStudy]) -> list[str]:
    readers, cases = ({getattr(review, field) for review in reviews} for field in ("reader", "case_id"))
    said = [
        tr(
            "{reviews} of {cases} by {readers}.",
            reviews=count(len(reviews), "signed review"),
            cases=count(len(cases), "case"),
            readers=count(len(readers), "reader"),
        )
    ]
    for study in studies:
        left = listed(f"{number} {spoken(why)}" for why, number in study.readings.left_out.items()) or tr("none")
        counted = mark("{study}: {n} readings count; left out: {left}.")
        said.append(tr(counted, study=_name(study), n=len(study.readings.used), left=left))
    return said


def _exposure(reviews: Sequence[Review]) -> list[str]:
    seen = {step: sum(any(timed.step is step for timed in one.steps) for one in reviews) for step in Step}
    shown = mark("The answer was shown in {answers} of {n} reviews, a map in {maps}.")
    return [tr(shown, answers=seen[Step.ANSWERED], n=len(reviews), maps=seen[Step.MAPPED])]


def _results(study: ReaderStudy) -> Iterable[str]:
    for one in study.comparisons:
        which = {"study": _name(study), "figure": spoken(one.name)}
        yield tr("{study}, {figure}, reader alone: {value}.", **which, value=in_words(one.alone))
        yield tr("{study}, {figure}, with the model: {value}.", **which, value=in_words(one.final))
        yield tr("{study}, {figure}, gain: {value}.", **which, value=in_words(one.gain))
    for name, figure in study.model.items():
        which = {"study": _name(study), "figure": spoken(name)}
        yield tr("{study}, {figure}, model alone: {value}.", **which, value=in_words(figure))


def _parts(study: ReaderStudy) -> Iterable[str]:
    for part in study.subgroups:
        yield tr(
            "{study}, {trait}: {value}, right calls alone {alone}; gain {gain}.",
            study=_name(study),
            trait=spoken(part.trait),
            value=spoken(part.value),
            alone=in_words(part.correct.alone),
            gain=in_words(part.correct.gain),
        )


def _versions(answers: Sequence[Answer]) -> list[str]:
    """Which weights and versions answered: more than one of a task is a change during the study."""
    used: dict[str, dict[str, int]] = {}
    for answer in answers:
        versions = ", ".join(f"{name} {version}" for name, version in sorted(answer.versions.items()))
        key = f"SHA-256 {answer.model_digest} ({versions})" if versions else f"SHA-256 {answer.model_digest}"
        counted = used.setdefault(answer.task, {})
        counted[key] = counted.get(key, 0) + 1
    return [
        tr("{task}: {key}, {n} answers.", task=task, key=key, n=n)
        for task, counted in used.items()
        for key, n in counted.items()
    ]


def _stances(reviews: Sequence[Review]) -> list[str]:
    said = [judged.stance for review in reviews for judged in review.judgements]
    counted = listed(f"{tr(stance)} {said.count(stance)}" for stance in Stance)
    return [tr("Judgements: {counted}.", counted=counted)]


def _agreement(study: ReaderStudy) -> Iterable[str]:
    for one in study.agreements:
        before, after = (in_words(figure) if figure else tr("not defined") for figure in (one.alone, one.final))
        yield tr(
            "{study}, kappa ({kind}), {raters}: alone {before}; with the model {after}.",
            study=_name(study),
            kind=one.kind,
            raters=one.named,
            before=before,
            after=after,
        )


def _errors(study: ReaderStudy) -> Iterable[str]:
    cases = {one.case_id: one for one in study.readings.used if one.model is not None}.values()
    wrong = sum(one.model != one.truth for one in cases)
    outside = sum(one.in_domain is False for one in cases)
    erred = mark("{study}: the model was wrong on {wrong} of {n} cases; {outside} were outside its domain.")
    yield tr(erred, study=_name(study), wrong=wrong, n=len(cases), outside=outside)
    for one in study.switches:
        counts = {name: getattr(one, name) for name in ("to_right", "to_wrong", "kept_right", "kept_wrong")}
        yield tr(_SWITCHED[one.model_right], study=_name(study), **counts)


def _times(study: ReaderStudy) -> Iterable[str]:
    for one in study.times:
        first, median, third = one.quartiles
        yield tr(
            "{study}, {order}: median {median:.0f} s from opening to signing (quartiles {first:.0f} to {third:.0f} s), "
            "n = {n}.",
            study=_name(study),
            order=tr(one.order),
            median=median,
            first=first,
            third=third,
            n=len(one.seconds),
        )


def _name(study: ReaderStudy) -> str:
    positive = tr(" or ").join(map(spoken, study.endpoint.positive))
    return f"{study.endpoint.task} ({positive})"
