"""Foreign content is read in a child process: bounded in memory, processor time and clock."""

from __future__ import annotations

import contextlib
import io
import json
import os
import select
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = "rectify.arrivals.fork_server"
# What the children need most often, loaded before they begin.
LOADED = (
    "rectify.evidence.drawing",
    "rectify.evidence.readers.pdf",
    "rectify.evidence.readers.image",
    "rectify.evidence.readers.package",
    "rectify.xlsx.parser",
    "rectify.xlsx.delimited",
)
CAN_FORK = sys.platform == "linux"
CHUNK = 64 * 1024


class OutOfTime(Exception):
    """The child had not finished when its time was up; `printed` is what it had said until then."""

    def __init__(self, printed: bytes) -> None:
        super().__init__()
        self.printed = printed


def run(module: str, arguments: Sequence[str], *, seconds: float) -> bytes:
    """What `module.main()` prints. Raises OutOfTime; a child killed at a limit leaves its output short."""
    if not CAN_FORK:
        return _run_alone(module, arguments, seconds)
    until = time.monotonic() + seconds
    request = json.dumps({"module": module, "arguments": list(arguments), "seconds": seconds}).encode()
    printed = _printed(request, until)
    if not printed and _has_died():  # at another's request, perhaps
        printed = _printed(request, until)
    return printed


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


@dataclass
class _ForkServer:
    """The process that forks the children of this one; it ends when the socket does."""

    owner: int
    requests: socket.socket
    process: subprocess.Popen[bytes]


_server: _ForkServer | None = None
_starting = threading.Lock()


def _printed(request: bytes, until: float) -> bytes:
    reading, writing = os.pipe()
    try:
        try:
            _ask(request, writing)
        finally:
            os.close(writing)
        return _read_all(reading, until)
    finally:
        os.close(reading)


def _ask(request: bytes, output: int) -> None:
    """Hand a request over; a fork server that has died is started again once."""
    try:
        socket.send_fds(_fork_server().requests, [request], [output])
    except OSError:
        _forget_server()
        socket.send_fds(_fork_server().requests, [request], [output])


def _fork_server() -> _ForkServer:
    """The fork server of this process, started by the first who needs it."""
    global _server
    with _starting:
        if _server is None or _server.owner != os.getpid():
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                process = subprocess.Popen(
                    _command(SERVER, [str(theirs.fileno()), *LOADED]),
                    cwd=ROOT, env=_environment(), pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
            _server = _ForkServer(os.getpid(), ours, process)
        return _server


def _has_died() -> bool:
    return _server is not None and _server.process.poll() is not None


def _forget_server() -> None:
    global _server
    with _starting:
        if _server is not None and _server.owner == os.getpid():
            _server.requests.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                _server.process.wait(1)
        _server = None


def _read_all(pipe: int, until: float) -> bytes:
    """Everything until the child ends; raises OutOfTime."""
    printed = io.BytesIO()  # which grows in place: a list of its parts would be there twice
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    while (left := until - time.monotonic()) > 0:
        if not ready.poll(left * 1000):
            continue
        part = os.read(pipe, CHUNK)
        if not part:
            return printed.getvalue()
        printed.write(part)
    raise OutOfTime(printed.getvalue())


def _run_alone(module: str, arguments: Sequence[str], seconds: float) -> bytes:
    """Where processes cannot fork: an interpreter for each."""
    try:
        child = subprocess.run(
            _command(module, arguments),
            cwd=ROOT, env=_environment(), capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise OutOfTime(late.stdout or b"") from None
    return child.stdout


def _command(module: str, arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-S", "-c", f"from {module} import main; main()", *arguments]


def _environment() -> dict[str, str]:
    """No secret of ours is in it."""
    paths = sysconfig.get_paths()
    libraries = os.pathsep.join(dict.fromkeys((paths["purelib"], paths["platlib"])))
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": libraries,
    }
