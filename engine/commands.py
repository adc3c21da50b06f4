"""The commands that ask models: analyse, explain, evaluate, benchmark."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.case import Case
from engine.density import MOST_DENSITY
from engine.doubt import steadiness
from engine.errors import CaseError, UploadError, UsageError
from engine.evaluation.benchmark import benchmark_explanations
from engine.evaluation.drafting import add_drafts
from engine.evaluation.evaluate import evaluate as evaluate_task
from engine.evaluation.evaluate import evaluate_questions, write_masks
from engine.evaluation.impressions import add_to_csv
from engine.evaluation.report import with_interval
from engine.evidence import measure_faithfulness
from engine.explain.overlay import draw_overlay
from engine.io.group import read_uploads
from engine.measured import Faithfulness
from engine.models.checkpoint import LoadedModel, load_model
from engine.pipeline import WEIGHTS, explain_case, fitting_tasks, shipped_model
from engine.pipeline import analyse as analyse_case
from engine.preprocess.display import to_display
from engine.progress import ProgressLines
from engine.questions import modality_share
from engine.results import Explanation
from engine.rows import (
    Row,
    answer_line,
    caution_lines,
    is_refused,
    row_of,
    warning_lines,
    with_cautions,
    with_share,
    with_warnings,
)
from engine.samples import sample_case, sample_index
from engine.scanning import scan
from engine.serve import benchmark_load
from engine.sites import Scan, fits_one_window, sites_bed, sites_csv
from engine.stopping import Stopping
from engine.tasks import KNOWN_TASKS, known_task
from engine.tasks.task import Source, Task
from engine.tasks.treatment import note_cautions

logger = logging.getLogger(__name__)


def analyse(options: argparse.Namespace) -> int:
    """Findings of every file; a file that is refused is named with its reason and does not stop the others."""
    model = load_model(options.model) if options.model else None
    task = known_task(options.task).name if options.task else model.task if model else None
    if model and task != model.task:
        raise UsageError(f"The model is one of {model.task}, not of {task}.", "Leave --task out.")
    if not 0 < options.density <= MOST_DENSITY:
        raise UsageError(f"--density is above 0 and at most {MOST_DENSITY:g} junctions in 1,000 bases.")
    rows: list[Row] = []
    search = _Search(options.density, options.strand == "both", [])
    for found in _analysed(options, task, model, search):
        rows += found
        _tell(found)
    refused = [row for row in rows if is_refused(row)]
    if len(refused) == len(rows):
        raise UploadError("; ".join(f"{row['file']}: {row['error']}" for row in refused))
    if options.overlay:
        _write_overlay(options, task, model)
    if options.json:
        _write_json(options.json, rows)
    _write_sites(options, search.scans)
    if search.stopping():
        raise KeyboardInterrupt  # after what was found is written
    return 0


@dataclass(frozen=True)
class _Search:
    """How long sequences are searched, and what was found in each."""

    density: float
    both_strands: bool
    scans: list[Scan]
    stopping: Stopping = field(default_factory=Stopping)


def _analysed(
    options: argparse.Namespace, task: str | None, model: LoadedModel | None, search: _Search
) -> Iterator[list[Row]]:
    """The rows of case after case, until the search of one was stopped."""
    for paths in _drops(options.files, task):
        for found in _analyse_files(paths, task, model, options.question, search, moved=bool(options.json)):
            yield found
            if search.stopping():
                return


def explain(options: argparse.Namespace) -> int:
    """The map of one answer on the source's pixels, or its words, and how faithful it is to the model."""
    task = known_task(options.task)
    case = _only_case(options.files, options.question)
    model = _model(options, task)
    site = 0 if fits_one_window(case) else scan(case, model, progress=ProgressLines(case.title)).best
    explanation = explain_case(
        case, model, method=options.method, label=options.label, rather_than=options.rather_than, frame=site
    )
    if options.map and explanation.map is None:
        raise CaseError("Only images have pixels.", "Leave --map out.")
    found = measure_faithfulness(case, model, explanation, label=options.label, frame=site)
    _write_json(options.json, {**_record(explanation, model.digest), "faithfulness": _evidence(found)})
    if options.map and explanation.map is not None:
        np.save(options.map, explanation.map)
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Score a model on a labelled folder; every figure with its 95 % interval by patient."""
    task = known_task(options.task)
    model = _model(options, task)
    if task.source is Source.QUESTION:
        return _evaluate_questions(options, task, model)
    evaluation = evaluate_task(task, model, options.data, progress=_progress)
    drafted = None
    if task.draft:
        evaluation, drafted = add_drafts(evaluation, task, model, progress=_progress)
    if options.json:
        _write_json(options.json, evaluation.to_json())
    if options.predictions:
        evaluation.write_csv(options.predictions)
        if drafted:
            add_to_csv(drafted, options.predictions)
    if options.masks:
        write_masks(model, evaluation.examples, options.data, options.masks)
    for name, metric in evaluation.metrics.items():
        print(f"{name:32s} {with_interval(metric)}, n = {metric.cases(evaluation.n)}")
    for name, drawn in evaluation.outlined.items():
        print(f"{name:32s} {with_interval(drawn)}, n = {drawn.n}")
    for remark in evaluation.remarks:
        print(remark)
    return 0


def _evaluate_questions(options: argparse.Namespace, task: Task, model: LoadedModel) -> int:
    """Score the answers to questions; the image is left out as well, to see what it adds."""
    evaluation = evaluate_questions(task, model, options.data, progress=_progress)
    if options.json:
        _write_json(options.json, evaluation.to_json())
    if options.predictions:
        evaluation.write_csv(options.predictions)
    for name, metric in evaluation.metrics.items():
        print(f"{name:40s} {with_interval(metric)}, n = {metric.cases(evaluation.n)}")
    return 0


def benchmark(options: argparse.Namespace) -> int:
    """Our explanations beside those of the peers that are installed, or many readers beside one, as Markdown tables."""
    if options.name == "load":
        return benchmark_load(options)
    films = [sample_case(entry.case_id) for entry in sample_index() if entry.modality[:2] in {"CR", "DX"}]
    model = load_model(WEIGHTS / "chest-xray", device="cpu")
    found = benchmark_explanations(model, films, progress=_progress)
    if options.json:
        _write_json(options.json, found.to_json())
    print(found.to_markdown())
    return 0


def _drops(files: Sequence[Path], task: str | None) -> list[Sequence[Path]]:
    """What is sorted into cases together: every file by itself, and all files where a task reads film and note."""
    together = task is not None and KNOWN_TASKS[task].source is Source.FILM_AND_NOTE
    return [files] if together else [[path] for path in files]


def _analyse_files(
    paths: Sequence[Path], task: str | None, model: LoadedModel | None, question: str, search: _Search, *, moved: bool
) -> Iterator[list[Row]]:
    """For each case in some files one row a task, or one with the reason why it was refused."""
    report = read_uploads([(str(path), path) for path in paths])
    for refusal in report.refused:
        yield [{"file": refusal.name, "error": str(refusal.error)}]
    for case in (replace(case, question=question) for case in report.cases):
        path = paths[0] if len(paths) == 1 else Path(case.images[0].name if case.images else case.title)
        rows = list(_case_rows(path, case, task, model, search, moved=moved))
        yield with_warnings(with_cautions(rows, note_cautions(case)), case)


def _agreement(case: Case, model: LoadedModel) -> dict[str, Any]:
    """Whether the answer for a picture stands when it is moved a little; nothing for what is no picture."""
    if KNOWN_TASKS[model.task].source is not Source.IMAGE:
        return {}
    found = steadiness(case, model)
    bounds = {"low": round(found.low, 6), "high": round(found.high, 6)}
    return {"agreement": {"label": found.label, "held": found.held, "moved": found.moved, **bounds}}


def _case_rows(
    path: Path, case: Case, task: str | None, model: LoadedModel | None, search: _Search, *, moved: bool
) -> Iterator[Row]:
    """One row for each model that answers; where pictures are `moved`, with whether the answer stands."""
    asked = cache(partial(analyse_case, case, model))  # once by each model, though its domain is asked for first
    names = [task] if task else [found.name for found in fitting_tasks(case, lambda task: asked(task=task.name))]
    if not names:
        yield {"file": str(path), "error": "No model here answers for this kind of case."}
    for name in names:
        try:
            row = _searched(path, case, name, model, search) or row_of(path, asked(task=name))
            if KNOWN_TASKS[name].source is Source.QUESTION:
                row = with_share(row, modality_share(case, model or shipped_model(name)))
            yield row | (_agreement(case, model or shipped_model(name)) if moved else {})
        except CaseError as error:
            yield {"file": str(path), "task": name, "error": str(error)}


def _searched(path: Path, case: Case, task: str, model: LoadedModel | None, search: _Search) -> Row | None:
    """A long sequence is searched, and its most probable site is the one that is answered for; None for all others."""
    if case.sequence is None or fits_one_window(case):
        return None
    with search.stopping:
        found = scan(
            case,
            model or shipped_model(task),
            both_strands=search.both_strands,
            density=search.density,
            progress=ProgressLines(f"{path}: {case.title}"),
            stop=search.stopping,
        )
    search.scans.append(found)
    row = row_of(path, analyse_case(case, model, task=task, frame=found.best))
    sites = [asdict(site) | {"position": site.position + 1} for site in found.sites]  # biologists count from 1
    about = {
        "sequence": case.title,
        "length": found.length,
        "searched": found.searched,
        "share_searched": round(found.share, 6),
        "unknown": found.unknown,
    }
    return {**row, **about, "strands": found.strands, "density": found.density, "sites": sites}


def _write_sites(options: argparse.Namespace, scans: Sequence[Scan]) -> None:
    """Write the sites of all sequences into one file of each kind that was asked for."""
    if options.bed:
        options.bed.write_text(sites_bed(scans), encoding="utf-8")
    if options.csv:
        options.csv.write_text(sites_csv(scans), encoding="utf-8")


def _record(explanation: Explanation, digest: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "method": str(explanation.method),
        "label": explanation.label,
        "rather_than": explanation.rather_than,
        "signed": explanation.signed,
        "unit": "multiples of an average token",
        "scale": explanation.scale,
        "model_digest": digest,
    }
    if explanation.observed is not None:
        observed = [round(float(value), 6) if np.isfinite(value) else None for value in explanation.observed]
        return {**record, "unit": "multiples of an average observation", "observed": observed}
    if explanation.spans:
        record["spans"] = [asdict(span) for span in explanation.spans]
    if explanation.map is not None:
        record |= {"shape": list(explanation.map.shape), "maximum": float(np.nanmax(explanation.map))}
    return record


def _evidence(found: Faithfulness) -> dict[str, Any]:
    """The faithfulness record: what the curves follow, their areas, and the two comparisons."""
    return {
        **asdict(found),
        "gap": found.gap,
        "deletion": {**asdict(found.deletion), "area": found.deletion.area},
        "insertion": {**asdict(found.insertion), "area": found.insertion.area},
    }


def _only_case(paths: Sequence[Path], question: str = "") -> Case:
    report = read_uploads([(str(path), path) for path in paths])
    if report.refused:
        raise report.refused[0].error
    if len(report.cases) != 1:
        raise UploadError(f"{paths[0].name} holds {len(report.cases)} cases.", "Give a file with one case.")
    return replace(report.cases[0], question=question)


def _write_overlay(options: argparse.Namespace, task: str | None, model: LoadedModel | None) -> None:
    if len(_drops(options.files, task)) != 1:
        raise UsageError("--overlay draws one image.", "Give one file.")
    case = _only_case(options.files, options.question)
    if not case.images:
        raise CaseError("Only images have pixels to draw on.", "Leave --overlay out.")
    name = task or fitting_tasks(case)[0].name
    explanation = explain_case(case, model or shipped_model(name), method=options.method)
    if explanation.map is None:
        raise CaseError(f"The task {name} reads the note.", "Choose a task that reads the image.")
    display = to_display(case.images[0], 0)  # (rows, columns) or (rows, columns, 3)
    picture = draw_overlay(display, explanation.map, scale=explanation.scale, signed=explanation.signed)
    picture.save(options.overlay, "PNG")


def _model(options: argparse.Namespace, task: Task) -> LoadedModel:
    """The model in the folder that was given, else the shipped one."""
    return load_model(options.model) if options.model else shipped_model(task.name)


def _tell(rows: Sequence[Row]) -> None:
    """Print the rows of one case: contradictions before anything else, then warnings; refusals on standard error."""
    for line in (*(line for row in rows for line in caution_lines(row)), *warning_lines(rows)):
        print(line)
    for row in rows:
        if "error" in row:
            print(f"{row['file']}: refused. {row['error']}", file=sys.stderr)
        else:
            print(answer_line(row))


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
