"""Foreign content is read in a child process: bounded in memory, processor time and clock."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class OutOfTime(Exception):
    """The child had not finished when its time was up; `printed` is what it had said until then."""

    def __init__(self, printed: bytes) -> None:
        super().__init__()
        self.printed = printed


def run(module: str, arguments: Sequence[str], *, seconds: float, libraries: bool = False) -> bytes:
    """What `module.main()` prints. Raises OutOfTime; a child killed at a limit leaves its output short.

    Without `libraries` the child knows the standard library only, and starts the sooner.
    """
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if libraries:
        paths = sysconfig.get_paths()
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys((paths["purelib"], paths["platlib"])))
    flags = ["-S"] if libraries else ["-S", "-E"]
    command = [sys.executable, *flags, "-c", f"from {module} import main; main()", *arguments]
    try:
        child = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise OutOfTime(late.stdout or b"") from None
    return child.stdout


def limit(*, memory: int, seconds: int, file_bytes: int = 0) -> None:
    """In the child: no more memory, processor time and bytes in one file than this; no core is dumped."""
    try:
        import resource
    except ImportError:  # not on this system; the parent's clock still ends the child
        return
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))
