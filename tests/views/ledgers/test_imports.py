"""Back in by the page: upload, preview, conflict, confirm, what was refused, the batch; whose it is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from rectify import clock
from rectify.arrivals import limited_child
from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.models import AuditEntry, ImportBatch, KeptUpload, ProgressNote
from rectify.operations import problems, progress, purging
from rectify.operations.exchange import uploads
from rectify.views.ledgers import imports
from tests.builders import Cast, another_ledger, cast
from tests.ledger.roundtrip.returned import Opened, code_of, edited, plan_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


WORLD = cast


def signed_in(made: Cast, role: str = "office") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def upload(client: Client, data: bytes) -> str:
    response = client.post("/ledger/import/", {"file": SimpleUploadedFile("填好的.xlsx", data)})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def text(response) -> str:
    return response.content.decode()


def digest_of(page: str) -> str:
    return page.partition('name="digest" value="')[2][:64]


def test_from_upload_to_batch(made):
    data = edited(take(made), {(code_of(made), "本次进展"): "印发方案"})
    client = signed_in(made)
    where = upload(client, data)
    page = text(client.get(where))
    assert "确认后写入 1 项" in page and "印发方案" in page and "没有变化 2 项" in page
    assert not ProgressNote.objects.exists(), "a preview writes nothing"
    done = client.post(where, {"digest": digest_of(page)}, follow=True)
    assert done.redirect_chain[-1][0] == f"/ledger/imports/{ImportBatch.objects.get().pk}/"
    assert "写入 1 项" in text(done) and "填报进展" in text(done)
    assert ProgressNote.objects.get().text == "印发方案"
    upload_row = KeptUpload.objects.get()
    assert upload_row.batch and not upload_row.path.exists(), "the file is gone once it is loaded"
    again = client.post(where, {"digest": digest_of(page)})
    assert again.status_code == 302 and ProgressNote.objects.count() == 1, "a second click does nothing more"
    assert client.get(where)["Location"] == done.redirect_chain[-1][0]


def test_the_preview_shows_old_and_new_errors_and_notices(made):
    one, two, three = (code_of(made, number) for number in (1, 2, 3))
    data = edited(
        take(made),
        {(one, "责任人"): "局长李某", (two, "责任单位"): "查无此局", (three, "完成情况"): "已销号"},
    )
    client = signed_in(made)
    page = text(client.get(upload(client, data)))
    for said in ("局长李某", "查无此局", "“填报”第 5 行 Q 列", "请从下拉列表选择", "状态不能通过导入变更"):
        assert said in page


def test_a_conflict_is_decided_on_the_page(made):
    code = code_of(made)
    data = edited(take(made), {(code, "整改目标"): "我所改", (code, "备注"): "我的备注"})
    problems.edit(
        made.problem, by=made["office"], seen=made.problem.version, goal="他人所改", remark="他人备注"
    )
    client = signed_in(made)
    where = upload(client, data)
    page = text(client.get(where))
    for said in ("他人所改", "我所改", f'name="take-{code}.goal" value="mine"', "保留现在的"):
        assert said in page
    client.post(
        where, {"digest": digest_of(page), f"take-{code}.goal": "mine", f"take-{code}.remark": "theirs"}
    )
    assert (made.problem.goal, made.problem.remark) == ("我所改", "他人备注")


def test_what_moved_meanwhile_is_shown_again(made):
    code = code_of(made)
    client = signed_in(made)
    where = upload(client, edited(take(made), {(code, "整改目标"): "我所改"}))
    page = text(client.get(where))
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="刚刚改的")
    response = client.post(where, {"digest": digest_of(page)})
    assert response.status_code == 409
    assert "台账又有改动" in text(response) and "刚刚改的" in text(response)
    assert not ImportBatch.objects.exists() and made.problem.goal == "刚刚改的"


def test_a_confirmation_without_its_digest_confirms_nothing(made):
    client = signed_in(made)
    where = upload(client, edited(take(made), {(code_of(made), "本次进展"): "写了"}))
    assert client.post(where).status_code == 409
    assert not ProgressNote.objects.exists()


def test_what_an_act_refuses_is_named_and_the_rest_can_be_confirmed(made, monkeypatch):
    ordinary = progress.check

    def picky(problem, *said):
        if problem.number == 2:
            raise Incomplete("今天不行。")
        return ordinary(problem, *said)

    monkeypatch.setattr(progress, "check", picky)
    client = signed_in(made)
    data = edited(take(made), {(code_of(made, n), "本次进展"): f"写了{n}" for n in (1, 2)})
    where = upload(client, data)
    response = client.post(where, {"digest": digest_of(text(client.get(where)))})
    assert response.status_code == 409 and "今天不行" in text(response)
    assert not ProgressNote.objects.exists()
    response = client.post(where, {"digest": digest_of(text(response))})
    assert response.status_code == 302 and ProgressNote.objects.get().text == "写了1"


def test_refused_rows_come_back_as_the_same_sheet_with_the_reason(made):
    one, two = code_of(made), code_of(made, 2)
    data = edited(
        take(made),
        {
            (one, "责任单位"): "查无此局",
            (one, "本次进展"): "写了",
            (one, "完成比例（%）"): 30,
            (two, "整改目标"): "我",
        },
    )
    problems.edit(made.problem.__class__.objects.get(number=2), by=made["office"], seen=1, goal="他人")
    client = signed_in(made)
    where = upload(client, data)
    response = client.get(f"{where}refused/")
    returned = b"".join(response)
    opened = Opened(returned)
    assert set(opened.rows) == {one, two}
    assert "没有名为“查无此局”的单位" in opened.cell(one, "未导入的原因").value
    assert "别人已由“（空）”改为“他人”" in opened.cell(two, "未导入的原因").value
    assert opened.cell(one, "本次进展").value == "写了"
    corrected = edited(returned, {(one, "责任单位"): "乙县丁局"})
    assert plan_of(corrected, made["office"]).counts == {
        "new": 0, "changed": 1, "unchanged": 0, "conflicts": 1, "errors": 0,
    }  # fmt: skip


def test_a_clerk_imports_their_own(made):
    client = signed_in(made, "clerk")
    where = upload(client, edited(take(made, "clerk"), {(code_of(made), "本次进展"): "写了"}))
    page = text(client.get(where))
    done = client.post(where, {"digest": digest_of(page)})
    assert done.status_code == 302 and ProgressNote.objects.get().author.username == "clerk"
    assert client.get(done["Location"]).status_code == 200


@pytest.mark.parametrize("role", ["leader", "inspector", "sysadmin", "auditor"])
def test_other_roles_import_nothing(made, role):
    client = signed_in(made, role)
    assert client.get("/ledger/import/").status_code == 403
    data = SimpleUploadedFile("a.xlsx", b"x")
    assert client.post("/ledger/import/", {"file": data}).status_code == 403
    assert not KeptUpload.objects.exists()


def test_an_upload_is_its_owners_alone(made):
    where = upload(signed_in(made), take(made))
    for role in ("clerk", "unit_head"):
        for method in ("get", "post"):
            assert getattr(signed_in(made, role), method)(where).status_code == 404
        assert signed_in(made, role).get(f"{where}refused/").status_code == 404
    response = Client().get(where)
    assert response.status_code == 302 and "/accounts/login/" in response["Location"]


def test_an_upload_expires(made):
    client = signed_in(made)
    where = upload(client, take(made))
    path = KeptUpload.objects.get().path
    with clock.pretend(clock.now() + dt.timedelta(hours=3)):
        response = signed_in(made).get(where)
        assert response.status_code == 422 and "请重新上传文件" in text(response)
        assert uploads.drop_expired() == 1
    assert not path.exists() and not KeptUpload.objects.exists()


def test_a_purge_takes_waiting_files_along(made, django_capture_on_commit_callbacks):
    upload(signed_in(made), take(made))
    path = KeptUpload.objects.get().path
    purge = purging.request(made.problem, by=made["office"], reason="误传")
    with django_capture_on_commit_callbacks(execute=True):
        purging.confirm(purge, by=made["sysadmin"])
    assert not path.exists() and not KeptUpload.objects.exists()


def test_only_so_many_uploads_are_kept_for_one_person(made, monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 2)
    client, data = signed_in(made), take(made)
    for _ in range(4):
        upload(client, data)
    assert KeptUpload.objects.count() == 2


def test_a_batch_is_seen_by_who_made_it_and_who_reads_the_record(made):
    client = signed_in(made, "clerk")
    where = upload(client, edited(take(made, "clerk"), {(code_of(made), "本次进展"): "写了"}))
    batch = client.post(where, {"digest": digest_of(text(client.get(where)))})["Location"]
    seen = {role: signed_in(made, role).get(batch).status_code for role in made.people}
    assert seen == {
        "office": 200, "clerk": 200, "inspector": 200, "auditor": 403,
        "leader": 404, "unit_head": 404, "sysadmin": 403, "stranger": 404,
    }  # fmt: skip
    another_ledger(made)
    made.people["other_office"] = made["office"].__class__.objects.get(username="other_office")
    assert signed_in(made, "other_office").get(batch).status_code == 404


def test_an_import_is_looked_up_in_the_record_by_its_number(made):
    client = signed_in(made)
    where = upload(client, edited(take(made), {(code_of(made), "本次进展"): "写了"}))
    client.post(where, {"digest": digest_of(text(client.get(where)))})
    batch = ImportBatch.objects.get()
    assert f"/audit/?batch={batch.pk}" in text(client.get(reverse("import_batch", args=[batch.pk])))
    for role in ("office", "inspector", "auditor"):
        page = signed_in(made, role).get("/audit/", {"batch": batch.pk}).context["page"]
        assert [entry.act for entry in page] == [Action.IMPORT, Action.ADD_PROGRESS], role
    for wrong in (batch.pk + 1, "９", "-1", "1" * 20):
        assert client.get("/audit/", {"batch": wrong}).context["page"].paginator.count == 0


def test_more_than_a_request_can_write_is_told_before_and_refused(made, monkeypatch):
    monkeypatch.setattr("rectify.ledger.roundtrip.plan.MAX_ACTS", 1)
    client, code = signed_in(made), code_of(made)
    where = upload(client, edited(take(made), {(code, "本次进展"): "写了", (code, "整改目标"): "换一个"}))
    page = text(client.get(where))
    assert "一次办不完" in page and "拆成几份" in page and "确认导入" not in page
    refused = client.post(where, {"digest": digest_of(page)})
    assert refused.status_code == 422 and "没有导入任何内容" in text(refused)
    assert not ProgressNote.objects.exists() and not ImportBatch.objects.exists()


def test_nothing_to_write_is_said(made):
    client = signed_in(made)
    where = upload(client, take(made))
    page = text(client.get(where))
    assert "没有可以写入的改动" in page and "确认导入" not in page
    entries = AuditEntry.objects.count()
    response = client.post(where, {"digest": digest_of(page)})
    assert "没有导入任何内容" in text(response)
    assert AuditEntry.objects.count() == entries and not ImportBatch.objects.exists()


def test_the_ledger_page_offers_the_way_out_and_back(made):
    page = text(signed_in(made).get("/ledger/"))
    assert "下载填报表" in page and "导入填报表" in page and "读入旧台账" in page
    clerk = text(signed_in(made, "clerk").get("/ledger/"))
    assert "下载填报表" in clerk and "读入旧台账" not in clerk
    assert "下载填报表" not in text(signed_in(made, "inspector").get("/ledger/"))


def test_what_was_typed_is_shown_as_text(made):
    client = signed_in(made)
    data = edited(take(made), {(code_of(made), "本次进展"): "<script>alert(1)</script>"})
    page = text(client.get(upload(client, data)))
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_marks_and_numbers_in_what_was_filled_in_are_pointed_out_and_recorded(made):
    data = edited(take(made), {(code_of(made), "本次进展"): "见机密★10年文件，当事人11010519491231002X"})
    client = signed_in(made)
    where = upload(client, data)
    page = text(client.get(where))
    assert "“填报”" in page and "密级标志（机密★10年）" in page and "身份证号（110*************2X）" in page
    client.post(where, {"digest": digest_of(page)})
    (kept,) = [entry.details["decided"] for entry in AuditEntry.objects.all() if "decided" in entry.details]
    assert [place.rpartition("：")[2] for place in kept["places"]] == ["密级标志", "身份证号"]


def test_the_preview_parses_nothing_anew(made, monkeypatch: pytest.MonkeyPatch):
    parses = []
    run = limited_child.run
    monkeypatch.setattr(limited_child, "run", lambda *a, **k: parses.append(a) or run(*a, **k))
    client = signed_in(made)
    where = upload(client, edited(take(made), {(code_of(made), "本次进展"): "印发方案"}))
    row = KeptUpload.objects.get()
    for _ in range(3):
        assert "印发方案" in text(client.get(where))
    assert len(parses) == 1 and row.parsed_path.exists()
    client.post(where, {"digest": digest_of(text(client.get(where)))})
    assert not row.path.exists() and not row.parsed_path.exists()


def test_what_needs_no_decision_is_gone_through_page_by_page(made, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(imports, "GLANCE", 1)
    monkeypatch.setattr(imports, "PAGE", 2)
    one, two, three = (code_of(made, number) for number in (1, 2, 3))
    typed = {(one, "本次进展"): "写了一", (two, "本次进展"): "写了二", (three, "责任单位"): "查无此局"}
    client = signed_in(made)
    where = upload(client, edited(take(made), typed))
    page = text(client.get(where))
    assert (
        "写了一" in page and "写了二" not in page and "只列出前 1 项，共 2 项" in page and "?page=1" in page
    )
    first, second = (text(client.get(where, {"page": number})) for number in (1, 2))
    assert "写了一" in first and "写了二" in first and "查无此局" not in first
    assert "没有名为“查无此局”的单位" in second and "写了" not in second
    assert not ProgressNote.objects.exists()
