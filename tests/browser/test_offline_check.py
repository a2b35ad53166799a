"""The stand-alone page in a real browser, opened from the disk: it answers as the script does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rectify import clock
from tests import builders
from tests.ledger.archive.offline_cases import FILED, answer, cases

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify" / "check.html"


def test_page_and_script_give_the_same_answers(chromium: Any) -> None:
    with clock.pretend(FILED.replace(day=1)):
        made = builders.cast()
    context = chromium.new_context(offline=True)
    page = context.new_page()
    for case in cases(made):
        page.goto(PAGE.as_uri())
        file = {"name": "台账.xlsx", "mimeType": "application/octet-stream", "buffer": case.ledger}
        page.set_input_files("#ledger", file)
        certificate = {"name": "凭据.txt", "mimeType": "text/plain", "buffer": case.certificate.encode()}
        page.set_input_files("#certificate", certificate)
        page.fill("#code", case.code)
        page.fill("#anchor", case.anchor)
        page.click("button")
        expect(page.locator("#verdict")).to_have_text(answer(case))
    context.close()
