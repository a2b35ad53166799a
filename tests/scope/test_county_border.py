"""The county is the border: of administration and purging, of names in selects, of the auditor's reading."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from rectify import clock
from rectify.choices import Action, PurgeStatus, Role
from rectify.errors import Incomplete, NotAllowed
from rectify.models import AuditEntry, Leader, Membership, Purge, StandIn, Unit, User
from rectify.operations import people, progress, purging, reference
from rectify.selectors.filter_options import fill_options
from rectify.selectors.problem_filter import ProblemFilter
from tests.scope.counties import Counties, counties

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = counties

OTHERS = ("near", "far")
PASSWORD = "bie-xian-she-de-1"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def other(made: Counties, name: str):
    return getattr(made, name)


# -- administration and purging end at the subtree of the post --------------------------------------------


@pytest.mark.parametrize("name", OTHERS)
def test_another_countys_administrator_sets_no_password_here(made: Counties, name: str) -> None:
    stranger, before = other(made, name).person("sysadmin"), made["office"].password
    with pytest.raises(NotAllowed):
        people.set_password(made["office"], by=stranger, password=PASSWORD, reason="忘记密码")
    with pytest.raises(NotAllowed):
        people.close_account(made["office"], by=stranger, reason="调离")
    assert made["office"].password == before and made["office"].is_active


@pytest.mark.parametrize("name", OTHERS)
def test_another_countys_administrator_gives_no_post_and_takes_none(made: Counties, name: str) -> None:
    there = other(made, name)
    stranger = there.person("sysadmin")
    post = Membership.objects.get(user=made["office"])
    for row in (
        Membership(user=made["clerk"], unit=made.county, role=Role.OFFICE),
        Membership(user=there.person("clerk"), unit=made.county, role=Role.OFFICE),
        Membership(user=made["clerk"], unit=there.unit, role=Role.CLERK),
    ):
        with pytest.raises(NotAllowed):
            reference.store(row, by=stranger, reason="越权")
    post.active = False
    with pytest.raises(NotAllowed):
        reference.store(post, by=stranger, reason="越权")
    moved = Membership.objects.get(user=made["office"])
    moved.unit = there.unit
    with pytest.raises(NotAllowed):
        reference.store(moved, by=stranger, reason="越权")


@pytest.mark.parametrize("name", OTHERS)
def test_the_administration_lists_and_offers_the_own_subtree_only(made: Counties, name: str) -> None:
    client = client_of(other(made, name).person("sysadmin"))
    for model in ("unit", "user", "leader", "membership"):
        page = client.get(f"/admin/rectify/{model}/").content.decode()
        assert "乙县" not in page and "常务副县长" not in page
        page = client.get(f"/admin/rectify/{model}/add/").content.decode()
        assert "乙县" not in page
    for kind, pk in (("unit", made.bureau.pk), ("user", made["office"].pk), ("leader", made.leader.pk)):
        assert client.get(f"/admin/rectify/{kind}/{pk}/change/").status_code == 302
    assert (
        client_of(made["sysadmin"]).get(f"/admin/rectify/user/{made['office'].pk}/change/").status_code == 200
    )


def test_an_account_with_a_post_in_two_counties_is_kept_by_neither(made: Counties) -> None:
    Membership.objects.create(user=made["clerk"], unit=made.near.unit, role=Role.CLERK)
    for who in (made["sysadmin"], made.near.person("sysadmin")):
        with pytest.raises(NotAllowed):
            people.set_password(made["clerk"], by=who, password=PASSWORD, reason="忘记密码")


def test_only_who_administers_everything_adds_a_root(made: Counties) -> None:
    with pytest.raises(Incomplete):
        people.add_unit(by=made["sysadmin"], name="新的市")
    with pytest.raises(NotAllowed):
        people.add_unit(by=made["sysadmin"], name="新的局", parent=Unit.objects.get(pk=made.near.unit.pk))


@pytest.mark.parametrize("name", OTHERS)
def test_another_countys_administrator_neither_sees_nor_confirms_a_purge(made: Counties, name: str) -> None:
    note = progress.add(made.problem, by=made["clerk"], text="身份证号")
    purge = purging.request(note, by=made["office"], reason="误传")
    stranger = other(made, name).person("sysadmin")
    with pytest.raises(NotAllowed):
        purging.confirm(purge, by=stranger)
    client = client_of(stranger)
    assert purge.target_label not in client.get("/purges/").content.decode()
    assert client.post(f"/purges/{purge.pk}/confirm/").status_code == 404
    assert Purge.objects.get().status == PurgeStatus.REQUESTED
    purging.confirm(purge, by=made["sysadmin"])


# -- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["office", "inspector", "clerk", "unit_head", "leader"])
def test_no_select_of_the_list_names_a_sibling_county(made: Counties, role: str) -> None:
    found = ProblemFilter.of(made.near.person(role), "")
    fill_options(found)
    selects = [found.form.fields[name].widget for name in ("unit", "leader", "clerk")]
    words = {label for select in selects for _, label in select.choices}
    assert not [word for word in words if "乙县" in word or "远县" in word or word == "常务副县长"]
    if role in ("office", "inspector"):
        assert "近县水务局" in words


@pytest.mark.ci
@pytest.mark.parametrize("role", ["office", "inspector", "clerk", "auditor", "sysadmin"])
@pytest.mark.parametrize("page", ["/?unit={}", "/problems/?within={}", "/dashboard/?unit={}"])
def test_no_address_tells_the_name_of_a_units_of_a_sibling_county(
    made: Counties, role: str, page: str
) -> None:
    client = client_of(made.near.person(role))
    for unit in (made.bureau, made.county, made.city, made.far.bureau):
        shown = client.get(page.format(unit.pk), follow=True).content.decode()
        assert unit.name not in shown


# -- stand-ins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OTHERS)
def test_a_stand_in_comes_from_the_county_of_the_absent(made: Counties, name: str) -> None:
    today = clock.today()
    given = {"starts_on": today, "ends_on": today, "reason": "外出"}
    for role in ("clerk", "office", "unit_head"):
        with pytest.raises(Incomplete):
            people.name_stand_in(
                made["office"], by=made["office"], substitute=other(made, name).person(role), **given
            )
    for role in ("inspector", "auditor", "sysadmin"):
        with pytest.raises(Incomplete):
            people.name_stand_in(made["office"], by=made["office"], substitute=made[role], **given)
    people.name_stand_in(made["office"], by=made["office"], substitute=made["unit_head"], **given)


def test_a_stand_in_without_a_post_of_ones_own_reads_nothing_more(made: Counties) -> None:
    today = clock.today()
    people.name_stand_in(
        made["office"], by=made["office"], substitute=made["clerk"], starts_on=today,
        ends_on=today + dt.timedelta(days=30), reason="外出",
    )  # fmt: skip
    second = made.report.problems.get(number=2)
    assert client_of(made["clerk"]).get(second.get_absolute_url()).status_code == 200
    Membership.objects.filter(user=made["clerk"]).update(active=False)
    assert made["clerk"].deputed == ()
    client = client_of(made["clerk"])
    assert client.get(second.get_absolute_url()).status_code == 404
    assert StandIn.objects.in_force(today).exists()


# -- the auditor ------------------------------------------------------------------------------------------


def test_an_auditor_reads_the_account_entries_of_the_own_county_only(made: Counties) -> None:
    for name in OTHERS:
        mine = AuditEntry.objects.visible_to(other(made, name).person("auditor")).filter(report=None)
        labels = " ".join(mine.values_list("target_label", flat=True))
        assert f"账号 {name}_clerk" in labels and other(made, name).bureau.name in labels
        assert "账号 clerk" not in labels and "乙县丙局" not in labels and "常务副县长" not in labels
    home = AuditEntry.objects.visible_to(made["auditor"]).filter(report=None)
    assert "账号 clerk" in " ".join(home.values_list("target_label", flat=True))


def test_what_belongs_to_no_county_is_read_by_every_auditor(made: Counties) -> None:
    from rectify.models import Holiday

    day = Holiday(day=dt.date(2027, 10, 1), name="国庆节")
    reference.store(day, by=made["sysadmin"], reason="录入")
    for who in (made["auditor"], made.far.person("auditor")):
        entries = AuditEntry.objects.visible_to(who).filter(act=Action.EDIT_REFERENCE)
        assert entries.filter(target_kind="holiday").count() == 1
    assert Leader.objects.visible_to(made.far.person("auditor")).get() == made.far.leader
