"""A reader study to hand on: reviews, figures, model cards, and a checklist that follows DECIDE-AI item by item.

DECIDE-AI: Vasey et al., Nature Medicine 28 and BMJ 377, 2022: 17 items of AI (1 to 17) and ten generic ones (I to X).
What the records know is filled in; what only investigators can say is left to them, in words of our own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.evaluation.reader_study import FEWEST_CASES, FEWEST_READERS, Estimate, ReaderStudy, Traits, reader_study
from engine.evaluation.readings import Endpoint, Reference, latest_signed, study_readings
from engine.interop.chai_card import chai_json
from engine.interop.study_export import figures_csv, pseudonymised, reviews_csv, reviews_json
from engine.models.card import Card
from engine.review import Answer, ReadingOrder, Review, Stance, Step
from engine.wording import DISCLAIMER, count

CHECKLIST = "decide-ai.md"

_TO_WRITE = "_To be written by the investigators:_"
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the same study gives the same bytes


@dataclass(frozen=True)
class Item:
    """One item of the checklist, and what the investigators have to say of it (empty where nothing is left)."""

    number: str
    theme: str
    to_write: str = ""


SECTIONS: Mapping[str, tuple[Item, ...]] = {
    "Title and abstract": (
        Item("1", "Title", "that this is an early clinical evaluation of a system built on AI, and of what problem"),
        Item("I", "Abstract", "a structured summary"),
    ),
    "Introduction": (
        Item(
            "2", "Intended use", "condition, patients, current practice, users, place in the pathway, expected effect"
        ),
        Item("II", "Objectives", "what the study set out to find"),
    ),
    "Methods": (
        Item("III", "Research governance", "protocol, registration, ethics approval"),
        Item(
            "3", "Participants", "how patients and readers were found and chosen, how many and why, readers' training"
        ),
        Item("4", "AI system", "how data reached the system, and what was done where they were poor or missing"),
        Item("5", "Implementation", "setting, workflow, who acted on the answers and when"),
        Item("IV", "Outcomes", "primary and secondary outcomes, and how the reference was made"),
        Item(
            "6", "Safety and errors", "which errors were looked for, how they were found, and what was done about risk"
        ),
        Item("7", "Human factors", "which tools and methods were used, and what use was made of them"),
        Item("V", "Analysis", "anything beyond the analysis named here"),
        Item("8", "Ethics", "how ethical questions of the algorithm were considered"),
        Item("VI", "Patient involvement", "how patients took part in design and conduct"),
    ),
    "Results": (
        Item("9", "Participants", "baseline of patients and readers, missing data"),
        Item("10", "Implementation", "adherence, and changes to the workflow"),
        Item("VII", "Main results", "anything beyond the figures named here"),
        Item("VIII", "Subgroup analysis", "subgroups that the records do not know, such as age and sex"),
        Item("11", "Modifications", "why a model or the system was changed during the study"),
        Item("12", "Human-computer agreement", "reasons for disagreement"),
        Item("13", "Safety and errors", "harm, near misses, and errors of hardware and support"),
        Item("14", "Human factors", "usability, and how readers learned over time"),
    ),
    "Discussion": (
        Item("15", "Support for intended use", "whether the results support it"),
        Item("16", "Safety and errors", "what they mean for further use"),
        Item("IX", "Strengths and limitations", "of the study"),
    ),
    "Statements": (
        Item("17", "Data availability", "where data and code are"),
        Item("X", "Conflicts of interest", "of authors and funders"),
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
    lines = ["# Study pack after DECIDE-AI", "", DISCLAIMER, ""]
    for section, items in SECTIONS.items():
        lines += [f"## {section}", ""]
        for item in items:
            lines += [f"### {item.number}. {item.theme}", ""]
            lines += [f"- {fact}" for fact in facts.get(item.number, ())]
            lines += [f"- {_TO_WRITE} {item.to_write}."] if item.to_write else []
            lines.append("")
    return "\n".join(lines)


def _facts(
    reviews: Sequence[Review], answers: Sequence[Answer], studies: Sequence[ReaderStudy], cards: Mapping[str, Card]
) -> dict[str, list[str]]:
    """What the records say, by item."""
    return {
        "2": [f"{card.title}: {card.intended_use}" for card in cards.values()],
        "4": [fact for card in cards.values() for fact in _system(card)],
        "5": _orders(reviews),
        "V": [_ANALYSIS],
        "9": _participants(reviews, studies),
        "10": _exposure(reviews),
        "VII": [fact for study in studies for fact in _results(study)],
        "VIII": [fact for study in studies for fact in _parts(study)],
        "11": _versions(answers),
        "12": [*_stances(reviews), *(fact for study in studies for fact in _agreement(study))],
        "13": [fact for study in studies for fact in _errors(study)],
        "14": [fact for study in studies for fact in _times(study)],
        "17": ["In this pack: reviews.csv and reviews.json (every version), figures.csv, cards of the models."],
    }


_ANALYSIS = (
    "Figures are means over readers of each reader's own figure; 95 % intervals are quantiles of a bootstrap of 1,000 "
    f"draws over readers and cases, over cases alone below {FEWEST_READERS} readers; no interval below {FEWEST_CASES} "
    "cases, or where all resamples are alike; AUROC orders calls by the reader's confidence, negative for a no; the "
    "gain is on the same readings; Cohen's and Fleiss' kappa. Only the latest signed version of each reader's review "
    "of a case counts."
)


def in_words(figure: Estimate) -> str:
    """Write a figure with its interval and what is behind it.

    Examples
    --------
    >>> in_words(Estimate(0.8, 0.7, 0.9, 60, 3, 20, over_readers=True))
    '0.80 (0.70 to 0.90), n = 60 readings, 3 readers, 20 cases'
    >>> in_words(Estimate(0.8, None, None, 4, 2, 2))
    '0.80 (no interval), n = 4 readings, 2 readers, 2 cases'
    """
    behind = f"n = {figure.behind}"
    if figure.value is None:
        return f"not defined, {behind}"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f} (no interval), {behind}"
    alone = "" if figure.over_readers else "; these readers alone"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f}{alone}), {behind}"


def _system(card: Card) -> Iterable[str]:
    yield f"{card.title} (task {card.task}): {card.summary}"
    yield f"Weights SHA-256 {card.files.get('model.safetensors', 'not stated')}; cards/{card.task}.json."
    yield f"Developed on {card.data.name}, {card.data.n:,} cases. {card.data.who} {card.data.split}"
    yield f"Limits: {' '.join(card.limits)}"
    yield (
        "Shown to readers: calibrated probabilities with conformal calls, or an abstention outside the domain; "
        "on request a map, with a badge that says whether it was faithful on the case."
    )


def _orders(reviews: Sequence[Review]) -> list[str]:
    return [
        f"Order of reading, {order}: {sum(review.order is order for review in reviews)} reviews."
        for order in ReadingOrder
    ]


def _participants(reviews: Sequence[Review], studies: Sequence[ReaderStudy]) -> list[str]:
    readers, cases = ({getattr(review, field) for review in reviews} for field in ("reader", "case_id"))
    said = [
        f"{count(len(reviews), 'signed review')} of {count(len(cases), 'case')} by {count(len(readers), 'reader')}."
    ]
    for study in studies:
        left = ", ".join(f"{number} {why}" for why, number in study.readings.left_out.items()) or "none"
        said.append(f"{_name(study)}: {len(study.readings.used)} readings count; left out: {left}.")
    return said


def _exposure(reviews: Sequence[Review]) -> list[str]:
    seen = {step: sum(any(timed.step is step for timed in one.steps) for one in reviews) for step in Step}
    return [f"The answer was shown in {seen[Step.ANSWERED]} of {len(reviews)} reviews, a map in {seen[Step.MAPPED]}."]


def _results(study: ReaderStudy) -> Iterable[str]:
    for one in study.comparisons:
        yield f"{_name(study)}, {one.name}, reader alone: {in_words(one.alone)}."
        yield f"{_name(study)}, {one.name}, with the model: {in_words(one.final)}."
        yield f"{_name(study)}, {one.name}, gain: {in_words(one.gain)}."
    for name, figure in study.model.items():
        yield f"{_name(study)}, {name}, model alone: {in_words(figure)}."


def _parts(study: ReaderStudy) -> Iterable[str]:
    for part in study.subgroups:
        where = f"{_name(study)}, {part.trait}: {part.value}"
        yield f"{where}, right calls alone {in_words(part.correct.alone)}; gain {in_words(part.correct.gain)}."


def _versions(answers: Sequence[Answer]) -> list[str]:
    """Which weights and versions answered: more than one of a task is a change during the study."""
    used: dict[str, dict[str, int]] = {}
    for answer in answers:
        versions = ", ".join(f"{name} {version}" for name, version in sorted(answer.versions.items()))
        key = f"SHA-256 {answer.model_digest} ({versions})" if versions else f"SHA-256 {answer.model_digest}"
        counted = used.setdefault(answer.task, {})
        counted[key] = counted.get(key, 0) + 1
    return [f"{task}: {key}, {count} answers." for task, counted in used.items() for key, count in counted.items()]


def _stances(reviews: Sequence[Review]) -> list[str]:
    said = [judged.stance for review in reviews for judged in review.judgements]
    return [f"Judgements: {', '.join(f'{stance} {said.count(stance)}' for stance in Stance)}."]


def _agreement(study: ReaderStudy) -> Iterable[str]:
    for one in study.agreements:
        before, after = (in_words(figure) if figure else "not defined" for figure in (one.alone, one.final))
        yield f"{_name(study)}, kappa ({one.kind}), {one.raters}: alone {before}; with the model {after}."


def _errors(study: ReaderStudy) -> Iterable[str]:
    cases = {one.case_id: one for one in study.readings.used if one.model is not None}.values()
    wrong = sum(one.model != one.truth for one in cases)
    outside = sum(one.in_domain is False for one in cases)
    yield f"{_name(study)}: the model was wrong on {wrong} of {len(cases)} cases; {outside} were outside its domain."
    for one in study.switches:
        where = "right" if one.model_right else "wrong"
        yield (
            f"{_name(study)}, where the model was {where}: {one.to_right} calls switched to right, {one.to_wrong} to "
            f"wrong, {one.kept_right} stayed right, {one.kept_wrong} stayed wrong."
        )


def _times(study: ReaderStudy) -> Iterable[str]:
    for one in study.times:
        first, median, third = one.quartiles
        yield (
            f"{_name(study)}, {one.order}: median {median:.0f} s from opening to signing "
            f"(quartiles {first:.0f} to {third:.0f} s), n = {len(one.seconds)}."
        )


def _name(study: ReaderStudy) -> str:
    return f"{study.endpoint.task} ({' or '.join(study.endpoint.positive)})"
