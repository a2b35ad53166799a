"""A full disk: who is signed in reads on, a write is refused in words, and writing returns by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import scratch
from tests.installation import Installation, Server, with_demo
from tests.postgres_server import cluster
from tests.server.small_disk import (
    TYPED,
    SmallDisk,
    can_be_mounted,
    mounted,
    require_one_note,
    require_refused,
)
from tests.visitor import pdf

# Where no disk can be mounted (a container without that right) they are left to make test-long elsewhere.
WHEN = pytest.mark.ci if can_be_mounted() else pytest.mark.long
pytestmark = [WHEN, pytest.mark.xdist_group("server")]

ATTEMPTS = 200


@pytest.fixture
def disk(tmp_path) -> Iterator[SmallDisk]:
    with mounted(tmp_path / "disk", 48) as disk:
        yield disk


def reads_on(server: Server, disk: SmallDisk, item: str, *, sign_in: bool) -> None:
    """`sign_in`: the database lies on this disk too, so that nobody new comes in."""
    clerk, office, stranger = server.visitor("clerk"), server.visitor("office"), server.visitor()
    clerk.get(item)
    disk.fill()
    # Nobody has asked for a page since signing in: each of these would renew the session.
    for path in ("/", item, "/problems/", "/dashboard/"):
        assert office.get(path).status == 200, path
    refused = clerk.write(item, TYPED, pdf(300_000))
    require_refused(refused)
    assert TYPED in refused.text, "what was typed is on the page, to be copied"
    assert clerk.get(item).status == 200 and server.visitor().get("/healthz").status == 200
    assert server.visitor().get("/readyz").status == 503
    tried = stranger.try_password("leader", "Zhenggai-2026!")
    if sign_in:
        require_refused(tried)
        assert "Zhenggai-2026!" not in tried.text
    else:
        assert tried.status == 302
    disk.free()
    assert clerk.write(item, TYPED, pdf(300_000)).status == 302
    assert server.visitor("leader").get("/").status == 200


def test_sqlite_and_its_files_on_a_full_disk(demo_on_sqlite, disk):
    installation = demo_on_sqlite.copied(disk.path)
    item = installation.items_of("clerk")[0]
    with installation.serving() as server:
        reads_on(server, disk, item, sign_in=True)
    disk.fill()
    with installation.serving() as server:
        assert server.visitor().get("/accounts/login/").status == 200, "a full disk stops no start"
        disk.free()
    require_one_note(installation)


def test_postgres_with_its_files_on_a_full_disk(demo_on_postgres, on_postgres, disk):
    installation = demo_on_postgres.copied(disk.path / "data", on_postgres.url)
    item = installation.items_of("clerk")[0]
    with installation.serving() as server:
        reads_on(server, disk, item, sign_in=False)
    require_one_note(installation)


@pytest.fixture
def on_full_postgres(binaries, tmp_path) -> Iterator[tuple[Installation, SmallDisk]]:
    """A PostgreSQL whose own disk is small; the files lie elsewhere."""
    home = Path(scratch.folder())
    home.chmod(0o755)
    with mounted(home / "disk", 160) as disk, cluster(binaries, disk.path) as running:
        yield with_demo(tmp_path / "data", running.url), disk
    shutil.rmtree(home, ignore_errors=True)


def test_postgres_itself_on_a_full_disk(on_full_postgres):
    installation, disk = on_full_postgres
    item = installation.items_of("clerk")[0]
    with installation.serving() as server:
        clerk, office = server.visitor("clerk"), server.visitor("office")
        disk.fill()
        written, answer = 0, None
        for turn in range(ATTEMPTS):  # pages and log that PostgreSQL has already are filled first
            answer = clerk.write(item, f"{turn} {'长' * 4_000}")
            if answer.status != 302:
                break
            written += 1
        require_refused(answer)
        for path in ("/", item, "/problems/"):
            assert office.get(path).status == 200, path
        disk.free()
        assert clerk.write(item, TYPED).status == 302
    require_one_note(installation)
    assert installation.query("ProgressNote.objects.filter(text__contains='长长长').count()") == written
