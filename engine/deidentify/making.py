"""Make the tagger: train it, measure it on notes that were not trained on, and write its folder."""

from __future__ import annotations

import logging
import platform
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer

from engine.deidentify.find import find_identifiers
from engine.deidentify.forge import Forge
from engine.deidentify.identifiers import Identifier
from engine.deidentify.measure import count_alarms, measure
from engine.deidentify.plant import Seeded, bare, plant
from engine.deidentify.tagging import LEAST_SURE
from engine.deidentify.templates import MEASURED, WATCHED
from engine.deidentify.training import TAGS, TaggerSettings, train_tagger
from engine.errors import TrainingError
from engine.evaluation.report import with_interval
from engine.models.card import Card, DataFacts, TrustParameters, write_card
from engine.models.checkpoint import load_model, save_model
from engine.models.tagger import TokenTagger, TokenTaggerConfig, compress_embeddings
from engine.tasks.clinical_note import read_dataset
from engine.tasks.task import Example
from engine.training.notes import load_tokenizer
from engine.training.split import split_by_group

NAME = "names"
HELD = 0.2  # share of the groups of notes that are measured on
CURVE = 24  # training notes whose loss is drawn as a curve, and not trained on
ALARMS = "false alarms a note as it came"
_TABLE = "embeddings.word_embeddings.weight"

logger = logging.getLogger(__name__)


def split_notes(folder: Path, seed: int = 0) -> tuple[list[str], list[str]]:
    """The notes that are trained on, and those that are measured on; numbered siblings stay together."""
    training, held = split_by_group(read_dataset(folder), held=HELD, seed=seed)
    return _texts(training), _texts(held)


def train(data: Path, init: Path, out: Path, *, seed: int, settings: TaggerSettings | None = None) -> Card:
    """Train a tagger, or go on with a run that was stopped, and write its folder.

    Parameters
    ----------
    data : pathlib.Path
        The folder that holds ``notes.csv``.
    init : pathlib.Path
        The folder of all-MiniLM-L6-v2, of which the embeddings of word pieces are taken.

    Raises
    ------
    TrainingError
        There is no such encoder, or the run cannot go on.
    DatasetError
        The notes cannot be read.
    """
    settings = settings or TaggerSettings()
    notes, held = split_notes(data, seed)
    tokenizer = load_tokenizer(init)
    network = _network(init, tokenizer)
    watched = [
        plant(text, Forge(np.random.default_rng((seed, rank)), held=True), WATCHED, sentences=8)
        for rank, text in enumerate(notes[:CURVE])
    ]
    trained = train_tagger(network, tokenizer, notes[CURVE:], watched, settings, out=out, seed=seed)
    card = save_model(out, trained, _card(len(notes) + len(held), settings, seed), tokenizer, half=True)
    return measured(out, card, held)


def measured(folder: Path, card: Card, held: Sequence[str]) -> Card:
    """Measure the tagger in a folder together with the patterns, and write the figures into its card."""
    model = load_model(folder, device="cpu")

    def find(text: str) -> tuple[Identifier, ...]:
        return find_identifiers(text, model)

    metrics = measure(seeded_notes(held), find)
    metrics[ALARMS] = count_alarms([bare(text) for text in held], find)
    for name, value in metrics.items():
        logger.info("%s %s, n = %d", name, with_interval(value), value.n)
    written = replace(card, metrics=metrics)
    write_card(written, folder)
    return written


def seeded_notes(held: Sequence[str]) -> list[Seeded]:
    """Plant identifiers by the templates, locales and shapes that are not trained on, the same ones each time."""
    return [
        plant(text, Forge(np.random.default_rng((2026, rank)), held=True), MEASURED, sentences=8)
        for rank, text in enumerate(held)
    ]


def _texts(examples: Sequence[Example]) -> list[str]:
    return [example.text or "" for example in examples]


def _network(init: Path, tokenizer: Tokenizer) -> TokenTagger:
    """A fresh tagger whose pieces lie as those of the encoder do."""
    try:
        table = load_file(init / "model.safetensors")[_TABLE]  # (V, D)
    except (OSError, KeyError, SafetensorError) as exc:
        raise TrainingError(
            "There is no encoder to take word pieces from.", "Give --init the folder of all-MiniLM-L6-v2."
        ) from exc
    torch.manual_seed(0)
    network = TokenTagger(TokenTaggerConfig(len(TAGS), vocab_size=tokenizer.get_vocab_size()))
    with torch.no_grad():
        network.pieces.weight.copy_(compress_embeddings(table, network.config.piece_size))
        network.pieces.weight[0] = 0.0
    return network


def _card(count: int, settings: TaggerSettings, seed: int) -> Card:
    return Card(
        task=NAME,
        title="Names, dates, places and numbers in notes",
        labels=TAGS,
        summary=(
            "A Transformer over words, two layers of width 192, trained from scratch on notes into which identifiers "
            "are planted; the 64 strongest directions of the word-piece embeddings of all-MiniLM-L6-v2 (Apache-2.0) "
            "say what a word may mean and do not learn. Patterns of Presidio (MIT) and of ours stand beside it."
        ),
        intended_use=(
            "Shows a reader what in an English note may identify a person, before the note is kept, and replaces it by "
            "made-up words. Research and education; not a medical device, and no guarantee of anonymity."
        ),
        limits=(
            "Recall is below 1: a reader must look at the note, and the figures hold for identifiers that were made up "
            "and planted, in English notes of one source; real ones stand in other words.",
            "Rare diseases, occupations and events can identify a person too, and are not looked for.",
            "Names and organisations in notes that are typed in small letters only, names that are words (Long, Bell) "
            "and single first names are missed more often than the rest; tables of scores give many false alarms.",
            "Years, ages up to 89, states and countries are left as they are (HIPAA Safe Harbor).",
        ),
        data=DataFacts(
            name="mtsamples, with identifiers made up by Faker",
            licence="public samples of mtsamples.com, names removed by the site; Faker: MIT",
            n=count,
            who="Patients of transcribed notes in the United States; ages and sexes are not known as a whole.",
            split=(
                "A fifth of the groups of notes is measured on, numbered siblings together, with locales and shapes "
                "that were not trained on, in templates that were written last and read for the figures alone. "
                "Patterns and the operating point were chosen on other templates with the same locales and shapes."
            ),
        ),
        metrics={},
        trust=TrustParameters(temperatures=(1.0,), operating_point=LEAST_SURE),
        training={
            **asdict(settings),
            "seed": seed,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "begun_from": "word-piece embeddings of sentence-transformers/all-MiniLM-L6-v2, 384 to 64 dimensions",
        },
    )
