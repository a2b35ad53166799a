"""What is laid before the stand-alone check, and what it must answer: the script and the page alike."""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from django.test import Client

from rectify import clock
from rectify.audit import anchors
from rectify.models import AuditEntry, IssuedLedger, User
from tests.builders import Cast

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "verify" / "verify_ledger.py"
FILED = dt.datetime(2025, 3, 19, 17, tzinfo=dt.UTC)  # already the 20th in Beijing
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """A file, the code typed, the certificate, an anchor; the sentence begins with one of ✓ and ◆."""

    name: str
    ledger: bytes
    code: str
    certificate: str
    anchor: str
    answer: str


def cases(made: Cast) -> list[Case]:
    """Two ledgers filed between two anchors, and everything that may be put together wrongly."""
    office = made["office"]
    before = anchor_of(FILED - DAY)
    one, two = filed(made, office), filed(made, office)
    after = anchor_of(FILED + DAY)
    file, certificate = one.path.read_bytes(), certificate_of(office, one)
    digest, forged = anchors_digest(after, one), certificate.replace(one.export.sha256, "0" * 64)
    genuine = Case(
        "genuine",
        file,
        one.code,
        certificate,
        after,
        f"✓ 相符：这个文件是编码 {one.code} 的签发原件，由{office.label}于 2025-03-20 存档",
    )
    *_, kept = anchors.read()

    def other(name: str, answer: str, **parts: object) -> Case:
        return Case(**vars(genuine) | {"name": name, "answer": answer} | parts)  # type: ignore[arg-type]

    return [
        genuine,
        other("code as spoken", genuine.answer, code=one.code.replace("-", " ").lower()),
        other("anchor as kept on the server", genuine.answer, anchor=kept.line),
        other("a changed cell", "◆ 文件被改动：", ledger=edited(file)),
        other("no workbook", "◆ 文件被改动：", ledger=b"not a workbook"),
        other("another ledger", f"◆ 文件不符：文件里印的编码是 {two.code}", ledger=two.path.read_bytes()),
        other("another code", f"◆ 编码不符：您输入的是 {two.code}", code=two.code),
        other("no code", "◆ 编码有误：“ABCD”不是台账编码", code="ABCD"),
        other("an earlier anchor", "◆ 锚点不对：2025-03-19 的锚点没有写到", anchor=before),
        other("a forged anchor", "◆ 锚点与凭据不符：", anchor=after.replace(digest, "f" * 64)),
        other("no anchor", "◆ 锚点读不出来", anchor="2025-03-21"),
        other(
            "a changed certificate",
            "◆ 凭据被改动",
            certificate=forged,
        ),
        other("no certificate", "◆ 凭据读不出来", certificate="凭据"),
        other("a certificate of nothing", "◆ 凭据读不出来", certificate="{}"),
    ]


def filed(made: Cast, office: User) -> IssuedLedger:
    client = Client()
    client.force_login(office)
    with clock.pretend(FILED):
        response = client.post("/ledger/issued/file/", {"report": str(made.report.pk)})
    assert response.status_code == 302, response.content.decode()
    return IssuedLedger.objects.latest("id")


def certificate_of(office: User, issued: IssuedLedger) -> str:
    client = Client()
    client.force_login(office)
    response = client.get(f"/ledger/issued/{issued.pk}/certificate/")
    assert response.status_code == 200
    return response.content.decode()


def anchor_of(moment: dt.datetime) -> str:
    with clock.pretend(moment):
        assert anchors.write_today()
    *_, last = anchors.read()
    return last.printed


def anchors_digest(line: str, issued: IssuedLedger) -> str:
    """The digest that the anchor holds for the entry of this filed ledger."""
    digest = AuditEntry.objects.get(act="file_ledger", target_id=issued.pk).digest
    assert digest in line
    return digest


def edited(data: bytes) -> bytes:
    """One cell changed, saved again by another program."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    book.worksheets[0]["A1"] = "改过的标题"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def answer(case: Case) -> str:
    """What the script says."""
    spec = importlib.util.spec_from_file_location("verify_ledger", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_ledger"] = module
    spec.loader.exec_module(module)
    try:
        return f"✓ {module.check(case.ledger, case.code, case.certificate, case.anchor)}"
    except module.Refused as refusal:
        return f"◆ {refusal}"
