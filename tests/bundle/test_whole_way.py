"""From an empty machine to the first assigned item, seen by who must do it: 60 units, 200 people."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.selectors.roster.rows import LEADERS, PEOPLE, UNITS
from tests.browser.conftest import DESKTOP, chromium  # noqa: F401
from tests.browser.pages import sending
from tests.installation import free_port
from tests.roster.workbooks import written

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.sqlite, pytest.mark.xdist_group("browser")]
BUREAUS, IN_EACH = 59, 3
MINUTES = 15
NEW = "Lan-tian-7-bai-yun"


def office() -> dict[str, Any]:
    """A county of 60 units and 200 people, as its office would type it."""
    bureaus = [f"某县第{number}局" for number in range(1, BUREAUS + 1)]
    people = [
        ("管理员甲", "guanli", "某县", "系统管理员", "", ""),
        ("整改办乙", "zhenggai", "某县", "整改办", "", ""),
        ("审计员丙", "shenji", "某县", "安全审计员", "", ""),
        *((f"副县长{n}", f"leader{n}", "某县", "责任领导", "", "") for n in range(1, 21)),
    ]
    for number, bureau in enumerate(bureaus, 1):
        people.append((f"局长{number}", f"head{number}", bureau, "单位负责人", "", ""))
        people += [
            (f"经办人{number}-{n}", f"clerk{number}-{n}", bureau, "经办人", "", "") for n in range(1, IN_EACH)
        ]
    return {
        UNITS: [("某县", "", ""), *((bureau, "某县", "") for bureau in bureaus)],
        PEOPLE: people,
        LEADERS: [(f"副县长{n}", "某县", f"leader{n}", str(n), "") for n in range(1, 21)],
    }


def test_from_the_stick_to_the_first_item(first: Path, chromium, tmp_path) -> None:  # noqa: F811
    began, port, folder = time.monotonic(), free_port(), tmp_path / "inst"
    sheet, slips = tmp_path / "建账表.xlsx", tmp_path / "口令条.html"
    sheet.write_bytes(written(office()))
    command = [first / "install.sh", "--trial", "--yes", "--dir", folder, "--port", str(port)]
    steps = [("install", timed(command))]
    try:
        setup = [folder / "rectify", "setup", "--from", sheet]
        steps.append(("setup", timed([*setup, "--slips", slips])))
        steps.append(
            ("in the browser", walked(chromium, f"http://127.0.0.1:{port}", sheet, slips.read_text()))
        )
    finally:
        subprocess.run(
            [first / "install.sh", "--trial", "--uninstall", "--yes", "--dir", folder], check=False
        )
    print("; ".join(f"{name} {seconds:.0f} s" for name, seconds in steps))
    assert time.monotonic() - began < MINUTES * 60


def timed(command: list[Any]) -> float:
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.monotonic() - began


def walked(chromium, site: str, sheet: Path, slips: str) -> float:  # noqa: F811
    began = time.monotonic()
    passwords = dict(re.findall(r'slip-code">([^<]+)</dd>.*?slip-code">([^<]+)<', slips, re.DOTALL))
    assert len(passwords) == 23 + BUREAUS * IN_EACH == 200
    window = chromium.new_context(viewport=DESKTOP, locale="zh-CN").new_page()
    sign_in(window, site, "guanli", passwords["guanli"])
    window.goto(f"{site}/people/roster/")
    window.set_input_files("main input[type=file]", sheet)
    with sending(window):
        window.click("text=上传并比对")
    expect(window.locator("main")).to_contain_text("没有要改动的内容")
    sign_in(window, site, "zhenggai", passwords["zhenggai"])
    window.goto(f"{site}/reports/new/")
    filled(window, title="2026年度整改台账", year="2026")
    window.goto(window.url.split("?")[0])
    window.locator("a[href$='/problems/add/']").first.click()
    filled(window, title="调查研究不够深入")
    window.locator("a[href$='/assign/']").first.click()
    window.select_option("[name=lead_unit]", label="某县第7局")
    window.select_option("[name=leader]", label="副县长3")
    filled(window, deadline="2026-12-31")
    sign_in(window, site, "clerk7-1", passwords["clerk7-1"])
    expect(window.locator("main")).to_contain_text("调查研究不够深入")
    window.context.close()
    return time.monotonic() - began


def filled(window, **fields: str) -> None:
    """The form of the page, sent."""
    for name, value in fields.items():
        box = window.locator(f"main [name={name}]").first
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    with sending(window):
        window.click("main form .btn-primary[type=submit]")
    assert not window.locator("main form [role=alert]").count(), window.locator("main").inner_text()


def sign_in(window, site: str, username: str, password: str) -> None:
    """The password of the slip, and at once one of the person's own."""
    window.context.clear_cookies()
    window.goto(f"{site}/accounts/login/")
    filled(window, username=username, password=password)
    boxes = window.locator("main input[type=password]")
    for at in range(boxes.count()):
        boxes.nth(at).fill(password if at == 0 else NEW)
    with sending(window):
        window.click("main form .btn-primary[type=submit]")
    window.goto(f"{site}/")
    expect(window.locator("h1")).to_contain_text("待办")
