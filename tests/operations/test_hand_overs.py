"""Every hand-over arrives: after each act, who finds what in 待办 and in 消息, and that nobody else does."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rectify import clock
from rectify.choices import Channel, Finding, NoticeKind, Role, Step, SupervisionLevel
from rectify.hand_overs import HAND_OVERS
from rectify.models import AuditEntry, CloseOut, Membership, Notice, Problem
from rectify.notifications.telling import WHO
from rectify.operations import (
    bulk,
    chasing,
    instructions,
    measures,
    people,
    problems,
    progress,
    reference,
    supervision,
)
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.selectors.inbox.groups import inbox, to_read
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db
WORLD = builders.cast
BUSINESS = ("office", "leader", "unit_head", "clerk", "stranger")  # the others have no work of their own
LATER = dt.date(2099, 12, 31)


class Watch:
    """What an act changes in everybody's 待办 and 消息: `wait` and `told` are (role, word) pairs."""

    def __init__(self, made: Cast) -> None:
        self.made = made
        self.before = self.now()

    def now(self) -> tuple[set[tuple[str, str]], Counter[tuple[str, str]]]:
        waiting = set()
        for role in BUSINESS:
            found = inbox(self.made[role])
            waiting |= {(role, group.title) for group in (*found.waiting, *found.unassigned)}
        notices = Notice.objects.filter(channel=Channel.INBOX).values_list("user__username", "kind")
        return waiting, Counter(notices)

    def sees(self, *, wait: str = "", done: str = "", told: str = "") -> None:
        """Space-separated role:word; those who wait anew, whose work is gone, and who got a message."""
        waiting, messages = self.now()
        assert waiting - self.before[0] == _pairs(wait)
        assert self.before[0] - waiting == _pairs(done)
        assert set(messages - self.before[1]) == _pairs(told)
        assert max((messages - self.before[1]).values(), default=0) <= 1
        self.before = waiting, messages


def _pairs(words: str) -> set[tuple[str, str]]:
    return {(role, word) for role, _, word in (pair.partition(":") for pair in words.split())}


def unit(word: str) -> str:
    """The clerk and the head of the responsible unit."""
    return f"clerk:{word} unit_head:{word}"


@pytest.mark.ci
def test_from_assigning_to_the_signature_and_back_again(made: Cast) -> None:
    problem = Problem.objects.get(report=made.report, number=2)
    watch = Watch(made)
    given = {"lead_unit": made.bureau, "leader": made.leader, "clerk": made["clerk"], "deadline": LATER}
    problem = problems.assign(problem, by=made["office"], seen=problem.version, **given)
    watch.sees(told=f"{unit('assigned')} leader:changed")  # the bureau had another item to plan for already
    for row in (problem, made.problem):
        measure = measures.add(row, by=made["clerk"], text="印发方案")
    watch.sees(done=unit("新交办，请拟措施"))
    problem = made.problem
    measures.finish(measure, by=made["clerk"], seen=1, result="已印发", files=[builders.pdf()])
    watch.sees(wait=unit("措施已完成，可申请销号"))
    progress.add(problem, by=made["clerk"], text="全部完成")
    application = _applied(made)
    watch.sees(wait="unit_head:待我确认", done=unit("措施已完成，可申请销号"), told="unit_head:to_decide")
    decisions.return_application(application, by=made["unit_head"], step=Step.CONFIRM, comment="补签到表")
    watch.sees(wait=unit("退回，请补充"), done="unit_head:待我确认", told="clerk:returned")
    application = _applied(made)
    watch.sees(wait="unit_head:待我确认", done=unit("退回，请补充"), told="unit_head:to_decide")
    decisions.decide(application, by=made["unit_head"], step=Step.CONFIRM)
    watch.sees(wait="office:待我审核", done="unit_head:待我确认", told="office:to_decide")
    decisions.decide(application, by=made["office"], step=Step.REVIEW)
    watch.sees(wait="leader:待我签字", done="office:待我审核", told="leader:to_decide")
    decisions.decide(application, by=made["leader"], step=Step.SIGN)
    watch.sees(done="leader:待我签字", told=unit("decided"))
    problem = made.problem
    close_out.reopen(problem, by=made["office"], seen=problem.version, reason="群众又有反映")
    watch.sees(
        wait=f"{unit('重新整改')} office:未定整改时限" if _dated(made) else unit("重新整改"),
        told=f"{unit('reopened')} leader:reopened",
    )
    progress.add(made.problem, by=made["clerk"], text="再查一遍")
    watch.sees(done=unit("重新整改"))


def _dated(made: Cast) -> bool:
    """Whether the office had no undated item before the one that was reopened."""
    return not Problem.objects.filter(deadline=None, report=made.report).exclude(pk=made.problem.pk).exists()


def _applied(made: Cast) -> CloseOut:
    return builders.applied(made, made.problem)


