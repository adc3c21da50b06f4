"""Reports of chest X-rays: which findings a text names, and a draft of the impression below it.

Data set: Indiana University's chest X-ray reports, findings to "Problems" and to impression; the input is the findings
alone, as `engine.tasks.report_data` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from tokenizers import Tokenizer

from engine.case import Case, Note, Stretch
from engine.errors import CaseError
from engine.io.chest_report import is_chest_report, unseen_part
from engine.models.card import Card, DataFacts, Metric
from engine.models.checkpoint import save_model
from engine.models.device import pick_device
from engine.preprocess.draft import draft_pieces
from engine.preprocess.prepared import Prepared
from engine.preprocess.text import prepare_note, split_pieces
from engine.results import Method
from engine.tasks.assessment import training_facts
from engine.tasks.clinical_note import load
from engine.tasks.map_gaps import MapGround, kept_by_split, measure_maps
from engine.tasks.note_card import measure_map_scales
from engine.tasks.report_card import COPIED, LINEAR, MAIN, HeldReports, assess
from engine.tasks.report_data import LABELS, read_dataset
from engine.tasks.report_draft import draft_impression
from engine.tasks.task import Example, Source, Task
from engine.tasks.treatment_mining import without
from engine.training.linear import linear_logits
from engine.training.notes import LabelledNotes
from engine.training.origin import claim_run
from engine.training.reports import LabelledReports, ReportSettings, begin, train_reports
from engine.training.split import split_by_group
from engine.words import tr

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

NAME = "radiology-report"
TITLE = "Findings and impression of a chest X-ray report"
METHODS = (Method.LIBRA_FULL_GRADIENT, Method.RELEVANCE, Method.ATTCAT, Method.ATTENTION, Method.OCCLUSION)
HELD = 0.12  # share of the groups of equal findings to validate on

SUMMARY = (
    f"Reads the findings of a chest X-ray report, gives each of {len(LABELS)} problems a probability of its own, and "
    "drafts the impression. Three BERT layers begun from all-MiniLM-L6-v2 (Apache-2.0, its vocabulary cut to the "
    "reports'), the lowest two unchanged; each label reads the words by an attention of its own. A decoder of three "
    "layers writes the draft, at most 62 word pieces, by beam search over four drafts. Drafts that are too unsure are "
    "not shown. Weights are stored in half precision and computed in single."
)
INTENDED_USE = (
    "Research and education; not a medical device. A draft is a proposal to be read against the findings, never a "
    "report."
)
LIMITS = (
    "It reads what somebody wrote of an image, never the image: what the findings miss, it misses.",
    'Problems are what the set\'s coders gave to whole reports, impressions included; "Lung", "Spine" or "normal" are '
    'their words. "No Indexing" is left out: it says that nobody coded the report.',
    "Reports of one network of hospitals in Indiana, in English, in adults. Words that were blanked out for privacy "
    "stand as XXXX in what it learned from, and in what it writes: each XXXX is for the reader to fill in or strike.",
    "A quarter of the reports that it learned from are normal; where more of them are, as in practice, any figure over "
    "all reports looks better. Figures are given of distinct findings and without normal reports too.",
    "Most impressions are stock sentences, and most drafts are too. What is rare, it tends to leave out: see the check "
    "beside each draft, which lists what the findings state and the draft does not.",
    "The check knows 26 findings by a list of words and simple rules of denial: it misses what is put otherwise, and "
    "it calls a sound conclusion (pneumonia from an opacity) an addition.",
    "The least probability at which a draft is shown was chosen on the validation reports that the figures of shown "
    "and withheld drafts are of.",
    "Sex and origin of the patients are unknown, so nothing can be said about fairness between groups.",
)


def accepts(case: Case) -> bool:
    """True for a case whose note reads like the report of a chest X-ray."""
    return case.note is not None and is_chest_report(case.note.text)


def findings_alone(note: Note) -> tuple[Note, tuple[Stretch, ...]]:
    """Blank out of a note what does not say what was seen; every other character stays at its place.

    Raises
    ------
    CaseError
        Nothing is left.
    """
    parts = unseen_part(note.text)
    left = replace(note, text=without(note.text, parts))
    if not left.text.strip():
        raise CaseError(tr("The note has no findings."), tr("Give the findings of a chest X-ray report."))
    return left, parts


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make the findings of the case's note ready."""
    note, parts = findings_alone(cast(Note, case.note))
    inputs, offsets, coverage = prepare_note(note, cast(Tokenizer, model.tokenizer))
    return Prepared(inputs.to(model.device), offsets, coverage, parts)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Train on the encoder in the folder ``settings["init"]``, or go on with a run that was stopped, and write `out`.

    The folder is as for `engine.tasks.clinical_note.train`.

    Raises
    ------
    TrainingError
        The folder does not hold a BERT encoder.
    """
    chosen = ReportSettings(**{name: value for name, value in settings.items() if name != "init"})
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    training, validation = split_by_group(examples, held=HELD, seed=seed)
    torch.manual_seed(seed)
    texts = [f"{example.text} {example.written}" for example in training]
    network, tokenizer = begin(Path(settings["init"]), texts, len(LABELS), chosen)
    network = network.to(pick_device())
    longest = network.config.longest_draft
    learned, held = (_labelled(part, tokenizer, longest) for part in (training, validation))
    averaged = train_reports(network, tokenizer, learned, held, chosen, out=out / "run", seed=seed)
    averaged = averaged.half().float()  # rounded as it will be stored
    linear = linear_logits(_texts(training), learned.truth, _texts(validation))  # (N, L)
    reports = HeldReports(tuple(validation), held.pieces, held.truth, LABELS)
    assessment = assess(averaged, tokenizer, training, reports, linear, seed=seed)
    card = Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=(*LIMITS, _compared(assessment.metrics)),
        data=DataFacts(
            "Indiana University chest X-ray reports (Demner-Fushman et al., 2016)",
            "CC BY-NC-ND 4.0: attribution, no commercial use, no derivatives of the reports; none of them is shipped",
            len(examples),
            "Reports of chest X-rays of adults from two hospital systems in Indiana, names already removed.",
            f"By findings text: trained on {len(training)} reports; all figures are from {len(validation)} others, "
            "with calibration and thresholds of labels cross-fitted on halves of them.",
        ),
        metrics=assessment.metrics,
        trust=assessment.trust,
        report=assessment.report,
        map_scales=measure_map_scales(averaged, tokenizer, LabelledNotes(held.pieces, held.truth), METHODS),
        training=training_facts(chosen, seed, out / "run", "tokenizers"),
    )
    save_model(out, averaged, card, tokenizer, half=True)
    measure_maps(_MAPS, examples, out)


def _labelled(examples: Sequence[Example], tokenizer: Tokenizer, longest: int) -> LabelledReports:
    truth = np.array([[label in example.truth for label in LABELS] for example in examples])  # (N, L)
    drafts = [draft_pieces(one.written, tokenizer, longest=longest) if one.written else [] for one in examples]
    return LabelledReports(tuple(split_pieces(text, tokenizer) for text in _texts(examples)), truth, tuple(drafts))


def _texts(examples: Sequence[Example]) -> list[str]:
    return [example.text or "" for example in examples]


def _compared(metrics: Mapping[str, Metric]) -> str:
    """Say in one sentence what simpler means reach on the same reports, for the card's limits."""
    labels = ", ".join(
        f"{name.replace('_', ' ')} {metrics[name].value:.3f} against {metrics[f'{name} of {LINEAR}'].value:.3f}"
        for name in MAIN
    )
    drafts = f"{metrics['rouge_l'].value:.3f} against {metrics[f'rouge_l of {COPIED}'].value:.3f}"
    return f"Beside {LINEAR}, labels have {labels}; beside {COPIED}, drafts have ROUGE-L {drafts}."


_MAPS = MapGround(kept_by_split(HELD), load, prepare, multi_label=True, parts="words")

RADIOLOGY_REPORT = Task(
    name=NAME,
    title=TITLE,
    question="What do these findings name, and how would they be summed up?",
    source=Source.NOTE,
    labels=LABELS,
    multi_label=True,
    positive=(),
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults={"init": "", **asdict(ReportSettings())},
    draft=draft_impression,
    measure_maps=partial(measure_maps, _MAPS),
)
