"""From an old sheet to a ledger: upload, mapping corrected, names matched, loaded whole with its record."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from rectify import clock
from rectify.choices import Action, RagStatus
from rectify.errors import Incomplete
from rectify.models import AuditEntry, ImportBatch, KeptUpload, Leader, Problem, ProblemCause, Report, Unit
from rectify.operations import measures, progress
from rectify.operations.closing import close_out
from tests.builders import Cast, another_ledger, cast
from tests.xlsx.bad_files import BAD, mutants

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
URL = "/ledger/import/old/"
HEAD = [
    "序号",
    "类别",
    "反馈问题",
    "包抓领导",
    "承办",
    "配合部门",
    "原因",
    "整改目标",
    "整改举措",
    "完成时限",
    "落实情况",
]


WORLD = cast


@pytest.fixture
def sheet() -> bytes:
    book = openpyxl.Workbook()
    rows = [
        ["乙县2022年度巡察反馈问题整改台账"], [], HEAD,
        [
            *(1, "党建", "记录不规范", "常务副县长", "丙局", "丁局、财政局", "重视不够", "规范"),
            *("1. 修订\n2. 抽查", "2022年6月底前", "已印发"),
        ],
        [2, "作风", "服务态度差", "副县长", "政务局", "", "", "", "专项整治", "长期坚持", ""],
    ]  # fmt: skip
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def signed_in(made: Cast, role: str = "office") -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(made[role])
    return client


def upload(client: Client, data: bytes):
    return client.post(URL, {"file": SimpleUploadedFile("旧台账.xlsx", data)})


def text(response) -> str:
    return response.content.decode()


def mapping(**changes: str) -> dict[str, str]:
    keys = [
        "number",
        "aspect",
        "title",
        "leader",
        "lead_unit",
        "supporting_units",
        "causes",
        "goal",
        "measure",
    ]
    columns = {f"column-0-{n}": key for n, key in enumerate([*keys, "deadline", "progress"], 1)}
    return columns | {"title": "乙县巡察整改台账", "year": "2022", "read-0": "1", "header-0": "3"} | changes


def test_from_an_old_sheet_to_a_ledger(made, sheet):
    client = signed_in(made)
    where = upload(client, sheet)["Location"]
    page = text(client.get(where))
    assert "乙县2022年度巡察反馈问题整改台账" in page and 'value="2022"' in page
    assert '<option value="title" selected>' in page and '<option value="leader" selected>' in page
    assert "认出 10 栏，共 11 栏" in page, "承办 is not known: the person says what it is"
    preview = client.post(where, mapping(), follow=True)
    page = text(preview)
    assert "读到 2 项问题、3 条措施，有 2 个单位、1 位领导尚未登记" in page
    assert "新增“财政局”" in page and not Report.objects.filter(year=2022).exists()
    done = client.post(f"{where}preview/", {})
    batch = ImportBatch.objects.get()
    report = Report.objects.get(year=2022)
    assert done["Location"] == f"/reports/{report.pk}/next/"
    page = text(client.get(done["Location"]))
    assert "2 项问题" in page and f"/ledger/imports/{batch.pk}/" in page
    assert (report.title, report.unit) == ("乙县巡察整改台账", made.county)
    one, two = report.problems.order_by("number")
    assert (one.title, one.goal, one.lead_unit, one.leader) == (
        "记录不规范",
        "规范",
        made.bureau,
        made.leader,
    )
    assert (one.deadline.isoformat(), one.deadline_text) == ("2022-06-30", "2022年6月底前")
    assert {unit.name for unit in one.supporting_units.all()} == {"乙县丁局", "财政局"}
    assert list(one.measures.values_list("text", flat=True)) == ["修订", "抽查"]
    assert one.notes.get().text == "已印发" and str(one.aspect) == "党建"
    assert ProblemCause.objects.confirmed().get(problem=one).cause.title == "重视不够"
    assert (two.kind, two.lead_unit.name, two.leader.post) == ("standing", "政务局", "副县长")
    assert two.lead_unit.path.startswith(made.county.path)
    assert batch.counts == {"new": 2, "measures": 3, "applied": 2}
    assert client.get(done["Location"]).status_code == 200
    assert (
        client.post(f"{where}preview/", {}).status_code == 302
        and Report.objects.filter(year=2022).count() == 1
    )
    assert one.version == 1, "one act makes it, with all that is known"
    assert [*one.states.order_by("pk").values_list("status", flat=True)] == ["not_started", "in_progress"]
    entry = AuditEntry.objects.about("problem", [one.pk]).get()
    assert entry.act == Action.ADD_PROBLEM and "第 4 行" in entry.reason
    call_command("verify_audit")


def test_more_than_a_request_can_write_is_told_before(made, sheet, monkeypatch):
    monkeypatch.setattr("rectify.ledger.legacy.problem.MAX_ENTRIES", 5)
    client = signed_in(made)
    where = upload(client, sheet)["Location"]
    page = text(client.post(where, mapping(), follow=True))
    assert "合计 6 条，一次最多读入 5 条" in page and "建立台账</button>" not in page
    refused = client.post(f"{where}preview/", {})
    assert refused.status_code == 422 and "拆成几份" in text(refused)
    assert not Report.objects.filter(year=2022).exists()


def test_names_are_what_the_person_says(made, sheet):
    client = signed_in(made)
    where = upload(client, sheet)["Location"]
    client.post(where, mapping())
    choices = {
        "unit-0": str(made.bureau.pk),
        "unit-1": "skip",
        "unit-2": "skip",
        "unit-3": str(made.other_bureau.pk),
    }
    client.post(f"{where}preview/", choices | {"leader-1": str(made.leader.pk)})
    one, two = Problem.objects.filter(report__year=2022).order_by("number")
    assert not one.supporting_units.exists() and two.lead_unit == made.other_bureau
    assert two.leader == made.leader and not Unit.objects.filter(name="财政局").exists()
    assert Leader.objects.count() == 1


def test_the_mapping_can_be_corrected_and_is_kept(made, sheet):
    client = signed_in(made)
    where = upload(client, sheet)["Location"]
    undecided = text(client.post(where, mapping(**{"column-0-3": "", "column-0-9": "title"}), follow=True))
    assert "还有 1 栏没有定下含义（反馈问题）" in undecided and "认不出，请定下" in undecided
    response = client.post(where, mapping(**{"column-0-3": "skip", "column-0-9": "title"}), follow=True)
    assert "1. 修订 2. 抽查" in text(response), "the measures are the problems now, because somebody said so"
    again = client.post(where, mapping(**{"column-0-3": ""}), follow=True)
    assert "还没有指明哪一栏是“存在问题”" in text(again)
    header = client.post(where, {"again": "0", "header-0": "4", "read-0": "1"})
    assert header.status_code == 200 and "记录不规范" in text(header), "another row was taken as the header"


@pytest.mark.parametrize("role", ["leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor"])
def test_only_the_office_opens_a_ledger(made, sheet, role):
    assert signed_in(made, role).get(URL).status_code == 403
    assert upload(signed_in(made, role), sheet).status_code == 403
    where = upload(signed_in(made), sheet)["Location"]
    for address in (where, f"{where}preview/"):
        assert signed_in(made, role).get(address).status_code == 403
        assert signed_in(made, role).post(address, mapping()).status_code == 403
    assert Report.objects.count() == 1


def test_another_office_does_not_see_the_upload(made, sheet):
    where = upload(signed_in(made), sheet)["Location"]
    another_ledger(made)
    made.people["other"] = made["office"].__class__.objects.get(username="other_office")
    for address in (where, f"{where}preview/"):
        assert signed_in(made, "other").get(address).status_code == 404


def test_nothing_is_half_loaded(made, sheet, monkeypatch):
    ordinary, calls = measures.add, []

    def failing(problem, **fields):
        calls.append(problem)
        if len(calls) == 2:
            raise Incomplete("第二项不行。")
        return ordinary(problem, **fields)

    monkeypatch.setattr(measures, "add", failing)
    client = signed_in(made)
    where = upload(client, sheet)["Location"]
    client.post(where, mapping())
    response = client.post(f"{where}preview/", {})
    assert response.status_code == 422 and "第二项不行" in text(response)
    assert Report.objects.count() == 1 and not ImportBatch.objects.exists()
    assert not Unit.objects.filter(name="财政局").exists() and KeptUpload.objects.get().path.exists()


@pytest.mark.ci
@pytest.mark.parametrize("kind", [kind for kind in BAD if kind not in ("no rows", "csv", "xls")])
def test_a_wrong_file_is_told_what_it_is(made, sheet, kind):
    make, words = BAD[kind]
    response = upload(signed_in(made), make(sheet))
    assert response.status_code == 422 and words in text(response)
    assert not KeptUpload.objects.exists()


HISTORY = (
    ("问题", "措施", "整改时限", "完成情况"),
    ("甲办完了", "修订", "2022年6月底", "已完成"),
    ("乙要坚持", "每月抽查", "每季度", "推进中"),
    ("丙早过期", "整治", "2022年9月底", "推进中"),
    ("丁也办完", "印发", "2022年6月底", "已整改到位"),
)


def test_what_was_finished_before_is_asked_once_and_counts_for_nothing(made):
    client = signed_in(made)
    pasted = "\n".join("\t".join(row) for row in HISTORY)
    where = client.post(URL, {"pasted": pasted})["Location"]
    meanings = dict(zip(range(1, 5), ("title", "measure", "deadline", "completion"), strict=True))
    columns = {f"column-0-{number}": key for number, key in meanings.items()}
    page = text(client.post(where, columns | {"read-0": "1", "title": "旧账", "year": "2022"}, follow=True))
    assert "时限早已过去的 4 项" in page and "建议：原已办结（补登佐证）" in page
    client.post(f"{where}preview/", {"history": "", "history-3": "continue"})
    done, standing, late, other = Problem.objects.filter(report__year=2022).order_by("number")
    today = clock.today()
    assert (done.status, standing.status) == ("finished_before", "standing")
    assert not {late.status, other.status} & {"finished_before", "standing"}, "that row was answered apart"
    lights = dict(Problem.objects.filter(report=done.report).with_light(today).values_list("pk", "light"))
    assert lights[done.pk] == RagStatus.FINISHED_BEFORE and lights[late.pk] == RagStatus.OVERDUE
    assert standing.follow_ups.get().planned_on == clock.months_after(today, 3), "each quarter, as it says"
    shown = text(client.get(done.get_absolute_url()))
    assert "原已办结" in shown and "重新整改" in shown and "申请销号" not in shown
    numbers = text(client.get("/dashboard/", {"report": done.report_id}))
    assert "不计入销号率" in numbers and "已销号" in numbers
    noted = progress.add(done, by=made["office"], text="补登验收单")
    assert noted.problem.status == "finished_before", "what it lacked is added, and it stays finished"
    again = close_out.reopen(
        done, by=made["office"], seen=done.version, reason="没有办完", deadline=today + dt.timedelta(30)
    )
    assert again.status == "in_progress" and again.round == 2
    call_command("verify_audit")
    call_command("verify_summaries")


def test_pasted_cells_are_read_like_a_file(made, sheet):
    client = signed_in(made)
    from_file = text(client.get(upload(client, sheet)["Location"]))
    pasted = "\n".join(
        "\t".join(f'"{value}"' if "\n" in str(value) else str(value or "") for value in row)
        for row in openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True)
    )
    where = client.post(URL, {"pasted": pasted.replace("\n", "\r\n")})["Location"]
    page = text(client.get(where))
    assert page.count("<select") == from_file.count("<select") and "乙县2022年度巡察反馈问题整改台账" in page
    preview = text(client.post(where, mapping(), follow=True))
    assert "读到 2 项问题、3 条措施" in preview and "2022年6月底前" in preview
    empty = client.post(URL, {"pasted": " \n"})
    assert empty.status_code == 422 and "请选择要上传的文件" in text(empty)
    refused = client.post(URL, {"pasted": "甲\t乙" * 200_000})
    assert refused.status_code == 422 and "请精简" in text(refused)


def test_an_empty_sheet_and_one_without_problems_are_told(made):
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    response = upload(signed_in(made), out.getvalue())
    assert response.status_code == 422 and "没有任何内容" in text(response)
    book = openpyxl.Workbook()
    book.active.append(["问题", "措施"])
    out = io.BytesIO()
    book.save(out)
    client = signed_in(made)
    where = upload(client, out.getvalue())["Location"]
    client.post(where, {"column-0-1": "title", "column-0-2": "measure", "header-0": "1", "read-0": "1"})
    page = client.get(f"{where}preview/")
    assert page.status_code == 200 and "读到 0 项问题" in text(page)
    assert client.post(f"{where}preview/", {}).status_code == 422
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"header-0": "99999", "year": "x", "unit": "999999", "read-0": "9", "read-7": "1"},
        {"header-0": "-1", "year": "20222", "column-0-1": "nonsense", "column-0-999": "title", "read-0": "1"},
        {"header-0": "３", "year": "1", "title": "\x00" * 300, "column-0-3": "title", "read-0": "1"},
    ],
)
def test_odd_answers_do_no_harm(made, sheet, answers):
    client = signed_in(made)
    where = upload(client, sheet)["Location"]
    assert client.post(where, answers, follow=True).status_code == 422
    for address in (where, f"{where}preview/"):
        assert client.get(address).status_code == 200
    client.post(f"{where}preview/", {"unit-0": "999999", "leader-0": "x", "unit-77": "new"})
    assert Report.objects.count() in (1, 2)


@pytest.mark.ci
def test_mutants_of_an_old_sheet_do_no_harm(made, sheet):
    client = signed_in(made)
    for mutant in mutants(sheet, 3, 40):
        response = upload(client, mutant)
        if response.status_code == 302:
            assert client.get(response["Location"]).status_code == 200
            assert client.get(f"{response['Location']}preview/").status_code == 200
        else:
            assert response.status_code == 422 and "没有导入" in response.content.decode()
    assert Report.objects.count() == 1
