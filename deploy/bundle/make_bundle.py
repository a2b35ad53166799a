"""One archive with all that a machine without a network needs: program, wheels, installer, SBOM."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import sbom

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
# What the wheels may ask of the system's C library, the least first.
GLIBC = (
    "manylinux2014",
    "manylinux_2_17",
    "manylinux_2_24",
    "manylinux_2_26",
    "manylinux_2_27",
    "manylinux_2_28",
)
PROGRAM = (
    "manage.py", "rectify", "templates", "static", "fixtures", "docs", "deploy", "requirements.txt",
    "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE",
)  # fmt: skip
PURE = "requirements-pure.txt"
LEFT_OUT = {"__pycache__", ".DS_Store"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machine", default=platform.machine(), choices=("x86_64", "aarch64"))
    parser.add_argument("--python", action="append", choices=PYTHONS, help="only for this version of CPython")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    name = f"rectify-{version}-linux-{options.machine}"
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        fill(folder, version, options.machine, options.python or list(PYTHONS))
        archive = options.out / f"{name}.tar.gz"
        pack(folder, archive)
    print(f"{archive}  {archive.stat().st_size / 2**20:.1f} MB  sha256 {digest_of(archive)}")


def fill(folder: Path, version: str, machine: str, pythons: list[str]) -> None:
    """The unpacked bundle."""
    program = folder / "program"
    program.mkdir(parents=True)
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, program / name, ignore=lambda _, names: LEFT_OUT & set(names))
        else:
            shutil.copy2(source, program / name)
    (program / "VERSION").write_text(version + "\n")
    for name in ("install.sh", "安装说明.md"):
        shutil.copy2(Path(__file__).parent / name, folder / name)
    wheels = folder / "wheels"
    for python in pythons:
        download(wheels, machine, python)
    for wheel in pip_wheels():
        shutil.copy2(wheel, wheels / wheel.name)
    (program / PURE).write_text(pure_part((ROOT / "requirements.txt").read_text(), wheels))
    text = sbom.of(ROOT / "requirements.txt", wheels, version)
    (folder / "sbom.cdx.json").write_text(text, encoding="utf-8")
    sums = [f"{digest_of(path)}  {path.relative_to(folder)}\n" for path in files_of(folder)]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def download(wheels: Path, machine: str, python: str) -> None:
    """The wheels of the lock file for one version of CPython, each checked against its digest there."""
    short = python.replace(".", "")
    platforms = [option for tag in GLIBC for option in ("--platform", f"{tag}_{machine}")]
    subprocess.run(
        [
            sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check",
            "--require-hashes", "--only-binary=:all:", "--no-deps", "-r", str(ROOT / "requirements.txt"),
            "--dest", str(wheels), "--implementation", "cp", "--python-version", python,
            "--abi", f"cp{short}", "--abi", "abi3", "--abi", "none", *platforms,
        ],
        check=True,
    )  # fmt: skip


def pure_part(lock: str, wheels: Path) -> str:
    """What of the lock file is Python alone, for a machine that the other wheels do not fit."""
    compiled = {sbom.plain(path.name) for path in wheels.glob("*.whl") if not path.stem.endswith("-none-any")}
    parts = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    return "".join(part for part in parts if sbom.plain(part.partition("==")[0]) not in compiled)


def pip_wheels() -> list[Path]:
    """pip itself, as this Python carries it: some systems have a Python without it."""
    import ensurepip

    places = [Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels")]
    found = sorted(wheel for place in places for wheel in place.glob("pip-*.whl"))
    return found[:1]


def files_of(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, archive: Path) -> None:
    """The same content gives the same bytes: sorted, of one moment, of nobody."""
    moment = int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))  # 1980, where zip begins too
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            info = tar.gettarinfo(path, f"{folder.name}/{path.relative_to(folder)}")
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = moment
            info.mode = 0o755 if path.is_dir() or path.suffix == ".sh" else 0o644
            with path.open("rb") if path.is_file() else io.BytesIO() as content:
                tar.addfile(info, content if path.is_file() else None)
    part = archive.with_suffix(".part")
    with part.open("wb") as out, gzip.GzipFile("", "wb", 6, out, mtime=moment) as packed:
        packed.write(raw.getbuffer())
    part.replace(archive)


if __name__ == "__main__":
    main()
