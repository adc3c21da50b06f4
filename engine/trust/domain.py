"""Whether a case is one that the model was made for: plain checks of the picture, then how familiar it looks inside.

Five questions: does the file say that it is of another kind; is there a grey picture at all; does a gate that learnt
from changed images and other pictures take it for a familiar one; does its coarse layout resemble the average film of
the training set; and does its embedding lie where those of validation films lie (Mahalanobis distance: Lee et al., A
Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS 2018, with a covariance shrunk after Ledoit
and Wolf, J. Multivariate Anal. 88, 2004).
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf
from tokenizers import Tokenizer

from engine.case import Case, Course, Image
from engine.io.chest_report import is_chest_report
from engine.models.checkpoint import LoadedModel
from engine.models.course import CourseTransformer
from engine.models.encoder_decoder import EncoderDecoder
from engine.models.fusion import FusionTransformer
from engine.models.literature import LiteratureTransformer
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer
from engine.preprocess.course import HOURS
from engine.preprocess.image import prepare_image, resize, to_grey
from engine.results import Domain
from engine.trust.film_note_domain import note_reasons
from engine.trust.gate import gate_reasons
from engine.trust.language import language_reasons
from engine.trust.question_domain import word_reasons
from engine.trust.sequence_domain import sequence_reasons
from engine.trust.similar import nearest
from engine.trust.stated import stated_reasons
from engine.trust.text_domain import text_reasons
from engine.words import mark, recorded

Floats = NDArray[np.floating[Any]]

FLAT = 0.02  # deviation of display values under which nothing can be seen
COLOURFUL = 0.06  # mean spread between the colour channels above which a picture is no grey film
NOISY = 0.5  # correlation of neighbouring pixels under which there is no anatomy
MIRRORED = 0.02  # by how much the mirrored average must resemble a film better: hearts differ
COARSE = 128  # side of the square on which a picture's content is checked
OBSERVATIONS = 20  # of a course, under which it says too little: 4 stays in 1,000 of the training set have fewer
DIFFERENT = 5  # variables of a course, likewise
SMALLEST = 64  # pixels along a side, under which too little can be seen
WORDS = 10  # of a note, under which it says too little: 37 in the shortest note of the training set
TWO_TONES = 0.9  # share of the pixels with one of two greys out of 32, above which a picture is a drawing or a mask
_TONES = 32
_WORD = re.compile(r"[^\W\d_]+")


def judge(case: Case, embedding: Floats, model: LoadedModel) -> Domain:
    """Say whether the model was made for a case like this one.

    Parameters
    ----------
    case : Case
        Its first frame of its first image is the one that the model saw.
    embedding : numpy.ndarray
        ``(D,)``: what the model's head saw.
    model : LoadedModel
        Its card holds the limits; a card without limits claims no domain, and every case is inside.
    """
    if case.sequence is not None:
        reasons = sequence_reasons(case.sequence)
        return Domain(inside=not reasons, reasons=tuple(reasons))
    if isinstance(model.network, CourseTransformer) and case.course is not None:
        doubts = course_reasons(case.course, model.card.data.ages)
        return Domain(inside=not doubts, reasons=tuple(doubts))
    if isinstance(model.network, FusionTransformer) and model.tokenizer is not None:
        return _fused_domain(case, model.network, model.tokenizer, model)
    if case.note is not None and model.tokenizer is not None:
        return _text_domain(case.note.text, model.tokenizer, embedding, model)
    if not isinstance(model.network, ImageTransformer):
        return Domain(inside=True)
    reasons = film_reasons(case.images[0], embedding, model.network, model)
    return Domain(inside=not reasons, reasons=tuple(reasons))


def film_reasons(image: Image, embedding: Floats, network: ImageTransformer, model: LoadedModel) -> list[str]:
    """What puts a film outside of what an image network was taught; empty where nothing does.

    Parameters
    ----------
    embedding : numpy.ndarray
        ``(D,)``: what the network made of it.
    network : ImageTransformer
        The model's, or the part of it that looks at images.
    """
    trust, grey = model.card.trust, _coarse(image)  # (128, 128) at most
    reasons = stated_reasons(image, model.card.data) or content_reasons(image, grey)
    if not reasons and model.gate is not None and trust.gate_limit is not None:
        pixels, there, _ = prepare_image(image, 0, network.config.image_size, network.config.patch_size)
        reasons = gate_reasons(ModelInput(pixels[None], there[None]), model.gate, trust.gate_limit)
    if not reasons and trust.likeness_limit is not None:
        reasons = layout_reasons(grey, network.average_film.cpu().numpy(), trust.likeness_limit)
    if not reasons and trust.domain_limit is not None:
        mean, precision = network.embedding_mean.cpu().numpy(), network.embedding_precision.cpu().numpy()
        if distances(embedding[None], mean, precision)[0] > trust.domain_limit:
            reasons.append(recorded("The model has seen nothing like it in training."))
    return reasons


def _fused_domain(case: Case, network: FusionTransformer, tokenizer: Tokenizer, model: LoadedModel) -> Domain:
    """Judge an image and its words, each for itself."""
    image = case.images[0]
    if network.config.words == "question":
        reasons = word_reasons(case.question, tokenizer) + content_reasons(image, _coarse(image))
        return Domain(inside=not reasons, reasons=tuple(reasons))
    pixels, there, _ = prepare_image(image, 0, network.config.image_size, network.config.patch_size)
    film = ModelInput(pixels[None], there[None]).to(network.head.weight.device)
    with torch.inference_mode():
        seen = network.sight(film).embedding[0].float().cpu().numpy()  # (D,)
    reasons = film_reasons(image, seen, network.sight, model)
    reasons += note_reasons(case.note, tokenizer, model.card.data.ages) if case.note else []
    return Domain(inside=not reasons, reasons=tuple(reasons))


def _text_domain(text: str, tokenizer: Tokenizer, embedding: Floats, model: LoadedModel) -> Domain:
    """Judge a text: its language first, then whether it is of the kind that the model reads."""
    reads = mark("text") if isinstance(model.network, LiteratureTransformer) else "note"
    said = language_reasons(text, tokenizer, kind=reads)
    if said:
        return Domain(inside=False, reasons=tuple(said), readable=False)
    if isinstance(model.network, EncoderDecoder) and not is_chest_report(text):
        said = [recorded("The note does not read like the findings of a chest X-ray.")]
    elif isinstance(model.network, LiteratureTransformer):
        said = text_reasons(text)
    elif not isinstance(model.network, EncoderDecoder):
        said = _length_reasons(text)
    return Domain(inside=False, reasons=tuple(said)) if said else _note_domain(embedding, model)


def _length_reasons(text: str) -> list[str]:
    """A few words are no note, and say too little even of their language."""
    said = len(_WORD.findall(text))
    if said >= WORDS:
        return []
    return [recorded("The note has fewer than {least} words: it says too little to be judged.", least=WORDS)]


def _note_domain(embedding: Floats, model: LoadedModel) -> Domain:
    """A note is outside where no training note is near it; a model without a memory of them claims no domain."""
    limit = model.card.trust.domain_limit
    if model.memory is None or limit is None:
        return Domain(inside=True)
    closest = nearest(embedding, model.memory, model.labels, count=1).cases[0].distance
    if closest <= limit:
        return Domain(inside=True)
    return Domain(inside=False, reasons=(recorded("No text that the model was trained on is like it."),))


def course_reasons(course: Course, ages: tuple[float, float] | None) -> list[str]:
    """What puts a course outside: a patient of another age, or too little that was observed in its first two days.

    Parameters
    ----------
    ages : tuple of float or None
        Youngest and oldest of the training set, in whole years; None where they are not known.
    """
    reasons = []
    years = course.static.get("Age")
    if ages is not None and years is not None and not ages[0] <= years < ages[1] + 1:
        outside = mark("The patient is outside the ages that the model knows, {youngest:g} to {oldest:g} years.")
        reasons.append(recorded(outside, youngest=ages[0], oldest=ages[1]))
    read = [name for hour, name in zip(course.hours, course.variables, strict=True) if hour <= HOURS]
    if len(read) < OBSERVATIONS:
        few = mark("It has {n} observations in the first {hours} hours; the model needs at least {least}.")
        reasons.append(recorded(few, n=len(read), hours=HOURS, least=OBSERVATIONS))
    elif len(set(read)) < DIFFERENT:
        few = mark("Only {n} variables were observed; the model needs at least {least}.")
        reasons.append(recorded(few, n=len(set(read)), least=DIFFERENT))
    return reasons


def content_reasons(image: Image, grey: Floats) -> list[str]:
    """What forbids to call a picture a radiograph at all; empty where nothing does.

    Parameters
    ----------
    grey : numpy.ndarray
        ``(rows, columns)``: its display values in [0, 1].
    """
    if min(image.shape) < SMALLEST:
        few = mark("The picture has too few pixels: {rows} x {columns}.")
        return [recorded(few, rows=image.shape[0], columns=image.shape[1])]
    small = resize(grey.astype(np.float32), *(min(COARSE, side) for side in grey.shape)).numpy()  # (128, 128) at most
    if small.std() < FLAT:
        return [recorded("The picture is almost uniform: there is nothing to see.")]
    if image.is_color and _colourfulness(image) > COLOURFUL:
        return [recorded("The picture is in colour: the model reads grey films.")]
    if _likeness_of_neighbours(small) < NOISY:
        return [recorded("The picture is noise: neighbouring pixels have nothing in common.")]
    tones = np.sort(np.histogram(small, _TONES)[0])  # (32,)
    if tones[-2:].sum() > TWO_TONES * tones.sum():
        return [recorded("The picture has two tones: it is a drawing or a mask.")]
    return []


def layout_reasons(grey: Floats, average: Floats, limit: float) -> list[str]:
    """What in a picture's coarse layout tells it from the films that the model knows; empty where nothing does.

    Parameters
    ----------
    grey : numpy.ndarray
        ``(rows, columns)`` display values.
    average : numpy.ndarray
        ``(G, G)``: the average film.
    limit : float
        Smallest likeness of a familiar film.
    """
    upright = likeness(grey, average)
    others = {
        mark("It looks upside down."): likeness(grey, average[::-1, ::-1]),
        mark("It looks mirrored, left for right."): likeness(grey, average[:, ::-1]) - MIRRORED,
    }
    if upright < limit:  # what is like the average film is neither of these
        others[mark("Its greys look inverted: dark where such films are bright.")] = -upright
        others[mark("It looks turned on its side.")] = max(likeness(grey, np.rot90(average, turns)) for turns in (1, 3))
    reason = max(others, key=lambda said: others[said])
    if others[reason] > max(upright, limit):
        return [recorded(reason)]
    if upright >= limit:
        return []
    return [recorded("Its layout is not that of the films that the model knows: another view, part or orientation.")]


def likeness(grey: Floats, average: Floats) -> float:
    """Correlation, in [-1, 1], of a film's coarse layout with the average film's.

    Parameters
    ----------
    grey : numpy.ndarray
        ``(rows, columns)`` display values.
    average : numpy.ndarray
        ``(G, G)``.
    """
    coarse = coarse_layout(grey, average.shape[0])  # (G, G)
    return float(np.mean(coarse * (average - average.mean())) / max(float(average.std()), 1e-6))


def coarse_layout(grey: Floats, side: int) -> NDArray[np.float32]:
    """A film squeezed to ``(side, side)`` cells of mean 0 and deviation 1 (all 0 where it is flat)."""
    cells = resize(grey.astype(np.float32), side, side).numpy()  # (G, G)
    centred = cells - cells.mean()  # (G, G)
    return np.asarray(centred / max(float(centred.std()), 1e-6), dtype=np.float32)


def fit_familiar(embeddings: Floats) -> tuple[Floats, Floats]:
    """Mean ``(D,)`` and precision ``(D, D)`` of embeddings ``(N, D)``, float32."""
    covariance, _ = ledoit_wolf(embeddings.astype(np.float64))  # (D, D)
    return embeddings.mean(axis=0).astype(np.float32), np.linalg.inv(covariance).astype(np.float32)


def distances(embeddings: Floats, mean: Floats, precision: Floats) -> Floats:
    """Mahalanobis distances ``(N,)`` of embeddings ``(N, D)``."""
    offset = embeddings - mean  # (N, D)
    return np.asarray(np.sqrt(np.einsum("nd,de,ne->n", offset, precision, offset).clip(min=0)))


def _coarse(image: Image) -> Floats:
    """Display values in [0, 1] of the first frame, ``(128, 128)`` at most: nothing is enlarged."""
    return np.asarray(resize(to_grey(image, 0), *(min(COARSE, side) for side in image.shape)).numpy())


def _likeness_of_neighbours(grey: Floats) -> float:
    """Correlation, in [-1, 1], of pixels with the next ones, along rows or columns: the smaller of the two."""
    pairs = ((grey[:, 1:], grey[:, :-1]), (grey[1:], grey[:-1]))
    return min(
        float(np.mean((one - one.mean()) * (other - other.mean())) / max(float(one.std() * other.std()), 1e-9))
        for one, other in pairs
    )


def _colourfulness(image: Image) -> float:
    """Mean spread between the channels of the first frame, as a share of the full range."""
    frame = image.pixels[0].astype(np.float32)  # (rows, columns, 3)
    return float((frame.max(axis=-1) - frame.min(axis=-1)).mean() / np.iinfo(image.pixels.dtype).max)
