"""The command `attending`: words in, exit status out (0 done, 1 our fault, 2 bad usage, 3 bad input)."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from engine.density import DENSITY
from engine.errors import AttendingError, UsageError
from engine.results import Method

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

logger = logging.getLogger(__name__)

OUR_FAULT, BAD_USAGE, BAD_INPUT = 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; one clear line on standard error where it is not 0."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at the store's tables
    options = _parser().parse_args(arguments)
    try:
        command = getattr(import_module(options.module), options.command)
        status: int = command(options)
        return status
    except AttendingError as error:
        print(f"attending: {error}", file=sys.stderr)
        return BAD_USAGE if isinstance(error, UsageError) else BAD_INPUT
    except KeyboardInterrupt:
        print("attending: stopped.", file=sys.stderr)
        return OUR_FAULT
    except Exception:
        logger.exception("attending: this is our fault; please report the lines below.")
        return OUR_FAULT


def _parser() -> argparse.ArgumentParser:
    """Every command and option; a command's module is loaded when it runs, so that --help and serve start at once."""
    parser = argparse.ArgumentParser(
        prog="attending",
        description="What a Transformer sees in a clinical case. Research and education; not a medical device.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_analyse(commands)
    _add_explain(commands)
    _add_train(commands)
    _add_train_explainer(commands)
    _add_remember(commands)
    _add_teach_gate(commands)
    _add_ablate(commands)
    _add_measure_maps(commands)
    _add_evaluate(commands)
    _add_benchmark(commands)
    _add_serve(commands)
    _add_audit(commands)
    _add_store(commands)
    _add_deidentify(commands)
    _add_literature(commands)
    _add_names(commands)
    doctor = commands.add_parser("doctor", help="check this installation and say what to mend")
    doctor.set_defaults(module="engine.doctor", command="doctor")
    return parser


def _add_analyse(commands: Commands) -> None:
    analyse = commands.add_parser("analyse", help="findings for files, folders and archives")
    analyse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    analyse.add_argument("--task", help="one task by name; all suitable ones where it is not given")
    _add_model(analyse)
    _add_question(analyse)
    analyse.add_argument("--method", type=Method, choices=list(Method), help="for --overlay")
    analyse.add_argument("--json", type=Path, metavar="OUT", help="write the findings of all files")
    analyse.add_argument("--overlay", type=Path, metavar="OUT.png", help="the image with its map, for one image file")
    analyse.add_argument("--bed", type=Path, metavar="OUT.bed", help="write the sites of all long sequences")
    analyse.add_argument("--csv", type=Path, metavar="OUT.csv", help="write the same as one table, bases from 1")
    analyse.add_argument("--strand", choices=["both", "forward"], default="both", help="of a long sequence to search")
    analyse.add_argument(
        "--density",
        type=float,
        default=DENSITY,
        metavar="N",
        help=f"junctions expected in 1,000 bases of a long sequence: {DENSITY:g} in a gene (default), 0.1 in a genome",
    )
    analyse.set_defaults(module="engine.commands", command="analyse")


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", type=Path, metavar="DIR", help="the shipped model where it is not given")


def _add_question(command: argparse.ArgumentParser) -> None:
    command.add_argument("--question", default="", metavar="TEXT", help="what is asked of the image")


def _add_explain(commands: Commands) -> None:
    explain = commands.add_parser("explain", help="what an answer came from, on the pixels or characters of one case")
    explain.add_argument("files", nargs="+", type=Path, metavar="FILE")
    explain.add_argument("--task", required=True)
    _add_model(explain)
    _add_question(explain)
    explain.add_argument("--label", help="the most probable one where it is not given")
    explain.add_argument("--rather-than", metavar="LABEL", help="explain why --label and not this one")
    explain.add_argument("--method", type=Method, choices=list(Method), help="the best measured where it is not given")
    explain.add_argument("--json", type=Path, required=True, metavar="OUT")
    explain.add_argument("--map", type=Path, metavar="OUT.npy", help="the map on the source's pixels, float32")
    explain.set_defaults(module="engine.commands", command="explain")


def _add_train(commands: Commands) -> None:
    train = commands.add_parser("train", help="train a model; goes on where it was stopped")
    train.add_argument("task")
    train.add_argument("--data", type=Path, required=True, metavar="DIR")
    train.add_argument("--out", type=Path, required=True, metavar="DIR")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    train.set_defaults(module="engine.training_commands", command="train")


def _add_remember(commands: Commands) -> None:
    memory = commands.add_parser("remember", help="make a model's memory of its training cases anew")
    memory.add_argument("task")
    memory.add_argument("--data", type=Path, required=True, metavar="DIR", help="what the model was trained on")
    memory.add_argument("--model", type=Path, required=True, metavar="DIR", help="receives the memory")
    memory.set_defaults(module="engine.training_commands", command="remember")


def _add_teach_gate(commands: Commands) -> None:
    gate = commands.add_parser("teach-gate", help="learn to tell the images that a trained model knows from others")
    gate.add_argument("task")
    gate.add_argument("--data", type=Path, required=True, metavar="DIR", help="what the model was trained on")
    gate.add_argument("--others", type=Path, nargs="+", required=True, metavar="DIR", help="images of other things")
    gate.add_argument("--older", type=Path, metavar="DIR", help="films of older patients, told from the model's own")
    gate.add_argument("--model", type=Path, required=True, metavar="DIR", help="receives the gate")
    gate.set_defaults(module="engine.training_commands", command="teach_gate")


def _add_ablate(commands: Commands) -> None:
    ablation = commands.add_parser("ablate", help="compare choices in the making of a model by short trainings")
    ablation.add_argument("task")
    ablation.add_argument("--data", type=Path, required=True, metavar="DIR", help="what the model was trained on")
    ablation.add_argument("--model", type=Path, required=True, metavar="DIR", help="whose card receives the figures")
    ablation.add_argument("--runs", type=Path, required=True, metavar="DIR", help="receives the runs; they can go on")
    ablation.add_argument(
        "--start", type=Path, metavar="DIR", help="another model whose weights one variant starts from"
    )
    ablation.set_defaults(module="engine.training_commands", command="ablate")


def _add_measure_maps(commands: Commands) -> None:
    maps = commands.add_parser("measure-maps", help="measure what a model's maps are worth, for its card")
    maps.add_argument("task")
    maps.add_argument("--data", type=Path, required=True, metavar="DIR", help="what the model was trained on")
    maps.add_argument("--model", type=Path, required=True, metavar="DIR", help="whose card receives the figures")
    maps.set_defaults(module="engine.training_commands", command="measure_maps")


def _add_train_explainer(commands: Commands) -> None:
    explainer = commands.add_parser("train-explainer", help="learn to explain a trained model in its forward pass")
    explainer.add_argument("task")
    explainer.add_argument("--data", type=Path, required=True, metavar="DIR")
    explainer.add_argument("--model", type=Path, required=True, metavar="DIR", help="receives the explainer")
    explainer.set_defaults(module="engine.training_commands", command="train_explainer")


def _add_evaluate(commands: Commands) -> None:
    evaluate = commands.add_parser("evaluate", help="score a model on a labelled folder")
    evaluate.add_argument("task")
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR")
    _add_model(evaluate)
    evaluate.add_argument("--json", type=Path, metavar="OUT")
    evaluate.add_argument("--predictions", type=Path, metavar="OUT.csv")
    evaluate.add_argument("--masks", type=Path, metavar="DIR", help="write the lesion drawn in each image")
    evaluate.set_defaults(module="engine.commands", command="evaluate")


def _add_benchmark(commands: Commands) -> None:
    benchmark = commands.add_parser("benchmark", help="explain: our explanations beside others; load: many readers")
    benchmark.add_argument("name", nargs="?", choices=["explain", "load"], default="explain", metavar="NAME")
    benchmark.add_argument("--json", type=Path, metavar="OUT")
    benchmark.add_argument("--sessions", type=int, default=20, metavar="N", help="of load")
    benchmark.add_argument("--minutes", type=float, default=2.0, metavar="M", help="of load, for one reader and for N")
    benchmark.add_argument("--hurried", action="store_true", help="of load: readers who never pause")
    benchmark.set_defaults(module="engine.commands", command="benchmark")


def _add_serve(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="open the dashboard")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8501)
    serve.add_argument("--insecure", action="store_true", help="listen on another address although nobody signs in")
    serve.set_defaults(module="engine.serve", command="serve")


