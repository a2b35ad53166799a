"""What the dashboard costs on the wire: the first time, and when the browser has what does not change."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.installation import Server, with_demo

pytestmark = [pytest.mark.browser, pytest.mark.ci, pytest.mark.xdist_group("browser")]

FIRST, SECOND = 250_000, 25_000


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    with with_demo(tmp_path / "data").serving() as server:
        yield server


def bytes_of(page, address: str) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    """Requests that went out, and bytes that came in, headers and all."""
    sizes: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    network.detach()
    return sum(size > 0 for size in sizes), int(sum(sizes))


def test_the_first_dashboard_is_light_and_the_second_lighter(chromium, server: Server):
    context = chromium.new_context(locale="zh-CN")
    home = f"http://127.0.0.1:{server.port}/"
    cookie = server.visitor("office").cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": home}])
    page = context.new_page()
    first, second = bytes_of(page, home + "dashboard/"), bytes_of(page, home + "dashboard/")
    print(f"  first {first[0]} requests, {first[1]} bytes; second {second[0]} requests, {second[1]} bytes")
    expect(page.get_by_role("heading").first).to_be_visible()
    context.close()
    assert 20_000 < first[1] <= FIRST and 1_000 < second[1] <= SECOND


def test_statics_carry_the_hash_of_their_content_and_are_kept_for_ever(server: Server):
    page = server.visitor().get("/accounts/login/").text
    names = re.findall(r'(?:href|src)="(/static/[^"]+[.](?:css|js))"', page)
    assert names
    for name in names:
        answer = server.visitor().get(name)
        assert re.search(r"[.][0-9a-f]{12}[.]", name) and "immutable" in answer.headers["Cache-Control"]