@pytest.mark.ci
def test_extension_deadline_and_another_unit(made: Cast) -> None:
    watch, problem = Watch(made), made.problem
    office = made["office"]
    asked = {"new_date": LATER, "reason": "等批复", "progress": "七成"}
    extension = deadlines.apply_extension(problem, by=made["clerk"], seen=problem.version, **asked)
    watch.sees(wait="unit_head:待我确认", told="unit_head:to_decide")
    decisions.decide(extension, by=made["unit_head"], step=Step.CONFIRM)
    decisions.decide(extension, by=office, step=Step.REVIEW)
    decisions.decide(extension, by=made["leader"], step=Step.SIGN)
    watch.sees(done="unit_head:待我确认", told=f"office:to_decide leader:to_decide {unit('decided')}")
    problem = made.problem
    deadlines.correct(problem, by=office, seen=problem.version, deadline=dt.date(2099, 1, 1), reason="提前")
    watch.sees(told=f"{unit('changed')} leader:changed")
    problem = made.problem
    supporting = {"supporting_units": [made.other_bureau]}
    problem = problems.assign(problem, by=office, seen=problem.version, **supporting)
    watch.sees(told="stranger:changed")
    moved = {"lead_unit": made.other_bureau, "supporting_units": [], "clerk": None}
    problem = problems.assign(problem, by=office, seen=problem.version, **moved)
    word = "新交办，请拟措施"
    watch.sees(wait=f"stranger:{word}", done=unit(word), told=f"stranger:assigned {unit('changed')}")
    problems.withdraw(problem, by=office, seen=problem.version, reason="重复")
    watch.sees(done=f"stranger:{word}", told="stranger:changed leader:changed")


@pytest.mark.ci
def test_instruction_papers_chasing_and_posts(made: Cast) -> None:
    watch, problem = Watch(made), made.problem
    row = instructions.instruct(problem, by=made["leader"], text="本周报方案")
    watch.sees(wait=unit("批示待办理"), told=unit("instruction"))
    instructions.acknowledge(row, by=made["clerk"])
    watch.sees(done=unit("批示待办理"), told="leader:answer")
    given = {"level": SupervisionLevel.KEY, "reason": "请说明", "reply_by": clock.today()}
    paper = supervision.issue([problem], by=made["office"], units=[made.bureau], leaders=[], **given)
    watch.sees(wait=unit("督办单待签收"), told=unit("supervision"))
    addressee = paper.addressees.get()
    supervision.acknowledge(addressee, by=made["clerk"])
    watch.sees(wait=unit("督办单待回复"), done=unit("督办单待签收"))
    supervision.reply(addressee, by=made["clerk"], text="已办")
    watch.sees(done=unit("督办单待回复"), told="office:reply")
    assert chasing.urge(problem, by=made["office"]) == 2
    watch.sees(told=unit("urge"))
    post = Membership(user=made["stranger"], unit=made.other_bureau, role=Role.UNIT_HEAD)
    reference.store(post, by=made["sysadmin"], reason="任职")
    watch.sees(told="stranger:post")
    post.active = False
    reference.store(post, by=made["sysadmin"], reason="免职")
    watch.sees(told="stranger:post")


def test_a_stand_in_is_told_what_waits(made: Cast) -> None:
    today = clock.today()
    people.name_stand_in(
        made["unit_head"], by=made["office"], substitute=made["stranger"], starts_on=today, ends_on=today,
        reason="出差",
    )  # fmt: skip
    watch = Watch(made)
    asked = {"new_date": LATER, "reason": "等批复", "progress": "七成"}
    deadlines.apply_extension(made.problem, by=made["clerk"], seen=made.problem.version, **asked)
    word = "待我确认"
    watch.sees(wait=f"unit_head:{word} stranger:{word}", told="unit_head:to_decide stranger:to_decide")


def test_relapse_is_handed_over_too(made: Cast) -> None:
    problem = builders.closed(made)
    watch = Watch(made)
    found: dict[str, Any] = {"finding": "又停了", "outcome": Finding.RELAPSED, "deadline": LATER}
    close_out.record_follow_up(problem, by=made["office"], **found)
    watch.sees(wait=unit("重新整改"), told=f"{unit('reopened')} leader:reopened")


def test_one_act_on_many_is_one_message_a_person(made: Cast) -> None:
    watch = Watch(made)
    rows = Problem.objects.filter(report=made.report, number__gt=1)
    wanted = bulk.Wanted({"lead_unit": made.bureau, "leader": made.leader})
    bulk.apply({row.pk: row.version for row in rows}, wanted, by=made["office"], reason="分工")
    watch.sees(done="office:未明确责任单位 office:未明确责任领导", told=f"{unit('assigned')} leader:changed")
    notice = Notice.objects.inbox_of(made["clerk"]).get()
    assert len(notice.items) == 2 and notice.entry == AuditEntry.objects.latest("pk")


def test_what_is_to_be_known_stands_in_the_inbox_until_it_is_opened(made: Cast, run: Any) -> None:
    problem = made.problem
    deadlines.correct(problem, by=made["office"], seen=problem.version, deadline=LATER, reason="误录")
    (line,) = to_read(made["clerk"]).lines  # type: ignore[union-attr]
    client = Client()
    client.force_login(made["clerk"])
    page = client.get("/").content.decode()
    assert line.title in page and line.note.endswith("告知") and line.note in page
    opened = client.post(reverse("notices_read"), {"notice": line.mark, "open": "1"})
    assert opened.url == problem.get_absolute_url()
    assert to_read(made["clerk"]) is None and to_read(made["leader"]) is not None
    assert run("verify_audit")


def test_every_row_names_known_people_and_a_kind_of_message() -> None:
    for row in HAND_OVERS:
        assert set(row.to) <= WHO.keys() and (not row.acts or (row.kind and row.message)), row
        assert not row.kind or row.kind in NoticeKind.values
