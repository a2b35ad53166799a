"""PostgreSQL goes and comes back: a page that says so meanwhile, and nobody has to restart anything."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.installation import Installation, Server
from tests.postgres_server import Cluster

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

RECOVERY_SECONDS = 30


@pytest.fixture
def server(on_postgres) -> Iterator[Server]:
    with on_postgres.serving("--tick", "1") as server:
        yield server


@pytest.fixture
def away(postgres) -> Iterator[Cluster]:
    """PostgreSQL, stopped by the test, runs again whatever becomes of it."""
    yield postgres
    if not postgres.is_running():
        postgres.start()


def test_the_site_says_so_and_recovers_by_itself(server: Server, on_postgres: Installation, away: Cluster):
    clerk, monitor, item = server.visitor("clerk"), server.visitor(), on_postgres.items_of("clerk")[0]
    assert clerk.get(item).status == 200
    workers = set(server.workers())
    away.stop()
    for path in ("/", item, "/accounts/login/"):
        answer = clerk.get(path)
        assert answer.status == 503 and "系统暂时不能使用" in answer.text, path
        assert answer.headers["Retry-After"] == "60"
    assert monitor.get("/healthz").status == 503 and monitor.get("/readyz").status == 503
    away.start()
    deadline = time.monotonic() + RECOVERY_SECONDS
    while clerk.get(item).status != 200 and time.monotonic() < deadline:
        time.sleep(0.5)
    assert clerk.write(item, "数据库恢复以后").status == 302
    assert monitor.get("/healthz").status == 200
    assert set(server.workers()) == workers and server.process.poll() is None


@pytest.mark.parametrize("command", ["serve", "tick", "verify_audit", "backup x.tar", "sweep", "demo"])
def test_a_command_ends_with_one_chinese_line(on_postgres: Installation, away: Cluster, command: str):
    away.stop()
    done = on_postgres.run(*command.split())
    assert done.returncode == 1
    assert "数据库现在不能用：连接被拒绝，数据库服务可能没有运行" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr
