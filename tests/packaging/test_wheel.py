"""The wheel alone, in a clean environment away from the checkout: weights, samples and viewer come with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT], check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies are lent by this one, the checkout is not."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
    )
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


def _clean_environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "ATTENDING", "STREAMLIT"))}
    return {**kept, "HOME": str(home)}


def test_the_wheel_carries_weights_samples_and_the_viewer(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for task in ("chest-xray", "clinical-note"):
        assert f"engine/weights/{task}/model.safetensors" in names
        assert f"engine/weights/{task}/card.json" in names
    assert "engine/store/migrations/versions/0001_first_tables.py" in names
    assert sum(name.startswith("sample_data/cases/") and name.endswith(".dcm") for name in names) >= 8
    assert any(name.startswith("dashboard/components/viewer/static/") and name.endswith(".js") for name in names)
    assert {
        "dashboard/.streamlit/config.toml",
        "dashboard/assets/style.css",
        "dashboard/components/note_map.js",
        "engine/interop/report.html.jinja",
        "engine/interop/typefaces/DejaVuSans.ttf",
        "engine/interop/typefaces/DroidSansFallback.ttf",
        "engine/locales/zh_CN/LC_MESSAGES/dashboard.mo",
        "engine/locales/zh_CN/LC_MESSAGES/engine.mo",
    } <= set(names)
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]


def test_the_installed_command_analyses_a_sample(clean_python: Path, tmp_path: Path) -> None:
    code = "import engine, pathlib; print(pathlib.Path(engine.__file__).parent.parent)"
    options = {
        "cwd": tmp_path,
        "env": _clean_environment(tmp_path),
        "capture_output": True,
        "text": True,
        "check": True,
    }
    site = Path(subprocess.run([clean_python, "-c", code], **options).stdout.strip())  # type: ignore[call-overload]
    assert site.is_relative_to(clean_python.parent.parent)
    film = sorted((site / "sample_data" / "cases").glob("chest-*/*.dcm"))[0]
    command = clean_python.with_name("attending")
    subprocess.run([command, "analyse", film, "--json", tmp_path / "out.json"], **options)  # type: ignore[call-overload]
    assert json.loads((tmp_path / "out.json").read_text())[0]["task"] == "chest-xray"


def test_the_installed_command_serves_a_page(clean_python: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [clean_python.with_name("attending"), "serve", "--port", str(port)],
        cwd=tmp_path,
        env=_clean_environment(tmp_path),
    )
    try:
        assert _answer(f"http://127.0.0.1:{port}/_stcore/health") == b"ok"
        assert b"<title>" in _answer(f"http://127.0.0.1:{port}/")
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answer(url: str) -> bytes:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                return bytes(answer.read())
        except OSError:
            time.sleep(0.5)
    raise TimeoutError(url)
