"""Every wrong value of the environment stops the start with one Chinese sentence; right ones hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections

from rectify.checks import database_keeps_its_word
from rectify.settings import allowed_hosts

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "DATABASE_URL",
    "DEBUG",
    "READ_ONLY",
    "SITE_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "PORT",
    "DATA_DIR",
    "PROTECTION_LEVEL",
    "PASSWORD_LENGTH",
    "PASSWORD_KINDS",
    "PASSWORD_HISTORY",
    "PASSWORD_MAX_DAYS",
    "SESSION_IDLE_MINUTES",
    "SESSION_HOURS",
    "REQUIRE_SECOND_FACTOR",
)

# Processes of their own, on SQLite: once is enough.
pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="runs on SQLite")


def start(folder: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=kept | {"DATA_DIR": str(folder)} | values,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.ci
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("PORT", "²"),
        ("DEBUG", "maybe"),
        ("SITE_URL", "zhenggai.example.gov.cn"),
        ("SITE_URL", "https://zhenggai.example.gov.cn/path"),
        ("SITE_URL", "http://[::1"),
        ("ALLOWED_HOSTS", "https://zhenggai.example.gov.cn"),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgres://u:geheim@h:x/d"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "mysql://u:geheim@h/d"),
        ("EMAIL_URL", "http://mail"),
        ("EMAIL_URL", "smtp://mail:x"),
        ("DATA_DIR", "/proc/nowhere"),
        ("PROTECTION_LEVEL", "4"),
        ("PASSWORD_LENGTH", "4"),
        ("PASSWORD_KINDS", "5"),
        ("PASSWORD_HISTORY", "-1"),
        ("PASSWORD_MAX_DAYS", "ninety"),
        ("SESSION_IDLE_MINUTES", "0"),
        ("SESSION_HOURS", "９"),
        ("REQUIRE_SECOND_FACTOR", "office,boss"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, name, value):
    done = start(tmp_path, "check", **{name: value})
    assert done.returncode == 1
    assert f"环境变量 {name} " in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert "geheim" not in done.stderr


@pytest.mark.ci
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "10 3 3 0 1800 12 0"),
        ({"PROTECTION_LEVEL": "2"}, "10 3 5 90 1800 12 0"),
        ({"PROTECTION_LEVEL": "3"}, "10 3 5 90 900 8 7"),
        ({"PROTECTION_LEVEL": "3", "REQUIRE_SECOND_FACTOR": "none"}, "10 3 5 90 900 8 0"),
        ({"REQUIRE_SECOND_FACTOR": "office, sysadmin", "PASSWORD_MAX_DAYS": "60"}, "10 3 3 60 1800 12 2"),
    ],
)
def test_a_level_of_protection_is_a_set_of_values_each_of_which_can_be_set(tmp_path, values, said):
    names = ("PASSWORD_LENGTH", "PASSWORD_KINDS", "PASSWORD_HISTORY", "PASSWORD_MAX_DAYS")
    shown = ", ".join(f"s.{name}" for name in (*names, "SESSION_COOKIE_AGE", "SESSION_HOURS"))
    code = f"from django.conf import settings as s; print({shown}, len(s.REQUIRE_SECOND_FACTOR))"
    done = start(tmp_path, "shell", "--no-imports", "-c", code, **values)
    assert done.stdout.strip() == said, done.stderr


@pytest.mark.ci
def test_an_unreadable_or_emptied_key_is_named(tmp_path):
    (tmp_path / "secret_key").write_text("")
    assert "密钥太短" in start(tmp_path, "check").stderr
    (tmp_path / "secret_key").write_bytes(b"\xff" * 60)
    assert "不能读写" in start(tmp_path, "check").stderr


@pytest.mark.ci
def test_two_first_starts_at_once_share_one_key(tmp_path):
    """A session signed by one worker must hold at the other."""
    command = [sys.executable, "-c", "from rectify.settings import SECRET_KEY; print(SECRET_KEY)"]
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    environment = kept | {"DATA_DIR": str(tmp_path / "new")}
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    keys = {process.communicate(timeout=60)[0] for process in started}
    assert len(keys) == 1 and len(keys.pop()) > 60
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["secret_key", "static"]


@pytest.mark.ci
def test_an_installation_on_https_passes_the_deployment_checks(tmp_path):
    done = start(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        SITE_URL="https://zhenggai.example.gov.cn",
        ALLOWED_HOSTS="zhenggai.example.gov.cn, .example.gov.cn",
        EMAIL_URL="smtp+tls://user:p%40ss@mail.example.gov.cn:587",
    )
    assert done.returncode == 0, done.stderr


def test_whoever_names_the_hosts_still_lets_this_machine_ask_for_itself(monkeypatch):
    """The check of a container, the installer and the first request of a worker ask by its own name."""
    monkeypatch.setenv("ALLOWED_HOSTS", "zhenggai.example.gov.cn")
    assert {"zhenggai.example.gov.cn", "127.0.0.1", "localhost"} <= set(allowed_hosts())


@pytest.mark.django_db(databases=["default", "snapshot"])
def test_sqlite_keeps_what_it_acknowledges():
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 20000,
        "secure_delete": 1,
    }
    for alias in ("default", "snapshot"):
        with connections[alias].cursor() as cursor:
            found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
        assert found == wanted
    assert connections["default"].transaction_mode == "IMMEDIATE"
    assert database_keeps_its_word(None, ["default"]) == []


@pytest.mark.django_db(transaction=True)
def test_a_pragma_that_is_off_stops_the_start():
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        found = database_keeps_its_word(None, ["default"])
        cursor.execute("PRAGMA synchronous=FULL")
    assert [error.id for error in found] == ["rectify.E001"] and "synchronous" in found[0].msg
