"""The inbox: one ordered list, each group counted by exactly the list it opens, for every role."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.choices import Channel, DayCount, NoticeState, SupervisionLevel
from rectify.models import Holiday, Notice, Problem
from rectify.models.office import published_years
from rectify.operations import instructions, measures, problems, reports, supervision
from rectify.operations.closing import decisions
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROLES = ("office", "leader", "unit_head", "clerk", "inspector", "stranger")


def history() -> builders.Cast:
    """Long overdue with an instruction and two papers; due soon; silent and nobody's."""
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        made = builders.cast()
        today = clock.today() + dt.timedelta(days=100)
        builders.assign(made, made.problem, deadline=today - dt.timedelta(days=40))
        two = Problem.objects.get(report=made.report, number=2)
        builders.assign(
            made, two, deadline=today + dt.timedelta(days=3), lead_unit=made.other_bureau, clerk=None
        )
    instructions.instruct(made.problem, by=made["leader"], text="本周内报方案。")
    return made


WORLD = history


def paper(cast: builders.Cast):
    return supervision.issue(
        [cast.problem],
        by=cast["office"],
        level=SupervisionLevel.KEY,
        reason="请说明原因",
        reply_by=clock.today() + dt.timedelta(days=3),
        units=[cast.bureau],
        leaders=[cast.leader],
    )


def home(cast: builders.Cast, role: str):
    client = Client()
    client.force_login(cast[role])
    return client, client.get("/")


def titles(response) -> list[str]:
    return [group.title for group in response.context["waiting"]]


@pytest.mark.ci
@pytest.mark.parametrize("role", ROLES)
def test_each_group_counts_what_its_list_shows(cast, role):
    paper(cast)
    notice = Notice.objects.filter(user=cast["clerk"]).latest("pk")
    notice.pk, notice.channel, notice.state = None, Channel.EMAIL, NoticeState.FAILED
    notice.save(force_insert=True)
    client, page = home(cast, role)
    groups = [*page.context["waiting"], *page.context["unassigned"], *page.context["last"]]
    groups += [page.context["suggested"]] if page.context["suggested"] else []
    for group in groups:
        opened = client.get(group.url).context
        if "table" in opened:
            assert opened["page"].count == group.count, group.title
        elif "mine" in opened:
            assert opened["mine"].paginator.count == group.count, group.title
        elif "failed_count" in opened:
            assert opened["failed_count"] == group.count, group.title
        else:
            assert opened["page"].paginator.count == group.count, group.title
    assert groups or role in ("inspector", "stranger")


def test_the_order_for_a_clerk(cast):
    one = paper(cast)
    _, page = home(cast, "clerk")
    assert titles(page) == ["逾期", "批示待办理", "督办单待签收", "新交办，请拟措施"]
    assert "常务副县长批示：本周内报方案。" in page.content.decode()
    supervision.acknowledge(one.addressees.get(unit=cast.bureau), by=cast["clerk"])
    assert titles(home(cast, "clerk")[1]) == ["逾期", "批示待办理", "督办单待回复", "新交办，请拟措施"]
    with clock.pretend(clock.now() + dt.timedelta(days=9)):
        assert "督办单逾期未回复" in titles(home(cast, "unit_head")[1])


def test_a_measure_due_waits_for_its_unit_until_it_is_finished(cast):
    today, by = clock.today(), cast["clerk"]
    measures.add(cast.problem, by=by, text="先印发", deadline=today + dt.timedelta(days=8))
    assert titles(home(cast, "clerk")[1]) == ["逾期", "批示待办理"], "a week ahead is early enough"
    late = measures.add(cast.problem, by=by, text="改造旧管网", deadline=today - dt.timedelta(days=2))
    client, page = home(cast, "clerk")
    assert titles(page) == ["逾期", "批示待办理", "措施七天内到期或已逾期"]
    (line,) = page.context["waiting"][-1].lines
    assert line.note.startswith("措施 2（逾期 2 天") and line.action_url.endswith("#measures")
    assert client.get("/problems/?todo=measure_due").context["page"].count == 1
    assert "measure_due" not in home(cast, "leader")[1].content.decode()
    measures.finish(late, by=by, seen=1, result="已改造", files=[builders.pdf()])
    assert titles(home(cast, "clerk")[1]) == ["逾期", "批示待办理"]


def test_each_role_waits_for_its_own(cast):
    paper(cast)
    assert titles(home(cast, "leader")[1]) == ["逾期", "督办单待签收", "临期"]
    assert titles(home(cast, "stranger")[1]) == ["临期", "新交办，请拟措施"]
    assert titles(home(cast, "office")[1]) == ["逾期", "临期", "本期未报"]


def test_the_office_is_led_to_a_paper_until_there_is_one(cast):
    assert home(cast, "office")[1].context["suggested"].count == 1
    paper(cast)
    assert home(cast, "office")[1].context["suggested"] is None


def test_a_thing_in_two_groups_counts_once(cast):
    _, page = home(cast, "clerk")
    assert [group.count for group in page.context["waiting"]] == [1, 1, 1]
    assert page.context["count"] == 1


def test_a_handled_instruction_waits_no_more(cast):
    row = cast.problem.instructions.get()
    instructions.acknowledge(row, by=cast["unit_head"])
    assert "批示待办理" not in titles(home(cast, "clerk")[1])


