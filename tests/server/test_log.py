"""An ordinary day leaves no traceback in the log: each entry a line of JSON, with its request, no content."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.installation import PASSWORD, Server
from tests.visitor import Visitor, pdf

pytestmark = [pytest.mark.ci, pytest.mark.xdist_group("server")]

LINK = re.compile(r'href="(/[^"#]*)"')
ROLES = ("office", "leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor")
PAGES_OF_EACH = 25
TYPED = "只有经办人自己写过的一句话"


def crawl(visitor: Visitor) -> int:
    """Follow the links from the first page, one of each kind of address before the next of a kind."""
    waiting, known, asked = ["/"], {"/"}, 0
    while waiting and asked < PAGES_OF_EACH:
        path = waiting.pop(0)
        answer = visitor.get(path)
        asked += 1
        assert answer.status < 500, f"{path}: {answer.status}"
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for link in LINK.findall(answer.text):
            kind = re.sub(r"\d+", "N", urlsplit(link).path)
            if kind not in known and not link.startswith("/static/"):
                known.add(kind)
                waiting.append(link.replace("&amp;", "&"))
    return asked


def break_off(server: Server, visitor: Visitor, path: str) -> None:
    """Ask, read a little, and reset the connection, as a closed window does."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        cookie = f"sessionid={visitor.cookies['sessionid']}"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
        connection.recv(100)


def test_an_ordinary_day_leaves_no_traceback_and_no_content(on_sqlite):
    with on_sqlite.serving("--tick", "1") as server:
        visitors = {role: server.visitor(role) for role in ROLES}
        for visitor in visitors.values():
            assert crawl(visitor) > 3
        clerk, item = visitors["clerk"], on_sqlite.items_of("clerk")[0]
        assert clerk.write(item, TYPED, pdf(5_000_000)).status == 302
        too_long = clerk.write(item, TYPED * 250_000)
        assert too_long.status == 413 and "没有保存" in too_long.text
        file = on_sqlite.query("Evidence.objects.latest('pk').get_absolute_url()")
        for path in (file, "/dashboard/", item) * 5:
            break_off(server, clerk, path)
        assert clerk.get("/no/such/page/").status == 404 and clerk.get("/admin/").status in (302, 403, 404)
        assert server.visitor().try_password("clerk", "a-wrong-password").status == 200
        server.end()
    entries, text = server.entries(), server.log.read_text()
    assert not [entry for entry in entries if "traceback" in entry or "Traceback" in entry["message"]]
    assert not [entry for entry in entries if entry["logger"] == "django.request" and entry["request"] == "-"]
    secrets = [PASSWORD, "a-wrong-password", TYPED, *(v.cookies["sessionid"] for v in visitors.values())]
    assert not [secret for secret in secrets if secret in text]
