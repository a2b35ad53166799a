"""The page of verification and anchors: who reads what, texts to file, what an anchor here is worth."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from rectify.audit import anchors
from rectify.models import ChainHead, Report, User
from tests import builders
from tests.builders import Cast
from tests.views.rendered import check_page

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("still_session")]
PAGE, REPORT, ANCHORS = "/audit/verification/", "/audit/verification/file/", "/audit/anchors/file/"


def history() -> Cast:
    made = builders.cast()
    builders.another_ledger(made)
    return made


WORLD = history


def text(made: Cast, role: str, path: str = PAGE) -> str:
    client = Client()
    client.force_login(made[role])
    response = client.get(path)
    assert response.status_code == 200
    if path == PAGE:
        check_page(response, path)
    return response.content.decode()


def test_before_the_first_verification_it_says_how(made: Cast) -> None:
    assert "manage.py verify_audit" in text(made, "auditor") and "还没有锚点" in text(made, "auditor")


def test_each_reads_the_chains_they_may_read(made: Cast, run) -> None:  # type: ignore[no-untyped-def]
    run("verify_audit")
    anchors.write_today()
    own, foreign = made.report, Report.objects.exclude(pk=made.report.pk).get()
    heads = {head.report_id or 0: head.digest for head in ChainHead.objects.all()}
    for role, keys in {"office": {own.pk}, "auditor": {0, own.pk}, "inspector": {own.pk, foreign.pk}}.items():
        for path in (PAGE, REPORT, ANCHORS):
            shown = text(made, role, path)
            assert {key for key, digest in heads.items() if digest in shown} == keys, (role, path)


def test_the_report_and_the_anchors_are_texts_to_keep(made: Cast, run) -> None:  # type: ignore[no-untyped-def]
    run("verify_audit")
    anchors.write_today()
    assert "核对通过" in text(made, "auditor", REPORT)
    line = next(anchors.read()).only({0, made.report.pk}).printed
    assert text(made, "auditor", ANCHORS) == f"{line}\n"
    assert "只留在本服务器上的锚点证明不了什么" in text(made, "auditor")


def test_a_break_in_another_county_is_not_read_as_all_is_well(made: Cast) -> None:
    foreign = Report.objects.exclude(pk=made.report.pk).get()
    Report.objects.filter(pk=foreign.pk).update(title="改过")
    User.objects.filter(username="other_office").update(name="改过")
    with pytest.raises(CommandError):
        call_command("verify_audit")
    shown = text(made, "auditor")
    assert "核对不通过" in shown and "另有 2 处不相符" in shown
    assert "戊县" not in shown and "账号（编号" not in shown


def test_who_verifies_a_ledger_reads_whether_the_server_agrees_with_its_record(made: Cast, run) -> None:  # type: ignore[no-untyped-def]
    client = Client()
    client.force_login(made["office"])

    def said() -> str:
        response = client.post("/ledger/verify/", {"code": "2C4E-6H8K"})
        check_page(response, "/ledger/verify/")
        return response.content.decode()

    assert "还没有与审计记录核对过" in said()
    run("verify_audit")
    assert "数据与审计记录相符" in said()
    User.objects.filter(username="clerk").update(is_superuser=True)
    with pytest.raises(CommandError):
        run("verify_audit")
    assert "◆ 数据与审计记录不符" in said() and PAGE in said()
