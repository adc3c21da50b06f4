"""Literature: the disease category of an abstract, a note or a question, and the key by which abstracts are found.

Data set: OHSUMED, MEDLINE abstracts of 1991 in 23 categories of diseases (Hersh et al., SIGIR 1994; single-category
part). For research use; no abstract is part of this package.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.case import Note
from engine.errors import DatasetError
from engine.evaluation.retrieval import IN_MEMORY
from engine.models.card import Card, DataFacts, Metric
from engine.models.checkpoint import LoadedModel, save_model
from engine.models.literature import LiteratureTransformer
from engine.models.output import ModelInput, answer_in_turns, combine
from engine.preprocess.text import Pieces, TokenOffsets, cut_windows, prepare_note, split_pieces, window_starts
from engine.results import Method
from engine.tasks.assessment import training_facts
from engine.tasks.clinical_note import accepts, load, prepare
from engine.tasks.literature_card import SVM, Said, Side, assess, best_weight, metric_line
from engine.tasks.map_gaps import MapGround, kept_by_split, measure_maps
from engine.tasks.map_scales import CASES, scales_on
from engine.tasks.one_label import Labelled
from engine.tasks.task import Example, Source, Task
from engine.training.abstracts import AbstractSettings, begin, put_together, read_abstracts, read_top, train_top
from engine.training.bag import fit_votes, piece_shares, votes_for
from engine.training.closed_form import fit_head, fit_key
from engine.training.origin import claim_run
from engine.training.split import split_by_group
from engine.trust.similar import remember
from engine.words import mark

NAME = "literature"
TITLE = "Literature"
FILE = "abstracts.csv"
METHODS = (Method.LIBRA_FULL_GRADIENT, Method.RELEVANCE, Method.ATTCAT, Method.ATTENTION)

CODES: Mapping[str, str] = MappingProxyType(
    {
        mark("Bacterial infections and mycoses"): "C01",
        mark("Virus diseases"): "C02",
        mark("Parasitic diseases"): "C03",
        mark("Neoplasms"): "C04",
        mark("Musculoskeletal diseases"): "C05",
        mark("Digestive system diseases"): "C06",
        mark("Mouth and tooth diseases"): "C07",
        mark("Respiratory tract diseases"): "C08",
        mark("Ear, nose and throat diseases"): "C09",
        mark("Nervous system diseases"): "C10",
        mark("Eye diseases"): "C11",
        mark("Urologic and male genital diseases"): "C12",
        mark("Female genital diseases and pregnancy"): "C13",
        mark("Cardiovascular diseases"): "C14",
        mark("Blood and lymphatic diseases"): "C15",
        mark("Neonatal diseases and abnormalities"): "C16",
        mark("Skin and connective tissue diseases"): "C17",
        mark("Nutritional and metabolic diseases"): "C18",
        mark("Endocrine diseases"): "C19",
        mark("Immunologic diseases"): "C20",
        mark("Injuries, poisonings, occupational diseases"): "C21",
        mark("Animal diseases"): "C22",
        mark("Pathological conditions, signs and symptoms"): "C23",
    }
)
"""Labels, and the code of each in the data set (tree C of the Medical Subject Headings of 1991)."""
LABELS = tuple(CODES)
_NAMES = {code: label for label, code in CODES.items()}
_COLUMNS = {"pmid", "category", "abstract"}
_LONGEST_FIELD = 2**24

SUMMARY = (
    "Gives an abstract, a note or a typed question one of 23 disease categories, and a key of 128 numbers by which the "
    "abstracts of the reader's own library are ranked. The five lowest layers of all-MiniLM-L6-v2 (Apache-2.0, its "
    "vocabulary cut to the abstracts'), the upper two fine-tuned, head and key fitted to their optimum, and the "
    "votes of single word pieces from a linear model, inside one network. Texts are read whole in overlapping windows "
    "of 256 word pieces, up to 32 of them."
)
INTENDED_USE = (
    "Research and education; not a medical device. Finding abstracts in a library that the reader fills; never a "
    "review of the evidence: what is not in the library cannot be found, and being alike is not being right."
)
LIMITS = (
    "Trained on MEDLINE abstracts of 1991 with exactly one category: newer diseases and drugs are unknown words.",
    "Categories overlap: an infection of the lung belongs to one of two, and the model must choose.",
    "Rank and similarity say how alike two texts are to the model, nothing of the quality of a study.",
    "It learnt to tell categories apart: a text on the same organ may stand before the one that answers.",
    "English only. A clinical note or a question is not an abstract: for these the category was not measured.",
    "Animal diseases have 9 abstracts in the set, viruses and parasites about 20: their own figures are hardly known.",
    "Whose patients the abstracts speak of is unknown, so nothing can be said about fairness between groups.",
    "After about 6,000 word pieces (ten dense pages) the rest is not read; the share that was read is reported.",
)


def read_dataset(folder: Path) -> list[Example]:
    """Read ``abstracts.csv``; equal texts are one group.

    Raises
    ------
    DatasetError
        The file is missing, is no CSV in UTF-8, lacks a column, or names an unknown category.
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
    unknown = {row["category"] for row in rows} - set(_NAMES)
    if unknown:
        raise DatasetError(f"{len(unknown)} categories of {FILE} are not C01 to C23.", "Give the file as published.")
    return [_example(row) for row in rows]


