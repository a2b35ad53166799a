"""Whoever is named on an item can open it, and who has left the post is not asked, told or shown anything."""

from __future__ import annotations

import pytest
from django.test import Client

from rectify.choices import Role, Step
from rectify.errors import Incomplete, NotAllowed
from rectify.forms.problems import AssignForm
from rectify.models import Leader, Membership, Problem, Unit, User
from rectify.notifications.recipients import Directory, Owners
from rectify.operations import bulk, people, problems
from rectify.operations.closing import decisions
from tests import builders
from tests.scope.counties import Counties, counties

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = counties


def leave(leader: Leader) -> None:
    Leader.objects.filter(pk=leader.pk).update(active=False)


def test_a_leader_out_of_office_opens_and_signs_nothing_though_the_post_is_on(made: Counties) -> None:
    application = builders.applied(made.home)
    for step, who in ((Step.CONFIRM, "unit_head"), (Step.REVIEW, "office")):
        application = decisions.decide(application, step=step, by=made[who])
    assert Problem.objects.visible_to(made["leader"]).count() == 1
    leave(made.leader)
    assert Problem.objects.visible_to(made["leader"]).count() == 0
    for who in ("leader", "office"):
        with pytest.raises(NotAllowed):
            decisions.decide(application, step=Step.SIGN, by=made[who])
    assert made.problem.status == "in_review"
    assert Directory().leaders(Owners.of(made.problem))[0].user_id == made["office"].pk


@pytest.mark.parametrize("who", ["stranger", "sysadmin", "auditor", "inspector", "office"])
def test_no_clerk_is_named_who_cannot_open_the_item(made: Counties, who: str) -> None:
    with pytest.raises(Incomplete) as refused:
        builders.assign(made.home, made.problem, clerk=made[who])
    assert refused.value.field == "clerk"
    wanted = bulk.Wanted({"clerk": made[who]})
    (line,) = bulk.plan(bulk.subjects(made["office"], [made.problem.pk]), wanted, by=made["office"]).lines
    assert "不能作经办人" in line.refused


def test_the_select_of_clerks_offers_clerks_and_heads_of_the_units_chosen_only(made: Counties) -> None:
    Membership.objects.create(user=made["auditor"], unit=made.bureau, role=Role.AUDITOR)
    offered = AssignForm(problem=made.problem).fields["clerk"].queryset
    assert {user.username for user in offered} == {"clerk", "unit_head"}
    made.problem.supporting_units.add(made.other_bureau)
    offered = AssignForm(problem=made.problem).fields["clerk"].queryset
    assert {user.username for user in offered} == {"clerk", "unit_head", "stranger"}


def test_an_item_that_moves_leaves_its_clerk_behind_and_says_so(made: Counties) -> None:
    second = made.other_bureau
    wanted = bulk.Wanted({"lead_unit": second})
    (line,) = bulk.plan(bulk.subjects(made["office"], [made.problem.pk]), wanted, by=made["office"]).lines
    assert [change.label for change in line.changes] == ["责任单位", "经办人"]
    moved = problems.assign(
        made.problem, by=made["office"], seen=made.problem.version, lead_unit=second, reason="职责调整"
    )
    assert moved.clerk is None


def test_a_clerk_who_lost_the_post_is_told_nothing(made: Counties) -> None:
    Membership.objects.filter(user=made["clerk"]).update(active=False)
    told = Directory().clerks(Owners.of(made.problem))
    assert [one.user_id for one in told] == [made["unit_head"].pk]
    assert Problem.objects.filter(report=made.report).with_lost_clerk().get() == made.problem


def test_no_leader_is_named_who_cannot_open_the_item(made: Counties) -> None:
    person = builders.account("vice", made.county, Role.CLERK)
    unable = people.add_leader(by=None, post="副县长", unit=made.county, user=person)
    with pytest.raises(Incomplete) as refused:
        builders.assign(made.home, made.problem, leader=unable)
    assert refused.value.field == "leader"
    assert unable not in AssignForm(problem=made.problem).fields["leader"].queryset
    User.objects.filter(pk=person.pk).update(is_active=False)
    on_paper = Leader.objects.get(pk=unable.pk)
    assert builders.assign(made.home, made.problem, leader=on_paper).leader == on_paper


@pytest.mark.parametrize("page", ["assign", "bulk"])
def test_a_unit_of_another_county_that_is_sent_names_none_of_its_people(made, page):
    person = User.objects.get(username="far_clerk")
    far = Unit.objects.get(pk=person.posts[0].unit_id)
    problem = made.problem
    client = Client()
    client.force_login(made["office"])
    if page == "assign":
        sent = {"version": problem.version, "lead_unit": far.pk, "kind": "by_date"}
        answer = client.post(f"/problems/{problem.pk}/assign/", sent)
    else:
        sent = {"items": f"{problem.pk}:{problem.version}", "lead_unit": far.pk, "reason": "调整"}
        answer = client.post("/problems/bulk/", sent)
    assert answer.status_code == 422
    assert person.name not in answer.content.decode() and far.name not in answer.content.decode()
