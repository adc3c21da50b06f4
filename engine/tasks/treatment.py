"""Treatments to consider: from a clinical note without its plan, a ranking of drug classes and procedures.

Data set: transcribed medical reports of mtsamples.com, as for `engine.tasks.clinical_note`. Labels are mined from the
plan, medication and procedure sections by the rules of `engine.tasks.treatment_mining`; the same rules withhold these
sections, and every sentence that names a treatment, from the model in training, evaluation and analysis alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from tokenizers import Tokenizer

from engine.case import Case, Note, Stretch
from engine.errors import CaseError, DatasetError
from engine.models.card import Card, DataFacts
from engine.models.checkpoint import save_model
from engine.models.device import pick_device
from engine.models.retrieval import RetrievalTransformer, RetrievalTransformerConfig
from engine.models.text import TextTransformer, TextTransformerConfig, start_from_encoder
from engine.preprocess.prepared import Prepared
from engine.preprocess.text import prepare_note, split_pieces
from engine.results import Cautions, Method
from engine.tasks.clinical_note import accepts, group_of, load, read_rows
from engine.tasks.contradictions import find_contradictions
from engine.tasks.map_gaps import MapGround, is_short, measure_maps
from engine.tasks.note_card import measure_map_scales
from engine.tasks.one_label import Labelled
from engine.tasks.task import Example, Source, Task
from engine.tasks.treatment_card import NEAREST, OFFERED, assess, held_out
from engine.tasks.treatment_lexicon import TREATMENTS
from engine.tasks.treatment_mining import mined_treatments, states_treatment, withheld, without
from engine.training.notes import LabelledNotes, load_tokenizer
from engine.training.origin import claim_run
from engine.training.readout import Readout, ReadoutSettings, all_readings, fit_readout
from engine.training.split import folds_by_group
from engine.training.vocabulary import prune_vocabulary
from engine.trust.language import is_english
from engine.trust.similar import remember
from engine.words import tr

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

NAME = "treatment"
TITLE = "Treatments to consider"
METHODS = (Method.LIBRA_FULL_GRADIENT, Method.RELEVANCE, Method.ATTCAT, Method.ATTENTION, Method.OCCLUSION)
FEWEST_WORDS = 10  # that must be left of a note
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")  # Chinese has no blanks

# Fewer than about 20 notes of the data set have one of these in their plan: they can be neither learned nor checked.
RARE = frozenset(
    {
        "antiviral or antifungal",
        "arthroscopy",
        "breast surgery",
        "dental extraction",
        "muscle relaxant",
        "transfusion",
    }
)
LABELS = tuple(treatment.name for treatment in TREATMENTS if treatment.name not in RARE)

SUMMARY = (
    f"Reads a clinical note without its plan and ranks {len(LABELS)} drug classes and procedures by how often the "
    "plans of such notes name them: suggestions to consider, never orders. A BERT encoder of six layers "
    "(all-MiniLM-L6-v2, Apache-2.0, its vocabulary cut to the notes') that is not changed, one linear head, "
    "and a memory: the training notes whose embeddings lie nearest vote too. Maps, what-if and the "
    "check of a map ask the whole model, head and votes."
)
INTENDED_USE = (
    "Research and education; not a medical device. Never a basis for treating anybody: it says what was written for "
    "others, not what would help."
)
LIMITS = (
    "What was done is not what was right: labels are what plans, medication lists and titles of operations name, found "
    "by a word list; a word that is missing there, or a denial that is not understood, is a wrong label.",
    "Plan, medications, procedure and course of treatment are cut out of the note, and every other sentence that names "
    "a treatment; what is left may still hint at it, as do headings, specialist's words, and the diagnosis itself.",
    "Reports of operations are in the data with their procedure cut: what is left is the diagnosis and the findings. "
    "For them the answer is often plain.",
    "Medication lists count as treatment: much of what is suggested is what such patients already take.",
    "No doses, no contraindications, no interactions are known to the model. Contradictions are found by rules beside "
    "it, from the note alone, by a table that is not complete.",
    "English dictations from the United States, most of them before 2010: drugs and customs have changed.",
    "Age, sex and origin of the patients are unknown, so nothing can be said about fairness between groups.",
    f"Treatments with fewer than about 20 notes are not suggested: {', '.join(sorted(RARE))}.",
)


def read_dataset(folder: Path) -> list[Example]:
    """Read the rows of ``notes.csv`` that state treatment and say something else too; labels are mined from them.

    Raises
    ------
    DatasetError
        As `engine.tasks.clinical_note.read_rows`, or no row states any treatment.
    """
    examples = [_example(row) for row in read_rows(folder) if states_treatment(row["transcription"])]
    kept = [example for example in examples if len(_read_of(example).split()) >= FEWEST_WORDS]
    if not kept:
        raise DatasetError("No note of the folder has a plan and something before it.", "Give whole notes.")
    return kept


def _example(row: Mapping[str, str]) -> Example:
    text = row["transcription"]
    mined = mined_treatments(text)
    truth = tuple(label for label in LABELS if label in mined)
    filed = ", ".join(row["specialties"].split("|"))
    return Example(row["note_id"], group_of(row), truth, text=text, traits={"filed under": filed})


def unplanned(note: Note) -> tuple[Note, tuple[Stretch, ...]]:
    """Blank out of a note what the model must not read; every other character stays at its place.

    Raises
    ------
    CaseError
        Fewer than `FEWEST_WORDS` words are left.
    """
    parts = withheld(note.text)
    left = replace(note, text=without(note.text, parts))
    if len(_WORD.findall(left.text)) < FEWEST_WORDS:
        raise CaseError(tr("Without its plan the note says too little."), tr("Give a note with a history or findings."))
    return left, parts


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make ready what of the case's note the model may read."""
    note, parts = unplanned(cast(Note, case.note))
    inputs, offsets, coverage = prepare_note(note, cast(Tokenizer, model.tokenizer))
    return Prepared(inputs.to(model.device), offsets, coverage, parts)


