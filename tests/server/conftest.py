"""Installations with the demo, made once on each database and copied for each attack."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scratch
from tests.installation import MANAGE, OURS, Installation, end_at_once, free_port, members, with_demo
from tests.postgres_server import Cluster, cluster, find_binaries

_numbers = itertools.count()
BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def binaries() -> Path:
    found = find_binaries()
    if found is None:
        pytest.skip("No PostgreSQL on this machine (Debian: apt-get install postgresql).")
    return found


@pytest.fixture(scope="session")
def postgres(binaries) -> Iterator[Cluster]:
    """A PostgreSQL of its own, so that it can be stopped."""
    folder = Path(scratch.folder())
    folder.chmod(0o755)
    with cluster(binaries, folder) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def demo_on_sqlite(tmp_path_factory) -> Installation:
    return with_demo(tmp_path_factory.mktemp("sqlite") / "data")


@pytest.fixture(scope="session")
def demo_on_postgres(tmp_path_factory, postgres) -> Installation:
    return with_demo(tmp_path_factory.mktemp("postgres") / "data", postgres.make("demo"))


@pytest.fixture
def on_sqlite(demo_on_sqlite, tmp_path) -> Installation:
    return demo_on_sqlite.copied(tmp_path / "data")


@pytest.fixture
def on_postgres(demo_on_postgres, postgres, tmp_path) -> Installation:
    return demo_on_postgres.copied(tmp_path / "data", postgres.make(f"attack_{next(_numbers)}", "demo"))


@pytest.fixture(params=BOTH)
def installation(request) -> Installation:
    """The demo on each of the two databases."""
    return request.getfixturevalue({"sqlite": "on_sqlite", "postgresql": "on_postgres"}[request.param])


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """An installation of its own, on SQLite, with its tables."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    environment = kept | {"DATA_DIR": str(tmp_path_factory.mktemp("data")), "PYTHONUNBUFFERED": "1"}
    subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], env=environment, check=True)
    return environment


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(environment, port) -> Iterator[subprocess.Popen[str]]:
    """Started in a session of its own, so that whoever it leaves behind can be found and ended."""
    command = [*MANAGE, "serve", "--port", str(port), "--workers", "2", "--tick", "0.5"]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    yield process
    end_at_once(members(process.pid))
    process.wait()
    process.stdout.close()
