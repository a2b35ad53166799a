"""Handing over: everything a person holds moves in one act to who is fit, and they keep nothing."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import call_command
from django.test import Client

from rectify import clock
from rectify.choices import Action, NoticeKind, Role, Step
from rectify.errors import Incomplete, NotAllowed
from rectify.models import AuditEntry, IntakeDraft, Leader, Membership, Notice, Problem, StandIn, User
from rectify.operations import people, problems, reference
from rectify.operations.closing import decisions
from rectify.operations.staffing.hand_over import hand_over
from rectify.policies import may
from rectify.selectors.staffing.holdings import holdings
from tests import builders
from tests.builders import Cast

pytestmark = pytest.mark.django_db


def history() -> Cast:
    """With a successor for each post, and a second person of the office."""
    made = builders.cast()
    homes = {"clerk": made.bureau, "unit_head": made.bureau, "leader": made.county, "office": made.county}
    for role, unit in homes.items():
        made.people[f"next_{role}"] = builders.account(f"next_{role}", unit, role)
    return made


WORLD = history


def hand(made: Cast, giver: str, taker: str, **fields: object) -> object:
    given = {"by": made["next_office"], "taker": made[taker], "reason": "岗位调整"} | fields
    return hand_over(made[giver], **given)


def assert_record_holds() -> None:
    call_command("verify_audit", stdout=io.StringIO())


def keeps(made: Cast, giver: str) -> list[str]:
    return [one.words for one in holdings(made[giver], [""])]


def test_all_that_a_clerk_holds_moves_and_the_clerk_keeps_nothing(made: Cast) -> None:
    done = hand(made, "clerk", "next_clerk")
    assert done.items == 1 and made.problem.clerk == made["next_clerk"]
    assert made["clerk"].posts == () and keeps(made, "clerk") == []
    assert not Problem.objects.visible_to(made["clerk"]).exists()
    assert AuditEntry.objects.filter(act=Action.HAND_OVER, problem=made.problem, reason="岗位调整").exists()
    assert_record_holds()


def test_one_entry_names_every_row_and_the_receiver_is_told(made: Cast) -> None:
    hand(made, "clerk", "next_clerk")
    entry = AuditEntry.objects.get(act=Action.HAND_OVER, report=None)
    post = Membership.objects.get(user=made["clerk"])
    assert f'["membership",{post.pk},' in str(entry.rows).replace(" ", "").replace("'", '"')
    assert entry.details["facts"]["problems"] == [made.problem.code]
    notice = Notice.objects.get(kind=NoticeKind.HAND_OVER)
    assert notice.user == made["next_clerk"] and "经办的事项（乙县丙局）：1 项" in notice.text


def test_a_head_hands_on_the_decisions_that_wait(made: Cast) -> None:
    application = builders.applied(made)
    held = {one.label: one.counts for one in holdings(made["unit_head"], [made.county.path])}
    assert held == {"任职：乙县丙局 单位负责人": ("本单位负责 1 项", "待确认 1 件")}
    hand(made, "unit_head", "next_unit_head")
    assert made["unit_head"].posts == ()
    assert not may(made["unit_head"], Action.CONFIRM_CLOSE_OUT, application)
    decisions.decide(application, step=Step.CONFIRM, by=made["next_unit_head"])


def test_a_leader_hands_on_the_post_with_items_and_signatures(made: Cast) -> None:
    application = builders.applied(made)
    application = decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=made["office"])
    hand(made, "leader", "next_leader")
    assert Leader.objects.get(pk=made.leader.pk).user == made["next_leader"]
    assert made["leader"].posts == () and keeps(made, "leader") == []
    decisions.decide(application, step=Step.SIGN, by=made["next_leader"])
    assert made.problem.is_closed


def test_items_go_to_a_leader_who_has_a_post_already(made: Cast) -> None:
    other = people.add_leader(by=None, post="副县长", unit=made.county, user=made["next_leader"])
    second = Problem.objects.get(report=made.report, number=2)
    problems.assign(
        second, by=made["office"], seen=second.version, leader=other, lead_unit=made.bureau,
        supporting_leaders=[made.leader],
    )  # fmt: skip
    hand(made, "leader", "next_leader")
    assert made.problem.leader == other
    second.refresh_from_db()
    assert second.leader == other and not second.supporting_leaders.exists()
    old = Leader.objects.get(pk=made.leader.pk)
    assert old.user is None and not old.active
    assert_record_holds()


def test_stand_ins_go_both_ways(made: Cast) -> None:
    today = clock.today()
    until = today + dt.timedelta(days=9)
    period = {"starts_on": today, "ends_on": until, "reason": "外出"}
    people.name_stand_in(made["leader"], by=made["leader"], substitute=made["unit_head"], **period)
    people.name_stand_in(made["unit_head"], by=made["unit_head"], substitute=made["clerk"], **period)
    hand(made, "unit_head", "next_unit_head")
    row = StandIn.objects.standing(today).get()
    assert (row.absent, row.substitute, row.ends_on) == (made["leader"], made["next_unit_head"], until)
    assert made["unit_head"].deputed == made["clerk"].deputed == ()


def test_a_report_in_hand_goes_to_the_office_of_the_unit(made: Cast) -> None:
    draft = builders.uploaded(made["office"], made.county)
    hand(made, "office", "next_office", by=city_office(made))
    assert IntakeDraft.objects.get(pk=draft.pk).user == made["next_office"]


def city_office(made: Cast) -> User:
    return builders.account("city_office", made.city, Role.OFFICE)


def test_each_kind_has_the_receiver_it_fits(made: Cast) -> None:
    """A head who is a clerk besides: one receiver for the items, one for the post."""
    clerk = made["clerk"]
    Membership.objects.create(user=clerk, unit=made.bureau, role=Role.UNIT_HEAD)
    with pytest.raises(Incomplete, match="不能接收“任职：乙县丙局 单位负责人”"):
        hand(made, "clerk", "next_clerk")
    assert made.problem.clerk == clerk and made["clerk"].posts
    head = Membership.objects.get(user=clerk, role=Role.UNIT_HEAD)
    hand(made, "clerk", "next_clerk", takers={f"post-{head.pk}": made["next_unit_head"]})
    assert made.problem.clerk == made["next_clerk"] and made["clerk"].posts == ()


@pytest.mark.parametrize(
    ("giver", "taker"),
    [("clerk", "stranger"), ("unit_head", "next_clerk"), ("leader", "unit_head"), ("unit_head", "office")],
)
def test_who_is_not_fit_takes_nothing(made: Cast, giver: str, taker: str) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(Incomplete, match="不能接收") as refusal:
        hand(made, giver, taker)
    assert refusal.value.missing and AuditEntry.objects.count() == before
    assert made[giver].posts and made.problem.clerk == made["clerk"]


def test_an_application_of_the_receiver_is_not_left_to_nobody(made: Cast) -> None:
    """The only other head asked for it: no one could confirm it."""
    builders.applied(made)
    Membership.objects.create(user=made["clerk"], unit=made.bureau, role=Role.UNIT_HEAD)
    Membership.objects.filter(user=made["next_unit_head"]).update(active=False)
    with pytest.raises(Incomplete, match=r"销号申请是.*本人申请的"):
        hand(made, "unit_head", "clerk")


@pytest.mark.parametrize("role", ["clerk", "unit_head", "leader", "inspector", "auditor"])
def test_only_the_office_hands_over(made: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        hand(made, "clerk", "next_clerk", by=made[role])


def test_nobody_hands_over_their_own(made: Cast) -> None:
    with pytest.raises(NotAllowed, match="另一位"):
        hand(made, "office", "next_office", by=made["office"])


def test_another_county_is_out_of_reach(made: Cast) -> None:
    builders.another_ledger(made)
    foreign = User.objects.get(username="other_office")
    with pytest.raises(Incomplete, match="名下没有"):
        hand(made, "clerk", "next_clerk", by=foreign)
    assert made.problem.clerk == made["clerk"]


# -- ending a post of somebody who still holds things ------------------------------------------------------


@pytest.mark.parametrize("what", ["post", "account"])
def test_ending_a_post_says_what_is_still_held_and_tells_the_office(made: Cast, what: str) -> None:
    row = made["clerk"] if what == "account" else Membership.objects.get(user=made["clerk"])
    setattr(row, "is_active" if what == "account" else "active", False)
    said = reference.store(row, by=made["sysadmin"], reason="调离")
    assert "名下还有：经办的事项（乙县丙局）：1 项" in said and "工作交接" in said
    told = Notice.objects.filter(kind=NoticeKind.HAND_OVER)
    assert {one.user for one in told} == {made["office"], made["next_office"]}
    assert told[0].url == f"/people/hand-over/?giver={made['clerk'].pk}" and "1 项" in told[0].text
    assert_record_holds()


def test_the_last_head_leaves_decisions_that_nobody_could_take(made: Cast) -> None:
    builders.applied(made)
    rows = list(Membership.objects.filter(role=Role.UNIT_HEAD).order_by("pk"))
    for row, words in zip(rows, ("", "单位负责人：本单位负责 1 项，待确认 1 件"), strict=True):
        row.active = False
        assert words in (said := reference.store(row, by=made["sysadmin"], reason="调离"))
        assert bool(said) == bool(words)


def test_a_leader_who_leaves_office_too(made: Cast) -> None:
    leader = Leader.objects.get(pk=made.leader.pk)
    leader.active = False
    assert "负责或配合 1 项" in reference.store(leader, by=made["sysadmin"], reason="调离")
    assert Notice.objects.filter(kind=NoticeKind.HAND_OVER, user=made["office"]).exists()


def test_who_holds_nothing_leaves_in_silence(made: Cast) -> None:
    row = Membership.objects.get(user=made["next_clerk"])
    row.active = False
    assert reference.store(row, by=made["sysadmin"], reason="调离") == ""
    assert not Notice.objects.filter(kind=NoticeKind.HAND_OVER).exists()


def test_the_administration_shows_it(made: Cast, client: Client) -> None:
    client.force_login(made["sysadmin"])
    post = Membership.objects.get(user=made["clerk"])
    sent = {"user": post.user_id, "unit": post.unit_id, "role": post.role, "reason": "调离"}
    page = client.post(f"/admin/rectify/membership/{post.pk}/change/", sent, follow=True).content.decode()
    assert "名下还有：经办的事项" in page and 'href="/people/hand-over/' not in page
