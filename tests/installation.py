"""A whole installation with the demo on either database: its commands and its server as processes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.postgres_server import free_port
from tests.visitor import Visitor

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
PASSWORD = "Zhenggai-2026!"
OURS = ("DATABASE_URL", "DEBUG", "READ_ONLY", "SITE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "PORT")
STARTING_SECONDS = 120
ENDING_SECONDS = 60


@dataclass
class Server:
    """A running `serve`; all it writes goes into `log`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def visitor(self, username: str = "", address: str = "127.0.0.1") -> Visitor:
        visitor = Visitor(self.port, address)
        return visitor.sign_in(username, PASSWORD) if username else visitor

    def workers(self) -> list[int]:
        """The web processes: children of the server; what they start themselves is none of them."""
        children = members(self.process.pid, parent=self.process.pid)
        return [pid for pid in children if not _ticks(pid)]

    def entries(self) -> list[dict[str, Any]]:
        """The lines of the log, each of which must be JSON; the two words of greeting aside."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line and not line.startswith("整改台账已")]

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(ENDING_SECONDS)

    def kill(self) -> None:
        """All of it at once, as when the power fails."""
        end_at_once(members(self.process.pid))
        self.process.wait()


@dataclass
class Installation:
    """`folder` is its DATA_DIR; without a `url` its database is SQLite."""

    folder: Path
    url: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        kept |= {"DATA_DIR": str(self.folder), "PYTHONUNBUFFERED": "1"} | self.more
        return kept | ({"DATABASE_URL": self.url} if self.url else {})

    def run(self, *arguments: str, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that runs beside others."""
        return subprocess.Popen(
            [*MANAGE, *arguments],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def must(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def query(self, words: str) -> Any:
        """What an expression over the models says, as JSON."""
        code = f"import json; from rectify.models import *; print(json.dumps({words}))"
        return json.loads(self.must("shell", "-v0", "-c", code).splitlines()[-1])

    def files(self) -> set[str]:
        return {path.name for path in (self.folder / "evidence").rglob("*") if path.is_file()}

    @contextlib.contextmanager
    def serving(self, *arguments: str, **more: str) -> Iterator[Server]:
        """The server, until it has answered once, and killed with all its children afterwards."""
        port = free_port()
        log = self.folder.with_suffix(f".{port}.log")
        environment = self.environment | {"SITE_URL": f"http://127.0.0.1:{port}"} | more
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*MANAGE, "serve", "--port", str(port), "--workers", "2", *arguments],
                env=environment, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        server = Server(process, port, log)
        try:
            _await(server)
            yield server
        finally:
            server.kill()

    def copied(self, folder: Path, url: str = "") -> Installation:
        """The same again elsewhere; the database of PostgreSQL is copied by whoever owns the server."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=folder, url=url)

    def items_of(self, username: str) -> list[str]:
        """Addresses of the items on which this person can write."""
        words = (
            "[p.get_absolute_url() for p in Problem.objects.live().filter(status__in="
            "__import__('rectify.transitions').transitions.OPEN_FOR_WORK, carried=False,"
            f" lead_unit__memberships__user__username={username!r}).distinct()]"
        )
        return list(self.query(words))


def with_demo(folder: Path, url: str = "") -> Installation:
    installation = Installation(folder, url)
    folder.mkdir(parents=True, exist_ok=True)
    installation.must("migrate", "-v0")
    installation.must("demo", "--password", PASSWORD)
    return installation


def database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return re.sub(r"/[^/?]+(\?|$)", rf"/{name}\1", url, count=1)


def waited_for(happened: Callable[[], bool], seconds: float = ENDING_SECONDS) -> bool:
    """Whether it has come about before the time is over."""
    deadline = time.monotonic() + seconds
    while not (done := happened()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return done


def members(session: int, parent: int | None = None) -> list[int]:
    """Every living process of a session, or only those that one process of it has started itself."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session and fields[0] != "Z" and parent in (None, int(fields[1])):
            found.append(int(stat.parent.name))
    return found


def end_at_once(processes: list[int]) -> None:
    """Kills them; one that has ended by itself since it was listed is no error."""
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _ticks(pid: int) -> bool:
    """Whether this is the child that does the background work."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"tick" in words and b"--every" in words


def _await(server: Server) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            if server.visitor().get("/healthz").status == 200:
                return
        except OSError:
            pass
        assert server.process.poll() is None, server.log.read_text()
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.2)


def fetch(port: int, path: str) -> tuple[int, str]:
    """What a server that may still be starting answers."""
    deadline = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
