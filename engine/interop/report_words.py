"""What a reader said of a case, in sentences: what they found, marked and measured, in which order, and who signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from engine.case import Case, PixelSpacing, SpacingSource
from engine.models.card import Card
from engine.review import Judgement, Mark, MarkedRegion, Measurement, OwnReading, Plausibility, Review, Stance, Step
from engine.wording import likelihood, listed, picture_in_words
from engine.words import mark, spoken, tr

_ON = {
    SpacingSource.PATIENT: mark("{width:.1f} × {height:.1f} mm"),
    SpacingSource.REGION: mark("{width:.1f} × {height:.1f} mm"),
    SpacingSource.IMAGER: mark("{width:.1f} × {height:.1f} mm at the detector, where everything is magnified"),
}
_WRITTEN = (
    *(mark("the file has no pixel spacing"), mark("Not measured:"), mark(" on the detector")),
    *(mark("mean "), mark(", SD "), mark(" to ")),
)
_PLAUSIBLE = {
    Plausibility.YES: mark("The reader calls the map that was shown plausible."),
    Plausibility.PARTLY: mark("The reader calls the map that was shown partly plausible."),
    Plausibility.NO: mark("The reader calls the map that was shown not plausible."),
}
_DONE = {
    Step.READ: mark("own reading recorded after {seconds:.0f} s"),
    Step.ANSWERED: mark("model's answer shown after {seconds:.0f} s"),
    Step.MAPPED: mark("map shown after {seconds:.0f} s"),
    Step.SIGNED: mark("signed after {seconds:.0f} s"),
}
_MARKED = {
    Mark.HERE: mark(
        "Region {n}, marked “here”, image {image}, frame {frame}: rows {top:.0f} to {bottom:.0f}, columns "
        "{left:.0f} to {right:.0f} ({size})."
    ),
    Mark.NOT_THERE: mark(
        "Region {n}, marked “not there”, image {image}, frame {frame}: rows {top:.0f} to {bottom:.0f}, columns "
        "{left:.0f} to {right:.0f} ({size})."
    ),
}
_JUDGED = {
    Stance.AGREE: mark("agrees with {finding}."),
    Stance.EDIT: mark("{instead} instead of {finding}."),
    Stance.REJECT: mark("rejects {finding}."),
    Stance.ADD: mark("adds {label}, which the model did not name."),
}


def in_utc(at: datetime) -> str:
    """Write a time to the second.

    Examples
    --------
    >>> in_utc(datetime(2026, 1, 31, 9, 5, 7, 250, tzinfo=UTC))
    '2026-01-31 09:05:07 UTC'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def findings(case: Case, review: Review, cards: Mapping[str, Card]) -> str:
    """What the reader said of each finding, where they marked it, and what they measured."""
    lines = []
    for task in dict.fromkeys(said.task for said in review.judgements):
        lines.append(tr("{title}:", title=_title(task, cards)))
        lines += [f"• {_judged(said, case)}" for said in review.judgements if said.task == task]
    lines = lines or [tr("No finding was judged.")]
    lines += [_region(rank, region, case) for rank, region in enumerate(review.regions, start=1)]
    lines += [_measured(rank, one) for rank, one in enumerate(review.measurements, start=1)]
    lines += [
        tr("Key image: image {image}, frame {frame}.", image=key.image_index + 1, frame=key.frame + 1)
        for key in review.key_images
    ]
    if review.plausible is not None:
        lines.append(tr(_PLAUSIBLE[review.plausible]))
    return "\n".join(lines)


def _judged(said: Judgement, case: Case) -> str:
    place = "" if said.stance is Stance.ADD else picture_in_words(case, said.image_index, said.frame)
    label = tr("{label} ({place})", label=spoken(said.label), place=place) if place else spoken(said.label)
    model = (
        tr(
            "{label}, model {probability:.2f} ({words})",
            label=label,
            probability=said.probability,
            words=likelihood(said.probability),
        )
        if said.probability is not None
        else label
    )
    return tr(_JUDGED[said.stance], finding=model, instead=spoken(said.instead), label=label)


def _region(rank: int, region: MarkedRegion, case: Case) -> str:
    """One marked region, in millimetres where the file says what they are of."""
    box = region.box
    edges = {"top": box.top, "bottom": box.bottom, "left": box.left, "right": box.right}
    image = case.images[region.image_index] if region.image_index < len(case.images) else None
    size = (
        _size(region, image.spacing) if image is not None and image.spacing is not None else tr("no scale in the file")
    )
    place = {"n": rank, "image": region.image_index + 1, "frame": region.frame + 1}
    return tr(_MARKED[region.mark], **place, **edges, size=size)


def _measured(rank: int, one: Measurement) -> str:
    """One measurement with the result that stood on the screen."""
    return tr(
        "Measurement {n}, {measure}, image {image}, frame {frame}: {result}.",
        n=rank,
        measure=tr(one.measure),
        image=one.image_index + 1,
        frame=one.frame + 1,
        result=_result(one.said) or tr("no result"),
    )


def _result(written: str) -> str:
    """What the viewer wrote beside a measurement, of few words, in the reader's language."""
    for words in _WRITTEN:
        written = written.replace(words, tr(words))
    return written


def _size(region: MarkedRegion, spacing: PixelSpacing) -> str:
    height = (region.box.bottom - region.box.top) * spacing.row
    width = (region.box.right - region.box.left) * spacing.column
    return tr(_ON[spacing.source], width=width, height=height)


def impression(review: Review, cards: Mapping[str, Card]) -> str:
    """The final findings of each task that was judged, and how sure the reader is."""
    tasks = dict.fromkeys(said.task for said in review.judgements)
    lines = [
        tr(
            "{title}: {labels}.",
            title=_title(task, cards),
            labels=listed(map(spoken, review.labels(task))).removesuffix(".") or tr("none of the findings"),
        )
        for task in tasks
    ]
    lines = lines or [tr("No impression was recorded.")]
    if review.confidence is not None:
        lines.append(tr("Confidence of the reader: {percent} %.", percent=review.confidence))
    return "\n".join(lines)


def record(review: Review, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """The order of reading, what was found without the model, and when each step was taken."""
    lines = [tr("Order of reading: {order}.", order=tr(review.order))]
    lines += [_own(own, cards) for own in review.own]
    opened = next((timed.at for timed in review.steps if timed.step is Step.OPENED), None)
    if review.version > 1:
        lines.append(
            tr("Version {version} amends what was signed before; times are told there.", version=review.version)
        )
    elif opened is not None:
        after = [
            tr(_DONE[timed.step], seconds=(timed.at - opened).total_seconds())
            for timed in review.steps
            if timed.step in _DONE
        ]
        steps = listed([tr("Opened {time}", time=in_utc(opened)), *after])
        lines.append(tr("{steps}.", steps=steps))
    return tuple(lines)


def _own(own: OwnReading, cards: Mapping[str, Card]) -> str:
    return tr(
        "Before the answer was shown, {title}: {labels}, confidence {percent} %.",
        title=_title(own.task, cards),
        labels=listed(map(spoken, own.labels)) or tr("nothing"),
        percent=own.confidence,
    )


def signature(review: Review) -> str:
    """Who signed, when, which version; of a draft, that nobody did."""
    who = {"reader": review.reader, "version": review.version}
    if review.signed_at is None:
        return tr("Not signed. Reader: {reader}, version {version} of this reading.", **who)
    time = in_utc(review.signed_at)
    return tr("Signed by {reader} at {time}, version {version} of this reading.", **who, time=time)


def _title(task: str, cards: Mapping[str, Card]) -> str:
    return spoken(cards[task].title) if task in cards else task
