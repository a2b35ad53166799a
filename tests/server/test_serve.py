"""The server as a process: it answers, ends when told, leaves nobody behind, and refuses in words."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

from tests.installation import ENDING_SECONDS, MANAGE, STARTING_SECONDS, fetch, members, waited_for
from tests.visitor import held

# Limits for a machine that does much else: what is waited for mostly comes within a second.
SLOWEST_ANSWER = 25
OTHER_COMMANDS = ("setup", "export_ledger --out x", "backup x", "tick")

# Processes of their own, on SQLite: once is enough.
pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="runs on SQLite")


def ended(server: subprocess.Popen[str]) -> bool:
    return waited_for(lambda: members(server.pid) == [])


def complete(server: subprocess.Popen[str]) -> bool:
    """Itself, two workers and the background work: the port answers from the first worker on."""
    return waited_for(lambda: len(members(server.pid)) == 4 and len(background(server.pid)) == 1)


@pytest.mark.ci
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_answers_and_ends_when_told_leaving_nobody(server, port, number):
    assert fetch(port, "/healthz") == (200, '{"ok": true}')
    status, page = fetch(port, "/accounts/login/")
    assert status == 200 and "登录" in page
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert files and all(fetch(port, path)[0] == 200 for path in files)
    assert complete(server)
    server.send_signal(number)
    assert server.wait(ENDING_SECONDS) == 0
    assert ended(server)
    said = server.stdout.read()
    assert f"http://127.0.0.1:{port}/" in said and "已停止" in said
    assert "Traceback" not in said and "Warning" not in said


def background(session: int) -> list[int]:
    """The child that does the background work."""
    found = []
    for pid in members(session):
        try:
            said = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        found += [pid] if b"tick" in said and b"--every" in said else []
    return found


@pytest.mark.ci
def test_background_work_that_is_killed_is_started_again(server, port):
    fetch(port, "/healthz")
    assert complete(server)
    first = background(server.pid)
    os.kill(first[0], signal.SIGKILL)
    assert waited_for(lambda: background(server.pid) not in ([], first)) and complete(server)
    server.send_signal(signal.SIGTERM)
    assert server.wait(ENDING_SECONDS) == 0
    assert ended(server)
    assert "后台工作意外停止" in server.stdout.read()


def refused(environment: dict[str, str], *arguments: str) -> str:
    command = [*MANAGE, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=STARTING_SECONDS)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


@pytest.mark.ci
def test_a_busy_port_is_refused(environment):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        words = refused(environment, "serve", "--port", str(port))
    assert f"不能在 127.0.0.1:{port} 上启动" in words and "PORT" in words


@pytest.mark.ci
def test_waiting_migrations_are_refused(environment, tmp_path):
    words = refused(environment | {"DATA_DIR": str(tmp_path)}, "serve")
    assert "没有启动" in words and "manage.py migrate" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--port", "70000"], "端口应是 1 到 65535 的整数"),
        (["serve", "--port", "web"], "--port 的值 'web' 不对"),
        (["serve", "--workers", "0"], "--workers 应是"),
        (["serve", "--tick", "0"], "--tick 应是"),
        (["export_ledger"], "缺少 --out"),
        (["backup"], "缺少 file"),
        (["restore", "a", "b"], "不认识 b"),
        (["verify_audit", "--head"], "--head 后面缺少值"),
        (["demo", "--pasword=x"], "不认识 --pasword=x"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_are_told_in_chinese(capsys, arguments, words):
    with pytest.raises(SystemExit) as refusal:
        execute_from_command_line(["manage.py", *arguments])
    said = capsys.readouterr().err
    assert refusal.value.code == 1 and words in said and len(said.strip().splitlines()) == 1


@pytest.mark.ci
@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["serve", "--host", "no such host"], "不能在"), (["verify_audit", "--head", "xyz"], "链头应是")],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_wrong_with_the_tables_in_place_is_told_in_chinese(environment, arguments, words):
    said = refused(environment, *arguments)
    assert words in said and len(said.strip().splitlines()) == 1


@pytest.mark.ci
@pytest.mark.parametrize("command", ["demo", *OTHER_COMMANDS])
def test_before_the_first_migrate_every_command_says_so(environment, tmp_path, command):
    words = refused(environment | {"DATA_DIR": str(tmp_path)}, *command.split())
    assert "请先运行 manage.py migrate" in words


@pytest.mark.ci
def test_who_sends_or_reads_slowly_stops_nobody(server, port):
    fetch(port, "/healthz")
    _, page = fetch(port, "/accounts/login/")
    largest = next(name for name in re.findall(r'src="(/static/[^"]+)"', page) if "htmx" in name)
    unsent = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\nabc"
    unread = f"GET {largest} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    connections = held(port, unsent, 32) + held(port, unread, 60)
    try:
        for _ in range(5):
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/accounts/login/", timeout=SLOWEST_ANSWER
            ) as answer:
                assert answer.status == 200
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.ci
def test_workers_end_with_a_server_that_is_killed(server, port):
    fetch(port, "/healthz")
    assert complete(server)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert ended(server)


@pytest.mark.ci
def test_a_worker_that_is_killed_is_replaced(server, port):
    fetch(port, "/healthz")
    assert complete(server)
    worker = (set(members(server.pid)) - {server.pid, *background(server.pid)}).pop()
    os.kill(worker, signal.SIGKILL)
    assert waited_for(lambda: worker not in members(server.pid)) and complete(server)
    assert fetch(port, "/healthz")[0] == 200
    server.send_signal(signal.SIGTERM)
    assert server.wait(ENDING_SECONDS) == 0
    assert "一个网页进程意外停止" in server.stdout.read()
