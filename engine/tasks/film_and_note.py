"""A small child's chest film read with its note: one answer of both, and how much of it came from either.

Films: Kermany et al., Cell 2018, as for `engine.tasks.chest_xray`. No public set pairs such films with notes, so the
notes are generated (`engine.training.chest_notes`): what can be shown is how a model weighs words against an image,
and what it says of real notes is not known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.case import Case, Note
from engine.models.checkpoint import LoadedModel, load_model, save_model
from engine.models.device import pick_device
from engine.models.fusion import FusionTransformer, FusionTransformerConfig
from engine.models.text import TextTransformer
from engine.models.vision import ImageTransformer
from engine.preprocess.prepared import Prepared
from engine.preprocess.question import prepare_film_and_note
from engine.tasks import chest_xray, clinical_note, image_classifier
from engine.tasks.film_note_card import NAME, TITLE, Trial, make_card
from engine.tasks.film_note_words import signs_of
from engine.tasks.image_classifier import HELD
from engine.tasks.image_fit import read_image
from engine.tasks.map_gaps import MapGround, kept_by_split, measure_maps
from engine.tasks.task import Example, Source, Task
from engine.training.chest_notes import ASTRAY, ChildNote, write_note
from engine.training.film_notes import FilmNoteSettings, learn_evidence, read_films, teacher, train_film_notes
from engine.training.images import load_films
from engine.training.origin import claim_run
from engine.training.questions import Questions, Seen, as_questions, kept_look
from engine.training.split import split_by_group
from engine.training.vocabulary import prune

if TYPE_CHECKING:
    from collections.abc import Iterable

LABELS = chest_xray.LABELS
LONGEST = 512  # tokens of a note
WIDTH, HEADS = 192, 3
_SHIPPED = Path(__file__).parents[1] / "weights"
_TEXTS = 4000  # generated notes by which the vocabulary is chosen


def note_of(case_id: str, label: str, repeat: int = 0) -> ChildNote:
    """Write the note of a film of the data set: the same at every call.

    Parameters
    ----------
    repeat : int
        Another number, another note.
    """
    seed = int.from_bytes(hashlib.sha256(f"{case_id} {repeat}".encode()).digest()[:8])
    return write_note(label, np.random.default_rng(seed))


def read_dataset(folder: Path) -> list[Example]:
    """Read the films as `engine.tasks.chest_xray.read_dataset` does, and write a note for each.

    Raises
    ------
    DatasetError
        As there.
    """
    return [_with_note(example) for example in chest_xray.read_dataset(folder)]


def _with_note(example: Example) -> Example:
    note = note_of(example.case_id, example.truth[0])
    return replace(example, text=note.text, traits={**example.traits, "note": str(note.aim)})


def load(example: Example) -> Case:
    """Read one example's film, with its note, as a case."""
    film, note = image_classifier.load(example), clinical_note.load(example).note
    return replace(film, note=note)


