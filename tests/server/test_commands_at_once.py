"""Two of each deleting command at once, a restore under load, a backup beside writers: nothing is lost."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from tests.installation import PASSWORD, Installation, Server
from tests.visitor import pdf

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

MANY = 2_000
FILES = "[[e.sha256, e.stored] for e in Evidence.objects.all()]"
# So many notes with a file each, through the operation itself.
WRITE_MANY = """
from django.core.files.base import ContentFile
from rectify.models import Problem, User
from rectify.operations import progress
clerk, problem = User.objects.get(username="clerk"), Problem.objects.get(pk={problem})
for turn in range({count} // 10):
    files = [ContentFile(b"%%PDF-1.4\\n%d %d\\n%%%%EOF" % (turn, n), f"{{n}}.pdf") for n in range(10)]
    progress.add(problem, by=clerk, text=f"第 {{turn}} 批", files=files)
"""


@pytest.fixture
def empty(on_sqlite, tmp_path) -> Installation:
    """A new installation with tables and nothing in them."""
    installation = Installation(tmp_path / "empty")
    installation.folder.mkdir()
    installation.must("migrate", "-v0")
    return installation


def at_once(installation: Installation, *commands: list[str]) -> list[tuple[int, str]]:
    """How each ended and what it said."""
    running = [installation.start(*command) for command in commands]
    return [(process.wait(), words) for process in running for words, _ in [process.communicate()]]


def require_whole(installation: Installation) -> None:
    files = installation.query(FILES)
    for digest, name in files:
        path = installation.folder / "evidence" / name[:2] / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert files and "核对通过" in installation.must("verify_audit")


def test_of_two_restores_one_is_done_and_the_other_changes_nothing(on_sqlite, empty, tmp_path):
    archive = tmp_path / "x.tar"
    on_sqlite.must("backup", str(archive))
    ended = at_once(empty, *[["restore", str(archive)]] * 3)
    assert sorted(status for status, _ in ended) == [0, 1, 1]
    for status, words in ended:
        assert status == 0 or ("没有任何改动" in words and "Traceback" not in words), words
    require_whole(empty)


def test_of_two_demos_one_is_played_and_the_other_takes_nothing_away(empty):
    ended = at_once(empty, *[["demo", "--password", PASSWORD]] * 2)
    assert sorted(status for status, _ in ended) == [0, 1]
    assert all(status == 0 or "没有任何改动" in words for status, words in ended)
    require_whole(empty)


def test_a_demo_and_a_restore_at_once_leave_one_of_them_whole(on_sqlite, empty, tmp_path):
    archive = tmp_path / "x.tar"
    on_sqlite.must("backup", str(archive))
    ended = at_once(empty, ["demo", "--password", PASSWORD], ["restore", str(archive)])
    assert sorted(status for status, _ in ended) == [0, 1]
    require_whole(empty)


def test_two_sweeps_and_a_backup_at_once_take_only_what_nobody_names(on_sqlite, tmp_path):
    evidence = on_sqlite.folder / "evidence"
    orphan = evidence / "ab" / ("ab" + "0" * 30)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"left behind")
    for path in evidence.glob("??/*"):
        os.utime(path, (time.time() - 200_000,) * 2)
    ended = at_once(on_sqlite, ["sweep"], ["sweep"], ["backup", str(tmp_path / "x.tar")])
    assert ended[2][0] == 0 and 0 in (ended[0][0], ended[1][0])
    assert not orphan.exists()
    require_whole(on_sqlite)


class Writers:
    """Three clerks who write until told to stop; what they were told is kept."""

    def __init__(self, server: Server, items: list[str]) -> None:
        self.over, self.acknowledged, self.failed = threading.Event(), [], []
        self.threads = [
            threading.Thread(target=self._write, args=(server.visitor("clerk"), items, n)) for n in range(3)
        ]

    def _write(self, visitor, items, number) -> None:  # type: ignore[no-untyped-def]
        turn = 0
        while not self.over.is_set():
            turn += 1
            text = f"{number} 写第 {turn} 次"
            answer = visitor.write(items[turn % len(items)], text, pdf())
            (self.acknowledged if answer.status == 302 else self.failed).append(text)

    def __enter__(self) -> Writers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()


def texts(installation: Installation) -> set[str]:
    return set(installation.query("list(ProgressNote.objects.values_list('text', flat=True))"))


def test_a_restore_under_load_is_refused_and_loses_nothing(on_sqlite, tmp_path):
    archive = tmp_path / "x.tar"
    on_sqlite.must("backup", str(archive))
    with on_sqlite.serving() as server, Writers(server, on_sqlite.items_of("clerk")) as writers:
        done = on_sqlite.run("restore", str(archive))
    assert done.returncode == 1 and "没有任何改动" in done.stderr
    assert not writers.failed and set(writers.acknowledged) <= texts(on_sqlite)
    require_whole(on_sqlite)


def test_a_restore_beside_a_running_server_is_seen_by_it(on_sqlite, empty, tmp_path):
    archive = tmp_path / "x.tar"
    on_sqlite.must("backup", str(archive))
    with empty.serving() as server:
        assert server.visitor().get("/accounts/login/").status == 200
        empty.must("restore", str(archive))
        item = empty.items_of("clerk")[0]
        assert server.visitor("clerk").write(item, "恢复以后", pdf()).status == 302
    require_whole(empty)


def backup_beside_writers(installation: Installation, folder: Path, count: int) -> None:
    """What was acknowledged before the backup began is in it; the rest is in the installation."""
    problem = installation.items_of("clerk")[0].strip("/").split("/")[-1]
    installation.must("shell", "-v0", "-c", WRITE_MANY.format(problem=problem, count=count))
    with installation.serving() as server, Writers(server, installation.items_of("clerk")) as writers:
        while len(writers.acknowledged) < 3:
            time.sleep(0.05)
        before = set(writers.acknowledged)
        installation.must("backup", str(folder / "x.tar"))
        during = len(writers.acknowledged) - len(before)
    assert not writers.failed and set(writers.acknowledged) <= texts(installation)
    require_whole(installation)
    again = Installation(folder / "again")
    again.folder.mkdir()
    again.must("migrate", "-v0")
    again.must("restore", str(folder / "x.tar"))
    assert before <= texts(again)
    assert len(again.query(FILES)) >= count
    require_whole(again)
    print(f"  {count} files; {during} notes acknowledged while the backup ran")


def test_a_backup_beside_writers_has_what_was_acknowledged(on_sqlite, tmp_path):
    backup_beside_writers(on_sqlite, tmp_path, 200)


@pytest.mark.long
def test_so_has_a_backup_of_two_thousand_files(on_sqlite, tmp_path):
    backup_beside_writers(on_sqlite, tmp_path, MANY)
