"""Each rule finds what breaks it, names it, leads to where it is mended, and is silent afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rectify import clock
from rectify.audit import append_only_triggers
from rectify.choices import LinkStatus, Status
from rectify.models import (
    Evidence,
    FollowUp,
    ImprovementDirection,
    Leader,
    Measure,
    Membership,
    Problem,
    User,
)
from rectify.operations import measures, people, problems, progress
from rectify.selectors.health import rules
from rectify.selectors.health.findings import CheckedLedgers
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]


WORLD = builders.cast


def found(cast: builders.Cast, key: str, role: str = "office", hashes: bool = False) -> list[str]:
    """The words of what breaks one rule of the cast's ledger."""
    seen = Problem.objects.visible_to(cast[role]).live().filter(report=cast.report)
    scope = CheckedLedgers((cast.report,), seen, clock.today(), cast[role], hashes)
    results = {result.rule.key: result for result in rules.check(scope)}
    if key not in results:
        return []
    assert all(finding.url for finding in results[key].findings)
    return [f"{finding.what} {finding.detail}".strip() for finding in results[key].findings]


def second(cast: builders.Cast) -> Problem:
    return Problem.objects.get(report=cast.report, number=2)


@pytest.mark.parametrize("key", ["no_leader", "no_unit", "no_deadline"])
def test_what_nobody_answers_for_is_found_until_it_is_assigned(cast, key):
    assert "第 2 项 督办不够经常" in found(cast, key)
    assert "第 1 项 学用结合不紧" not in found(cast, key)
    builders.assign(cast, second(cast))
    assert "第 2 项 督办不够经常" not in found(cast, key)


def test_a_standing_problem_needs_no_deadline(cast):
    assert "第 3 项 调研不深" not in found(cast, "no_deadline")


def test_withdrawn_problems_are_not_checked_but_the_difference_is_said(cast):
    one = second(cast)
    assert not found(cast, "counts_differ")
    problems.withdraw(one, by=cast["office"], seen=one.version, reason="与第 1 项重复")
    assert "第 2 项 督办不够经常" not in found(cast, "no_leader")
    assert found(cast, "counts_differ") == ["2025年度对照检查报告 报告查摆 3 项，台账现有 2 项，撤回 1 项"]


def test_no_measure(cast):
    assert "第 1 项 学用结合不紧" in found(cast, "no_measure")
    measure = measures.add(cast.problem, by=cast["clerk"], text="每月研讨一次")
    assert "第 1 项 学用结合不紧" not in found(cast, "no_measure")
    measures.drop(measure, by=cast["clerk"], seen=measure.version, reason="改为季度")
    assert "第 1 项 学用结合不紧" in found(cast, "no_measure")


def test_finished_without_evidence(cast):
    one = cast.problem
    problems.set_status(one, by=cast["office"], seen=one.version, status=Status.MOSTLY_DONE)
    assert found(cast, "no_evidence") == ["第 1 项 学用结合不紧"]
    progress.add(one, by=cast["clerk"], text="已验收", files=[builders.pdf()])
    assert not found(cast, "no_evidence")


def test_a_finished_measure_is_proven_by_its_own_file_or_by_a_note_on_it(cast):
    measure = measures.add(cast.problem, by=cast["clerk"], text="每月研讨一次")
    # An older release could finish a measure without a file; the rule must still see such rows.
    Measure.objects.filter(pk=measure.pk).update(
        status="done", finished_on=dt.date(2025, 6, 1), result="完成"
    )
    assert found(cast, "measure_unproven") == ["第 1 项 学用结合不紧 措施 1：每月研讨一次"]
    progress.add(cast.problem, by=cast["clerk"], text="见附件", measure=measure, files=[builders.pdf()])
    assert not found(cast, "measure_unproven")


