"""Splice junctions in a window of DNA: a donor (exon to intron), an acceptor (intron to exon), or neither.

Data set: primate splice-junction gene sequences of GenBank 64.1 (Noordewier, Towell & Shavlik, NIPS 3, 1991; UCI).
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case
from engine.case import Sequence as Bases
from engine.errors import DatasetError
from engine.io.sequence import LETTERS
from engine.models.card import Card, DataFacts
from engine.models.checkpoint import save_model
from engine.models.device import pick_device
from engine.models.output import ModelInput
from engine.models.sequence import SequenceTransformer, SequenceTransformerConfig
from engine.preprocess.prepared import Prepared
from engine.preprocess.sequence import cut_sites, letters_of, prepare_sequence
from engine.tasks.assessment import Assessment, training_facts
from engine.tasks.explainer import Ground, learn_explainer
from engine.tasks.map_scales import CASES, scales_on
from engine.tasks.one_label import Labelled, figures, fit_trust, halves_of, judge, report
from engine.tasks.task import Example, Source, Task
from engine.training.origin import claim_run
from engine.training.sequences import SequenceSettings, Windows, predict_windows, train_windows
from engine.training.shapley import ExplainerSettings
from engine.training.split import folds_by_group

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

NAME = "splice-junction"
TITLE = "Splice junctions in DNA"
DONOR, ACCEPTOR, NEITHER = LABELS = ("exon-intron", "intron-exon", "neither")
TRAINED_SHARES = (607 / 2534, 622 / 2534, 1305 / 2534)
"""How often each label stands in the windows that the shipped model learned from and was calibrated on."""

WINDOW = 60
FILE = "splice.data"
HELD = 0.2  # share of the genes that a learned explainer is judged on; the model itself has learned from all
SUBSETS = (0.5, 0.75)  # shares of the bases at which the model is tried
ON_SUBSETS = ("macro_auroc", "accuracy", "ece")

SUMMARY = (
    "Reads 60 bases and says whether the place in their middle is a donor site (exon to intron), an acceptor site "
    "(intron to exon) or neither. Two convolutions and two Transformer layers over single bases."
)
INTENDED_USE = "Research and education; not a medical device. Studying explanations of sequence models."
LIMITS = (
    "Trained on primate genes of an early GenBank release, mostly human: other organisms are outside.",
    "Half of the training windows are junctions; in a genome one place in thousands is. A scan therefore finds many "
    "sites that no cell uses: its probabilities hold for windows as they were drawn in the data set.",
    "30 bases on either side are all it sees: branch points and enhancers lie beyond.",
    "Junctions without GT or AG are 1 % of the training set, and are known poorly.",
    "It says nothing of whether a variant is harmful.",
)

_CLASSES = {"EI": DONOR, "IE": ACCEPTOR, "N": NEITHER}


def read_dataset(folder: Path) -> list[Example]:
    """Read ``splice.data``; windows of one gene, and equal windows, are one group.

    Raises
    ------
    DatasetError
        The file is missing, or a line is not class, name and 60 bases.
    """
    try:
        with (folder / FILE).open(newline="", encoding="ascii") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as exc:
        raise DatasetError(f"The folder has no readable {FILE}.", f"Give the folder that holds {FILE}.") from exc
    for number, row in enumerate(rows, start=1):
        if len(row) != 3 or row[0] not in _CLASSES or len(row[2]) != WINDOW or set(row[2]) - set(LETTERS):
            raise DatasetError(
                f"Line {number} of {FILE} is not class, name and {WINDOW} bases.", "Give the file as it was published."
            )
    groups = _groups(rows)
    seen: dict[str, int] = defaultdict(int)
    examples = []
    for (label, name, bases), group in zip(rows, groups, strict=True):
        seen[name] += 1
        case_id = name if seen[name] == 1 else f"{name}#{seen[name]}"
        examples.append(Example(case_id, group, (_CLASSES[label],), text=bases))
    return examples


def _groups(rows: Sequence[Sequence[str]]) -> list[str]:
    """The gene of every row, one for all genes that share a window."""
    gene_of: dict[str, str] = {}

    def root(gene: str) -> str:
        while gene_of.setdefault(gene, gene) != gene:
            gene = gene_of[gene]
        return gene

    for _, name, bases in rows:
        gene_of[root(name.partition("-")[0])] = root(bases)
    return [root(bases) for _, _, bases in rows]


def load(example: Example) -> Case:
    """Make a case of one row."""
    bases = example.text or ""
    sequence = Bases(bases, hashlib.sha256(bases.encode()).hexdigest(), name=example.case_id)
    return Case(example.case_id, example.case_id, sequence=sequence)


def accepts(case: Case) -> bool:
    """True for a case with a sequence."""
    return case.sequence is not None


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Cut the window around the site that is asked about."""
    inputs, offsets, coverage = prepare_sequence(cast(Bases, case.sequence), WINDOW)
    return Prepared(inputs.to(model.device), offsets, coverage)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Train on all windows, after as many trials with a part of the genes held out as `settings` has folds.

    The trials, trained alike, give every figure and what trust needs; none of them has seen the genes it is judged by.
    """
    chosen = SequenceSettings(**settings)
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    windows = _windows(examples)
    logits, thinned = _held_out(examples, windows, chosen, out, seed)
    network = train_windows(
        _network(chosen, seed), windows, windows, chosen, nothing=LABELS.index(NEITHER), out=out / "run", seed=seed
    )
    assessment = _assess(examples, logits, thinned, seed)
    card = Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=LIMITS,
        data=DataFacts(
            "UCI molecular biology, primate splice-junction gene sequences",
            "CC BY 4.0",
            len(examples),
            "Windows of genes of primates in GenBank 64.1 (1990); whose DNA it was is unknown.",
            f"All figures are from {chosen.folds} trials that each held out a part of the genes (genes with an equal "
            "window count as one), with calibration cross-fitted on halves; the model itself is trained alike on all.",
        ),
        metrics=assessment.metrics,
        trust=assessment.trust,
        report=assessment.report,
        map_scales=_map_scales(network, windows),
        training=training_facts(chosen, seed, out / "run"),
    )
    save_model(out, network, card)


def _network(settings: SequenceSettings, seed: int) -> SequenceTransformer:
    torch.manual_seed(seed)
    sizes = {name: getattr(settings, name) for name in ("width", "layers", "heads", "reach", "dropout")}
    config = SequenceTransformerConfig(labels=len(LABELS), window=WINDOW, **sizes)
    return SequenceTransformer(config).to(pick_device())


def _windows(examples: Sequence[Example]) -> Windows:
    cut = [cut_sites(letters_of(example.text or ""), [WINDOW // 2], WINDOW) for example in examples]
    targets = torch.tensor([LABELS.index(example.truth[0]) for example in examples])  # (N,)
    return Windows(torch.cat([one.values for one in cut]), torch.cat([one.presence for one in cut]), targets)


def _held_out(
    examples: Sequence[Example], windows: Windows, settings: SequenceSettings, out: Path, seed: int
) -> tuple[NDArray[np.float32], dict[float, NDArray[np.float32]]]:
    """Logits ``(N, L)`` of every window by a trial that has not seen its gene: with all bases, with shares of them."""
    rank = {example.case_id: row for row, example in enumerate(examples)}
    logits = {share: np.empty((len(examples), len(LABELS)), np.float32) for share in (1.0, *SUBSETS)}
    for fold, (learned, held) in enumerate(folds_by_group(examples, folds=settings.folds, seed=seed)):
        seen, unseen = (np.array([rank[example.case_id] for example in part]) for part in (learned, held))
        trial = train_windows(
            _network(settings, seed + fold),
            windows[seen],
            windows[unseen],
            settings,
            nothing=LABELS.index(NEITHER),
            out=out / f"trial-{fold + 1}",
            seed=seed + fold,
        )
        for share, found in logits.items():
            found[unseen] = predict_windows(trial, windows[unseen], kept=share, seed=seed)
    return logits.pop(1.0), logits


def _assess(
    examples: Sequence[Example], logits: NDArray[np.float32], thinned: Mapping[float, NDArray[np.float32]], seed: int
) -> Assessment:
    truth = np.array([[label in example.truth for label in LABELS] for example in examples])  # (N, L)
    held = Labelled(tuple(examples), truth, LABELS)
    halves, weights = halves_of(logits[None], held, seed), held.weights(seed)  # the latter (1 + B, N)
    judged = judge(logits, halves, held)
    metrics = figures(judged, held, weights)
    for share, found in thinned.items():
        some = figures(judge(found, halves, held), held, weights)
        metrics |= {f"{name}@{share:.0%} of bases": some[name] for name in ON_SUBSETS}
    return Assessment(fit_trust(logits[None], held), metrics, report(judged, held, weights))


def _map_scales(network: SequenceTransformer, windows: Windows) -> dict[str, float]:
    """Measure the colour scale of each explanation method on junctions, for a map of none is of little interest."""
    junctions = (windows.targets != LABELS.index(NEITHER)).nonzero()[:CASES, 0].tolist()
    bases = ["".join("ACGT"[rank] for rank in window.argmax(dim=1)) for window in windows.values[junctions]]
    prepared = (prepare_sequence(Bases(letters, ""), WINDOW) for letters in bases)
    device = next(network.parameters()).device
    return scales_on(network, ((inputs.to(device), offsets) for inputs, offsets, _ in prepared))


def _as_served(model: LoadedModel, examples: Sequence[Example]) -> ModelInput:
    """The windows of some rows, ``(B, 60, 4)``, for a learned explainer."""
    windows = _windows(examples)
    return ModelInput(windows.values, windows.presence).to(model.device)


_GROUND = Ground(_as_served, None, HELD, ExplainerSettings(cases=2500, pairs=32, epochs=40))

SPLICE_JUNCTION = Task(
    name=NAME,
    title=TITLE,
    question="Is there a splice junction in the middle of this window?",
    source=Source.SEQUENCE,
    labels=LABELS,
    multi_label=False,
    positive=(),
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults=asdict(SequenceSettings()),
    train_explainer=partial(learn_explainer, _GROUND),
)
