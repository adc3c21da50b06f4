"""What each reader called each case, alone and with the model, beside what the case is: the rows of a reader study."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import DatasetError
from engine.review import Answer, ReadingOrder, Review, Step
from engine.words import mark, tr

Reference = Mapping[str, frozenset[str]]
"""What each case is, by its id; an empty set where it has none of the findings."""

_LARGEST = 5_000_000  # bytes of a reference standard: a hundred thousand cases
_COLUMNS = ("case_id", "label")
_BETWEEN = "|"


@dataclass(frozen=True)
class Endpoint:
    """What readers and the model are asked, with a yes or a no: whether one of these labels is true.

    Parameters
    ----------
    labels : tuple of str
        All labels of the task: a case counts where the reference names one of them, or says that there is none.
    positive : tuple of str
        Those that are a yes.
    threshold : float
        Summed probability of the positive labels from which the model says yes, in [0, 1].
    """

    task: str
    labels: tuple[str, ...]
    positive: tuple[str, ...]
    threshold: float = 0.5


@dataclass(frozen=True)
class StudyReading:
    """One reader's word on one case.

    Parameters
    ----------
    truth : bool
        What the reference says.
    alone : bool or None
        The call before the model's answer was shown; None where the model spoke first.
    alone_confidence, confidence : int or None
        In percent, of the call alone and of the final one; None where it was not said.
    final : bool
        The call with the model.
    model_score : float or None
        Summed probability of the positive labels; None where no answer of the model is kept.
    model : bool or None
        The model's call.
    in_domain : bool or None
        Whether the model was made for the case.
    map_seen : bool
        Whether a map was shown before signing.
    seconds : float or None
        From opening the case to signing it first.
    """

    case_id: str
    reader: str
    order: ReadingOrder
    truth: bool
    alone: bool | None
    alone_confidence: int | None
    final: bool
    confidence: int | None
    model_score: float | None
    model: bool | None
    in_domain: bool | None
    map_seen: bool
    seconds: float | None


@dataclass(frozen=True)
class Readings:
    """The readings that a study counts, and in words how many reviews it does not, and why."""

    used: tuple[StudyReading, ...]
    left_out: Mapping[str, int]


def read_reference(data: bytes) -> Reference:
    """Read a reference standard: CSV with the columns ``case_id`` and ``label``, UTF-8.

    Several labels of a case stand in several rows or with ``|`` between them; an empty label says that there is none.

    Raises
    ------
    DatasetError
        If it is too large, no such table, or a row has no case.
    """
    advice = tr("Give a CSV file (UTF-8) with the columns case_id and label, one or more rows a case.")
    if len(data) > _LARGEST:
        raise DatasetError(
            tr("The reference standard is larger than {megabytes} MB.", megabytes=_LARGEST // 1000000), advice
        )
    found: dict[str, frozenset[str]] = {}
    try:
        table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if not set(_COLUMNS) <= set(table.fieldnames or ()):
            raise DatasetError(tr("The reference standard has no columns case_id and label."), advice)
        for row in table:
            case_id, labels = (str(row[name] or "").strip() for name in _COLUMNS)
            if not case_id:
                raise DatasetError(
                    tr("Line {line} of the reference standard names no case.", line=table.line_num), advice
                )
            said = frozenset(label.strip() for label in labels.split(_BETWEEN) if label.strip())
            found[case_id] = found.get(case_id, frozenset()) | said
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DatasetError(tr("The reference standard is no CSV text."), advice) from exc
    return found


def latest_signed(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """Return the latest signed version of each reader's review of each case, in the order of signing."""
    latest: dict[tuple[str, str], Review] = {}
    for review in reviews:
        key = (review.reader, review.case_id)
        if review.signed and (key not in latest or review.version > latest[key].version):
            latest[key] = review
    return tuple(sorted(latest.values(), key=lambda review: (str(review.signed_at), review.reader, review.case_id)))


def study_readings(
    reviews: Sequence[Review], answers: Iterable[Answer], reference: Reference, endpoint: Endpoint
) -> Readings:
    """Put the latest signed reviews beside the reference and the answers that were judged in them.

    A review counts where the reference speaks of its case and the reader judged a finding of the task.
    """
    counted = latest_signed(reviews)
    took = {(one.reader, one.case_id): one.seconds() for one in reviews if one.signed and one.version == 1}
    said: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.task == endpoint.task:
            said[answer.case_id].append(answer)
    left_out: Counter[str] = Counter({mark("drafts and earlier versions"): len(reviews) - len(counted)})
    used = []
    for review in counted:
        truth = reference.get(review.case_id)
        if truth is None or not _speaks(truth, endpoint):
            left_out[mark("without a reference")] += 1
        elif not any(judged.task == endpoint.task for judged in review.judgements):
            left_out[mark("without a judgement of this task")] += 1
        else:
            judged = judged_answer(review, said[review.case_id], endpoint)
            seconds = took.get((review.reader, review.case_id))
            used.append(_reading(review, judged, _is_yes(truth, endpoint), endpoint, seconds))
    return Readings(tuple(used), {why: count for why, count in left_out.items() if count})


def judged_answer(review: Review, answers: Sequence[Answer], endpoint: Endpoint) -> Answer | None:
    """Choose, of the answers to one case, the one that a reader judged.

    Of several pictures the one with the highest score, as the reader's word is of the case. Where a review does not say
    what it speaks of, the last answer that was made before it was signed.
    """
    about = {
        (one.image_index, one.frame, one.model_digest)
        for one in review.judgements
        if one.task == endpoint.task and one.model_digest
    }
    judged = [one for one in answers if (one.image_index, one.frame, one.model_digest) in about]
    if judged:
        return max(judged, key=lambda one: _score(one, endpoint))
    signed = review.signed_at
    before = [one for one in answers if not (one.made_at and signed and one.made_at > signed)]
    return before[-1] if before else None


def _reading(
    review: Review, answer: Answer | None, truth: bool, endpoint: Endpoint, seconds: float | None
) -> StudyReading:
    own = next((one for one in review.own if one.task == endpoint.task), None)
    score = None if answer is None else _score(answer, endpoint)
    return StudyReading(
        case_id=review.case_id,
        reader=review.reader,
        order=review.order,
        truth=truth,
        alone=None if own is None else _is_yes(own.labels, endpoint),
        alone_confidence=None if own is None else own.confidence,
        final=_is_yes(review.labels(endpoint.task), endpoint),
        confidence=review.confidence,
        model_score=score,
        model=None if score is None else score >= endpoint.threshold,
        in_domain=None if answer is None else answer.in_domain,
        map_seen=any(timed.step is Step.MAPPED for timed in review.steps),
        seconds=seconds,
    )


def _score(answer: Answer, endpoint: Endpoint) -> float:
    return sum(finding.probability for finding in answer.findings if finding.label in endpoint.positive)


def _speaks(truth: frozenset[str], endpoint: Endpoint) -> bool:
    return not truth or bool(_plain(truth) & _plain(endpoint.labels))


def _is_yes(labels: Iterable[str], endpoint: Endpoint) -> bool:
    return bool(_plain(labels) & _plain(endpoint.positive))


def _plain(labels: Iterable[str]) -> set[str]:
    """Labels without what readers type differently."""
    return {label.strip().casefold() for label in labels}
