"""Questions about radiology images: a ranked list of answers, and how much of each came from the image.

Data set: VQA-RAD (Lau et al., Scientific Data 5, 2018). Beside its few questions, a model learns from questions
that the labels of other picture sets answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from tokenizers import Tokenizer

from engine.case import Case
from engine.models.checkpoint import load_model, save_model
from engine.models.device import pick_device
from engine.models.fusion import FusionTransformer, FusionTransformerConfig
from engine.models.text import start_from_encoder
from engine.models.vision import ImageTransformer
from engine.preprocess.prepared import Prepared
from engine.preprocess.question import prepare_question
from engine.tasks import image_classifier
from engine.tasks.image_fit import read_image
from engine.tasks.map_gaps import MapGround, all_cases, measure_maps
from engine.tasks.question_card import NAME, TITLE, Trial, linear_answers, make_card
from engine.tasks.question_data import (
    Picture,
    answer_space,
    labelled_pictures,
    of_another_part,
    pictures_of,
    read_dataset,
)
from engine.tasks.task import Example, Source, Task
from engine.training.generated import Asked, questions_on
from engine.training.images import ClassifierSettings, load_films
from engine.training.notes import load_tokenizer
from engine.training.origin import claim_run
from engine.training.questions import (
    Questions,
    QuestionSettings,
    Seen,
    as_questions,
    look,
    predict_answers,
    train_questions,
)
from engine.training.sight import learn_to_see
from engine.training.split import folds_by_group, split_by_group
from engine.training.vocabulary import prune

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

HELD = 0.15  # share of the patients' cases whose images the encoder is never taught on
FOLDS = 3
PIECES = 4000  # of the question encoder's vocabulary
_FOLDERS = frozenset({"init", "start", "chest", "ultrasound"})  # where things lie on one machine is no fact


@dataclass(frozen=True)
class VisualQuestionSettings(QuestionSettings):
    """How the whole model is made.

    Parameters
    ----------
    init : str
        Folder of all-MiniLM-L6-v2, as for the clinical notes.
    start : str
        Folder of an image model whose weights the image encoder begins with; empty for a start from scratch.
    chest, ultrasound : str
        Folders of further labelled pictures; empty for none.
    most : int
        Pictures of each label of those.
    stages : str
        Image side and epochs of the image encoder's training; the last side is the model's.
    """

    init: str = ""
    start: str = ""
    chest: str = ""
    ultrasound: str = ""
    most: int = 100
    stages: str = "112x6 160x1"


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learnt from: what is seen of all pictures, and the answers that there are.

    Parameters
    ----------
    ranks : mapping of Path to int
        Where each picture stands in `seen`.
    others : tuple of (Asked, Path)
        Generated questions on the further sets.
    """

    seen: Seen
    ranks: Mapping[Path, int]
    answers: tuple[str, ...]
    tokenizer: Tokenizer
    kept: torch.Tensor
    others: tuple[tuple[Asked, Path], ...]

    def real(self, examples: Sequence[Example]) -> Questions:
        """Questions of the data set."""
        return self._questions([(example.text or "", example.path, example.truth[0]) for example in examples])

    def generated(self, examples: Sequence[Example]) -> Questions:
        """Questions that labels answer: those of the further sets, and what `examples` tell of their own pictures."""
        told = [(asked, picture.path) for picture in pictures_of(examples) for asked in questions_on(picture.facts)]
        return self._questions([(asked.question, path, asked.answer) for asked, path in (*told, *self.others)])

    def _questions(self, rows: Sequence[tuple[str, Path | None, str]]) -> Questions:
        known = {answer: rank for rank, answer in enumerate(self.answers)}
        texts, paths, truth = zip(*rows, strict=True) if rows else ((), (), ())
        ranks = [self.ranks[cast(Path, path)] for path in paths]
        return as_questions(texts, ranks, [known.get(answer, -1) for answer in truth], self.tokenizer)


def accepts(case: Case) -> bool:
    """True for an image of which something is asked."""
    return bool(case.images) and bool(case.question)


