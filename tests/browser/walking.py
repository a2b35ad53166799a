"""People at their windows, whose clicks and pages are counted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify.models import Report
from tests import builders
from tests.browser.pages import sending
from tests.intake import invented


@dataclass
class Step:
    name: str
    who: str
    clicks: int = 0
    pages: int = 0


@dataclass
class Walk:
    """What each person presses, counted; every person has one window."""

    visit: Any
    phone: bool
    pages: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, who: str, from_home: bool = True) -> Iterator[Any]:
        """Begins at the person's 待办; PICTURES=folder keeps a picture of where it ends."""
        page = self.page_of(who)
        if from_home:
            page.goto(self.home(page))
        self.steps.append(step := Step(name, who))

        def arrived(frame: Any) -> None:
            step.pages += frame.parent_frame is None

        page.on("framenavigated", arrived)
        yield page
        page.remove_listener("framenavigated", arrived)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url
        if folder := os.environ.get("PICTURES"):
            name = f"{len(self.steps):02d}-{'390' if self.phone else '1440'}-{who}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)

    def page_of(self, who: str) -> Any:
        if who not in self.pages:
            self.pages[who] = self.visit(who, phone=self.phone)
        return self.pages[who]

    def home(self, page: Any) -> str:
        return "/".join(page.url.split("/")[:3]) + "/"

    def press(self, thing: Any) -> None:
        self.steps[-1].clicks += 1
        thing.click()

    def send(self, page: Any, name: str) -> None:
        self.steps[-1].clicks += 1
        with sending(page):
            page.get_by_role("button", name=re.compile(f"^{name}")).first.click()

    def choose(self, page: Any, label: str, value: str) -> None:
        self.steps[-1].clicks += 1
        page.get_by_label(label).first.select_option(label=value)

    def attach(self, page: Any, name: str) -> None:
        self.steps[-1].clicks += 1
        file = {"name": name, "mimeType": "application/pdf", "buffer": builders.PDF}
        page.locator("input[type=file]").last.set_input_files([file])
        page.get_by_text("已传到").last.wait_for()

    def table(self) -> str:
        rows = [f"{row.name}\t{row.who}\t{row.clicks}\t{row.pages}" for row in self.steps]
        total = f"合计\t\t{sum(row.clicks for row in self.steps)}\t{sum(row.pages for row in self.steps)}"
        return "\n".join([f"{'390' if self.phone else '1440'} px\t谁\t点击\t页面", *rows, total])


def load_ten_problems(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    left, ten = 10, []
    for aspect, rows in invented.PROBLEMS:
        ten.append((aspect, rows[:left]))
        left -= len(ten[-1][1])
    monkeypatch.setattr(invented, "PROBLEMS", [row for row in ten if row[1]])
    with walk.step("导入报告", "office") as page:
        walk.press(page.get_by_role("link", name="台账", exact=True).first)
        walk.press(page.get_by_role("link", name="导入报告"))
        file = {"name": "报告.txt", "mimeType": "text/plain", "buffer": invented.written().encode()}
        walk.steps[-1].clicks += 1
        page.set_input_files("input[type=file]", [file])
        page.fill("[name=year]", "2026")
        walk.send(page, "上传并核对")
        walk.press(page.get_by_role("link", name="核对好了，下一步").first)
        walk.send(page, "载入台账")
        expect(page.get_by_role("heading", name="接下来", exact=True)).to_be_visible()
    assert Report.objects.latest("pk").problems.count() == 10
