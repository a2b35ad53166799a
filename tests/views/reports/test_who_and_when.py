"""Leaders, units and deadlines that a report names: shown, corrected by a person, at last in the items."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rectify.choices import Action, Kind, Status
from rectify.models import AuditEntry, IntakeDraft, Leader, Problem, Report, Unit
from rectify.operations import people, problems
from rectify.policies import Decision
from tests import builders
from tests.builders import Cast
from tests.intake.assigned import IN_BRACKETS, LABELLED
from tests.intake.build_docx import docx, p, table

pytestmark = [pytest.mark.django_db(databases=["default", "snapshot"]), pytest.mark.sqlite]
WORLD = builders.cast
IN_A_TABLE = docx(
    p("问题整改台账"),
    table(
        ["序号", "查摆问题", "整改措施", "责任领导", "责任单位", "整改时限"],
        ["1", "政治学习不经常", "每周一学", "常务副县长", "丙局", "2026年9月底"],
        ["2", "推诿扯皮时有发生", "首问负责", "李某", "各科室", "立行立改"],
    ),
)


@pytest.fixture
def office(made) -> Client:
    client = Client()
    client.force_login(made["office"])
    return client


def upload(client: Client, made: Cast, data: str | bytes = IN_BRACKETS, **fields: object) -> IntakeDraft:
    name = "报告.txt" if isinstance(data, str) else "报告.docx"
    content = data.encode() if isinstance(data, str) else data
    body = {"file": SimpleUploadedFile(name, content), "unit": made.county.pk, "year": 2026} | fields
    response = client.post(reverse("intake"), body)
    assert response.status_code == 302, response.content.decode()
    return IntakeDraft.objects.order_by("-pk")[0]


def page_of(client: Client, draft: IntakeDraft, name: str = "intake_draft") -> str:
    return client.get(reverse(name, args=[draft.pk])).content.decode()


def act(client: Client, draft: IntakeDraft, verb: str, **fields: object):
    draft.refresh_from_db()
    body = {"verb": verb, "version": draft.version} | fields
    return client.post(reverse("intake_edit", args=[draft.pk]), body, follow=True)


def load(client: Client, draft: IntakeDraft) -> Report:
    page = client.get(reverse("intake_load", args=[draft.pk]))
    body = {"version": page.context["draft"].version, "digest": page.context["plan"].digest}
    response = client.post(reverse("intake_load", args=[draft.pk]), body, follow=True)
    assert response.status_code == 200, response.content.decode()
    draft.refresh_from_db()
    assert draft.report
    return draft.report


def test_a_report_in_brackets_is_understood_corrected_and_loaded(made, office):
    draft = upload(office, made)
    page = page_of(office, draft)
    assert "1 个责任领导、责任单位</a>没有对应到台账里的名称" in page
    assert "“春节”推算不出是哪一天，文字照样保留（2026年春节假期从2月15日开始）" in page
    assert "（报告写“2026年6月底前”）" in page and "2026年6月30日" in page and "乙县丙局" in page
    where = reverse("intake_piece", args=[draft.pk, "p2"])
    opened = office.get(where).content.decode()
    assert 'name="deadline_words" value="春节前"' in opened and 'name="units" value="丁局"' in opened
    body = {"kind": "problem", "title": "农民工工资拖欠", "version": draft.version, "units": "丁局"}
    wrong = office.post(where, body | {"deadline_words": "春节前", "deadline": "年前"})
    assert wrong.status_code == 422 and "日期无法识别" in wrong.content.decode()
    done = office.post(where, body | {"deadline_words": "春节前", "deadline": "2026-02-10"}, follow=True)
    assert "2026年2月10日（报告写“春节前”）" in done.content.decode()
    assert "按报告所写填上：责任领导 1 项、责任单位 2 项、整改时限 2 项。" in page_of(
        office, draft, "intake_load"
    )

    one, two, three = load(office, draft).problems.order_by("number")
    assert (one.leader, one.lead_unit, one.deadline) == (made.leader, made.bureau, dt.date(2026, 6, 30))
    assert (one.original_deadline, one.deadline_text) == (one.deadline, "2026年6月底前")
    assert one.remark == "报告写明责任领导：李某。" and one.kind == Kind.BY_DATE
    assert [*one.measures.values_list("deadline", "unit")] == [
        (dt.date(2026, 3, 31), made.bureau.pk),
        (None, made.bureau.pk),
    ]
    assert (two.leader, two.lead_unit, two.deadline) == (None, made.other_bureau, dt.date(2026, 2, 10))
    assert (two.deadline_text, two.remark) == ("春节前", "")
    assert (three.leader, three.lead_unit, three.deadline, three.remark) == (None, None, None, "")
    assert one.version == 1, "one act makes it, with all that is known"
    entry = AuditEntry.objects.about("problem", [one.pk]).get()
    assert entry.act == Action.ADD_PROBLEM and "常务副县长" in entry.payload
    call_command("verify_audit")


def test_labels_and_tables_say_it_too(made, office):
    one, two = load(office, upload(office, made, LABELLED)).problems.order_by("number")
    assert (one.leader, one.deadline, one.status) == (made.leader, dt.date(2026, 8, 31), Status.IN_PROGRESS)
    assert (two.kind, two.status, two.deadline_text) == (Kind.STANDING, Status.STANDING, "长期坚持")
    assert two.follow_ups.get().planned_on and two.remark == "报告写明责任领导：李某。"
    draft = upload(office, made, LABELLED, year=2027)
    body = {
        "kind": "problem",
        "title": "会议套开不够",
        "version": draft.version,
        "deadline_words": "长期坚持",
    }
    office.post(reverse("intake_piece", args=[draft.pk, "p2"]), body | {"is_begun_anew": "on"})
    anew = load(office, draft).problems.get(number=2)
    assert (anew.kind, anew.status, anew.remark) == (Kind.STANDING, Status.NOT_STARTED, "")

    one, two = load(office, upload(office, made, IN_A_TABLE, year=2028)).problems.order_by("number")
    assert (one.leader, one.lead_unit, one.deadline) == (made.leader, made.bureau, dt.date(2026, 9, 30))
    assert (two.kind, two.deadline_text) == (Kind.AT_ONCE, "立行立改")
    assert two.remark == "报告写明责任领导：李某；责任单位：各科室。"
    call_command("verify_audit")


def test_a_name_is_chosen_once_for_all_problems_and_only_inside_the_border(made, office):
    """Who has left is known to nobody; a leader of another county cannot even be forged."""
    outside = people.add_unit(by=None, name="戊县", parent=made.city)
    stranger = people.add_leader(by=None, post="李某", unit=outside)
    gone = people.add_leader(by=None, post="前任县长", unit=made.county)
    Leader.objects.filter(pk=gone.pk).update(active=False)
    twins = [people.add_leader(by=None, post="局长", unit=unit) for unit in (made.bureau, made.other_bureau)]
    text = IN_BRACKETS.replace("常务副县长、李某", "乙县责任领导、李某、前任县长、局长")
    draft = upload(office, made, text)
    page = office.get(draft.get_absolute_url())
    assert [match.name for match in page.context["names"][0][1]] == ["李某", "前任县长", "局长"]
    words = page.content.decode()
    assert "常务副县长（报告写“乙县责任领导”）" in words and "同名的不止一个" in words
    assert {*page.context["names"][0][3]} == {made.leader, *twins}
    for forged in (stranger.pk, gone.pk, 10**30, "x", "made"):
        refused = act(office, draft, "names", **{"leader-1": forged})
        assert refused.status_code == 422 and "不在可选范围内" in refused.content.decode()
    done = act(
        office, draft, "names", **{"leader-0": "skip", "leader-1": made.leader.pk, "leader-3": twins[1].pk}
    )
    assert "还有 2 个没有对应，载入后写在备注里" in done.content.decode()
    problem = load(office, draft).problems.get(number=1)
    assert (problem.leader, [*problem.supporting_leaders.all()]) == (made.leader, [twins[1]])
    assert problem.remark == "报告写明责任领导：乙县责任领导、前任县长。"


def test_loading_again_changes_nothing_that_people_decided(made, office):
    report = load(office, upload(office, made))
    other = people.add_leader(by=None, post="副县长", unit=made.county)
    first = report.problems.get(number=1)
    problems.assign(first, by=made["office"], seen=first.version, leader=other, reason="分工调整")
    before = [*report.problems.values_list("version", "leader", "lead_unit", "deadline", "remark")]
    again = upload(office, made)
    assert again.target == report
    plan = office.get(reverse("intake_load", args=[again.pk])).context["plan"]
    assert plan.idle and not plan.given
    assert plan.problems[0].note == "新稿写的责任领导与台账不同，不自动改动，请在事项页核对。"
    entries = AuditEntry.objects.filter(report=report).count()
    assert load(office, again) == report
    assert [*report.problems.values_list("version", "leader", "lead_unit", "deadline", "remark")] == before
    assert AuditEntry.objects.filter(report=report).count() == entries + 1, "the kept source"
    more = IN_BRACKETS + "\n（四）会议偏多（责任领导：常务副县长；责任单位：丁局；完成时限：2026年5月）"
    load(office, upload(office, made, more))
    new = report.problems.get(number=4)
    assert (new.leader, new.lead_unit, new.deadline) == (made.leader, made.other_bureau, dt.date(2026, 5, 31))


def test_what_was_understood_must_still_hold_when_it_is_loaded(made, office):
    draft = upload(office, made)
    page = office.get(reverse("intake_load", args=[draft.pk]))
    body = {"version": page.context["draft"].version, "digest": page.context["plan"].digest}
    Leader.objects.filter(pk=made.leader.pk).update(active=False)
    refused = office.post(reverse("intake_load", args=[draft.pk]), body)
    assert refused.status_code == 409 and "内容有变化" in refused.content.decode()
    assert Problem.objects.filter(report__year=2026).count() == 0


def test_the_command_says_what_was_filled_in_and_what_was_not(made, tmp_path):
    path, out = tmp_path / "报告.txt", io.StringIO()
    path.write_text(IN_BRACKETS, encoding="utf-8")
    options = {"unit": "乙县", "year": 2026, "username": "office", "stdout": out}
    call_command("import_report", str(path), **options)
    assert Problem.objects.get(report__year=2026, number=1).leader == made.leader
    words = out.getvalue()
    assert "按报告所写填上：责任领导 1 项、责任单位 2 项、整改时限 1 项。" in words
    assert "没有对应到台账里的名称，写入备注：李某。" in words
    assert "完成时限没有定下日期，文字照样保留：第 2 项“春节前”。" in words


def test_the_pages_ask_no_more_for_more_problems(made, office):
    def text(count: int) -> str:
        rows = [
            f"问题{number}：第{number}号事项推进缓慢（责任领导：常务副县长；责任单位：丙局；完成时限：6月底）"
            for number in range(1, count + 1)
        ]
        return "\n".join(["整改方案", "一、存在的问题", *rows])

    def queries(draft: IntakeDraft) -> list[int]:
        counts = []
        for where in ("intake_draft", "intake_load"):
            with CaptureQueriesContext(connection) as caught:
                assert office.get(reverse(where, args=[draft.pk])).status_code == 200
            counts.append(len(caught))
        return counts

    few, many = upload(office, made, text(3)), upload(office, made, text(60))
    assert len(leaders_named(few)) == 3 and len(leaders_named(many)) == 60
    queries(few)
    assert queries(few) == queries(many)


def leaders_named(draft: IntakeDraft) -> list[str]:
    return [name for item in draft.outline["items"] for name in item["assignment"]["leaders"]]


def test_who_and_when_are_typed_where_the_report_says_nothing(made, office):
    """The third problem names nobody: it is filled in on the preview like the others, and told as typed."""
    draft = upload(office, made)
    assert "1 项问题没有写明由谁负责、何时完成" in page_of(office, draft)
    where = reverse("intake_piece", args=[draft.pk, "p3"])
    opened = office.get(where).content.decode()
    assert 'name="leaders"' in opened and 'name="deadline"' in opened
    body = {"kind": "problem", "title": "干部迟到早退", "version": draft.version}
    said = {"leaders": "常务副县长、赵某", "units": "丁局", "deadline_words": "三季度末"}
    page = office.post(where, body | said, follow=True).content.decode()
    assert "2026年9月30日（报告写“三季度末”）" not in page and "2026年9月30日（“三季度末”）" in page
    assert "没有写明由谁负责" not in page
    words = page_of(office, draft, "intake_load")
    assert "按报告所写和核对时所填，填上：责任领导 2 项、责任单位 3 项、整改时限 2 项。" in words
    three = load(office, draft).problems.get(number=3)
    assert (three.leader, three.lead_unit, three.deadline) == (
        *(made.leader, made.other_bureau, dt.date(2026, 9, 30)),
    )
    assert three.remark == "核对时填写责任领导：赵某。"


def test_nothing_is_typed_where_nobody_typed(made, office):
    draft = upload(office, made)
    where = reverse("intake_piece", args=[draft.pk, "p3"])
    body = {"kind": "problem", "title": "干部常迟到", "version": draft.version, "leaders": "", "units": ""}
    office.post(where, body | {"deadline_words": "", "deadline": ""})
    draft.refresh_from_db()
    assert not draft.outline["items"][2]["assignment"]["is_typed"]
    three = load(office, draft).problems.get(number=3)
    assert (three.leader, three.lead_unit, three.deadline, three.remark) == (None, None, None, "")


def test_whoever_runs_the_ledger_may_have_a_name_made_a_leader_or_a_unit(made, office):
    draft = upload(office, made, IN_BRACKETS.replace("丁局", "庚局"))
    assert "新增“李某”" in page_of(office, draft)
    done = act(office, draft, "names", **{"leader-1": "new", "unit-1": "new"})
    assert "都已对应" in done.content.decode() and "将新增" in done.content.decode()
    assert not Leader.objects.filter(post="李某").exists(), "a preview makes nothing"
    words = page_of(office, draft, "intake_load")
    assert "台账里没有的，载入时新增：责任领导 李某、单位 庚局。" in words
    report = load(office, draft)
    one, two, _ = report.problems.order_by("number")
    new = Leader.objects.get(post="李某")
    assert [*one.supporting_leaders.all()] == [new] and new.unit == made.county
    assert (two.lead_unit.name, Unit.objects.get_parent(two.lead_unit)) == ("庚局", made.county)
    assert (one.remark, two.remark) == ("", "")
    assert AuditEntry.objects.filter(report=report, act=Action.ADD_FROM_SHEET).count() == 2
    call_command("verify_audit")
    again = upload(office, made, IN_BRACKETS.replace("丁局", "庚局"))
    assert "没有对应到台账里的名称" not in page_of(office, again), "known from now on"


def test_who_may_not_add_is_told_who_does(made, office, monkeypatch):
    draft = upload(office, made)
    why = "由本台账的整改办办理。"
    for name in ("intake", "intake_edits"):
        monkeypatch.setattr(f"rectify.views.reports.{name}.may_add_names", lambda *_: Decision(False, why))
    page = page_of(office, draft)
    assert why in page and "新增“李某”" not in page
    assert act(office, draft, "names", **{"leader-1": "new"}).status_code == 422


def test_who_and_when_are_shown_once(made, office):
    text = IN_BRACKETS.replace("（二）农民工工资拖欠（", "（二）农民工工资拖欠。两家企业欠薪（")
    page = office.get(upload(office, made, text).get_absolute_url())
    one, two, _ = (row for group in page.context["groups"] for row in group.rows)
    assert "责任领导" not in one.text and "完成时限" not in two.text
    assert "两家企业欠薪" in two.text and "牵头单位" in one.item.text
