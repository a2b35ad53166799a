"""整改情况报告: its outline, its numbers against the dashboard's, what is never hidden and never said."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import Kind, RagStatus, Status
from rectify.documents.anonymous import Masked, personal_names
from rectify.documents.material import read_material
from rectify.documents.phrases import overall
from rectify.errors import Incomplete
from rectify.models import Problem
from rectify.operations import measures, narratives, problems, progress
from rectify.selectors.dashboard.overview import overview
from tests import builders
from tests.documents.conftest import text_of

pytestmark = pytest.mark.django_db


def add(cast: builders.Cast, title: str, **fields) -> Problem:
    problem = problems.add(cast.report, by=cast["office"], title=title, kind=Kind.BY_DATE)
    return builders.assign(cast, problem, **fields)


@pytest.fixture
def cast() -> builders.Cast:
    """Five items: one closed, one in work, one overdue, one undated, one that nobody answers for."""
    made = builders.cast()
    builders.closed(made)
    working = add(made, "抓落实不够有力")
    measures.add(working, by=made["clerk"], text="每月调度一次。", standard="有台账")
    progress.add(working, by=made["clerk"], text="已调度两次，解决问题三个。", files=[builders.pdf()])
    add(made, "项目进展偏慢", deadline=clock.today() - dt.timedelta(days=6))
    add(made, "制度执行不严", deadline=None)
    return made


def test_the_outline_is_that_of_an_official_report(cast, read):
    lines = text_of(read(cast.report)).splitlines()
    headings = [line for line in lines if line[:2] in ("一、", "二、", "三、", "四、", "五、")]
    told = ["总体情况", "主要做法", "逐项整改情况", "未完成事项", "下一步打算"]
    assert [heading[2:] for heading in headings] == told
    assert lines[0].startswith("乙县关于") and lines[0].endswith("整改情况的报告")
    assert lines[-1] == f"{clock.today().year}年{clock.today().month}月{clock.today().day}日"


def test_the_numbers_are_those_of_the_dashboard(cast):
    seen = Problem.objects.filter(report=cast.report)
    material = read_material(cast.report, seen, clock.today())
    numbers = overview(seen, clock.today())
    assert len(material.counted) == numbers.all.total
    assert material.closed == numbers.all.closed == 1
    assert material.overdue == numbers.all.overdue == 1
    assert material.closed_percent == numbers.all.closed_percent
    assert material.by_status == numbers.statuses
    assert f"{numbers.all.total}项问题" in overall(material)


def test_on_a_past_day_the_numbers_are_those_of_that_day():
    with clock.pretend(dt.datetime(2025, 3, 3, 1, tzinfo=dt.UTC)):
        made = builders.cast()
    with clock.pretend(dt.datetime(2025, 3, 20, 1, tzinfo=dt.UTC)):
        builders.closed(made)
        day = dt.date(2025, 3, 10)
        then = read_material(made.report, Problem.objects.filter(report=made.report), day)
        now = read_material(made.report, Problem.objects.filter(report=made.report), clock.today())
    assert (then.closed, now.closed) == (0, 1)
    assert "销号率" not in overall(then)


def test_open_items_are_never_hidden(cast, read):
    text = text_of(read(cast.report))
    for title in ("抓落实不够有力", "项目进展偏慢", "制度执行不严"):
        assert text.count(title) == 2, title  # item by item, and among the unfinished
    assert "已逾期6天" in text and "责任单位尚未说明原因。" in text and "整改时限尚未明确。" in text
    assert "尚未完成的整改事项共5项" in text


def test_nothing_is_said_of_what_is_not_there(cast, read):
    text = text_of(read(cast.report))
    assert "。。" not in text and "0项" not in text and "；。" not in text
    assert "完成标志：有台账" in text and "每月调度一次；完成标志" in text


def test_a_ledger_that_is_wholly_closed_says_so():
    made = builders.cast()
    builders.closed(made)
    material = read_material(made.report, Problem.objects.filter(pk=made.problem.pk), clock.today())
    assert overall(material).endswith("对照检查查摆的1项问题已销号。")
    assert material.by_status == {Status.CLOSED: 1}


def test_the_office_writes_what_facts_cannot_say(cast, read):
    narratives.write(cast.report, by=cast["office"], seen=1, practices="县委常委会专题研究三次。")
    text = text_of(read(cast.report))
    assert "县委常委会专题研究三次。" in text and "一是明确责任" not in text


def test_the_draft_for_publication_names_no_person(cast, read):
    cast["clerk"].__class__.objects.filter(pk=cast["clerk"].pk).update(name="王小明")
    problem = Problem.objects.get(title="抓落实不够有力")
    progress.add(problem, by=cast["clerk"], text="由王小明牵头，完成整改。")
    full, public = text_of(read(cast.report)), text_of(read(cast.report, public=True))
    assert "王小明" in full and "王小明" not in public
    assert "由王某牵头" in public
    for word in ("；责任领导：", "审核意见", "佐证材料", "附件"):
        assert word in full and word not in public, word
    assert "抓落实不够有力" in public and "未完成事项" in public


NAMES = {"王小明": "王某", "欧阳建国": "欧阳某", "王明": "王某"}
POSTS = ("县委办", "常务副县长", "高新区办", "常委", "江办")


@pytest.mark.parametrize(("name", "said"), [*NAMES.items(), *zip(POSTS, POSTS, strict=True)])
def test_a_name_becomes_a_surname_and_a_post_stays(name, said):
    mask = Masked(personal_names([name]))
    assert mask.text(f"由{name}牵头") == f"由{said}牵头"


def test_the_report_of_one_unit_holds_its_items_only(cast, read):
    other = problems.add(cast.report, by=cast["office"], title="别的单位的事", kind=Kind.BY_DATE)
    builders.assign(cast, other, lead_unit=cast.other_bureau, clerk=None)
    text = text_of(read(cast.report, unit=cast.bureau))
    assert text.startswith("乙县丙局关于") and "乙县：" in text
    assert "别的单位的事" not in text and "项目进展偏慢" in text


def test_an_empty_ledger_is_refused_with_a_sentence(read):
    made = builders.cast(assigned=False)
    Problem.objects.all().update(withdrawn=True, rank=9)
    with pytest.raises(Incomplete, match="还没有整改事项"):
        read(made.report)


def test_odd_text_goes_through_whole(cast, read):
    long = "𠮷" + "长" * 19_000 + "\x0b尾"
    narratives.write(cast.report, by=cast["office"], seen=1, next_steps=long)
    text = text_of(read(cast.report))
    assert "𠮷" + "长" * 19_000 in text and "\x0b" not in text


def test_lights_of_rows_are_the_lights_of_the_page(cast):
    material = read_material(cast.report, Problem.objects.filter(report=cast.report), clock.today())
    assert [item.row.light for item in material.items].count(RagStatus.OVERDUE) == 1