def _example(row: Mapping[str, str]) -> Example:
    text = row["abstract"]
    group = hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()
    return Example(row["pmid"], group, (_NAMES[row["category"]],), text=text)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Fine-tune the upper layers of the encoder in ``settings["init"]``, or go on where that was stopped.

    The folder is as for `engine.tasks.clinical_note.train`.

    Raises
    ------
    TrainingError
        The folder does not hold a BERT encoder.
    """
    chosen = AbstractSettings(**{name: value for name, value in settings.items() if name != "init"})
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    texts = [example.text or "" for example in examples]
    network, tokenizer = begin(Path(settings["init"]), texts, chosen, num_labels=len(LABELS))
    pieces = [split_pieces(text, tokenizer) for text in texts]
    target = np.array([LABELS.index(example.truth[0]) for example in examples])  # (N,)
    learned, held = _split(examples, chosen.held, seed)
    abstracts = read_abstracts(network, tokenizer, pieces, target, chosen, out=out / "run", seed=seed)
    top = train_top(network, abstracts, learned, held, chosen, out=out / "run" / "top", seed=seed)
    seen = read_top(top, abstracts.whole, learned)  # (n, D)
    fit_head(seen, target[learned], top.head)
    fit_key(seen, target[learned], top.key)
    keys = top.key(torch.from_numpy(seen)).detach().numpy()  # (n, K)
    shares = piece_shares(pieces, network.config.vocab_size)  # (N, V)
    votes = fit_votes(shares[learned], target[learned], labels=len(LABELS))  # (V, L)
    network = put_together(network, top, torch.zeros_like(votes), chosen).half().float()
    known = Side([texts[row] for row in learned], target[learned], keys)
    said, own = _held_out(network, tokenizer, [pieces[row] for row in held], votes_for(shares[held], votes))
    asked = Side([texts[row] for row in held], target[held], own)
    truth = np.eye(len(LABELS), dtype=np.bool_)[target]  # (N, L)
    labelled = Labelled(tuple(examples[row] for row in held), truth[held], LABELS, may_lack=True)
    assessment = assess(said, known, asked, labelled, seed=seed)
    network.votes.weight.data.copy_(best_weight(said, asked.target) * votes)
    scales = scales_on(network, (_prepared(texts[row], tokenizer) for row in held[:CASES]), METHODS)
    metrics = assessment.metrics
    card = Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=(*LIMITS, _measured(metrics, len(held))),
        data=DataFacts(
            "OHSUMED (MEDLINE abstracts of 1991), one category each",
            "research use; no abstract is part of this package",
            len(examples),
            "Abstracts of medical journals; whose patients they speak of is unknown.",
            f"By text: trained on {len(learned)} abstracts; all figures are from {len(held)} others, with calibration "
            "cross-fitted on halves of them.",
        ),
        metrics=metrics,
        trust=assessment.trust,
        report=assessment.report,
        map_scales=scales,
        training=training_facts(chosen, seed, out / "run" / "top", "tokenizers"),
    )
    memory = remember(known.keys, truth[learned], [examples[row].case_id for row in learned])
    save_model(out, network, card, tokenizer, half=True, memory=memory)
    measure_maps(_MAPS, examples, out)


def _measured(metrics: Mapping[str, Metric], count: int) -> str:
    """What was measured, in a sentence for the card's limits."""
    ours, theirs = metric_line(metrics, "accuracy"), metric_line(metrics, f"accuracy of {SVM}")
    return (
        f"On {count} abstracts that it did not learn from, {ours} of the categories are right, against {theirs} by "
        f"{SVM}; of the five training abstracts that lie nearest, {metric_line(metrics, IN_MEMORY)} have the category "
        "of the question."
    )


def _split(examples: Sequence[Example], held: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rank = {example.case_id: row for row, example in enumerate(examples)}
    sides = split_by_group(examples, held=held, seed=seed)
    learned, judged = (np.array([rank[example.case_id] for example in side]) for side in sides)
    return learned, judged


def _held_out(
    network: LiteratureTransformer, tokenizer: Tokenizer, pieces: Sequence[Pieces], votes: NDArray[np.float32]
) -> tuple[Said, NDArray[np.float32]]:
    """What the whole network, which has no votes yet, says of abstracts ``(N, L)``, and their keys ``(N, K)``."""
    logits, keys = [], []
    for each in pieces:
        inputs, _ = cut_windows([(each, start) for start in window_starts(len(each.ids))], tokenizer)
        with torch.inference_mode():
            output = answer_in_turns(network, inputs)
        logits.append(combine(output.logits).numpy())
        keys.append(output.embedding.mean(dim=0).numpy())
    return Said(np.stack(logits), votes), np.stack(keys)


def _prepared(text: str, tokenizer: Tokenizer) -> tuple[ModelInput, TokenOffsets]:
    inputs, offsets, _ = prepare_note(Note(text, ""), tokenizer)
    return inputs, offsets


def _held_abstracts(
    model: LoadedModel, examples: Sequence[Example], folder: Path
) -> tuple[LoadedModel, Sequence[Example]]:
    """The abstracts that a model was validated on; their share is one of its settings."""
    return kept_by_split(float(model.card.training["settings"]["held"]))(model, examples, folder)


_MAPS = MapGround(_held_abstracts, load, prepare, multi_label=False, parts="words")

LITERATURE = Task(
    name=NAME,
    title=TITLE,
    question="Which disease category is this about, and which abstracts are like it?",
    source=Source.NOTE,
    labels=LABELS,
    multi_label=False,
    positive=(),
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults={"init": "", **asdict(AbstractSettings())},
    asked=True,  # a clinical note is no abstract: for these the category was not measured
    codes=CODES,
    measure_maps=partial(measure_maps, _MAPS),
)