def note_cautions(case: Case) -> Cautions | None:
    """Find what a case's whole note, its plan included, states that speaks against treatments; None without a note.

    Rules find it, no model: it is there for every note, also for one that says too little for a suggestion.

    Examples
    --------
    >>> note = Note("ALLERGIES: Penicillin. PLAN: Amoxicillin.", "0" * 64)
    >>> note_cautions(Case("c", "c", note=note)).named
    ('penicillin',)
    """
    if case.note is None:
        return None
    found = replace(find_contradictions(case.note.text), named=mined_treatments(case.note.text))
    return found if found.found or is_english(case.note.text) else replace(found, searched=())


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Read all notes by the encoder in ``settings["init"]``, or go on where that was stopped, and learn a head.

    The folder is as for `engine.tasks.clinical_note.train`.

    Raises
    ------
    TrainingError
        The folder does not hold a BERT encoder.
    """
    chosen = ReadoutSettings(**{name: value for name, value in settings.items() if name != "init"})
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    texts = [_read_of(example) for example in examples]
    truth = np.array([[label in example.truth for label in LABELS] for example in examples])  # (N, L)
    encoder, tokenizer = _begin(Path(settings["init"]), texts, chosen)
    notes = LabelledNotes(tuple(split_pieces(text, tokenizer) for text in texts), truth)
    readings = all_readings(encoder, tokenizer, notes.pieces, chosen, out / "run", seed=seed)
    held = Labelled(tuple(examples), truth, LABELS)
    answers = held_out(readings, held, texts, chosen, seed=seed)
    assessment = assess(answers, held, seed=seed)
    network = _with_readout(encoder, fit_readout(readings, truth, chosen), chosen)
    card = Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=LIMITS,
        data=DataFacts(
            "mtsamples.com transcribed medical reports, de-duplicated",
            "public samples, names already removed",
            len(examples),
            "Sample dictations of many specialties from the United States that state a treatment; patients unknown.",
            _in_words(chosen),
        ),
        metrics=assessment.metrics,
        trust=assessment.trust,
        report=assessment.report,
        map_scales=measure_map_scales(network, tokenizer, notes, METHODS),
        training={
            "settings": asdict(chosen),
            "seed": seed,
            "versions": {name: version(name) for name in ("torch", "transformers", "tokenizers")},
        },
    )
    memory = remember(readings[0].means, truth, [f"{one.case_id} · {one.traits['filed under']}" for one in examples])
    save_model(out, network, card, tokenizer, half=True, memory=memory)
    measure_maps(_MAPS, examples, out)


def _begin(folder: Path, texts: Sequence[str], settings: ReadoutSettings) -> tuple[TextTransformer, Tokenizer]:
    """The encoder as it stays, and its tokenizer."""
    tokenizer = load_tokenizer(folder)
    network = start_from_encoder(folder, num_labels=len(LABELS))
    if settings.vocabulary:
        network, tokenizer = prune_vocabulary(network, tokenizer, texts, size=settings.vocabulary)
    # Rounded as it will be stored: the head is fitted to what will be read.
    network = network.half().float().requires_grad_(False)
    return network.eval().to(pick_device()), tokenizer


def _twin(model: LoadedModel, examples: Sequence[Example], folder: Path) -> tuple[LoadedModel, Sequence[Example]]:
    """The same encoder with a head and a memory made without a part of the notes, and that part."""
    training, tokenizer = model.card.training, cast(Tokenizer, model.tokenizer)
    chosen, seed = ReadoutSettings(**training["settings"]), int(training["seed"])
    learned, held = folds_by_group(examples, folds=chosen.folds, seed=seed)[0]
    rank = {example.case_id: row for row, example in enumerate(examples)}
    rows = np.array([rank[example.case_id] for example in learned])  # (n,)
    truth = np.array([[label in example.truth for label in LABELS] for example in learned])  # (n, L)
    pieces = [split_pieces(_read_of(example), tokenizer) for example in examples]
    encoder = cast(TextTransformer, model.network)
    readings = all_readings(encoder, tokenizer, pieces, chosen, folder / "run", seed=seed)
    network = _with_readout(encoder, fit_readout([reading.of(rows) for reading in readings], truth, chosen), chosen)
    return replace(model, network=network), held


def _with_readout(encoder: TextTransformer, readout: Readout, settings: ReadoutSettings) -> RetrievalTransformer:
    """The encoder with its head and its memory, in evaluation mode."""
    sizes = {entry.name: getattr(encoder.config, entry.name) for entry in fields(TextTransformerConfig)}
    memory = {"memories": len(readout.keys), "temperature": settings.temperature, "weight": settings.weight}
    config = RetrievalTransformerConfig(**{**sizes, **memory, "model_type": "retrieval-transformer"})
    network = RetrievalTransformer(config)
    learnt = {"head.weight": readout.weight, "head.bias": readout.bias}
    learnt |= {"centre": readout.centre, "keys": readout.keys, "values": readout.values}
    network.load_state_dict({**encoder.state_dict(), **learnt})
    return network.requires_grad_(False).eval().to(pick_device())


def _read_of(example: Example) -> str:
    """What the model may read of an example."""
    text = example.text or ""
    return without(text, withheld(text))


def _in_words(settings: ReadoutSettings) -> str:
    """How the set was split, for the card."""
    return (
        f"All figures are from {settings.folds} heads that were each trained without a part of the notes (numbered "
        "siblings together) and judged on it, with calibration and thresholds cross-fitted on halves; the model itself "
        f"is trained alike on all notes. Rankings by frequency and by {NEAREST} are judged on the same parts."
    )


_MAPS = MapGround(
    _twin,
    load,
    prepare,
    multi_label=True,
    parts="words",
    telling=is_short,
    remark="Maps were tested on notes of at most 300 words. They, and answers with words hidden, are those of a twin "
    "whose head and memory were made without the notes in question.",
)

TREATMENT = Task(
    name=NAME,
    title=TITLE,
    question="What do the plans of such notes name?",
    source=Source.NOTE,
    labels=LABELS,
    multi_label=True,
    positive=(),
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults={"init": "", **asdict(ReadoutSettings())},
    cautions=note_cautions,
    offered=OFFERED,
    measure_maps=partial(measure_maps, _MAPS),
)
