"""One report of each kind goes from file to ledger by the keyboard alone; how long it took is printed."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse

from rectify.models import Report
from tests import builders
from tests.intake import by_kind

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.long,
]
MOST_STOPS = 400  # of the Tab key on one page
FOCUSED = "(document.activeElement.name || '') + '|' + (document.activeElement.textContent || '').trim()"


@pytest.fixture
def cast(live_server) -> builders.Cast:
    return builders.cast()


def tab_to(page, words: str) -> None:
    """Press Tab until the field of that name, or what bears these words, has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        name, _, text = page.evaluate(FOCUSED).partition("|")
        if words in (name, text):
            return
    raise AssertionError(f"{words} is not reached by Tab on {page.url}")


def press(page, words: str, address) -> None:
    tab_to(page, words)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


def imported(page, base: str, report: by_kind.Report, year: int) -> float:
    """Seconds from the chosen file to the loaded ledger."""
    page.goto(base + reverse("intake"))
    tab_to(page, "file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    begin = time.monotonic()
    chooser.value.set_files(
        [{"name": f"{report.name}.txt", "mimeType": "text/plain", "buffer": report.text.encode()}]
    )
    tab_to(page, "year")
    page.keyboard.press("Control+A")
    page.keyboard.type(str(year))
    press(page, "上传并核对", "**/reports/import/*/")
    press(page, "核对好了，下一步", "**/load/**")
    press(page, "载入台账", lambda url: "/import/" not in url)
    return time.monotonic() - begin


def test_each_kind_is_imported_by_the_keyboard(cast, visit, live_server, capsys):
    page = visit("office")
    first = {report.kind: report for report in reversed(list(by_kind.reports()))}
    seconds = {}
    for year, (kind, report) in enumerate(sorted(first.items()), start=2001):
        seconds[kind] = imported(page, live_server.url, report, year)
        titles = list(
            Report.objects.get(year=year).problems.order_by("number").values_list("title", flat=True)
        )
        assert titles == [problem["title"] for problem in by_kind.read(report.text)["problems"]], kind
    with capsys.disabled():
        shown = "  ".join(f"{kind} {taken:.1f}" for kind, taken in seconds.items())
        print(f"\nseconds from file to ledger: {shown}")