def test_a_missing_a_cut_and_an_altered_file(cast):
    progress.add(cast.problem, by=cast["clerk"], text="已验收", files=[builders.pdf()])
    path = Evidence.objects.get().path
    whole = path.read_bytes()
    assert not found(cast, "damaged_file", hashes=True)
    path.write_bytes(whole[:-1] + b"x")
    assert not found(cast, "damaged_file") and "已被改动" in found(cast, "damaged_file", hashes=True)[0]
    path.write_bytes(whole[:-1])
    assert "大小与登记的不符" in found(cast, "damaged_file")[0]
    path.unlink()
    assert found(cast, "damaged_file") == ["第 1 项 学用结合不紧 验收单.pdf：服务器上找不到文件"]


def test_links_sources_and_what_is_not_covered(cast):
    assert found(cast, "unconfirmed") == ["第 1 项 学用结合不紧"]
    assert found(cast, "uncovered") == ["第 2 项 督办不够经常 根源未覆盖", "第 3 项 调研不深 根源未覆盖"]
    assert not found(cast, "idle_source"), "the second direction covers all"
    link = cast.problem.direction_links.get()
    problems.decide_link(link, by=cast["office"], confirm=False)
    assert not found(cast, "unconfirmed")
    assert found(cast, "idle_source") == ["努力方向 1. 完善学习制度"]
    link.refresh_from_db()
    assert link.status == LinkStatus.REJECTED and ImprovementDirection.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "vague"),
    [
        ("进一步加强学习，提高认识。", True),
        ("高度重视，持续推进。", True),
        ("正在整改中", True),
        ("印发《停车管理办法》", False),
        ("新增停车位 120 个", False),
        ("对城区背街小巷逐一摸排登记", False),
        ("", False),
    ],
)
def test_a_text_of_stock_phrases_alone_is_vague(text, vague):
    from rectify.selectors.health.texts import is_vague

    assert is_vague(text) is vague


def test_vague_measures_and_notes_are_quoted(cast):
    measures.add(cast.problem, by=cast["clerk"], text="进一步加强学习，提高认识。")
    progress.add(cast.problem, by=cast["clerk"], text="高度重视，持续推进。")
    assert found(cast, "vague") == [
        "第 1 项 学用结合不紧 措施 1：进一步加强学习，提高认识。",
        "第 1 项 学用结合不紧 进展：高度重视，持续推进。",
    ]


def test_a_copied_measure_names_where_it_stands_already(cast):
    text = "每季度对照清单逐项核查一次并通报"
    measures.add(cast.problem, by=cast["clerk"], text=text)
    builders.assign(cast, second(cast))
    assert not found(cast, "copied")
    measures.add(second(cast), by=cast["clerk"], text=text + "。")
    assert found(cast, "copied") == ["第 2 项 督办不够经常 与 2025-01 · 2025年度 的措施文字相同"]


def test_measures_all_on_the_last_day(cast):
    day = cast.problem.deadline
    for text in ("每月研讨一次", "每季度检查一次"):
        last = measures.add(cast.problem, by=cast["clerk"], text=text, deadline=day)
    assert found(cast, "last_day") == ["第 1 项 学用结合不紧"]
    measures.edit(last, by=cast["clerk"], seen=last.version, deadline=day - dt.timedelta(days=30))
    assert not found(cast, "last_day")


def test_a_unit_without_a_clerk_and_an_account_without_a_post(cast):
    assert not found(cast, "no_clerk")
    Membership.objects.filter(user=cast["clerk"]).update(active=False)
    assert found(cast, "no_clerk") == ["乙县丙局 有 1 项在办"]
    moved = builders.account("moved", cast.bureau, "clerk")
    Membership.objects.filter(user=moved).update(active=False)
    User.objects.filter(pk=moved.pk).update(name="已调走")
    assert not found(cast, "no_post"), "the office does not keep accounts"
    assert "moved 已调走" in found(cast, "no_post", role="sysadmin")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("office", 200),
        ("inspector", 200),
        ("sysadmin", 200),
        ("clerk", 403),
        ("leader", 403),
        ("auditor", 403),
    ],
)
def test_who_sees_the_page(cast, role, status):
    client = Client()
    client.force_login(cast[role])
    assert client.get("/health/").status_code == status


