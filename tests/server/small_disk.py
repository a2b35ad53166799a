"""A disk of a few megabytes that a test can fill and free again; only who may mount one can have it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.visitor import Answer

CHUNK = 64 * 1024
TYPED = "这句话写了很久，不能丢"


@dataclass
class SmallDisk:
    path: Path

    @property
    def filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        """Until not a byte more fits."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (CHUNK, 512, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self) -> None:
        self.filler.unlink()


@contextlib.contextmanager
def mounted(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    path.mkdir()
    refused = _mount(path, megabytes)
    if refused:
        pytest.skip(f"no small disk can be mounted here (as {os.geteuid()}): {refused}")
    try:
        yield SmallDisk(path)
    finally:
        _unmount(path)


def can_be_mounted() -> bool:
    """Not in a container without that right, root or not."""
    with tempfile.TemporaryDirectory() as folder:
        if _mount(Path(folder), 1):
            return False
        _unmount(Path(folder))
        return True


def _mount(path: Path, megabytes: int) -> str:
    """Why it was refused, nothing when it was not."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        return str(error)
    return (done.stderr.strip() or f"mount ended with {done.returncode}") if done.returncode else ""


def _unmount(path: Path) -> None:
    subprocess.run(["umount", "-l", str(path)], check=True)


def require_refused(answer: Answer) -> None:
    assert answer.status == 507, answer.status
    assert "磁盘已满" in answer.text and "没有保存" in answer.text and "清理磁盘" in answer.text


def require_one_note(installation: Installation) -> None:
    assert installation.query(f"ProgressNote.objects.filter(text={TYPED!r}).count()") == 1
    assert "核对通过" in installation.must("verify_audit")
