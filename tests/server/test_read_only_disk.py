"""A disk that becomes read-only under the running server: reading goes on, a write is refused with its text.

A file system that its kernel has made read-only after an error (ext4, `remount,abort`) writes again after a
repair and a new start; one that was remounted, or a database set to read only, without one.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.installation import Installation, Server, waited_for
from tests.server.small_disk import TYPED, can_be_mounted, mounted, require_one_note, require_refused
from tests.visitor import pdf

WHEN = pytest.mark.ci if can_be_mounted() else pytest.mark.long
pytestmark = [WHEN, pytest.mark.xdist_group("server")]

BEFORE = "磁盘还好的时候写的"
PATHS = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}


def done(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], env=PATHS, check=True, capture_output=True)


@contextlib.contextmanager
def ext4(folder: Path) -> Iterator[Path]:
    """A file system of its own that can be made to fail."""
    image, place = folder.with_name("image"), folder
    place.mkdir()
    image.write_bytes(b"")
    os.truncate(image, 96 * 1024 * 1024)
    try:
        done("mkfs.ext4", "-q", "-F", image)
        done("mount", "-o", "loop", image, place)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted from a file here: {error}")
    try:
        yield place
    finally:
        done("umount", "-l", place)


def is_free(place: Path) -> bool:
    """Whether it could be taken out: not while anybody who was killed has a file open there."""
    return subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode == 0


def require_read_on(server: Server, item: str, office, clerk) -> None:  # type: ignore[no-untyped-def]
    for path in ("/", item, "/problems/", "/dashboard/"):
        for visitor in (office, clerk):
            assert visitor.get(path).status == 200, path
    assert BEFORE in clerk.get(item).text and server.visitor().get("/healthz").status == 200
    refused = clerk.write(item, TYPED, pdf(3_000))
    require_refused(refused)
    assert TYPED in refused.text and "只读" in refused.text


def test_after_an_error_of_the_disk_nothing_acknowledged_is_lost(installation, tmp_path):
    with ext4(tmp_path / "ext4") as place:
        failing = installation.copied(place, installation.url)
        item = failing.items_of("clerk")[0]
        done("sync", "-f", place)  # the copy; what is acknowledged is synced by whoever acknowledges it
        with failing.serving() as server:
            office, clerk = server.visitor("office"), server.visitor("clerk")
            assert clerk.write(item, BEFORE, pdf(3_000)).status == 302
            workers = set(server.workers())
            done("mount", "-o", "remount,abort", place)
            require_read_on(server, item, office, clerk)
            assert server.visitor().get("/readyz").status == 503
            assert set(server.workers()) == workers
        assert waited_for(lambda: is_free(place)), "the killed processes hold the disk"
        subprocess.run(["fsck.ext4", "-p", str(place.with_name("image"))], env=PATHS, capture_output=True)
        done("mount", "-o", "loop", place.with_name("image"), place)
        with failing.serving() as server:
            clerk = server.visitor("clerk")
            assert BEFORE in clerk.get(item).text
            assert clerk.write(item, TYPED, pdf(3_000)).status == 302
        require_one_note(failing)


def test_evidence_on_a_disk_remounted_read_only_returns_by_itself(on_sqlite, tmp_path):
    item, evidence = on_sqlite.items_of("clerk")[0], on_sqlite.folder / "evidence"
    kept = evidence.rename(tmp_path / "kept")
    with mounted(evidence, 48) as disk:
        done("cp", "-a", f"{kept}/.", evidence)
        with on_sqlite.serving() as server:
            office, clerk = server.visitor("office"), server.visitor("clerk")
            assert clerk.write(item, BEFORE, pdf(3_000)).status == 302
            done("mount", "-o", "remount,ro", disk.path)
            require_read_on(server, item, office, clerk)
            done("mount", "-o", "remount,rw", disk.path)
            assert clerk.write(item, TYPED, pdf(3_000)).status == 302
        require_one_note(on_sqlite)


def test_postgres_set_to_read_only_returns_by_itself(on_postgres: Installation):
    item = on_postgres.items_of("clerk")[0]
    with on_postgres.serving() as server:
        office, clerk = server.visitor("office"), server.visitor("clerk")
        assert clerk.write(item, BEFORE, pdf(3_000)).status == 302
        read_only(on_postgres.url, "on")
        require_read_on(server, item, office, clerk)
        require_refused(server.visitor().try_password("leader", "Zhenggai-2026!"))
        read_only(on_postgres.url, "off")
        assert clerk.write(item, TYPED, pdf(3_000)).status == 302
    require_one_note(on_postgres)


def read_only(url: str, value: str) -> None:
    """As an administrator sets it; connections that there are take it over when they begin something."""
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")  # type: ignore[call-overload]
        connection.execute("SELECT pg_reload_conf()")
