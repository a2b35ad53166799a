"""The bundle for this Python, made once, and copies of it that pass for other versions."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installation import ROOT

MAKE = ROOT / "deploy" / "bundle" / "make_bundle.py"
BROKEN = """
from django.db import migrations
def fail(apps, editor):
    apps.get_model("rectify", "Unit").objects.update(name="改坏了")
    raise RuntimeError("测试：这个版本的迁移会失败")
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("rectify", "0001_initial")]
    operations = [migrations.RunPython(fail)]
"""


@pytest.fixture(scope="session")
def first(tmp_path_factory) -> Path:
    """The bundle for this Python, unpacked. Who asks for it is of one group: it is made once."""
    folder = tmp_path_factory.mktemp("bundle")
    return made(folder, "--python", f"{sys.version_info.major}.{sys.version_info.minor}").rename(
        folder / "first"
    )


def made(folder: Path, *options: str) -> Path:
    """A bundle made with these options, unpacked."""
    done = subprocess.run([sys.executable, MAKE, *options, "--out", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no package index here: {done.stderr[-300:]}")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def changed(first: Path, name: str, version: str, *changes: Callable[[Path], None]) -> None:
    """The same program as another version, with sums of its own."""
    folder = linked(first, name)
    (folder / "program/VERSION").unlink()
    (folder / "program/VERSION").write_text(f"{version}\n")
    for change in changes:
        change(folder)
    sums = folder / "SHA256SUMS"
    sums.unlink()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder)}\n" for one in files]
    sums.write_text("".join(lines))


def linked(first: Path, name: str) -> Path:
    """Beside it, of the same files: what a test changes it writes anew."""
    return Path(shutil.copytree(first, first.with_name(name), copy_function=os.link))


def broken(folder: Path) -> None:
    """Its migration changes a row, then fails."""
    (folder / "program/rectify/migrations/0002_broken.py").write_text(BROKEN)