def test_a_fixed_number_of_queries(cast):
    def count() -> int:
        client = Client()
        client.force_login(cast["office"])
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    few = count()
    Problem.objects.bulk_create(
        Problem(
            report=cast.report,
            number=100 + number,
            code=f"大-{number}",
            title=f"问题 {number}",
            lead_unit=cast.bureau,
            leader=cast.leader,
            deadline=clock.today() - dt.timedelta(days=number - 5),
            original_deadline=clock.today(),
            created_at=clock.now(),
        )
        for number in range(60)
    )
    assert count() == few


# -- working days ---------------------------------------------------------------------------------------


def test_working_days_stand_beside_calendar_days_where_the_office_counts_so(cast):
    client, page = home(cast, "office")
    assert "个工作日" not in page.content.decode()
    reports.edit_settings(cast.report, by=cast["office"], day_count=DayCount.WORKING)
    left = Holiday.objects.calendar().between(clock.today(), clock.today() + dt.timedelta(days=3))
    for url in ("/", "/problems/", f"/problems/{Problem.objects.get(report=cast.report, number=2).pk}/"):
        assert f"{left} 个工作日" in client.get(url).content.decode(), url


def test_due_soon_is_counted_in_working_days_too(cast):
    today = dt.date(2026, 9, 30)  # a holiday of seven days follows
    with clock.pretend(clock.start_of(today)):
        reports.edit_settings(cast.report, by=cast["office"], due_soon_days=3)
        Problem.objects.filter(pk=cast.problem.pk).update(deadline=dt.date(2026, 10, 9))
        assert cast.problem not in Problem.objects.due_soon(today)
        reports.edit_settings(cast.report, by=cast["office"], day_count=DayCount.WORKING)
        assert cast.problem in Problem.objects.due_soon(today)


def test_years_nobody_entered_are_named(cast):
    last = published_years()[1]
    builders.assign(cast, cast.problem, deadline=dt.date(last + 2, 6, 30))
    reports.edit_settings(cast.report, by=cast["office"], day_count=DayCount.WORKING)
    client, _ = home(cast, "office")
    words = f"{last + 1} 年至 {last + 2} 年的节假日和调休还没有录入"
    assert words in client.get("/dashboard/").content.decode()
    Holiday.objects.create(day=dt.date(last + 1, 1, 1), name="元旦")
    assert f"{last + 2} 年的节假日" in client.get("/dashboard/").content.decode()
    reports.edit_settings(cast.report, by=cast["office"], day_count=DayCount.CALENDAR)
    assert "还没有录入" not in client.get("/dashboard/").content.decode()
    with clock.pretend(clock.start_of(dt.date(last + 1, 3, 1))):
        assert f"{last + 2} 年的还没有" in client.get("/help/").content.decode()


def test_the_administration_names_the_years_too(cast):
    with clock.pretend(clock.start_of(dt.date(published_years()[1], 6, 1))):
        for role, url in (
            ("sysadmin", "/admin/rectify/holiday/"),
            ("office", "/admin/rectify/ledgersettings/"),
        ):
            client = Client()
            client.force_login(cast[role])
            assert (
                f"{published_years()[1] + 1} 年的节假日和调休还没有录入" in client.get(url).content.decode()
            )


# -- what stands first, and what folds ----------------------------------------------------------------------


def test_the_office_chases_what_is_late_and_old_arrears_fold_into_one_line(cast):
    def late(page):
        return next(group for group in page.context["waiting"] if group.title == "逾期")

    client, page = home(cast, "office")
    assert [line.action for line in late(page).lines] == ["签发督办单"]
    paper(cast)
    client, page = home(cast, "office")
    (line,) = late(page).lines
    assert (line.action, line.posts) == ("催办", True)
    assert client.post(line.action_url, {"back": "home"}).url == "/"
    assert client.post(line.action_url).status_code == 409  # once a day
    Problem.objects.filter(pk=cast.problem.pk).update(deadline=clock.today() - dt.timedelta(days=400))
    for role in ("office", "leader"):
        _, page = home(cast, role)
        assert "逾期" not in titles(page) and "逾期超过一年" in titles(page)
        text = page.content.decode()
        assert "arrears=old" in text and cast.problem.title not in text.partition("批示")[0]


def test_what_a_leader_signs_stands_first_and_an_item_in_review_is_not_green(cast):
    third = builders.assign(cast, Problem.objects.get(report=cast.report, number=3))
    application = builders.applied(cast, builders.ready(cast, third))
    for step, role in (("confirm", "unit_head"), ("review", "office")):
        decisions.decide(application, by=cast[role], step=step)
    _, page = home(cast, "leader")
    text = page.content.decode()
    assert titles(page)[0] == "待我签字" and text.index("待我签字") < text.index("我负责的事项")
    assert "light-in_review" in text and "签字或退回" in text
    before = text.count("写批示：")
    for number in range(6 - before):
        builders.assign(cast, problems.add(cast.report, by=cast["office"], title=f"另一项 {number}"))
    text = home(cast, "leader")[1].content.decode()
    led = text[text.index('id="led"') :]
    assert led.count("写批示：") == 6 and led[: led.index("再看 1 项")].count("写批示：") == 5
