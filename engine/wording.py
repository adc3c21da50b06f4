"""Probabilities and findings in words that never say more than the model's own calls.

The words of likelihood are the calibrated language of Mastrandrea et al., IPCC guidance note on the treatment of
uncertainties, 2010, table 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from engine.case import Case, PixelSpacing
from engine.measured import Faithfulness, Steadiness, Verdict
from engine.results import Call, Drawn, Finding
from engine.words import mark, spoken, tr, trn

ABSTAINS = mark("The model abstains; its figures and maps are there to be inspected, not to be relied on.")
"""What is said of a model's answer to a case outside its domain."""

DISCLAIMER = mark("Research and education; not a medical device.")
"""What stands on every page, on the screen and on paper."""

_MANY: Mapping[str, str] = MappingProxyType(
    {
        "patch": mark("patches"),
        "word": mark("words"),
        "observation": mark("observations"),
        "part": mark("patches and words"),
        "base": mark("bases"),
    }
)
_CHANCE = 0.05
_STEADY = 0.7  # agreement with the mirror image under which an outline is called unsteady
_LEAST_LIKELY = mark("very unlikely")
_LIKELIHOODS = (
    (0.9, mark("very likely")),
    (0.66, mark("likely")),
    (0.5, mark("more likely than not")),
    (0.33, mark("about as likely as not")),
    (0.1, mark("unlikely")),
)
_SIDES: Mapping[str, str] = MappingProxyType(
    {"R": mark("right side"), "L": mark("left side"), "B": mark("both sides"), "U": ""}  # unpaired: nothing to say
)
_COUNTED: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "case": lambda n: trn("{n:,} case", "{n:,} cases", n),
        "draft": lambda n: trn("{n:,} draft", "{n:,} drafts", n),
        "finding": lambda n: trn("{n:,} finding", "{n:,} findings", n),
        "reader": lambda n: trn("{n:,} reader", "{n:,} readers", n),
        "reading": lambda n: trn("{n:,} reading", "{n:,} readings", n),
        "signed review": lambda n: trn("{n:,} signed review", "{n:,} signed reviews", n),
    }
)


def picture_in_words(case: Case, image_index: int, frame: int) -> str:
    """Name what a model looked at where a case has several of it: an image, a frame, a base; empty where it has one."""
    if case.sequence is not None:
        strand = "−" if frame < 0 else "+"
        return tr("base {place:,}, strand {strand}", place=abs(frame) + 1, strand=strand) if frame else ""
    if not 0 <= image_index < len(case.images):
        return ""
    named = [tr("image {n}", n=image_index + 1)] if len(case.images) > 1 else []
    named += [tr("frame {n}", n=frame + 1)] if case.images[image_index].frames > 1 else []
    return tr(", ").join(named)


def read_in_part(share: float) -> str:
    """Say how much of a text a model has read, in [0, 1]; empty where that is all of it.

    Examples
    --------
    >>> read_in_part(0.4267), read_in_part(0.9999), read_in_part(1.0)
    ('It read the first 42.7 % of the words alone: what stands further on is not in its answer.', \
'It read the first 99.9 % of the words alone: what stands further on is not in its answer.', '')
    """
    if share >= 1:
        return ""
    read = min(100 * share, 99.9)
    return tr(
        "It read the first {read:.1f} % of the words alone: what stands further on is not in its answer.", read=read
    )


def side_in_words(laterality: str) -> str:
    """Say which side of the body an image shows, from the letters of PS3.3 C.7.3.1.1.1; empty where it has none.

    Examples
    --------
    >>> side_in_words("R"), side_in_words("U")
    ('right side', '')
    """
    return spoken(_SIDES.get(laterality, ""))


def likelihood(probability: float) -> str:
    """Say a probability in words.

    Parameters
    ----------
    probability : float
        In [0, 1].

    Examples
    --------
    >>> likelihood(0.87), likelihood(0.6), likelihood(0.4), likelihood(0.02)
    ('likely', 'more likely than not', 'about as likely as not', 'very unlikely')
    """
    return tr(next((words for least, words in _LIKELIHOODS if probability >= least), _LEAST_LIKELY))


def count(number: int, what: str) -> str:
    """Write how many there are of something: of cases, drafts, findings, readers, readings or signed reviews.

    Examples
    --------
    >>> count(1, "reader"), count(0, "case"), count(1200, "reading")
    ('1 reader', '0 cases', '1,200 readings')
    """
    return _COUNTED[what](number)


def sum_up(findings: Sequence[Finding]) -> str:
    """Sum the findings up in one sentence that never says more than the model's own calls.

    Examples
    --------
    >>> sum_up((Finding("normal", 0.93, Call.RULED_IN), Finding("viral pneumonia", 0.07, Call.RULED_OUT)))
    'Ruled in: normal 0.93 (very likely).'
    >>> sum_up((Finding("normal", 0.55, Call.UNCERTAIN), Finding("viral pneumonia", 0.45, Call.UNCERTAIN)))
    'No firm answer. Possible: normal 0.55, viral pneumonia 0.45.'
    >>> sum_up((Finding("death", 0.01, Call.RULED_OUT),))
    'Ruled out: death 0.01 (very unlikely).'
    """
    ruled_in = [f for f in findings if f.call is Call.RULED_IN]
    if ruled_in:
        said, more = listed(map(_likely, ruled_in[:3])), len(ruled_in) - 3
        if more > 0:
            return tr("Ruled in: {findings}, and {n} more.", findings=said, n=more)
        return tr("Ruled in: {findings}.", findings=said)
    possible = [f for f in findings if f.call is Call.UNCERTAIN]
    if possible:
        said, more = listed(f"{spoken(f.label)} {f.probability:.2f}" for f in possible[:3]), len(possible) - 3
        if more > 0:
            return tr("No firm answer. Possible: {findings}, and {n} more.", findings=said, n=more)
        return tr("No firm answer. Possible: {findings}.", findings=said)
    if len(findings) == 1:
        return tr("Ruled out: {findings}.", findings=_likely(findings[0]))
    return tr("Every label is ruled out: the model recognises nothing that it was made for.")


