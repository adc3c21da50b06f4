"""The draft of an impression: written from findings, aligned with them word by word and checked, or withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.case import Case, Note
from engine.drafts import Check, Draft, DraftedWord
from engine.explain.alignment import align
from engine.io.chest_findings import CHEST_FINDINGS, check
from engine.models.beam import Beam, BeamSettings, beam_search
from engine.models.checkpoint import LoadedModel
from engine.models.encoder_decoder import EncoderDecoder
from engine.models.output import ModelInput
from engine.preprocess.draft import BEGIN, END, piece_number, spell
from engine.preprocess.prepared import Prepared
from engine.preprocess.text import TokenOffsets
from engine.tasks.treatment_mining import without
from engine.words import mark, recorded


@dataclass(frozen=True, eq=False)
class Impression:
    """What a model writes of some findings, whether it is worth showing or not.

    Parameters
    ----------
    checks : tuple of Check
        On what it and the findings disagree.
    """

    text: str
    beam: Beam
    checks: tuple[Check, ...]

    @property
    def contradicted(self) -> tuple[str, ...]:
        """The findings that it states, and that the text says are not there."""
        return tuple(one.finding for one in self.checks if one.kind.contradicts)


def ends_of(tokenizer: Tokenizer) -> tuple[int, int]:
    """The piece that begins a draft, and the one that ends it."""
    return piece_number(BEGIN, tokenizer), piece_number(END, tokenizer)


def write_impressions(
    network: EncoderDecoder, tokenizer: Tokenizer, inputs: ModelInput, findings: str
) -> tuple[Impression, ...]:
    """Write drafts of one window of findings ``(1, T)``, and hold each against their text; the best first."""
    with torch.inference_mode():
        read = network.encode(network.embed(inputs), inputs.presence).hidden[-1]  # (1, T, D)
    settings = BeamSettings(network.config.beams, network.config.length_power)
    beams = beam_search(network, read, inputs.presence, ends_of(tokenizer), settings)
    texts = [spell(beam.pieces, tokenizer)[0] for beam in beams]
    return tuple(Impression(text, beam, check(text, findings)) for text, beam in zip(texts, beams, strict=True))


def choose(written: Sequence[Impression]) -> Impression:
    """The best draft that states nothing that the findings say is not there; the best of all where each does."""
    return next((one for one in written if not one.contradicted), written[0])


def draft_impression(case: Case, model: LoadedModel, prepared: Prepared) -> Draft:
    """Draft the impression of a case's findings, or say why not."""
    network, tokenizer = cast(EncoderDecoder, model.network), cast(Tokenizer, model.tokenizer)
    least = model.card.trust.least_drafted or 0.0
    inputs = prepared.inputs.to(model.device)
    if len(inputs.presence) > 1:
        return no_draft(recorded("The findings are longer than any that it learned from."), least)
    findings = without(cast(Note, case.note).text, prepared.withheld)
    drafts = write_impressions(network, tokenizer, inputs, findings)
    chosen = choose(drafts)
    why = withheld_for(chosen, least)
    if why:
        return no_draft(why, least, chosen.beam.confidence)
    better = drafts[: drafts.index(chosen)]
    passed_over = dict.fromkeys(name for one in better for name in one.contradicted)
    return _aligned(model, prepared, chosen, tuple(passed_over))


def withheld_for(chosen: Impression, least: float) -> str:
    """Why a draft is not shown, in words; empty where it is."""
    if chosen.beam.confidence < least or not chosen.beam.pieces:
        unsure = mark(
            "Its best draft has a mean probability of {mean:.2f} a word piece; below {least:.2f} drafts were too often "
            "unlike what was written."
        )
        return recorded(unsure, mean=chosen.beam.confidence, least=least)
    if chosen.contradicted:
        against = mark("Every draft states what the findings say is not there: {finding}.")
        return recorded(against, finding=chosen.contradicted[0])
    return ""


def no_draft(reason: str, least: float = 0.0, confidence: float = 0.0) -> Draft:
    """No draft, for a reason in words."""
    return Draft("", reason, (), (), np.zeros((0, 0), np.float32), confidence, least)


def _aligned(model: LoadedModel, prepared: Prepared, written: Impression, passed_over: tuple[str, ...]) -> Draft:
    """The draft with its words, what each was written from, and what does not agree with the findings."""
    network, tokenizer = cast(EncoderDecoder, model.network), cast(Tokenizer, model.tokenizer)
    inputs = prepared.inputs.to(model.device)
    begin, end = ends_of(tokenizer)
    text, words = spell(written.beam.pieces, tokenizer)
    draft = torch.tensor([[begin, *written.beam.pieces, end]], device=model.device)  # (1, N)
    pieces = [(word.first, word.last) for word in words]
    found = align(network, inputs, draft, pieces)
    lengths = torch.tensor([last - first for first, last in pieces])  # (D,)
    probabilities = (found.log_probability.cpu() / lengths).exp()  # (D,) a piece
    geometry = cast(TokenOffsets, prepared.geometry)
    shares, sources = by_words(found.relevance.cpu().numpy(), geometry)  # (D, S)
    return Draft(
        text,
        "",
        tuple(
            DraftedWord(word.start, word.end, float(p)) for word, p in zip(words, probabilities.tolist(), strict=True)
        ),
        sources,
        shares,
        written.beam.confidence,
        model.card.trust.least_drafted or 0.0,
        written.checks,
        len(CHEST_FINDINGS),
        passed_over,
    )


def by_words(
    aligned: NDArray[np.float32], geometry: TokenOffsets
) -> tuple[NDArray[np.float32], tuple[tuple[int, int], ...]]:
    """Bring rows over tokens ``(D, T)`` to shares of the S words of a note.

    Returns
    -------
    tuple of numpy.ndarray and tuple
        ``(D, S)`` float32, each row summing to 1 (0 where it had nothing on words), and characters of the S words.
    """
    spans = [geometry.raw_spans(row[None]) for row in aligned]  # D of S
    weight = np.array([[span.relevance for span in row] for row in spans], np.float32)  # (D, S)
    total = weight.sum(axis=1, keepdims=True)  # (D, 1)
    shares = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return shares, tuple((span.start, span.end) for span in spans[0])