def load_question(example: Example) -> Case:
    """Read one example's image, with its question, as a case."""
    return replace(image_classifier.load(example), question=example.text or "")


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make the first frame of the case's first image, and the question, ready."""
    config = cast(FusionTransformer, model.network).config
    tokenizer = cast(Tokenizer, model.tokenizer)
    size, patch = config.image_size, config.patch_size
    inputs, geometry = prepare_question(
        case.images[0], case.question, tokenizer, size=size, patch=patch, longest=config.longest
    )
    return Prepared(inputs.to(model.device), geometry)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Teach an encoder to see, then a network to answer; or go on with a run that was stopped, and write `out`.

    Raises
    ------
    TrainingError
        ``settings["init"]`` holds no BERT encoder.
    """
    chosen = VisualQuestionSettings(**settings)
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    taught, unseen = split_by_group(examples, held=HELD, seed=seed)
    others = labelled_pictures(chosen.chest, chosen.ultrasound, most=chosen.most, seed=seed)
    sight = _learn_to_see(pictures_of(taught) + others, pictures_of(unseen), chosen, out / "run" / "sight", seed)
    lesson = _lesson(examples, others, sight, chosen, seed)
    trials = _trials(examples, taught, unseen, lesson, sight, chosen, out / "run", seed)
    network = _teach(lesson, examples, unseen, sight, chosen, out / "run" / "whole", seed)
    own = {name: value for name, value in asdict(chosen).items() if name not in _FOLDERS}
    card = make_card(
        network,
        lesson.tokenizer,
        lesson.answers,
        trials,
        VisualQuestionSettings(**own),
        len(others),
        seed=seed,
        run=out / "run" / "whole",
    )
    save_model(out, network, card, lesson.tokenizer, half=True)
    measure_maps(_MAPS, examples, out)


def _learn_to_see(
    taught: Sequence[Picture], held: Sequence[Picture], chosen: VisualQuestionSettings, run: Path, seed: int
) -> ImageTransformer:
    """Teach the image encoder on all labelled pictures but the held ones."""
    settings = ClassifierSettings(stages=chosen.stages, lr=5e-4, average=0.99)
    config = _config(1, chosen).sight()
    start = cast(ImageTransformer, load_model(Path(chosen.start), device="cpu").network) if chosen.start else None
    films, known = ([(partial(read_image, one.path), one.kind) for one in some] for some in (taught, held))
    return learn_to_see(films, known, config, settings, start, out=run, seed=seed)


def _lesson(
    examples: Sequence[Example],
    others: Sequence[Picture],
    sight: ImageTransformer,
    chosen: VisualQuestionSettings,
    seed: int,
) -> Lesson:
    """See every picture once, and find the words and answers that there are."""
    paths = [*sorted({cast(Path, example.path) for example in examples}), *(one.path for one in others)]
    films = load_films([partial(read_image, path) for path in paths], [0] * len(paths), size=sight.config.image_size)
    made = [(asked, one.path) for one in others for asked in questions_on(one.facts)]
    told = [asked for one in pictures_of(examples) for asked in questions_on(one.facts)]
    answers = answer_space(examples, [asked.answer for asked, _ in made] + [asked.answer for asked in told])
    texts = [example.text or "" for example in examples] + [asked.question for asked, _ in made]
    tokenizer, kept = prune(load_tokenizer(Path(chosen.init)), texts + [asked.question for asked in told], size=PIECES)
    seen = look(sight, films, views=chosen.views, seed=seed)
    return Lesson(seen, {path: rank for rank, path in enumerate(paths)}, answers, tokenizer, kept, tuple(made))


def _trials(
    examples: Sequence[Example],
    taught: Sequence[Example],
    unseen: Sequence[Example],
    lesson: Lesson,
    sight: ImageTransformer,
    chosen: VisualQuestionSettings,
    run: Path,
    seed: int,
) -> dict[str, Trial]:
    """Answer every question by a network taught without it and its twin, and those on images never seen by another."""
    paired = [_Paired(example, example.traits["pair"]) for example in examples]
    found: list[Trial] = []
    for rank, (learned, held) in enumerate(folds_by_group(paired, folds=FOLDS, seed=seed), start=1):
        mine, theirs = [one.example for one in learned], [one.example for one in held]
        network = _teach(lesson, mine, theirs, sight, chosen, run / f"fold-{rank}", seed)
        found.append(_try(network, lesson, mine, theirs, seed))
    blank = _teach(lesson, taught, unseen, sight, chosen, run / "unseen", seed)
    return {"": Trial.of(found), " on unseen images": _try(blank, lesson, taught, unseen, seed)}


@dataclass(frozen=True)
class _Paired:
    """A question that stays with its paraphrase, whatever image it is about."""

    example: Example
    group: str


def _try(
    network: FusionTransformer, lesson: Lesson, learned: Sequence[Example], held: Sequence[Example], seed: int
) -> Trial:
    """What a network answers to questions that it was not taught, with its image, without, and with another."""
    questions = lesson.real(held)
    swapped = questions.about(questions.pictures[of_another_part(held, seed)])
    whole, blind, other = (
        predict_answers(network, lesson.tokenizer, lesson.seen, asked, blind=blind)
        for asked, blind in ((questions, False), (questions, True), (swapped, False))
    )
    return Trial(tuple(held), whole, blind, other, linear_answers(learned, held, lesson.answers))


def _teach(
    lesson: Lesson,
    examples: Sequence[Example],
    held: Sequence[Example],
    sight: ImageTransformer,
    chosen: VisualQuestionSettings,
    run: Path,
    seed: int,
) -> FusionTransformer:
    """Train one network on some questions; the held ones draw the curve and choose nothing."""
    torch.manual_seed(seed)
    network = _begin(lesson, sight, chosen).to(pick_device())
    own = {entry.name: getattr(chosen, entry.name) for entry in fields(QuestionSettings)}
    return train_questions(
        network,
        lesson.tokenizer,
        lesson.seen,
        lesson.real(examples),
        lesson.generated(examples),
        lesson.real(held),
        QuestionSettings(**own),
        out=run,
        seed=seed,
    )


def _config(labels: int, chosen: VisualQuestionSettings) -> FusionTransformerConfig:
    side = int(chosen.stages.split()[-1].split("x")[0])
    return FusionTransformerConfig(labels=labels, vocabulary=PIECES, image_size=side, dropout=chosen.dropout)


def _begin(lesson: Lesson, sight: ImageTransformer, chosen: VisualQuestionSettings) -> FusionTransformer:
    """Make the network to train: its eyes as they were taught, its words those of the lower layers of MiniLM."""
    encoder = start_from_encoder(Path(chosen.init), num_labels=1)
    config = replace(
        _config(len(lesson.answers), chosen),
        vocabulary=len(lesson.kept),
        text_width=encoder.config.hidden_size,
        text_heads=encoder.config.num_attention_heads,
        text_inner=encoder.config.intermediate_size,
    )
    network = FusionTransformer(config)
    with torch.no_grad():
        eyes = {name: value for name, value in sight.state_dict().items() if not name.startswith("head.")}
        network.sight.load_state_dict({**network.sight.state_dict(), **eyes})
        described = encoder.embeddings.state_dict()
        described["word_embeddings.weight"] = described["word_embeddings.weight"][lesson.kept]
        described["position_embeddings.weight"] = described["position_embeddings.weight"][: config.longest]
        network.text.embeddings.load_state_dict(described)
        for own, theirs in zip(network.text.layers, encoder.layers, strict=False):
            own.load_state_dict(theirs.state_dict())
    return network


_MAPS = MapGround(
    all_cases,
    load_question,
    prepare,
    multi_label=False,
    parts="patches and words",
    served=True,
    remark="Maps, and answers with parts of image and question hidden, were tested on questions that it had been "
    "taught.",
)

VISUAL_QUESTION = Task(
    name=NAME,
    title=TITLE,
    question="What is asked of this image?",
    source=Source.QUESTION,
    labels=(),
    multi_label=False,
    positive=(),
    accepts=accepts,
    read_dataset=read_dataset,
    load=load_question,
    prepare=prepare,
    train=train,
    defaults=asdict(VisualQuestionSettings()),
    measure_maps=partial(measure_maps, _MAPS),
)
