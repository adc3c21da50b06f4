"""The laws of the house that a linter does not check: sizes, public names, versions, caches and state left behind."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("engine", "dashboard", "sample_data")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts)


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1  # type: ignore[attr-defined,no-any-return]


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))
    too_long = {node.name: _length(node) for node in _functions(path) if _length(node) > 60}
    assert not too_long


def test_the_median_function_is_far_below_the_limit() -> None:
    lengths = sorted(_length(node) for path in MODULES for node in _functions(path))
    assert lengths[len(lengths) // 2] < 30


def test_public_names_are_exact_and_sorted() -> None:
    constants_classes_functions = sorted(
        engine.__all__, key=lambda n: (0 if n.isupper() else 1 if n[0].isupper() else 2, n)
    )
    assert engine.__all__ == constants_classes_functions
    assert set(engine.__all__) == {name for names in engine._ROOMS.values() for name in names.split()}
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    with pytest.raises(AttributeError):
        engine.zebra  # noqa: B018


@pytest.mark.parametrize("path", [p for p in MODULES if p.is_relative_to(ROOT / "dashboard")], ids=lambda p: p.stem)
def test_the_dashboard_takes_public_names_of_the_engine_only(path: Path) -> None:
    reached = {name for name in _imports(path) if name.startswith("engine.")}
    assert not reached


def test_the_plain_records_do_not_wait_for_torch() -> None:
    code = "import sys, engine.case, engine.errors; print([m in sys.modules for m in ('torch', 'streamlit')])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[False, False]"


def test_no_backward_no_hooks_no_pickle() -> None:
    forbidden = re.compile(r"register_(?!structure)\w*hook|torch\.load\((?!.*weights_only=True)|pickle\.load")
    found = [f"{p.name}: {m.group()}" for p in MODULES for m in forbidden.finditer(p.read_text("utf-8"))]
    assert not found
    explaining = [p for p in MODULES if p.is_relative_to(ROOT / "engine" / "explain")]
    assert not [p.name for p in explaining if ".backward(" in p.read_text("utf-8")]


def test_patient_data_is_never_cached_across_sessions() -> None:
    users = {
        p.relative_to(ROOT).as_posix() for p in MODULES if re.search(r"cache_(data|resource)", p.read_text("utf-8"))
    }
    assert users <= {"dashboard/cache.py"}
    cached = [n for n in _functions(ROOT / "dashboard" / "cache.py") if n.decorator_list]
    assert cached
    for node in cached:
        assert {argument.arg for argument in node.args.args} <= {"task_name", "case_id"}


def test_changelog_and_version_agree() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == version == engine.__version__


def test_shipped_weights_stay_small() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "engine" / "weights").rglob("*.safetensors")]
    assert sizes
    assert max(sizes) < 60e6
    assert sum(sizes) < 150e6


def test_tests_copy_the_tree() -> None:
    misplaced = []
    for test in (ROOT / "tests").rglob("test_*.py"):
        place = test.relative_to(ROOT / "tests")
        if place.parts[0] not in ROOMS:
            continue
        module = (ROOT / place).with_name(place.name.removeprefix("test_"))
        if not module.exists() and not module.with_suffix("").is_dir():
            misplaced.append(str(place))
    assert not misplaced
