"""The grid's page: what it offers, what a save writes, what it refuses and gives back; without scripts."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from rectify import clock
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.columns import GRID
from rectify.ledger.roundtrip.grid import read_grid
from rectify.ledger.roundtrip.rows import Names, stored_cells
from rectify.models import AuditEntry, Draft, ImportBatch, Problem, ProgressNote, Report
from rectify.operations import problems, reports
from rectify.policies import may
from tests.builders import OUTLINE, Cast, assign, cast

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

PAGE = "/problems/grid/"
WORLD = cast


def open_as(made: Cast, role: str = "office") -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def code(made: Cast, number: int) -> str:
    return Problem.objects.get(report=made.report, number=number).code


def typed(made: Cast, cells: dict[int, dict[str, str]], **was: str) -> str:
    """What the page posts: by the number of the item, what was typed, and what stood there."""
    rows, names = {}, Names(made.report)
    for number, now in cells.items():
        problem = Problem.objects.get(report=made.report, number=number)
        rows[problem.code] = {"version": 1, "was": stored_cells(problem, names) | was, "now": now}
    return json.dumps({"at": clock.now().isoformat(), "rows": rows})


def save(made: Cast, rows: str, role: str = "office", reason: str = "分派新问题", **more: str) -> Any:
    data = {"rows": rows, "reason": reason} | more
    return open_as(made, role).post(f"{PAGE}?report={made.report.pk}", data)


def lines(response: Any) -> list[tuple[str, str]]:
    return [(line.kind, line.key) for line in response.context["tried"].lines]


def test_one_save_assigns_many_by_the_acts_of_a_returned_copy(made):
    new = {"leader": "常务副县长", "lead_unit": "乙县丙局", "clerk": "乙县丙局经办人", "kind": "立行立改"}
    rows = typed(
        made,
        {2: new | {"deadline": "2099年6月底前", "goal": "见效"}, 3: {"progress": "已部署", "percent": "20%"}},
    )
    entries = AuditEntry.objects.count()
    first = save(made, rows)
    assert first.status_code == 422  # words for a day are looked at first
    assert lines(first) == [("reading", "deadline")]
    assert "按2099年6月30日读入" in first.content.decode()
    assert AuditEntry.objects.count() == entries
    assert Draft.objects.get().fields["rows"] == rows
    done = save(made, rows, shown=first.context["tried"].shown)
    batch = ImportBatch.objects.get()
    assert (done.status_code, done["Location"]) == (302, f"/ledger/imports/{batch.pk}/")
    two = Problem.objects.get(report=made.report, number=2)
    assert (two.leader, two.lead_unit, two.clerk, two.goal) == (
        made.leader,
        made.bureau,
        made["clerk"],
        "见效",
    )
    assert (str(two.kind), two.deadline.isoformat(), two.deadline_text) == (
        "at_once",
        "2099-06-30",
        "2099年6月底前",
    )
    assert list(ProgressNote.objects.values_list("problem__number", "text", "percent")) == [(3, "已部署", 20)]
    assert (batch.name, batch.kind, batch.counts["applied"]) == ("表格填写：分派新问题", "returned", 2)
    written = list(AuditEntry.objects.order_by("pk")[entries:])
    assert {json.loads(entry.payload)["import"] for entry in written} == {batch.pk}
    assert {entry.reason for entry in written if entry.act in ("assign", "edit_problem")} == {
        "导入填报表《表格填写：分派新问题》"
    }
    assert not Draft.objects.exists()
    assert "没有需要保存的改动" in save(made, rows, shown=first.context["tried"].shown).content.decode()


def test_two_people_on_one_cell_meet_both_texts_and_nothing_is_written(made):
    problem = made.problem
    rows = typed(made, {1: {"goal": "我写的"}, 2: {"remark": "注"}})
    problems.edit(problem, by=made["office"], seen=problem.version, goal="别人写的")
    response = save(made, rows)
    assert response.status_code == 409
    assert lines(response) == [("conflict", "goal")]
    text = response.content.decode()
    assert 'data-now="别人写的"' in text and 'data-mine="我写的"' in text
    assert json.loads(response.context["typed"]["rows"]) == json.loads(rows)
    assert Problem.objects.get(report=made.report, number=2).remark == ""
    chosen = json.loads(rows)
    chosen["rows"][code(made, 1)]["was"]["goal"] = "别人写的"  # the page says so once somebody chose
    assert save(made, json.dumps(chosen)).status_code == 302
    assert made.problem.goal == "我写的"


def test_a_cell_that_cannot_be_taken_is_named_and_nothing_is_written(made):
    bad = {
        1: {"leader": "某县长", "deadline": "2099-01-01", "percent": "40"},
        2: {"lead_unit": "乙县丁局", "clerk": "乙县丙局经办人", "deadline": "尽快"},
        3: {"kind": "慢慢改", "deadline": "长期坚持", "percent": "120", "remark": "好"},
    }
    response = save(made, typed(made, bad))
    assert response.status_code == 422
    assert set(lines(response)) == {
        ("fault", key) for key in ("leader", "deadline", "percent", "clerk", "kind")
    }
    text = response.content.decode()
    for words in (
        "没有名为“某县长”的领导",
        "整改时限已经定下",
        "不是责任单位或配合单位的经办人",
        "没有说到哪一天",
    ):
        assert words in text
    assert not ImportBatch.objects.exists()
    emptied = typed(made, {1: {"leader": "", "clerk": "", "kind": ""}})
    assert lines(save(made, emptied)) == [("fault", "kind")]
    rows = json.loads(emptied)
    del rows["rows"][code(made, 1)]["now"]["kind"]
    assert "请写明理由" in save(made, json.dumps(rows), reason="").content.decode()
    assert save(made, json.dumps(rows)).status_code == 302
    assert (made.problem.leader, made.problem.clerk, made.problem.lead_unit) == (None, None, made.bureau)


@pytest.mark.parametrize("role", ["office", "unit_head", "clerk", "stranger"])
def test_each_pasted_cell_is_refused_to_whom_its_act_is_refused(made, role):
    """Every cell of an item of one's own unit and of another's, against the table of rules."""
    values = {"leader": "常务副县长", "lead_unit": "乙县丙局", "clerk": "乙县丙局经办人", "kind": "立行立改"}
    values |= {"deadline": "2099-01-01", "goal": "目标", "progress": "进展", "remark": "备注"}
    user = made[role]
    problem = Problem.objects.get(report=made.report, number=2)
    for lead in (made.bureau, made.other_bureau):
        problem = assign(made, problem, lead_unit=lead, deadline=None, leader=None, clerk=None)
        if not Report.objects.visible_to(user).exists():
            assert open_as(made, role).get(f"{PAGE}?report={made.report.pk}").status_code == 404
            continue
        for column in (one for one in GRID if one.key in values):
            if column.key == "lead_unit" and lead == made.bureau:
                continue  # stands there already
            cells = {2: {column.key: values[column.key]}}
            cells[2] |= {"lead_unit": "乙县丙局"} if column.key == "clerk" else {}
            plan = merge.plan(read_grid(typed(made, cells), made.report).returned, user, may=may)
            seen = Problem.objects.visible_to(user).filter(pk=problem.pk).exists()
            allowed = seen and bool(may(user, column.act, problem))
            assert bool(plan.applicable({})) is allowed, (role, lead, column.key)


def test_a_pasted_cell_obeys_the_refusals_of_the_form(made):
    own = typed(made, {1: {"goal": "改得好", "leader": "常务副县长", "progress": "已办"}})
    response = save(made, own, "clerk")
    assert set(lines(response)) == {("fault", "goal")}  # the leader stands there already
    assert "整改办" in response.content.decode()
    other = save(made, typed(made, {1: {"progress": "冒充"}, 2: {"progress": "冒充"}}), "stranger")
    assert other.status_code in (404, 422)
    assert not ProgressNote.objects.exists()
    assert save(made, typed(made, {1: {"progress": "已办"}}), "clerk", reason="").status_code == 302
    text = open_as(made, "clerk").get(f"{PAGE}?report={made.report.pk}").content.decode()
    assert re.findall(r'data-key="(\w+)"', text) == ["progress", "percent"]


@pytest.mark.parametrize(
    "rows", ["x", "[]", '{"at": "2026-01-01", "rows": {}}', '{"at": 1, "rows": {"a": {}}}', "[" * 5000]
)
def test_what_no_page_sends_is_answered_in_words(made, rows):
    response = save(made, rows)
    assert response.status_code == 422
    assert "没有传完整" in response.content.decode()


def test_it_opens_for_one_ledger_and_brings_back_what_was_not_saved(made):
    rows = typed(made, {3: {"remark": "写了一半"}})
    page = f"{PAGE}?report={made.report.pk}&kind=by_date"
    client = open_as(made)
    client.post("/drafts/", {"draft_key": f"grid:{made.report.pk}", "rows": rows})
    response = client.get(page)
    assert [line["row"].code for line in response.context["rows"]] == [code(made, n) for n in (1, 2, 3)]
    assert json.loads(response.context["typed"]["rows"]) == json.loads(rows)
    client.logout()
    sent = client.post(page, {"rows": rows, "draft_token": response.context["draft_token"]})
    assert "kept%3D1" in sent["Location"]
    client.force_login(made["office"])
    back = client.get(f"{PAGE}?kept=1", follow=True)
    assert [line["row"].code for line in back.context["rows"]] == [code(made, 3)]
    other = reports.load(
        reports.Outline.from_dict(OUTLINE), by=made["office"], unit=made.county, year=2024, title="上年"
    )
    text = client.get(PAGE).content.decode()
    assert f"report={other.pk}" in text and f"report={made.report.pk}" in text
    assert client.get(f"{PAGE}?light=violet&report={made.report.pk}").status_code == 422


def test_without_scripts_one_item_after_another(made):
    client = open_as(made)
    two = Problem.objects.get(report=made.report, number=2)
    page = f"/problems/{two.pk}/fill/?report={made.report.pk}"
    form = client.get(page).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    problems.edit(two, by=made["office"], seen=two.version, remark="别人的注")
    mine = data | {"lead_unit": "乙县丁局", "remark": "我的注", "deadline": "2099-05-01", "reason": "分派"}
    met = client.post(page, mine)
    assert met.status_code == 409
    assert "别人的注" in met.content.decode() and "我的注" in met.content.decode()
    again = {name: met.context["form"][name].value() or "" for name in met.context["form"].fields}
    done = client.post(page, again)
    assert done.status_code == 302, done.content.decode()
    three = Problem.objects.get(report=made.report, number=3)
    assert done["Location"] == f"/problems/{three.pk}/fill/?report={made.report.pk}"
    two.refresh_from_db()
    assert (two.lead_unit, two.remark, two.deadline.isoformat()) == (
        made.other_bureau,
        "我的注",
        "2099-05-01",
    )
    bad = client.post(page, again | {"percent": "30"})
    assert bad.status_code == 422
    assert "没有填本次进展" in bad.content.decode()


def test_what_is_fresh_or_found_wanting_opens_in_it(made):
    client = open_as(made)
    for page in (f"/reports/{made.report.pk}/next/", f"/health/?report={made.report.pk}", "/problems/"):
        text = client.get(page).content.decode()
        links = [html.unescape(link) for link in re.findall(r'href="(/problems/grid/[^"]*)"', text)]
        assert links, page
        for link in links:
            assert client.get(link).context["rows"], (page, link)
    reader = open_as(made, "inspector").get(f"/health/?report={made.report.pk}").content.decode()
    assert "/problems/grid/" not in reader