def _add_audit(commands: Commands) -> None:
    audit = commands.add_parser("audit", help="the chain of events over all that is kept")
    acts = audit.add_subparsers(required=True, metavar="ACT")
    verify = acts.add_parser("verify", help="check the chain, the tables and every file")
    verify.set_defaults(module="engine.store_commands", command="verify")
    export = acts.add_parser("export", help="write all events as JSON lines, or as a table")
    where = export.add_mutually_exclusive_group(required=True)
    where.add_argument("out", nargs="?", type=Path, metavar="OUT.jsonl|OUT.csv")
    where.add_argument("--out", dest="to", type=Path, metavar="OUT.jsonl|OUT.csv")
    export.set_defaults(module="engine.store_commands", command="export")


def _add_store(commands: Commands) -> None:
    store = commands.add_parser("store", help="keys, backups and retention of what is kept")
    acts = store.add_subparsers(required=True, metavar="ACT")
    key = acts.add_parser("key", help="print a new random key for ATTENDING_KEY")
    key.set_defaults(module="engine.store_commands", command="key")
    backup = acts.add_parser("backup", help="copy everything into one archive, also while the dashboard is open")
    backup.add_argument("out", type=Path, metavar="OUT.zip")
    backup.set_defaults(module="engine.store_commands", command="backup")
    restore = acts.add_parser("restore", help="fill an empty store from a backup")
    restore.add_argument("source", type=Path, metavar="IN.zip")
    restore.set_defaults(module="engine.store_commands", command="restore_store")
    retire = acts.add_parser("retire", help="take cases away that were added long ago")
    retire.add_argument("--older-than", type=int, required=True, metavar="DAYS")
    retire.add_argument("--yes", action="store_true", help="do it; without this, only say what would go")
    retire.set_defaults(module="engine.store_commands", command="retire")
    expire = acts.add_parser("expire", help="take cases away that are older than ATTENDING_KEEP_DAYS")
    expire.add_argument("--dry-run", action="store_true", help="only say what would go")
    expire.set_defaults(module="engine.store_commands", command="expire")


