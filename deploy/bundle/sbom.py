"""The software bill of materials: what the lock file names and the wheels say of themselves, as CycloneDX."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


def of(lock: Path, wheels: Path, version: str) -> str:
    """The bill as JSON; a package without a wheel here (for another system) is left out."""
    files: dict[str, list[Path]] = {}
    for wheel in sorted(wheels.glob("*.whl")):
        files.setdefault(plain(wheel.name), []).append(wheel)
    locked = {plain(name): number for name, number in LOCKED.findall(lock.read_text())}
    components = [_component(name, paths, locked.get(name)) for name, paths in files.items()]
    own = {"type": "application", "bom-ref": "rectify", "name": "rectify", "version": version}
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": own | {"licenses": [{"license": {"id": "MIT"}}]}},
        "components": components,
        "dependencies": [{"ref": "rectify", "dependsOn": [one["bom-ref"] for one in components]}],
    }
    return json.dumps(bill, ensure_ascii=False, indent=1) + "\n"


def _component(name: str, paths: list[Path], locked: str | None) -> dict[str, Any]:
    facts = _metadata(paths[0])
    version = locked or paths[0].name.split("-")[1]
    purl = f"pkg:pypi/{name}@{version}"
    component: dict[str, Any] = {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "components": [_file(path) for path in paths],
    }  # fmt: skip
    if licence := facts.get("License-Expression"):
        component["licenses"] = [{"expression": licence}]
    elif licence := _named_licence(facts):
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _file(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"type": "file", "name": path.name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def _metadata(wheel: Path) -> Any:
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode("utf-8", "replace"))


def _named_licence(facts: Any) -> str:
    classes = [line for line in facts.get_all("Classifier", []) if line.startswith("License ::")]
    said = classes[0].rpartition(" :: ")[2] if classes else (facts.get("License") or "")
    return said.strip().split("\n")[0][:100]


def plain(name: str) -> str:
    """The name of a package, or of the package of a wheel, as the lock file writes it."""
    return re.sub(r"[-_.]+", "-", name.split("-")[0] if name.endswith(".whl") else name).lower()
