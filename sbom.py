"""Write what Attending is made of as a software bill of materials (CycloneDX 1.6): ``python sbom.py OUT.json``.

Python packages are those that are installed here and that `attending` needs, directly or not; the viewer's are those of
its lock file, less what only builds and tests it.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "dashboard" / "components" / "viewer" / "frontend" / "package-lock.json"
_LONGEST = 80  # characters of a licence's name: some packages put its whole text there


def bill() -> Bom:
    """Gather everything, with who needs whom among the Python packages."""
    found = dict(_python_packages("attending"))
    components = {name: _of_python(name, package) for name, package in found.items()}
    bom = Bom()
    bom.metadata.component = components.pop("attending")
    bom.components.update(components.values())
    components["attending"] = bom.metadata.component
    for name, package in found.items():
        needed = [components[other] for other in _needs(package) if other in components]
        bom.register_dependency(components[name], needed)
    viewer = list(_viewer_packages())
    bom.components.update(viewer)
    bom.register_dependency(bom.metadata.component, [*viewer])
    return bom


def _python_packages(name: str) -> Iterator[tuple[str, Distribution]]:
    """Everything that is installed and needed, each once."""
    waiting, seen = [name], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            package = distribution(name)
        except PackageNotFoundError:  # for another system
            continue
        yield name, package
        waiting += _needs(package)


def _needs(package: Distribution) -> list[str]:
    """What a package asks for on this system, without its extras."""
    asked = map(Requirement, package.requires or ())
    return [canonicalize_name(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]


def _of_python(name: str, package: Distribution) -> Component:
    licence = package.metadata.get("License-Expression") or package.metadata.get("License") or ""
    said = licence if licence and len(licence) <= _LONGEST and "\n" not in licence else ""
    return Component(
        type=ComponentType.APPLICATION if name == "attending" else ComponentType.LIBRARY,
        name=name,
        version=package.version,
        purl=PackageURL("pypi", name=name, version=package.version),
        bom_ref=f"pypi:{name}",
        licenses=[DisjunctiveLicense(name=said)] if said else None,
    )


def _viewer_packages() -> Iterator[Component]:
    """What is bundled into the viewer."""
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    for place, package in packages.items():
        if not place or package.get("dev") or package.get("optional"):
            continue
        scope, _, name = place.rpartition("node_modules/")[2].rpartition("/")
        kind, digest = package["integrity"].split("-", 1)
        hashed = base64.b64decode(digest).hex()
        yield Component(
            type=ComponentType.LIBRARY,
            group=scope or None,
            name=name,
            version=package["version"],
            purl=PackageURL("npm", namespace=scope or None, name=name, version=package["version"]),
            bom_ref=f"npm:{place}",
            hashes=[HashType(alg=HashAlgorithm(f"SHA-{kind.removeprefix('sha')}"), content=hashed)],
            licenses=[DisjunctiveLicense(name=package["license"])] if "license" in package else None,
        )


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(JsonV1Dot6(bill()).output_as_string(indent=2) + "\n", encoding="utf-8")
    print(f"{out}: {len(bill().components)} components")
