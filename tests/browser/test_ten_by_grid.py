"""From a fresh report's page to ten items assigned in the grid, by keys and one paste; both counted.

`pytest tests/browser/test_ten_by_grid.py -s` prints them. A pasted block counts as one key; a text as its
characters, as an input method takes fewer keys than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.models import ImportBatch, Report
from tests import builders
from tests.browser.pages import sending
from tests.browser.test_clicks import Walk, load_ten_problems
from tests.browser.test_grid import cell, on_the_clipboard, paste

pytestmark = [
    pytest.mark.browser,
    pytest.mark.ci,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
]
# What it takes today: two keys a second and three seconds a click stay under two minutes.
MOST_CLICKS, MOST_KEYS = 2, 50
PASTED = [["常务副县长", "乙县丁局", "乙县丁局经办人", "限期整改", "2099年9月底前"]] * 5


@dataclass
class Keys:
    """The keyboard, counting."""

    page: Any
    pressed: int = 0

    def press(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)
        self.pressed += len(names)

    def type(self, text: str) -> None:
        self.page.keyboard.insert_text(text)
        self.pressed += len(text)

    def paste(self, rows: list[list[str]]) -> None:
        paste(self.page, on_the_clipboard(rows))
        self.pressed += 1


def test_ten_fresh_items_are_assigned_in_the_grid(
    live_server: Any, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, walk = builders.cast(), Walk(visit, phone=False)
    load_ten_problems(walk, monkeypatch)
    report = Report.objects.latest("pk")
    with walk.step("表格交办十项", "office", from_home=False) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        with sending(page):
            walk.press(page.get_by_role("link", name="在表格里一起填"))
        keys = Keys(page)
        fill_the_first_five(keys)
        expect(cell(page, 5, "clerk")).to_have_text("乙县丙局经办人")
        keys.press("ArrowDown", "Home")
        keys.paste(PASTED)
        expect(cell(page, 10, "deadline")).to_have_text("2099年9月底前")
        keys.press("Escape")
        keys.type("分派新查摆的问题")
        with sending(page):
            keys.press("Enter")
        expect(page.get_by_text("按2099年6月30日读入").first).to_be_visible()
        with sending(page):
            walk.press(page.get_by_role("button", name="保存"))
        expect(page.get_by_text("已保存 10 项")).to_be_visible()
    print(f"\n表格交办十项：点击 {walk.steps[-1].clicks} 次，按键 {keys.pressed} 次")
    rows = list(report.problems.order_by("number"))
    assert [row.lead_unit for row in rows] == [cast.bureau] * 5 + [cast.other_bureau] * 5
    assert all((row.leader, bool(row.clerk), bool(row.deadline)) == (cast.leader, True, True) for row in rows)
    assert ImportBatch.objects.count() == 1
    assert walk.steps[-1].clicks <= MOST_CLICKS and keys.pressed <= MOST_KEYS


def fill_the_first_five(keys: Keys) -> None:
    """One row typed as few letters as tell each name, and filled down."""
    for text in ("常务", "丙局", "经办", ""):
        keys.type(text)
        keys.press("Tab")
    keys.type("2099年6月底前")
    keys.press("Tab", "Home")
    keys.press("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    keys.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    keys.press("Control+d")
