"""The bill of materials names what runs, in the versions that run, and nothing that only builds or tests it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Versions by package URL without its version."""
    out = tmp_path_factory.mktemp("dist") / "new" / "sbom.json"
    subprocess.run([sys.executable, str(ROOT / "sbom.py"), str(out)], check=True, cwd=ROOT)
    bill = json.loads(out.read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "attending"
    references = {one["bom-ref"] for one in bill["components"]}
    assert all(references.issuperset(one.get("dependsOn", ())) for one in bill["dependencies"])
    return dict(component["purl"].rsplit("@", 1) for component in bill["components"])


@pytest.mark.parametrize("name", ["torch", "streamlit", "pydicom", "numpy", "starlette", "cryptography"])
def test_python_packages_are_listed_in_their_versions(listed: dict[str, str], name: str) -> None:
    assert listed[f"pkg:pypi/{name}"] == version(name).replace("+", "%2B")


def test_the_viewers_packages_are_listed(listed: dict[str, str]) -> None:
    lock = json.loads((ROOT / "dashboard/components/viewer/frontend/package-lock.json").read_text("utf-8"))
    for name in ("core", "tools"):
        expected = lock["packages"][f"node_modules/@cornerstonejs/{name}"]["version"]
        assert listed[f"pkg:npm/%40cornerstonejs/{name}"] == expected


def test_what_only_builds_or_tests_it_is_not_listed(listed: dict[str, str]) -> None:
    assert not {"pkg:pypi/pytest", "pkg:pypi/ruff", "pkg:npm/esbuild", "pkg:npm/axe-core"} & listed.keys()


def test_everything_that_is_listed_is_pinned(listed: dict[str, str]) -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in lines}
    needed = {purl.removeprefix("pkg:pypi/") for purl in listed if purl.startswith("pkg:pypi/")}
    assert needed <= pinned
