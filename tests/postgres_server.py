#!/usr/bin/env python3
"""A throw-away PostgreSQL: started, handed to one command as DATABASE_URL, then removed.

    python3 -m tests.postgres_server pytest tests/operations    # one command
    python3 -m tests.postgres_server                            # print the URL, stay until Ctrl-C

The exit status is the command's own. Without PostgreSQL it is 77, or 1 with REQUIRE_ALL=1. With DURABLE=1
it keeps its data on the disk and syncs what it commits, as a real one does: for measurements.
"""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tests import scratch

LEFT_OUT = 77
USER = "rectify"
CLUSTER = ["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
# Nothing here outlives the run, so nothing needs to survive a crash.
SYNCED = "on" if os.environ.get("DURABLE") == "1" else "off"
OPTIONS = {
    "fsync": SYNCED,
    "synchronous_commit": SYNCED,
    "full_page_writes": SYNCED,
    # It would look at tables whose rows no test commits, and teach the planner that they are empty.
    "autovacuum": SYNCED,
    "max_connections": "60",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


def find_binaries() -> Path | None:
    """The folder of the newest PostgreSQL that has initdb (Debian keeps it off the PATH)."""
    found = [Path(path).parent for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def unprivileged() -> list[str]:
    """What to put before a command of PostgreSQL: it refuses to start as root."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return ["runuser", "-u", "nobody", "--"]
    return ["runuser", "-u", "postgres", "--"]


def free_port() -> int:
    """Below the ports that clients are given: there one could connect to itself while nobody listens yet."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port below those of clients")


@dataclass
class Cluster:
    """A running PostgreSQL that can be stopped and started again on its port."""

    url: str
    folder: Path
    port: int
    control: list[str]

    def stop(self) -> None:
        quiet([*self.control, "-m", "fast", "stop"])

    def is_running(self) -> bool:
        asked = subprocess.run([*self.control, "status"], capture_output=True, cwd="/", check=False)
        return asked.returncode == 0

    def start(self) -> None:
        assert begin(self.control, self.folder / "log", self.port), "PostgreSQL did not start again"

    def make(self, name: str, like: str = "template1") -> str:
        """The URL of a new database, a copy of another to which nobody is connected."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
        return re.sub(r"/[^/?]+$", f"/{name}", self.url)


@contextmanager
def server(binaries: Path) -> Iterator[str]:
    """Start a cluster in a temporary folder and yield its URL; stop and remove it whatever happens."""
    # Of an account of its own: not in the folder of the run, which is ours alone.
    folder = Path(
        tempfile.mkdtemp(prefix="rectify-postgres-", dir="/tmp" if SYNCED == "on" else scratch.root())
    )
    try:
        with cluster(binaries, folder) as running:
            yield running.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster(binaries: Path, folder: Path) -> Iterator[Cluster]:
    """A cluster in this folder; stopped whatever happens, the folder is the caller's."""
    become = unprivileged()
    data, key = folder / "cluster", folder / "key"
    password = secrets.token_hex(16)
    key.write_text(password, encoding="ascii")
    if become:
        account = pwd.getpwnam(become[2])
        for path in (folder, key):
            os.chown(path, account.pw_uid, account.pw_gid)
    control = [*become, str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    try:
        quiet([*become, str(binaries / "initdb"), "-D", str(data), *CLUSTER, "--pwfile", str(key)])
        port = start(control, folder / "log")
        quiet(
            [str(binaries / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", USER, USER],
            PGPASSWORD=password,
        )
        yield Cluster(f"postgres://{USER}:{password}@127.0.0.1:{port}/{USER}", folder, port, control)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], capture_output=True, cwd="/", check=False)


def start(control: list[str], log: Path) -> int:
    for _attempt in range(5):  # somebody may take the port between the probe and the start
        port = free_port()
        if begin(control, log, port):
            return port
    raise SystemExit("PostgreSQL did not start:\n" + log.read_text(encoding="utf-8", errors="replace"))


def begin(control: list[str], log: Path, port: int) -> bool:
    settings = " ".join(f"-c {name}='{value}'" for name, value in {**OPTIONS, "port": port}.items())
    command = [*control, "-l", str(log), "-o", settings, "start"]
    began = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False
    )
    return began.returncode == 0


def quiet(command: list[str], **environment: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", env={**os.environ, **environment}, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stdout}{done.stderr}")


def ended(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(command: list[str]) -> int:
    binaries = find_binaries()
    if binaries is None:
        print("No PostgreSQL on this machine (Debian: apt-get install postgresql).", file=sys.stderr)
        return 1 if os.environ.get("REQUIRE_ALL") == "1" else LEFT_OUT
    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGHUP, ended)
    with server(binaries) as url:
        if not command:
            print(url, flush=True)
            try:
                signal.pause()
            except KeyboardInterrupt:
                return 0
        child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
        try:
            return child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
