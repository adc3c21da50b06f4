"""An editable installation, which is what the README's two commands make, serves the viewer from any folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOOK = """
from streamlit.components.v2.manifest_scanner import scan_component_manifests
for manifest, root in scan_component_manifests():
    if manifest.name == "attending":
        print(root / manifest.components[0].asset_dir)
"""


def test_streamlit_finds_the_viewers_bundle_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOOK]
    seen = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()
    assert list(Path(seen).glob("viewer-*.js")), f"no bundle in {seen!r}"