def _add_deidentify(commands: Commands) -> None:
    deidentify = commands.add_parser("deidentify", help="DICOM images without what points at a person (PS3.15 Annex E)")
    deidentify.add_argument("files", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    deidentify.add_argument("--out", type=Path, required=True, metavar="DIR", help="receives UID.dcm for each image")
    deidentify.add_argument("--report", type=Path, metavar="OUT.json", help="what was removed, replaced and kept")
    deidentify.add_argument(
        "--burned-in",
        choices=["refuse", "blank", "keep"],
        default="refuse",
        help="what becomes of an image with text in its pixels, or what looks like it (default: refuse)",
    )
    deidentify.set_defaults(module="engine.deidentify_commands", command="deidentify_files")


def _add_literature(commands: Commands) -> None:
    literature = commands.add_parser("literature", help="your own library of abstracts, searched by likeness")
    acts = literature.add_subparsers(required=True, metavar="ACT")
    add = acts.add_parser("add", help="take abstracts from CSV, PubMed XML (also .gz), text files and folders")
    add.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add.set_defaults(module="engine.literature.commands", command="add")
    search = acts.add_parser("search", help="rank the library by its likeness to a question, a note or an abstract")
    search.add_argument("text", metavar="TEXT|FILE")
    search.add_argument("--top", type=int, default=10, metavar="N")
    search.add_argument("--json", type=Path, metavar="OUT")
    search.set_defaults(module="engine.literature.commands", command="search")
    listed = acts.add_parser("list", help="one line for each abstract")
    listed.set_defaults(module="engine.literature.commands", command="list_all")
    clear = acts.add_parser("clear", help="take everything out")
    clear.add_argument("--yes", action="store_true", help="do it; without this, only say how much would go")
    clear.set_defaults(module="engine.literature.commands", command="clear")


def _add_names(commands: Commands) -> None:
    replaced = commands.add_parser("deidentify-note", help="replace what may identify a person in a note")
    replaced.add_argument("file", type=Path, metavar="FILE")
    replaced.add_argument("--out", type=Path, required=True, metavar="FILE", help="receives the text, in UTF-8")
    replaced.add_argument("--json", type=Path, metavar="OUT", help="write what was found, with its words")
    replaced.set_defaults(module="engine.deidentify.commands", command="deidentify_note")
    names = commands.add_parser("train-names", help="train what finds names in notes; goes on where it was stopped")
    names.add_argument("--data", type=Path, required=True, metavar="DIR")
    names.add_argument("--init", type=Path, required=True, metavar="DIR", help="all-MiniLM-L6-v2")
    names.add_argument("--out", type=Path, required=True, metavar="DIR")
    names.add_argument("--seed", type=int, default=0)
    names.set_defaults(module="engine.deidentify.commands", command="train_names")
