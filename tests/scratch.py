"""Where a pass of the tests keeps its files: in memory where there is room for them, else on the disk.

folder=$(python -m tests.scratch)    # a new folder; whoever made it removes it
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
# What a pass needs, many times over; a container may have no more than 64 MB there.
ROOM = 2 * 1024**3


def root() -> str:
    """The folder in which such folders are made; open to every account, as PostgreSQL has its own."""
    try:
        roomy = shutil.disk_usage(MEMORY).free >= ROOM
        with tempfile.TemporaryFile(dir=MEMORY):
            return str(MEMORY) if roomy else "/tmp"
    except OSError:
        return "/tmp"


def folder() -> str:
    return tempfile.mkdtemp(prefix="rectify-test-", dir=root())


def of_the_run() -> str:
    """The data folder that was given, or one that goes when this process ends.

    Whatever a test puts away for a while, or a program that a test starts, goes with it.
    """
    given = os.environ.get("DATA_DIR")
    data = given or folder()
    if not given:
        atexit.register(shutil.rmtree, data, ignore_errors=True)
    temporary = Path(data) / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    return data


if __name__ == "__main__":
    print(folder())