def accepts(case: Case) -> bool:
    """True for a radiograph with a note; whether they are of a small child's chest is for the domain gate to say."""
    return chest_xray.accepts(case) and case.note is not None and bool(case.note.text.strip())


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make ready the first frame of the case's first image, and what of its note the model may read."""
    config = cast(FusionTransformer, model.network).config
    note, parts = signs_of(cast(Note, case.note))
    inputs, geometry, coverage = prepare_film_and_note(
        case.images[0],
        note.text,
        cast(Tokenizer, model.tokenizer),
        size=config.image_size,
        patch=config.patch_size,
        longest=config.longest,
    )
    return Prepared(inputs.to(model.device), geometry, coverage, parts)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Teach a network to read films with notes, or go on with a run that was stopped, and write `out`.

    ``settings["film_model"]`` and ``settings["text_model"]`` are folders of a chest model, which sees, and of a note
    model, whose words are taken over; empty for those that come with the package.
    """
    chosen = FilmNoteSettings(**settings)
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    films, texts = (
        load_model(Path(folder) if folder else _SHIPPED / name, device="cpu")
        for folder, name in ((chosen.film_model, "chest-xray"), (chosen.text_model, "clinical-note"))
    )
    others, validation = split_by_group(examples, held=HELD, seed=seed)
    training = others[:: -(-len(others) // chosen.films)]
    sight = cast(ImageTransformer, films.network)
    tokenizer, kept = prune(cast(Tokenizer, texts.tokenizer), _all_texts(chosen, seed), size=chosen.vocabulary)
    torch.manual_seed(seed)
    network = begin(sight, cast(TextTransformer, texts.network), kept, dropout=chosen.dropout).to(pick_device())
    seen, held = (
        _look(sight, part, chosen.views, out / "run" / f"{name}.safetensors", seed)
        for name, part in (("taught", training), ("held", validation))
    )
    read = [_as_questions(validation, tokenizer, repeat) for repeat in (0, 1)]
    learn_evidence(network, tokenizer, [example.truth[0] for example in training], chosen, out=out / "run", seed=seed)
    taught = train_film_notes(
        network,
        tokenizer,
        seen,
        teacher(chest_logits(sight, seen), [LABELS.index(example.truth[0]) for example in training]),
        [example.truth[0] for example in training],
        (held, read[0]),
        chosen,
        out=out / "run",
        seed=seed,
    ).eval()
    card = make_card(
        taught,
        tokenizer,
        _trial(taught, tokenizer, held, read, validation, sight),
        replace(chosen, film_model="", text_model="", notes=""),  # where things lie on one machine is no fact
        films.card,
        len(training),
        seed=seed,
        run=out / "run",
    )
    save_model(out, taught, card, tokenizer, half=True, gate=films.gate)
    measure_maps(_MAPS, examples, out)


def begin(
    sight: ImageTransformer, text: TextTransformer, kept: torch.Tensor, *, dropout: float = 0.0
) -> FusionTransformer:
    """Make the network to train: its eyes those of the chest model, its words narrowed from those of the note model.

    Parameters
    ----------
    kept : Tensor
        ``(V,)`` int64: which rows of the note model's embeddings are kept.
    """
    films = sight.config
    config = FusionTransformerConfig(
        labels=len(LABELS),
        vocabulary=len(kept),
        image_size=films.image_size,
        patch_size=films.patch_size,
        sight_width=films.width,
        sight_layers=films.layers,
        sight_heads=films.heads,
        longest=LONGEST,
        text_width=WIDTH,
        text_heads=HEADS,
        text_inner=4 * WIDTH,
        width=WIDTH,
        heads=HEADS,
        dropout=dropout,
        words="note",
        adds_up=True,
        astray=ASTRAY,
    )
    network = FusionTransformer(config)
    with torch.no_grad():
        eyes = {
            name: value for name, value in sight.state_dict().items() if not name.startswith(("head.", "explainer."))
        }
        network.sight.load_state_dict({**network.sight.state_dict(), **eyes})
        network.text.embeddings.word_embeddings.weight.copy_(
            narrowed(text.embeddings.word_embeddings.weight[kept], WIDTH)
        )
        for places in (network.text.embeddings.position_embeddings, network.text.embeddings.token_type_embeddings):
            places.weight.mul_(0.1)
    return network


def narrowed(embeddings: torch.Tensor, width: int) -> torch.Tensor:
    """Embeddings ``(V, D)`` in their first `width` principal axes, ``(V, width)``, of deviation 1 over all."""
    centred = embeddings.float() - embeddings.float().mean(dim=0)  # (V, D)
    wide = min(width, *centred.shape)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:wide]  # (width, D)
    found = centred @ axes.T  # (V, width)
    return torch.nn.functional.pad(found / found.std(), (0, width - wide))


def _all_texts(chosen: FilmNoteSettings, seed: int) -> Iterable[str]:
    """Generated notes, and real ones where there are any, by which the vocabulary is chosen."""
    generator = np.random.default_rng(seed)
    made = [write_note(LABELS[rank % len(LABELS)], generator).text for rank in range(_TEXTS)]
    real = clinical_note.read_dataset(Path(chosen.notes)) if chosen.notes else []
    return [*made, *(example.text or "" for example in real)]


def _look(sight: ImageTransformer, examples: Sequence[Example], views: int, kept: Path, seed: int) -> Seen:
    """What the image encoder makes of the films; read back where a stopped run has kept it."""
    paths = [cast(Path, example.path) for example in examples]
    read = [partial(read_image, path) for path in paths]
    return kept_look(
        kept, sight, lambda: load_films(read, [0] * len(paths), size=sight.config.image_size), views=views, seed=seed
    )


def _as_questions(examples: Sequence[Example], tokenizer: Tokenizer, repeat: int) -> Questions:
    truth = [example.truth[0] for example in examples]
    texts = [note_of(example.case_id, label, repeat).text for example, label in zip(examples, truth, strict=True)]
    return as_questions(texts, list(range(len(truth))), [LABELS.index(label) for label in truth], tokenizer)


@torch.inference_mode()
def chest_logits(sight: ImageTransformer, seen: Seen) -> NDArray[np.float32]:
    """Logits ``(N, L)`` of the chest model for N films as they are."""
    there = seen.presence[:, 0, :, None]  # (N, P, 1)
    embedding = (seen.patches[:, 0].float() * there).sum(dim=1) / there.sum(dim=1)  # (N, D)
    return np.asarray(sight.head(embedding).numpy())


def _trial(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    held: Seen,
    read: Sequence[Questions],
    examples: Sequence[Example],
    sight: ImageTransformer,
) -> Trial:
    """What the network answers to the held films as they are, and in another view with another note."""
    plain, other = read_films(network, tokenizer, held, read[0]), read_films(network, tokenizer, held, read[1], view=1)
    film = read_films(network, tokenizer, held, read[0], deaf=True)
    note = read_films(network, tokenizer, held, read[0], blind=True)
    chest = chest_logits(sight, held)  # (N, L)
    notes = [note_of(example.case_id, example.truth[0]) for example in examples]
    return Trial(tuple(examples), np.stack([plain, other]), film, note, chest, notes)


_MAPS = MapGround(kept_by_split(HELD), load, prepare, multi_label=False, parts="patches and words")

FILM_AND_NOTE = Task(
    name=NAME,
    title=TITLE,
    question="Is there pneumonia, and of which kind, by film and note together?",
    source=Source.FILM_AND_NOTE,
    labels=LABELS,
    multi_label=False,
    positive=LABELS[1:],
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults=asdict(FilmNoteSettings()),
    measure_maps=partial(measure_maps, _MAPS),
    lungs=True,
)
