"""Stand-ins: named for a period by the signer or the office, ended by time or by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import Action, DutyKind, Role
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import AuditEntry, Membership, StandIn, User
from rectify.operations import duties, people
from tests import builders

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


WORLD = builders.cast


def name(cast, by="leader", absent="leader", substitute="office", **fields):
    today = clock.today()
    given = {"starts_on": today, "ends_on": today + 7 * DAY, "reason": "外出学习"} | fields
    return people.name_stand_in(cast[absent], by=cast[by], substitute=cast[substitute], **given)


def test_a_signer_names_a_stand_in_and_it_is_on_record(cast):
    row = name(cast)
    assert [one.user_id for one in cast["office"].deputed] == [cast["leader"].pk]
    entry = AuditEntry.objects.get(act=Action.NAME_STAND_IN)
    assert entry.report is None and entry.reason == "外出学习" and "代" in entry.target_label
    assert StandIn.objects.in_force(clock.today()).get() == row


def test_the_period_begins_and_ends_by_itself(cast):
    today = clock.today()
    name(cast, starts_on=today + DAY, ends_on=today + 2 * DAY)
    counts = []
    for days in range(4):
        with clock.pretend(clock.now() + days * DAY):
            counts.append(len(cast["office"].deputed))
    assert counts == [0, 1, 1, 0]


def test_coming_back_early_ends_it(cast):
    row = name(cast)
    people.end_stand_in(row, by=cast["leader"])
    assert cast["office"].deputed == ()
    with pytest.raises(WrongState):
        people.end_stand_in(row, by=cast["leader"])


def test_the_office_names_one_for_the_people_of_its_county_only(cast):
    name(cast, by="office", absent="unit_head", substitute="leader")
    builders.another_ledger(cast)
    foreign = User.objects.get(username="other_office")
    with pytest.raises(NotAllowed):
        people.name_stand_in(
            cast["leader"], by=foreign, substitute=foreign, starts_on=clock.today(),
            ends_on=clock.today(), reason="越权",
        )  # fmt: skip


@pytest.mark.parametrize("by", ["clerk", "inspector", "sysadmin", "auditor", "stranger", "unit_head"])
def test_nobody_names_one_for_somebody_else(cast, by):
    with pytest.raises(NotAllowed):
        name(cast, by=by)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"substitute": "leader"}, "substitute"),
        ({"ends_on": dt.date(2020, 1, 1)}, "ends_on"),
        ({"ends_on": dt.date(2099, 1, 1)}, "ends_on"),
        ({"reason": " "}, "reason"),
    ],
    ids=str,
)
def test_bad_input_is_refused(cast, fields, field):
    with pytest.raises(Incomplete) as refusal:
        name(cast, **fields)
    assert refusal.value.field == field and not StandIn.objects.exists()


def test_two_at_once_are_refused(cast):
    name(cast)
    with pytest.raises(Incomplete, match="已由"):
        name(cast, substitute="unit_head")


def test_a_stand_in_does_not_pass_it_on(cast):
    name(cast)
    name(cast, by="office", absent="office", substitute="unit_head")
    assert [one.user_id for one in cast["unit_head"].deputed] == [cast["office"].pk]


# -- fit for the post --------------------------------------------------------------------------------------


def test_who_signs_nothing_needs_no_stand_in(cast):
    with pytest.raises(Incomplete, match="不需要代办"):
        name(cast, by="office", absent="clerk", substitute="unit_head")
    assert not StandIn.objects.exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSADMIN])
def test_a_duty_that_the_post_excludes_makes_unfit_where_duties_are_separate(cast, role):
    """Both were given while the separation was off."""
    duties.relax(cast.county, by=None, reason="人手不够")
    Membership.objects.create(user=cast["unit_head"], unit=cast.county, role=role)
    row = name(cast, substitute="unit_head")
    people.end_stand_in(row, by=cast["leader"])
    duties.restore(cast.county, by=cast["office"], reason="人员到位")
    with pytest.raises(Incomplete, match="三员分立"):
        name(cast, substitute="unit_head")


def test_a_duty_that_is_asked_for_counts_as_held(cast):
    person = builders.account("both", cast.bureau, Role.CLERK)
    post = Membership.objects.create(user=person, unit=cast.county, role=Role.AUDITOR, active=False)
    duties.ask(
        DutyKind.POST, unit=cast.county, by=cast["sysadmin"], reason="新到岗", user=person, membership=post
    )
    cast.people["both"] = person
    with pytest.raises(Incomplete, match="三员分立"):
        name(cast, substitute="both")


def test_the_form_offers_only_who_is_fit(cast, client):
    builders.another_ledger(cast)
    client.force_login(cast["office"])
    form = client.get("/people/stand-ins/").context["form"]
    offered = {user.username for user in form.fields["substitute"].queryset}
    assert offered == {"office", "leader", "unit_head", "clerk", "stranger"}
    sent = {"absent": cast["leader"].pk, "substitute": cast["inspector"].pk, "reason": "外出"}
    page = client.post("/people/stand-ins/", sent | {"starts_on": "2099-01-01", "ends_on": "2099-01-02"})
    assert page.status_code == 422 and "不在可选范围内" in page.content.decode()
    offered = {user.username for user in page.context["form"].fields["substitute"].queryset}
    assert offered == {"office", "unit_head", "clerk", "stranger"}, "nobody for themselves"
