"""The problem list: filters in the URL, wrong values named and ignored, a fixed number of queries."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.models import Problem, Unit
from rectify.operations import problems, progress
from rectify.selectors.filter_options import MOST
from rectify.selectors.problem_filter import ProblemFilter, describe
from tests.builders import Cast, another_ledger, assign, cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


WORLD = cast


def open_as(made: Cast, role: str) -> Client:
    client = Client()
    client.force_login(made[role])
    return client


def listed(made: Cast, role: str, query: str = "") -> list[str]:
    response = open_as(made, role).get(f"/problems/{query}")
    assert response.status_code == 200
    return [row.record.problem.title for row in response.context["table"].paginated_rows]


def test_everybody_sees_their_own(made: Cast) -> None:
    another_ledger(made)
    assert len(listed(made, "office")) == 3
    assert len(listed(made, "inspector")) == 6
    for role in ("leader", "unit_head", "clerk"):
        assert listed(made, role) == ["学用结合不紧"]
    for role in ("stranger", "sysadmin", "auditor"):
        assert listed(made, role) == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("light=normal", 1),
        ("light=undated&light=normal", 3),
        ("leader=none", 2),
        ("unit=none", 2),
        ("aspect=none", 1),
        ("clerk=none", 2),
        ("deadline=none", 2),
        ("kind=standing", 1),
        ("status=not_started", 3),
        ("source=self_check", 3),
        ("q=学用", 1),
        ("q=学用 结合", 1),
        ("q=100%25", 0),
        ("q=_", 0),
        ("withdrawn=1", 0),
    ],
)
def test_each_condition_narrows(made: Cast, query: str, count: int) -> None:
    assert len(listed(made, "office", f"?{query}")) == count


def test_withdrawn_ones_are_shown_only_when_asked_for(made: Cast) -> None:
    problems.withdraw(made.problem, by=made["office"], seen=made.problem.version, reason="重复")
    assert "学用结合不紧" not in listed(made, "office")
    assert listed(made, "office", "?withdrawn=1") == ["学用结合不紧"]


@pytest.mark.ci
@pytest.mark.parametrize(
    "query",
    [
        "light=red",
        "light=overdue&light=<script>",
        "leader=abc",
        "leader=99999999999999999999999999",
        "leader=-1",
        "report=0",
        "unit=%00",
        "aspect=1' OR 1=1",
        "clerk=all",
        "deadline=2022-06-30",
        "status=gone",
        "kind=x",
        "source=x",
        "withdrawn=yes",
        "q=%00",
        "q=" + "长" * 101,
        "sort=secret",
        "sort=action",
        "cols=password",
        "per_page=26",
        "per_page=99999999999999999999",
        "page=x",
    ],
)
def test_a_wrong_value_is_named_and_ignored(made: Cast, query: str) -> None:
    response = open_as(made, "office").get(f"/problems/?{query}")
    assert response.status_code == 200
    assert "已忽略" in response.content.decode()
    assert response.context["page"].count == 3


@pytest.mark.parametrize("size", ["-1", "0", "1", "26", "100000", "9" * 30])
def test_no_address_asks_for_a_page_size_that_is_not_offered(made: Cast, size: str) -> None:
    response = open_as(made, "office").get(f"/problems/?per_page={size}")
    assert response.status_code == 200
    assert response.context["page"].size == 25


def test_an_old_link_to_a_page_by_its_number_still_shows_the_list(made: Cast) -> None:
    assert len(listed(made, "office", "?page=99")) == 3


def test_what_was_searched_is_escaped(made: Cast) -> None:
    text = open_as(made, "office").get('/problems/?q="><script>alert(1)</script>').content.decode()
    assert "<script>alert" not in text


def test_every_chip_counts_what_its_link_shows(made: Cast) -> None:
    client = open_as(made, "office")
    for chip in client.get("/problems/?kind=by_date").context["chips"]:
        response = client.get(f"/problems/{chip['url']}")
        assert response.context["page"].count == chip["count"], chip


@pytest.mark.parametrize("name", ["number", "light", "deadline"])
def test_these_columns_sort_both_ways(made: Cast, name: str) -> None:
    second = Problem.objects.get(report=made.report, number=2)
    assign(made, second, deadline=clock.today() + dt.timedelta(days=200))
    up, down = listed(made, "office", f"?sort={name}"), listed(made, "office", f"?sort=-{name}")
    assert len(up) == 3
    assert up == down[::-1]
    assert (
        f"sort={name}" in open_as(made, "office").get("/problems/?cols=deadline&cols=light").content.decode()
    )


@pytest.mark.parametrize("name", ["title", "leader", "unit", "aspect", "kind", "status", "note", "percent"])
def test_an_order_that_no_index_serves_is_not_offered(made: Cast, name: str) -> None:
    text = open_as(made, "office").get(f"/problems/?sort=-{name}&cols={name}").content.decode()
    assert re.search("网址中的排序.*无法识别", text)
    assert f'sort={name}"' not in text


# -- what the filters offer ---------------------------------------------------------------------------


def offered(response, name: str) -> list[str]:
    return [str(value) for value, _ in response.context["filter"].form.fields[name].widget.choices]


def test_the_office_chooses_among_the_people_and_units_of_its_tree(made: Cast) -> None:
    page = open_as(made, "office").get("/problems/")
    units = offered(page, "unit")
    assert units[:2] == ["", "none"]
    assert {str(made.county.pk), str(made.bureau.pk), str(made.other_bureau.pk)} <= set(units)
    assert str(made["clerk"].pk) in offered(page, "clerk")
    assert str(made.leader.pk) in offered(page, "leader")
    assert offered(page, "report") == ["", str(made.report.pk)]
    assert {str(one.pk) for one in made.report.aspects.all()} <= set(offered(page, "aspect"))


def test_the_others_choose_among_what_occurs_in_their_problems(made: Cast) -> None:
    page = open_as(made, "clerk").get("/problems/")
    assert offered(page, "unit") == ["", "none", str(made.bureau.pk)]
    assert offered(page, "leader") == ["", "none", str(made.leader.pk)]


def test_of_too_many_only_the_chosen_one_is_listed_until_a_report_is(made: Cast) -> None:
    for n in range(MOST + 5):
        Unit.objects.add_child(Unit.objects.get(pk=made.city.pk), {"name": f"单位{n}"})
    client = open_as(made, "inspector")
    page = client.get(f"/problems/?unit={made.bureau.pk}")
    assert offered(page, "unit") == ["", "none", str(made.bureau.pk)]
    assert "太多，请先选台账" in page.content.decode()
    assert page.context["page"].count == 1
    narrowed = client.get(f"/problems/?report={made.report.pk}")
    units = set(offered(narrowed, "unit"))
    assert {str(made.bureau.pk), str(made.other_bureau.pk), str(made.city.pk)} <= units
    assert len(units) < 20


# -- pages --------------------------------------------------------------------------------------------


def test_chosen_columns_are_shown(made: Cast) -> None:
    text = open_as(made, "office").get("/problems/?cols=clerk&cols=source").content.decode()
    assert 'data-label="经办人"' in text
    assert 'data-label="最近进展"' not in text


def test_the_row_offers_what_the_person_may_do(made: Cast) -> None:
    assert "填报进展：学用结合不紧" in open_as(made, "clerk").get("/problems/").content.decode()
    assert "查看：学用结合不紧" in open_as(made, "leader").get("/problems/").content.decode()
    other = Problem.objects.get(report=made.report, number=2)
    assign(made, other, supporting_units=[made.other_bureau])
    assert "填报进展：督办不够经常" in open_as(made, "stranger").get("/problems/").content.decode()


def test_the_newest_note_in_force_is_shown(made: Cast) -> None:
    with clock.pretend(clock.now() - dt.timedelta(days=9)):
        note = progress.add(made.problem, by=made["clerk"], text="写错了", percent=90)
        progress.correct(note, by=made["clerk"], text="已完成三件", percent=40, reason="数字有误")
    text = open_as(made, "office").get("/problems/").content.decode()
    assert "9 天前：已完成三件" in text
    assert "写错了" not in text
    assert "40%" in text


def queries(made: Cast, role: str, url: str) -> int:
    client = open_as(made, role)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    "role",
    ["office", *(pytest.param(role, marks=pytest.mark.ci) for role in ("leader", "clerk", "inspector"))],
)
@pytest.mark.parametrize("url", ["/", "/dashboard/", "/problems/", "/reports/"])
def test_queries_do_not_grow_with_the_problems(made: Cast, role: str, url: str) -> None:
    queries(made, role, url)
    before = queries(made, role, url)
    for n in range(12):
        one = problems.add(
            made.report, by=made["office"], title=f"新增问题{n}", source="other", kind="by_date"
        )
        assigned = assign(made, one, supporting_units=[made.other_bureau])
        progress.add(assigned, by=made["clerk"], text="有进展", percent=10)
    assert queries(made, role, url) <= before + 1  # the notes of rows that had none before


def test_conditions_are_said_in_chinese(made: Cast) -> None:
    found = ProblemFilter.of(
        made["office"], f"light=overdue&light=normal&leader={made.leader.pk}&unit=none&q=停车"
    )
    assert describe(found.cleaned) == "时限：逾期、正常；责任领导：常务副县长；责任单位：未明确；搜索：“停车”"
    assert describe(ProblemFilter.of(made["office"], "").cleaned) == ""


def test_what_a_search_found_elsewhere_is_shown_as_it_was_written(made: Cast) -> None:
    item = Problem.objects.get(report=made.report, number=1)
    progress.add(item, by=made["office"], text="已补办１２件，其余（县级）待批；群众满意。")
    shown = open_as(made, "office").get("/problems/", {"q": "12件"}).content.decode()
    assert '进展：已补办<mark class="hit">１２件</mark>，其余（县级）待批；群众满意。' in shown