def test_a_system_administrator_sees_no_business_text(cast):
    client = Client()
    client.force_login(cast["sysadmin"])
    assert "学用结合" not in client.get(f"/health/?report={cast.report.pk}").content.decode()


def test_a_foreign_ledger_cannot_be_asked_for(cast):
    other = builders.another_ledger(cast)
    client = Client()
    client.force_login(cast["office"])
    page = client.get(f"/health/?report={other.pk}&files=1")
    assert page.status_code == 200 and page.context["report"] == cast.report


def test_the_queries_do_not_follow_the_number_of_findings(cast):
    from django.db import connection

    client = Client()
    client.force_login(User.objects.get(username="office"))
    client.get("/health/")
    with CaptureQueriesContext(connection) as few:
        client.get("/health/")
    for number in range(40):
        problems.add(cast.report, by=cast["office"], title=f"新问题 {number}")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/health/")
    assert len(many) == len(few)
    assert "43 项" in page.content.decode() and "只列出前 20 处" in page.content.decode()


def test_a_deadline_past_is_found_until_somebody_acts(cast):
    one = cast.problem
    with clock.pretend(clock.now() + dt.timedelta(days=(one.deadline - clock.today()).days)):
        assert not found(cast, "left_alone"), "due today is not late"
    with clock.pretend(clock.now() + dt.timedelta(days=(one.deadline - clock.today()).days + 1)):
        assert found(cast, "left_alone") == ["第 1 项 学用结合不紧"]
        builders.asked_later(cast, one, new_date=clock.today() + dt.timedelta(days=30))
        assert not found(cast, "left_alone")


def test_a_standing_problem_needs_a_day_to_look_again(cast):
    third = Problem.objects.get(report=cast.report, number=3)
    third = builders.ready(cast, builders.assign(cast, third, deadline=None))
    one = builders.closed(cast, third, kind="standing")
    assert not found(cast, "no_review"), "the conclusion planned one"
    append_only_triggers.lift("default")  # as a ledger that came from an older release
    FollowUp.objects.filter(problem=one).delete()
    append_only_triggers.install("default")
    assert found(cast, "no_review") == ["第 3 项 调研不深"]


def test_a_leader_who_signs_on_paper_is_named(cast):
    assert not found(cast, "leader_on_paper")
    leader = people.add_leader(by=None, post="副县长", unit=cast.county, user=None)
    builders.assign(cast, cast.problem, leader=leader)
    assert found(cast, "leader_on_paper") == ["副县长 有 1 项在办，签字须由整改办代录并附扫描件"]


def test_a_clerk_who_cannot_open_the_item_is_found(cast):
    assert not found(cast, "lost_clerk")
    Membership.objects.filter(user=cast["clerk"]).update(active=False)
    assert found(cast, "lost_clerk") == ["第 1 项 学用结合不紧"]


def test_a_leader_no_longer_in_office_is_found(cast):
    assert not found(cast, "leader_gone")
    Membership.objects.filter(user=cast["leader"]).update(active=False)
    assert found(cast, "leader_gone") == ["第 1 项 学用结合不紧"]
    Membership.objects.filter(user=cast["leader"]).update(active=True)
    Leader.objects.update(active=False)
    assert found(cast, "leader_gone") == ["第 1 项 学用结合不紧"]


@pytest.mark.parametrize("role", ["office", "inspector"])
def test_no_button_of_the_health_page_is_refused(cast, role):
    client = Client()
    client.force_login(cast[role])
    page = client.get("/health/").context
    findings = [one for _, _, results in page["levels"] for result, _ in results for one in result.findings]
    assert findings
    for finding in findings:
        assert client.get(finding.url, follow=True).status_code == 200, finding
