"""An item moved to another unit, with days before and after: each side reads what it could open today."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client

from rectify import clock
from rectify.choices import Role
from rectify.models import IssuedLedger, Problem
from rectify.operations import problems, progress
from tests import builders
from tests.scope.crawl import words_of

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(databases=["default", "snapshot"]),
    pytest.mark.usefixtures("one_connection"),
]

OLD, NEW = ("clerk", "unit_head"), ("stranger", "new_head")
TITLE, BEFORE, AFTER, PROOF = "学用结合不紧", "搬走之前的进展", "搬来之后的进展", "搬走之前的佐证"
SECRETS = (TITLE, BEFORE, AFTER, PROOF)


@dataclass
class Moved:
    """The cast, the item and the days: filed before the move, moved, worked on by the new unit."""

    cast: builders.Cast
    item: Problem
    issued: IssuedLedger
    evidence: int
    before: dt.date
    after: dt.date

    def client(self, who: str) -> Client:
        client = Client()
        client.force_login(self.cast[who])
        return client

    def pages(self) -> dict[str, str]:
        """Every place where the item could stand."""
        report, item = self.item.report_id, self.item.pk
        found = {"item": f"/problems/{item}/", "evidence": f"/evidence/{self.evidence}/"}
        found |= {
            name: f"/{name}/" for name in ("dashboard", "briefing", "notices", "supervision", "reports")
        }
        found |= {
            "home": "/",
            "list": "/problems/",
            "search": "/problems/?q=学用",
            "issued": "/ledger/issued/",
        }
        found |= {"report": f"/reports/{report}/", "matrix": f"/reports/{report}/matrix/"}
        found |= {"download": f"/ledger/issued/{self.issued.pk}/file/"}
        for name, day in {"before": self.before, "after": self.after, "now": clock.today()}.items():
            found[f"ledger {name}"] = f"/ledger/?report={report}&as_of={day}"
            found[f"export {name}"] = f"/ledger/export/?report={report}&as_of={day}"
            found[f"pack {name}"] = f"/ledger/pack/file/?report={report}&as_of={day}"
            found[f"numbers {name}"] = f"/dashboard/?report={report}&on={day}"
        days = f"from={self.before}&to={self.after}"
        found["compare"] = f"/ledger/compare/?report={report}&{days}"
        found["compare file"] = f"/ledger/compare/file/?report={report}&{days}"
        found["compare issued"] = f"/ledger/compare/?issued={self.issued.pk}"
        found["compare issued file"] = f"/ledger/compare/file/?issued={self.issued.pk}"
        return found


def moved() -> Moved:
    now = clock.now()
    with clock.pretend(now - dt.timedelta(days=40)):
        cast = builders.cast()
        cast.people["new_head"] = builders.account("new_head", cast.other_bureau, Role.UNIT_HEAD)
        for number in (2, 3):  # each side holds an item of its own, so that the ledger lies open to both
            unit = cast.bureau if number == 2 else cast.other_bureau
            row = Problem.objects.get(report=cast.report, number=number)
            builders.assign(cast, row, lead_unit=unit, deadline=None)
    with clock.pretend(now - dt.timedelta(days=30)):
        item, file = cast.problem, builders.pdf(f"{PROOF}.pdf")
        note = progress.add(item, by=cast["clerk"], text=BEFORE, percent=20, files=[file])
    with clock.pretend(now - dt.timedelta(days=20)):
        issued = _issued(cast)
    with clock.pretend(now - dt.timedelta(days=10)):
        item, unit = Problem.objects.get(pk=item.pk), cast.other_bureau
        given = {"seen": item.version, "lead_unit": unit, "clerk": cast["stranger"], "reason": "职责调整"}
        item = problems.assign(item, by=cast["office"], **given)
    with clock.pretend(now - dt.timedelta(days=5)):
        progress.add(item, by=cast["stranger"], text=AFTER, percent=40)
    before, after = (clock.day_of(now - dt.timedelta(days=days)) for days in (15, 3))
    return Moved(cast, Problem.objects.get(pk=item.pk), issued, note.evidence.get().pk, before, after)


def _issued(cast: builders.Cast) -> IssuedLedger:
    client = Client()
    client.force_login(cast["office"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
        assert client.post("/ledger/issued/file/", {"report": cast.report.pk}).status_code == 302
    return IssuedLedger.objects.get()


WORLD = moved


def said(response: HttpResponseBase) -> list[str]:
    words = words_of(response)
    return [secret for secret in SECRETS if secret in words]


@pytest.mark.ci
@pytest.mark.parametrize("who", OLD)
def test_the_old_unit_reads_nothing_of_it_on_any_page_of_any_day(made: Moved, who: str) -> None:
    client = made.client(who)
    found = {name: said(client.get(url)) for name, url in made.pages().items()}
    assert not {name: secrets for name, secrets in found.items() if secrets}
    gone = [name for name in ("item", "evidence") if client.get(made.pages()[name]).status_code != 404]
    assert not gone and client.get(made.pages()["download"]).status_code in (403, 404)


# Where the new unit finds what, of days before the move too.
FINDS = {
    "item": {TITLE, BEFORE, AFTER, PROOF},
    "list": {TITLE},
    "search": {TITLE},
    "export before": {TITLE, BEFORE},
    "export after": {TITLE, AFTER},
    "export now": {TITLE, AFTER},
    "pack before": {PROOF},
    "pack now": {PROOF},
    "compare": {TITLE, AFTER},
    "compare file": {TITLE, AFTER},
}


@pytest.mark.ci
@pytest.mark.parametrize("who", NEW)
def test_the_new_unit_reads_all_of_it(made: Moved, who: str) -> None:
    client, pages = made.client(who), made.pages()
    missing = {name: wanted - set(said(client.get(pages[name]))) for name, wanted in FINDS.items()}
    assert not {name: secrets for name, secrets in missing.items() if secrets}
    assert client.get(pages["evidence"]).status_code == 200


@pytest.mark.ci
@pytest.mark.parametrize("who", [*OLD, *NEW])
def test_every_number_counts_what_the_person_can_open(made: Moved, who: str) -> None:
    """The list, the ledger and the dashboard of each day, and what waits on the home page."""
    right = 1 if who in OLD else 2
    client, pages = made.client(who), made.pages()
    assert listed(client, pages["list"]) == right
    for day in ("before", "after", "now"):
        assert client.get(pages[f"numbers {day}"]).context["numbers"].all.total == right, day
    for group in client.get("/").context["waiting"]:
        assert who in NEW or made.item.pk not in group.ids
        if group.unit == "项" and group.url.startswith("/problems/?"):
            assert listed(client, group.url) == group.count, group.title


@pytest.mark.parametrize("who", [*OLD, *NEW])
def test_verifying_tells_the_holders_of_a_part_only_whether_it_was_altered(made: Moved, who: str) -> None:
    for data, outcome in ((genuine(made), "identical"), (altered(made), "altered")):
        page = made.client(who).post("/ledger/verify/", {"file": SimpleUploadedFile("台账.xlsx", data)})
        verdict = page.context["verdict"]
        assert verdict.outcome == outcome and not verdict.altered.first
        assert who in NEW or not said(page)
        assert "撤回" not in words_of(page) and BEFORE not in words_of(page)


def listed(client: Client, url: str) -> int:
    """How many items the list says it shows."""
    return sum(chip["count"] for chip in client.get(url).context["chips"] if chip["on"])


def genuine(made: Moved) -> bytes:
    return made.issued.path.read_bytes()


def altered(made: Moved) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(genuine(made)))
    book.worksheets[0]["B6"] = "改过的"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_record_holds_after_the_move(made: Moved, run) -> None:
    assert "核对通过" in run("verify_audit")