def steadiness_in_words(found: Steadiness) -> str:
    """Say in how many moved copies of a picture the answer held.

    >>> steadiness_in_words(Steadiness("normal", 9, 7 / 9, 0.41, 0.93))
    'The answer held in 6 of 8 small shifts (normal 0.41 to 0.93).'
    """
    said = {
        "held": found.held,
        "moved": found.moved,
        "label": spoken(found.label),
        "low": found.low,
        "high": found.high,
    }
    if found.mirrored:
        return tr(
            "The answer held in {held} of {moved} small shifts and mirror images ({label} {low:.2f} to {high:.2f}).",
            **said,
        )
    return tr("The answer held in {held} of {moved} small shifts ({label} {low:.2f} to {high:.2f}).", **said)


def drawn_in_words(drawn: Drawn, spacing: PixelSpacing | None) -> str:
    """Say which lesions a model drew, how large they are, and how sure it is of their outline.

    Parameters
    ----------
    spacing : PixelSpacing or None
        Of the image; sizes are in mm where it is known.

    Examples
    --------
    >>> drawn_in_words(Drawn((), (), 0.0, 1.0), None)
    'No lesion was drawn.'
    >>> drawn_in_words(Drawn(((20, 50, 40, 80),), (0.81,), 0.03, 0.9), None)
    'One lesion drawn: 30 × 20 pixels, mean probability inside 0.81; 3.0% of the image. \
The mirror image gives the same outline (overlap 0.90).'
    """
    if not drawn.boxes:
        return tr("No lesion was drawn.")
    pairs = zip(drawn.boxes, drawn.probabilities, strict=True)
    said = trn(
        "One lesion drawn: {sizes}; {share:.1%} of the image.",
        "{n} lesions drawn: {sizes}; {share:.1%} of the image.",
        len(drawn.boxes),
        sizes=listed(_drawn_size(box, probability, spacing) for box, probability in pairs),
        share=drawn.share,
    )
    if drawn.agreement >= _STEADY:
        return tr(
            "{drawn} The mirror image gives the same outline (overlap {agreement:.2f}).",
            drawn=said,
            agreement=drawn.agreement,
        )
    return tr(
        "{drawn} Unsteady: the mirror image gives another outline (overlap {agreement:.2f}).",
        drawn=said,
        agreement=drawn.agreement,
    )


def _drawn_size(box: tuple[int, int, int, int], probability: float, spacing: PixelSpacing | None) -> str:
    """Width and height of a box, and how sure the model is within it."""
    top, left, bottom, right = box
    if spacing is None:
        return tr(
            "{width} × {height} pixels, mean probability inside {probability:.2f}",
            width=right - left,
            height=bottom - top,
            probability=probability,
        )
    return tr(
        "{width:.0f} × {height:.0f} mm, mean probability inside {probability:.2f}",
        width=(right - left) * spacing.column,
        height=(bottom - top) * spacing.row,
        probability=probability,
    )


def listed(parts: Iterable[str]) -> str:
    """Put parts beside one another, as the reader's language does.

    Examples
    --------
    >>> listed(["normal", "benign"])
    'normal, benign'
    """
    return tr(", ").join(parts)


def _likely(found: Finding) -> str:
    """A finding with its probability, in figures and in words."""
    said = {"label": spoken(found.label), "probability": found.probability, "words": likelihood(found.probability)}
    return tr("{label} {probability:.2f} ({words})", **said)


def p_in_words(found: Faithfulness) -> str:
    """Say how often maps that know nothing of the case would do as well by luck."""
    against = mark("{p:.2g} against {maps}")
    return f"p = {listed(tr(against, p=one.p_better, maps=spoken(one.against)) for one in (found.chance, found.blob))}"


def measured_against(found: Faithfulness) -> str:
    """Say what was done to the case, and what the map was held against."""
    return tr(
        "Baseline: removed {many}, absent with nothing in their place, against {chance} random orders and {blobs} "
        "blobs in the middle.",
        many=spoken(_MANY[found.unit]),
        chance=len(found.chance.gaps),
        blobs=len(found.blob.gaps),
    )


def map_warning(found: Faithfulness) -> str:
    """Say what is wrong with a map; empty of one that passed."""
    if found.verdict is Verdict.FAITHFUL:
        return ""
    if found.verdict is Verdict.WORSE:
        return tr("This map marks what the answer does not rest on: do not read it as a reason.")
    if found.chance.p_better > _CHANCE:
        return tr("This map is no better than a random map: do not read it as a reason.")
    if found.blob.p_better > _CHANCE:
        return tr("This map is no better than a blob in the middle: do not read it as a reason.")
    return tr("The answer hardly rests on one part more than on another: do not read this map as a reason.")
