"""督办单: issued with a number, signed for, answered once; every refusal, and nothing half-done."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from rectify import clock
from rectify.choices import Action, Channel, NoticeKind, SupervisionLevel
from rectify.errors import Incomplete, NotAllowed, Refusal, WrongState
from rectify.models import Addressee, AuditEntry, Evidence, Notice, Problem, Receipt, Reply, Supervision
from rectify.operations import people, problems, supervision
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> builders.Cast:
    return builders.cast()


def issue(cast: builders.Cast, **changes) -> Supervision:
    given = {
        "by": cast["office"],
        "level": SupervisionLevel.NORMAL,
        "reason": "长期没有进展，请说明原因。",
        "reply_by": clock.today() + dt.timedelta(days=5),
        "units": [cast.bureau],
    } | changes
    return supervision.issue(given.pop("problems", [cast.problem]), **given)


def to(paper: Supervision) -> Addressee:
    return Addressee.objects.get(supervision=paper, unit__isnull=False)


def test_a_paper_is_numbered_recorded_and_announced(cast):
    paper = issue(cast, leaders=[cast.leader])
    assert (paper.year, paper.number) == (clock.today().year, 1)
    assert issue(cast).number == 2
    entry = AuditEntry.objects.filter(act=Action.ISSUE_SUPERVISION).earliest("number")
    assert json.loads(entry.payload)["row"]["text"] == "长期没有进展，请说明原因。"
    told = Notice.objects.filter(entry=entry, channel=Channel.INBOX)
    assert {notice.user.username for notice in told} == {"clerk", "unit_head", "leader"}
    assert all("长期没有进展" not in notice.text for notice in told)


def test_the_same_token_makes_one_paper(cast):
    assert issue(cast, idempotency_key="t-1") == issue(cast, idempotency_key="t-1")
    assert Supervision.objects.count() == 1
    assert Notice.objects.filter(kind=NoticeKind.SUPERVISION).count() == 2


def test_several_items_of_one_ledger_go_on_one_paper(cast):
    second = builders.assign(cast, Problem.objects.get(report=cast.report, number=2))
    paper = issue(cast, problems=[cast.problem, second])
    assert paper.problems.count() == 2


@pytest.mark.parametrize("role", ["leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor"])
def test_only_the_office_issues(cast, role):
    with pytest.raises(NotAllowed):
        issue(cast, by=cast[role])
    assert not Supervision.objects.exists() and not Notice.objects.exists()


def test_a_foreign_office_does_not_issue(cast):
    builders.another_ledger(cast)
    foreign = people.User.objects.get(username="other_office")
    with pytest.raises(NotAllowed):
        issue(cast, by=foreign)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"problems": []}, "至少选择一个"),
        ({"reason": " "}, "督办事由"),
        ({"reason": "长" * 2001}, "最多 2000 个字"),
        ({"reply_by": dt.date(2020, 1, 1)}, "不能早于今天"),
        ({"units": []}, "责任单位或责任领导"),
    ],
)
def test_what_is_missing_or_wrong_is_refused(cast, changes, words):
    with pytest.raises(Incomplete, match=words):
        issue(cast, **changes)
    assert not Supervision.objects.exists()


def test_a_unit_that_holds_none_of_the_items_is_refused(cast):
    with pytest.raises(Incomplete, match="丁局不承担"):
        issue(cast, units=[cast.other_bureau])


def test_items_of_two_ledgers_are_refused(cast):
    other = builders.another_ledger(cast).problems.first()
    with pytest.raises(Incomplete, match="同一本台账"):
        issue(cast, problems=[cast.problem, other])


def test_a_withdrawn_item_is_refused(cast):
    one = cast.problem
    problems.withdraw(one, by=cast["office"], seen=one.version, reason="重复")
    with pytest.raises(WrongState, match="已撤回"):
        issue(cast)


def test_signing_is_recorded_once(cast):
    paper = issue(cast)
    receipt = supervision.acknowledge(to(paper), by=cast["clerk"])
    assert supervision.acknowledge(to(paper), by=cast["clerk"]) == receipt
    with pytest.raises(NotAllowed, match="已经签收"):
        supervision.acknowledge(to(paper), by=cast["unit_head"])
    assert Receipt.objects.count() == 1
    assert AuditEntry.objects.filter(act=Action.ACKNOWLEDGE_SUPERVISION).count() == 1


@pytest.mark.parametrize("role", ["office", "leader", "inspector", "stranger", "sysadmin", "auditor"])
def test_who_is_not_addressed_does_not_sign(cast, role):
    with pytest.raises(NotAllowed):
        supervision.acknowledge(to(issue(cast)), by=cast[role])


def test_a_reply_with_evidence_reaches_the_issuer(cast):
    paper = issue(cast)
    supervision.acknowledge(to(paper), by=cast["clerk"])
    answer = supervision.reply(
        to(paper), by=cast["clerk"], text="已整改", files=[builders.pdf()], idempotency_key="t"
    )
    again = supervision.reply(
        to(paper), by=cast["clerk"], text="已整改", files=[builders.pdf()], idempotency_key="t"
    )
    assert answer == again and Reply.objects.count() == 1
    proof = Evidence.objects.get(reply=answer)
    assert proof.path.read_bytes() == builders.PDF
    entry = AuditEntry.objects.get(act=Action.REPLY_SUPERVISION)
    assert json.loads(entry.payload)["evidence"][0]["sha256"] == proof.sha256
    assert [notice.user for notice in Notice.objects.filter(entry=entry)] == [cast["office"]]


def test_a_reply_needs_a_receipt_comes_once_and_has_a_text(cast):
    paper = issue(cast)
    with pytest.raises(NotAllowed, match="先签收"):
        supervision.reply(to(paper), by=cast["clerk"], text="已整改")
    supervision.acknowledge(to(paper), by=cast["clerk"])
    with pytest.raises(Incomplete):
        supervision.reply(to(paper), by=cast["clerk"], text=" ")
    supervision.reply(to(paper), by=cast["clerk"], text="已整改")
    with pytest.raises(NotAllowed, match="已经回复"):
        supervision.reply(to(paper), by=cast["unit_head"], text="又整改")
    assert Reply.objects.get().text == "已整改"


def test_the_office_signs_for_a_leader_without_an_account(cast):
    leader = people.add_leader(by=None, post="县委书记", unit=cast.county)
    one = builders.assign(cast, cast.problem, leader=leader)
    paper = issue(cast, problems=[one], units=[], leaders=[leader])
    told = Notice.objects.get(kind=NoticeKind.SUPERVISION)
    assert told.user == cast["office"] and "县委书记没有账号，请转告" in told.text
    supervision.acknowledge(paper.addressees.get(), by=cast["office"])
    supervision.reply(paper.addressees.get(), by=cast["office"], text="书记已阅，照办。")
    assert Reply.objects.get().by == cast["office"]


def test_what_is_owed_is_computed_for_each_day(cast):
    paper = issue(cast)

    def state(days: int) -> tuple[str, str]:
        day = clock.today() + dt.timedelta(days=days)
        whole = Supervision.objects.with_state(day).get(pk=paper.pk).state
        return whole, Addressee.objects.with_state(day).get(pk=to(paper).pk).state

    assert state(0) == ("to_acknowledge",) * 2
    assert state(5) == ("to_acknowledge",) * 2
    assert state(6) == ("overdue",) * 2
    supervision.acknowledge(to(paper), by=cast["clerk"])
    assert state(0) == ("to_reply",) * 2
    supervision.reply(to(paper), by=cast["clerk"], text="已整改")
    assert state(6) == ("replied",) * 2


@pytest.mark.parametrize(
    "change",
    [
        lambda paper: Supervision.objects.filter(pk=paper.pk).update(reason="改过"),
        lambda paper: paper.problems.clear(),
        lambda paper: Addressee.objects.all().delete(),
        lambda paper: Notice.objects.filter(kind=NoticeKind.SUPERVISION).update(text="改过"),
    ],
    ids=["reason", "items", "addressees", "messages"],
)
def test_the_database_keeps_a_paper_as_it_was_issued(cast, change):
    paper = issue(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        change(paper)


@pytest.mark.django_db(transaction=True)
def test_two_people_sign_at_once_and_one_receipt_stays(cast):
    paper = issue(cast)
    addressee = to(paper)

    def sign(role: str) -> bool:
        try:
            supervision.acknowledge(addressee, by=cast[role])
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(sign, ["clerk", "unit_head"]))
    assert sorted(won) == [False, True]
    assert Receipt.objects.count() == 1
