"""Everything in one archive and back: whole, consistent while people work, and read with distrust."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.test import override_settings

from rectify.audit.append_only_triggers import missing
from rectify.backup.archive import unpack
from rectify.backup.lock import NAME, exclusive
from rectify.models import AuditEntry, Evidence, Problem, ProgressNote, User
from rectify.operations import measures, people, progress
from tests import builders
from tests.backup.archives import contents, emptied, files, taken_back, worked_on

Members = dict[str, bytes]
MANIFEST = "manifest.json"


# -- there and back ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
@pytest.mark.parametrize("name", ["备份.tar", "备份.tar.gz"])
def test_all_rows_and_files_come_back(run, tmp_path, name):
    cast = worked_on()
    before, evidence = contents(), files()
    said = run("backup", str(tmp_path / name))
    assert "2 份佐证材料" in said and len(evidence) == 2
    assert (tmp_path / name).stat().st_mode & 0o077 == 0, "readable by its owner only"
    emptied(tmp_path)
    assert "核对通过" in run("restore", str(tmp_path / name))
    assert taken_back(str(tmp_path / name)) == before and files() == evidence and not missing()
    assert User.objects.get(username="office").check_password("ce-shi-mi-ma-1")
    # Numbering goes on where it stopped.
    progress.add(cast.problem, by=cast["clerk"], text="恢复后的第一次")
    people.add_account(by=None, username="new", name="新来的经办人", password="x")
    assert "核对通过" in run("verify_audit")
    assert not list(tmp_path.rglob(".restore-*")) and not list(tmp_path.rglob(".backup-*"))


@pytest.mark.ci
@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_a_backup_beside_writers_is_one_state(run, tmp_path):
    cast = builders.cast()
    stop, written, failed = threading.Event(), [], []

    def write() -> None:
        try:
            while not stop.is_set():
                progress.add(cast.problem, by=cast["clerk"], text="在写", files=[builders.pdf()])
                measure = measures.add(cast.problem, by=cast["clerk"], text="一条措施")
                measures.finish(measure, by=cast["clerk"], seen=1, result="办结", files=[builders.pdf()])
                written.append(1)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            run("backup", str(tmp_path / f"{number}.tar"))
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert written and not failed
    last, notes = AuditEntry.objects.count(), ProgressNote.objects.count()
    for number in range(3):
        emptied(tmp_path / str(number))
        assert "核对通过" in run("restore", str(tmp_path / f"{number}.tar"))
        assert AuditEntry.objects.count() <= last and ProgressNote.objects.count() <= notes
        for row in Evidence.objects.all():
            assert hashlib.sha256(row.path.read_bytes()).hexdigest() == row.sha256


# -- what a backup refuses -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_a_lost_or_changed_file_is_named_and_the_rest_is_kept(run, tmp_path):
    worked_on()
    lost, changed = Evidence.objects.exclude(name__startswith="〔").order_by("pk")
    lost.path.unlink()
    changed.path.chmod(0o600)
    changed.path.write_bytes(b"something else")
    with pytest.raises(CommandError, match="备份已写好") as refusal:
        run("backup", str(tmp_path / "x.tar"))
    assert lost.stored in str(refusal.value) and changed.stored in str(refusal.value)
    emptied(tmp_path)
    assert "2 份佐证材料丢失或与记录不符" in run("restore", str(tmp_path / "x.tar"))
    assert Problem.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_backup_never_overwrites_and_leaves_no_pieces(run, tmp_path):
    (tmp_path / "x.tar").write_bytes(b"older")
    with pytest.raises(CommandError, match="已存在，不会覆盖"):
        run("backup", str(tmp_path / "x.tar"))
    with pytest.raises(CommandError, match="不存在"):
        run("backup", str(tmp_path / "no folder" / "x.tar"))
    with pytest.raises(CommandError, match="备份没有写成"):
        run("backup", "/proc/x.tar")
    assert (tmp_path / "x.tar").read_bytes() == b"older" and len(list(tmp_path.iterdir())) == 1


# -- what a restore refuses ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(django_db_setup, django_db_blocker, tmp_path_factory) -> Path:
    """A good backup, made once; the database is empty again."""
    folder = tmp_path_factory.mktemp("archive")
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        override_settings(EVIDENCE_DIR=folder / "evidence", PASSWORD_HASHERS=hashers),
    ):
        worked_on()
        call_command("backup", str(folder / "good.tar"), stdout=io.StringIO())
        call_command("flush", interactive=False, verbosity=0)
    return folder / "good.tar"


@pytest.fixture
def refused(archive, run, tmp_path, db) -> Callable[..., str]:
    """refused(change, add=…): the good archive with changed members; why it was not restored."""

    def attempt(
        change: Callable[[Members], object] = lambda members: None, add: tarfile.TarInfo | None = None
    ) -> str:
        with tarfile.open(archive) as tar:
            members = {info.name: tar.extractfile(info).read() for info in tar}
        change(members)
        path = tmp_path / "given" / "changed.tar"
        path.parent.mkdir()
        with tarfile.open(path, "w") as tar:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            if add is not None:
                tar.addfile(add, io.BytesIO(b"\0" * add.size))
        return refusal(path)

    def refusal(path: Path) -> str:
        before = contents()
        with pytest.raises(CommandError) as caught:
            run("restore", str(path))
        assert contents() == before and not files()
        assert {child.name for child in tmp_path.iterdir()} - {"evidence", NAME} == {"given"}
        return str(caught.value)

    attempt.on = refusal
    return attempt


def an_evidence(members: Members) -> str:
    return next(name for name in members if name.startswith("evidence/"))


def manifest_with(**changes: Any) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        manifest = json.loads(members[MANIFEST])
        manifest.update(changes)
        members[MANIFEST] = json.dumps(manifest).encode()

    return change


def special(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, "/etc/passwd", size
    return info


@pytest.mark.parametrize(
    "member",
    [
        special("../x", size=3),
        special("/tmp/x", size=3),
        special("evidence/aa/../../../x", size=3),
        special("evidence/aa/" + "a" * 32, tarfile.SYMTYPE),
        special("evidence/aa/" + "a" * 32, tarfile.LNKTYPE),
        special("evidence/aa/" + "a" * 32, tarfile.FIFOTYPE),
        special("evidence/ab/" + "a" * 32, size=3),
        special("evidence", tarfile.DIRTYPE),
        special("database.sqlite3-wal", size=3),
        special(MANIFEST, size=3),
    ],
    ids=lambda info: f"{info.name} {info.type!r}",
)
def test_a_foreign_member_is_refused(refused, member, tmp_path):
    assert "不该有的内容" in refused(add=member)
    assert not (tmp_path / "x").exists() and not Path("/tmp/x").exists()


def test_a_member_the_manifest_does_not_know_is_refused(refused):
    assert "与清单不符" in refused(add=special("evidence/aa/" + "a" * 32, size=3))


def test_a_missing_member_is_refused(refused):
    assert "缺少" in refused(lambda members: members.pop(an_evidence(members)))


def test_a_changed_member_is_refused(refused):
    def change(members: Members) -> None:
        name = an_evidence(members)
        members[name] = members[name][:-1] + b"!"

    assert "与清单不符" in refused(change)


def test_an_archive_without_its_database_is_refused(refused):
    def change(members: Members) -> None:
        manifest = json.loads(members[MANIFEST])
        for name in [name for name in members if name.startswith(("database", "tables/"))]:
            del members[name], manifest["members"][name]
        members[MANIFEST] = json.dumps(manifest | {"columns": {}}).encode()

    words = refused(change)
    assert "缺少数据库" in words or "表结构与本程序不同" in words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda members: members.pop(MANIFEST), "没有清单"),
        (lambda members: members.update({MANIFEST: b"{"}), "无法识别"),
        (lambda members: members.update({MANIFEST: b"[" * 100_000}), "无法识别"),
        (lambda members: members.update({MANIFEST: b"[]"}), "无法识别"),
        (lambda members: members.update({MANIFEST: b"\xff\xfe"}), "无法识别"),
        (manifest_with(surprise=1), "无法识别"),
        (manifest_with(version=2), "格式版本是 2"),
        (manifest_with(members=[]), "不合规则"),
        (manifest_with(members={"../x": "0"}), "不合规则"),
        (manifest_with(columns={"rectify_user": "id"}), "不合规则"),
        (manifest_with(missing=None), "不合规则"),
        (manifest_with(created=1), "不合规则"),
        (manifest_with(vendor="oracle"), "备份来自 oracle"),
        (manifest_with(migrations=["rectify.9999_tomorrow"]), "更新的版本"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_manifest_is_refused(refused, change, words):
    assert words in refused(change)


@pytest.mark.postgres
def test_another_structure_is_refused(refused):
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only")

    def change(members: Members) -> None:
        manifest = json.loads(members[MANIFEST])
        manifest["columns"]["rectify_user"].remove("phone")
        members[MANIFEST] = json.dumps(manifest).encode()

    assert "表结构与本程序不同" in refused(change)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.8])
def test_a_damaged_archive_is_refused(refused, archive, tmp_path, compressed, kept):
    whole = archive.read_bytes()
    whole = gzip.compress(whole) if compressed else whole
    path = tmp_path / "given" / "damaged"
    path.parent.mkdir()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert "没有任何改动" in refused.on(path)
    garbled = bytearray(whole)
    middle = len(garbled) // 2
    garbled[middle : middle + 200] = bytes(byte ^ 0x55 for byte in garbled[middle : middle + 200])
    path.write_bytes(garbled)
    assert "没有任何改动" in refused.on(path)


@pytest.mark.parametrize("content", [b"", b"hello", bytes(2000)])
def test_what_is_no_archive_is_refused(refused, tmp_path, content):
    path = tmp_path / "given" / "x"
    path.parent.mkdir()
    path.write_bytes(content)
    assert "没有任何改动" in refused.on(path)
    path.unlink()
    assert "找不到备份文件" in refused.on(path)
    assert "没有任何改动" in refused.on(path.parent)


@pytest.mark.django_db
def test_an_installation_with_data_or_files_is_left_alone(archive, run, tmp_path):
    stray = Path(settings.EVIDENCE_DIR) / "aa" / "stray"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    with pytest.raises(CommandError, match="佐证材料的文件夹不是空的"):
        run("restore", str(archive))
    stray.unlink()
    people.add_unit(by=None, name="某县")
    with pytest.raises(CommandError, match="已有数据"):
        run("restore", str(archive))
    assert not User.objects.exists()


@pytest.mark.django_db
def test_of_two_restores_at_once_the_second_changes_nothing(archive, run):
    with exclusive(), pytest.raises(CommandError, match=r"正在运行.*没有任何改动"):
        run("restore", str(archive))
    assert not User.objects.exists()


@pytest.mark.django_db
def test_what_came_while_unpacking_is_kept(archive, run, monkeypatch):
    """The site may run: a file that was not there when the command began is not taken away by it."""
    evidence = Path(settings.EVIDENCE_DIR)
    arrived = evidence / "ab" / ("ab" + "0" * 30)

    def unpack_and_be_overtaken(*args):
        manifest = unpack(*args)
        arrived.parent.mkdir(parents=True)
        arrived.write_bytes(b"in the meantime")
        return manifest

    monkeypatch.setattr("rectify.management.commands.restore.unpack", unpack_and_be_overtaken)
    with pytest.raises(CommandError, match="不是空的"):
        run("restore", str(archive))
    assert arrived.read_bytes() == b"in the meantime"
