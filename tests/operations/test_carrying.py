"""Carry-over: once, all or nothing, linked both ways, with code, dates and history kept."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from rectify import clock
from rectify.choices import Action, Finding, RagStatus, Source, Status
from rectify.errors import Incomplete, NotAllowed
from rectify.models import AuditEntry, FollowUp, LedgerSettings, Problem, Report, Rollup
from rectify.operations import carry_over, measures, problems, progress, rollups
from rectify.operations.closing import close_out
from rectify.policies.closing import granted_count
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.dashboard.scope import Scope
from rectify.selectors.problem_filter import ProblemFilter
from rectify.selectors.text_similarity import resembling
from tests import builders

pytestmark = pytest.mark.django_db


def history() -> builders.Cast:
    made = builders.cast()
    measures.add(made.problem, by=made["clerk"], text="还要做的", standard="有记录")
    return made


WORLD = history


def carry(cast, problems_, **fields):
    given = {"by": cast["office"], "reason": "年度结转"} | fields
    return carry_over.carry_over(cast.report, problems_, **given)


def test_a_new_ledger_starts_with_what_is_unfinished(cast):
    builders.extended(cast)
    made = carry(cast, [cast.problem], title="2026年度整改台账")
    old, new = cast.problem, made.problems[0]
    assert (made.report.year, made.report.title, made.report.unit) == (2026, "2026年度整改台账", cast.county)
    for name in ("code", "title", "text", "status", "leader", "lead_unit", "clerk", "deadline"):
        assert getattr(new, name) == getattr(old, name), name
    assert new.original_deadline == dt.date(2099, 6, 30) and new.deadline == dt.date(2099, 12, 31)
    assert (new.source, new.years, new.carried_from) == (Source.CARRIED, 2, old)
    assert old.carried and old.carried_to == new
    assert granted_count(new) == 1, "carrying over does not make room for more extensions"
    assert [one.text for one in new.manifestations.all()] == ["研讨联系实际少"]
    assert [one.text for one in new.measures.all()] == ["还要做的"]
    acts = AuditEntry.objects.filter(act=Action.CARRY_OVER)
    assert {entry.report_id for entry in acts} == {cast.report.pk, made.report.pk} and acts.count() == 2


def test_the_old_item_leaves_the_counts_of_what_is_open_and_is_frozen(cast):
    carry(cast, [cast.problem])
    old = Problem.objects.with_light(dt.date(2099, 12, 31)).get(pk=cast.problem.pk)
    assert old.light == RagStatus.CARRIED
    for act in (
        lambda: progress.add(cast.problem, by=cast["clerk"], text="再报"),
        lambda: problems.edit(cast.problem, by=cast["office"], seen=cast.problem.version, goal="改"),
        lambda: builders.asked_later(cast),
        lambda: close_out.reopen(cast.problem, by=cast["office"], seen=cast.problem.version, reason="改"),
    ):
        with pytest.raises(NotAllowed, match="已结转到“2026年度对照检查报告”的 2025-01 · 2026年度"):
            act()


def test_twice_is_refused_by_the_act_and_by_the_database(cast):
    made = carry(cast, [cast.problem])
    before = (Report.objects.count(), Problem.objects.count(), AuditEntry.objects.count())
    for target in (None, made.report):
        with pytest.raises(Incomplete) as refusal:
            carry(cast, [cast.problem, Problem.objects.get(report=cast.report, number=2)], target=target)
        assert refusal.value.missing == ["2025-01 · 2025年度：已经结转过，一项只能结转一次"]
    assert (Report.objects.count(), Problem.objects.count(), AuditEntry.objects.count()) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.create(
            report=made.report, number=9, code="X", title="又一个", created_at=clock.now(),
            carried_from=cast.problem,
        )  # fmt: skip


def test_an_existing_ledger_takes_them_after_its_own(cast):
    target = carry(cast, [cast.problem]).report
    own = problems.add(target, by=cast["office"], title="新年度的新问题")
    made = carry(cast, [Problem.objects.get(report=cast.report, number=2)], target=target)
    assert (own.number, made.problems[0].number, made.problems[0].code) == (2, 3, "2025-02")


def test_what_is_decided_or_being_decided_is_not_carried(cast):
    second = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    third = builders.assign(cast, Problem.objects.get(report=cast.report, number=3))
    builders.closed(cast, builders.ready(cast, second))
    builders.applied(cast, builders.ready(cast, third))
    builders.asked_later(cast)
    everything = list(Problem.objects.filter(report=cast.report))
    with pytest.raises(Incomplete) as refusal:
        carry(cast, everything)
    assert refusal.value.missing == [
        "2025-01 · 2025年度：延期申请正在办理，等办结后再结转",
        "2025-02 · 2025年度：已销号",
        "2025-03 · 2025年度：销号申请正在办理，等办结后再结转",
    ]
    assert Report.objects.count() == 1


def test_a_standing_item_goes_on_with_its_review_date(cast):
    third = builders.assign(cast, Problem.objects.get(report=cast.report, number=3))
    standing = builders.closed(cast, builders.ready(cast, third), kind="standing")
    planned = standing.follow_ups.get().planned_on
    new = carry(cast, [standing]).problems[0]
    assert new.status == Status.STANDING
    assert [(one.problem, one.planned_on) for one in FollowUp.objects.open()] == [(new, planned)]
    assert Problem.objects.get(pk=new.pk).follow_up_on == planned
    close_out.record_follow_up(new, by=cast["office"], finding="反弹", outcome=Finding.RELAPSED)
    assert Problem.objects.get(pk=new.pk).round == 2


def test_third_year(cast):
    first = carry(cast, [cast.problem])
    second = carry_over.carry_over(first.report, first.problems, by=cast["office"], reason="再结转")
    assert second.problems[0].years == 3 and second.problems[0].code == "2025-01"


@pytest.mark.parametrize("role", ["clerk", "unit_head", "leader", "inspector", "sysadmin", "stranger"])
def test_only_the_office_carries(cast, role):
    with pytest.raises(NotAllowed):
        carry(cast, [cast.problem], by=cast[role])
    assert Report.objects.count() == 1 and not cast.problem.carried


def test_nonsense_is_refused(cast):
    foreign = builders.another_ledger(cast)
    cases = [
        ({"target": cast.report}, "同一本"),
        ({"target": foreign}, "同一单位"),
        ({"year": 2025}, "晚于 2025"),
        ({"reason": " "}, "理由"),
    ]
    for fields, words in cases:
        with pytest.raises(Incomplete, match=words):
            carry(cast, [cast.problem], **fields)
    with pytest.raises(Incomplete, match="至少勾选"):
        carry(cast, [])
    with pytest.raises(Incomplete) as refusal:
        carry(cast, [Problem.objects.filter(report=foreign).first()])
    assert refusal.value.missing == ["有的事项不属于这本台账"]
    assert not cast.problem.carried


def test_resemblance_counts_aspect_and_title(cast):
    target = carry(cast, [Problem.objects.get(report=cast.report, number=3)]).report
    alike = problems.add(target, by=cast["office"], title="学用结合还不够紧")
    other = problems.add(target, by=cast["office"], title="公厕管护不到位")
    old = list(Problem.objects.filter(report=cast.report).select_related("aspect"))
    assert resembling([other], old) == []
    assert resembling([alike], old) == [], "similar words under no aspect need more likeness"
    twin = problems.add(target, by=cast["office"], title="学用结合不紧密")
    found = resembling([twin], old)[0]
    assert found.other == cast.problem and found.percent > 80 and "题目相似" in found.words


# -- counted once ------------------------------------------------------------------------------------------


def numbers(user, **scope):
    return overview(Problem.objects.visible_to(user), clock.today(), **scope)


def test_what_is_carried_counts_once_and_in_its_new_ledger(cast):
    third = Problem.objects.get(report=cast.report, number=3)
    builders.closed(cast, builders.ready(cast, builders.assign(cast, third)), kind="close")
    chosen = list(Problem.objects.filter(report=cast.report, number__lt=3))
    made = carry(cast, chosen)
    found = numbers(cast["office"])
    assert found.all.total == 3 and found.all.carried == 2 and found.all.closed_percent == 33
    assert {one.key: one.total for one in found.by_report} == {cast.report.pk: 1, made.report.pk: 2}
    assert sum(found.statuses.values()) == 3
    assert sum(one.total for one in found.by_unit) == sum(one.total for one in found.by_leader) == 3
    assert sum(part.count for part in found.all.parts) == 3 and found.all.parts[-1].start < 100


def test_the_list_and_its_chips_count_it_once_too(cast):
    carry(cast, [cast.problem])
    found = ProblemFilter.of(cast["office"], "")
    assert found.qs.count() == 3 and cast.problem not in found.qs
    assert found.light_counts()[RagStatus.CARRIED] == 1, "the chip still leads to what was carried"
    assert list(ProblemFilter.of(cast["office"], "light=carried").qs) == [cast.problem]
    page = Client()
    page.force_login(cast["office"])
    shown = page.get("/problems/")
    assert shown.context["page"].count == 3 and shown.context["chips"][0]["count"] == 3
    assert "2 项问题" in (reports_page := page.get("/reports/").content.decode())
    assert "已结转 1" in reports_page


def test_figures_of_the_days_before_stay(cast):
    then = clock.today()
    with clock.pretend(clock.now() + dt.timedelta(days=2)):
        carry(cast, [cast.problem])
        scope = Scope(Problem.objects.visible_to(cast["office"]), then, LedgerSettings.objects.rules())
        assert overview(scope, then).all.total == 3 and overview(scope, then).all.carried == 0
        listed = ProblemFilter.of(cast["office"], f"on={then.isoformat()}")
        assert listed.qs.count() == 3 and cast.problem in listed.qs
        assert sum(listed.light_counts().values()) == 3
        assert numbers(cast["office"]).all.total == 3


def test_the_old_ledger_still_shows_it_and_says_so(cast, monkeypatch):
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")
    carry(cast, [cast.problem])
    office = Client()
    office.force_login(cast["office"])
    sent = office.get("/ledger/export/", {"report": cast.report.pk, "columns": "A"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sent.streaming_content)))
    words = "\n".join(str(cell.value) for row in book.worksheets[0] for cell in row if cell.value)
    assert "共 3 项问题（其中 1 项已结转）" in words and "仅含" not in words


def test_a_lasting_result_still_to_come_counts_where_the_item_goes_on(cast):
    measures.add(cast.problem, by=cast["clerk"], text="立制度", kind="lasting")
    rollups.refresh()
    carry(cast, [cast.problem])
    assert list(rollups.disagreements(cast.report, "default")) == []
    rollups.refresh()
    rows = ProblemFilter.of(cast["office"], "lasting=open").qs
    assert [row.report.year for row in rows] == [2026]
    counted = [row.counts["lasting"] for row in Rollup.objects.filter(day=clock.today())]
    assert sum(numbers.get("open", 0) for numbers in counted) == 1
