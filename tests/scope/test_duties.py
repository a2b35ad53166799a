"""Separation of duties: nobody becomes everything, whichever way is tried, and a second person is asked."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from rectify.audit.verify import read_chains
from rectify.choices import Action, DutyStatus, Role
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import AuditEntry, DutyRequest, Membership, Relaxation, User
from rectify.models.duties import is_strict
from rectify.operations import duties, people, reference
from tests import builders
from tests.scope.counties import Counties, counties

pytestmark = [pytest.mark.django_db, pytest.mark.once]
WORLD = counties

PASSWORD = "xin-she-mi-ma-1"
THREE = [Role.OFFICE, Role.AUDITOR, Role.SYSADMIN]
BUSINESS = [Role.OFFICE, Role.LEADER, Role.UNIT_HEAD, Role.CLERK, Role.INSPECTOR]


def newcomer(made: Counties, role: str = Role.CLERK) -> User:
    """An account that the administrator makes, as in the administration."""
    people.add_account(
        by=made["sysadmin"], username="xin", name="新同志", password=PASSWORD, must_change=False,
        memberships=[(made.county, role)], reason="新到岗",
    )  # fmt: skip
    return User.objects.get(username="xin")


def give(made: Counties, who: User, role: str, by: str = "sysadmin") -> Membership:
    row = Membership(user=who, unit=made.county, role=role)
    reference.store(row, by=made[by], reason="测试")
    return row


def signs_in(username: str, password: str) -> bool:
    Client().get("/accounts/login/")
    answer = Client().post("/accounts/login/", {"username": username, "password": password})
    return answer.status_code == 302


def request_of(kind: str) -> DutyRequest:
    return DutyRequest.objects.waiting().get(kind=kind)


# -- who may become what ----------------------------------------------------------------------------------


@pytest.mark.ci
@pytest.mark.parametrize("role", Role.values)
def test_nobody_changes_their_own_posts(made: Counties, role: str) -> None:
    before = set(made["sysadmin"].roles)
    with pytest.raises(NotAllowed):
        give(made, made["sysadmin"], role)
    own = Membership.objects.get(user=made["sysadmin"])
    own.role = role if role != Role.SYSADMIN else Role.OFFICE
    with pytest.raises(NotAllowed):
        reference.store(own, by=made["sysadmin"], reason="越权")
    client = Client()
    client.force_login(made["sysadmin"])
    sent = {"user": made["sysadmin"].pk, "unit": made.county.pk, "role": role, "active": "on", "reason": "测"}
    client.post("/admin/rectify/membership/add/", sent)
    assert set(made["sysadmin"].roles) == before


@pytest.mark.parametrize("held", ["office", "leader", "unit_head", "clerk", "auditor"])
@pytest.mark.parametrize("role", Role.values)
def test_the_three_kinds_of_duty_exclude_each_other_in_one_person(
    made: Counties, held: str, role: str
) -> None:
    if held == role:
        return
    both = {"business" if one in BUSINESS else one for one in (held, role)}
    if len(both) == 1:
        give(made, made[held], role)
        return
    with pytest.raises(Incomplete):
        give(made, made[held], role)
    assert role not in made[held].roles


@pytest.mark.parametrize("role", THREE)
def test_a_post_of_the_three_works_after_another_of_them_has_agreed(made: Counties, role: str) -> None:
    account = newcomer(made, role)
    assert account.roles == set()
    request = request_of("post")
    for who in (made["sysadmin"], account, made["clerk"], made["inspector"], made.near.person("office")):
        with pytest.raises(NotAllowed):
            duties.confirm(request, by=who)
    duties.confirm(request, by=made["auditor"])
    assert User.objects.get(pk=account.pk).roles == {role}
    entry = AuditEntry.objects.get(act=Action.CONFIRM_DUTY)
    assert entry.actor == made["auditor"] and made["sysadmin"].label in entry.payload


def test_a_post_that_is_refused_stays_off(made: Counties) -> None:
    account = newcomer(made, Role.OFFICE)
    duties.refuse(request_of("post"), by=made["office"], reason="没有这个安排")
    assert User.objects.get(pk=account.pk).roles == set()
    with pytest.raises((WrongState, NotAllowed)):
        duties.confirm(DutyRequest.objects.get(), by=made["auditor"])


def test_what_waits_cannot_be_turned_into_something_else(made: Counties) -> None:
    account = newcomer(made, Role.AUDITOR)
    post = Membership.objects.get(user=account)
    for change in ({"role": Role.OFFICE}, {"user": made["clerk"]}, {"active": True}):
        row = Membership.objects.get(pk=post.pk)
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(Incomplete):
            reference.store(row, by=made["sysadmin"], reason="越权")
    with pytest.raises(Incomplete):
        give(made, account, Role.CLERK)


# -- the by-ways --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["office", "auditor"])
def test_an_account_with_a_business_post_signs_in_after_it_was_confirmed(made: Counties, second: str) -> None:
    newcomer(made)
    assert not signs_in("xin", PASSWORD)
    request = request_of("account")
    with pytest.raises(NotAllowed):
        duties.confirm(request, by=made["sysadmin"])
    duties.confirm(request, by=made[second])
    assert signs_in("xin", PASSWORD)


def test_a_password_set_by_the_administrator_opens_nothing_until_it_was_confirmed(made: Counties) -> None:
    people.set_password(made["office"], by=made["sysadmin"], password=PASSWORD, reason="忘记密码")
    assert not signs_in("office", PASSWORD)
    with pytest.raises(NotAllowed):
        duties.confirm(request_of("password"), by=made["office"])
    duties.confirm(request_of("password"), by=made["auditor"])
    assert signs_in("office", PASSWORD)


def test_an_account_switched_on_again_waits_too(made: Counties) -> None:
    people.close_account(made["clerk"], by=made["sysadmin"], reason="调离")
    row = made["clerk"]
    row.is_active = True
    reference.store(row, by=made["sysadmin"], reason="返岗")
    assert not signs_in("clerk", "ce-shi-mi-ma-1")
    duties.refuse(request_of("account"), by=made["office"], reason="没有返岗")
    assert not made["clerk"].is_active


def test_a_first_post_given_to_an_account_that_had_none_waits_too(made: Counties) -> None:
    Membership.objects.filter(user=made["clerk"]).update(active=False)
    people.set_password(made["clerk"], by=made["sysadmin"], password=PASSWORD, reason="忘记密码")
    give(made, made["clerk"], Role.CLERK)
    assert not signs_in("clerk", PASSWORD)


def test_both_see_it_in_what_waits_for_them(made: Counties) -> None:
    newcomer(made)
    for who, sees in {"office": True, "auditor": True, "sysadmin": False, "clerk": False}.items():
        client = Client()
        client.force_login(made[who])
        assert ("待您确认的任职、账号和单位调整" in client.get("/").content.decode()) is sees, who
    client = Client()
    client.force_login(made["auditor"])
    request = request_of("account")
    assert client.post(f"/people/duties/{request.pk}/confirm/").status_code == 302
    assert DutyRequest.objects.get().status == DutyStatus.DONE
    near = Client()
    near.force_login(made.near.person("auditor"))
    assert near.post(f"/people/duties/{request.pk}/confirm/").status_code == 404


# -- switching it off ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asks", "agrees"), [("sysadmin", "office"), ("office", "auditor")])
def test_two_of_the_three_switch_it_off_for_their_county_and_all_read_of_it(
    made: Counties, asks: str, agrees: str
) -> None:
    request = duties.ask_to_relax(made.county, by=made[asks], reason="人手不够")
    with pytest.raises(NotAllowed):
        duties.confirm(request, by=made[asks])
    duties.confirm(request, by=made[agrees])
    assert not is_strict(made.bureau.path) and is_strict(made.near.unit.path) and is_strict(made.city.path)
    give(made, made["clerk"], Role.AUDITOR)
    assert made["clerk"].roles == {Role.CLERK, Role.AUDITOR}
    with pytest.raises(NotAllowed):
        give(made, made["sysadmin"], Role.OFFICE)
    for who in ("auditor", "inspector"):
        client = Client()
        client.force_login(made[who])
        assert "已关闭三员分立" in client.get("/people/duties/").content.decode()
    duties.restore(made.county, by=made["auditor"], reason="人手够了")
    assert is_strict(made.bureau.path)


def test_the_console_switches_it_off_and_on_with_a_reason_on_record(made: Counties) -> None:
    call_command("strict_mode", "off", "--unit", "乙县", "--reason", "人手不够")
    assert not is_strict(made.county.path) and Relaxation.objects.get().by_label == "控制台"
    assert AuditEntry.objects.get(act=Action.RELAX_DUTIES).reason == "人手不够"
    call_command("strict_mode", "on", "--unit", "乙县", "--reason", "人手够了")
    assert is_strict(made.county.path)
    with pytest.raises(CommandError):
        call_command("strict_mode", "off", "--unit", "没有的县", "--reason", "试试")


def test_break_glass_gives_the_administrators_post_again_and_to_nobody_of_another_duty(
    made: Counties,
) -> None:
    Membership.objects.filter(user=made["sysadmin"]).update(active=False)
    User.objects.filter(username="sysadmin").update(is_active=False)
    call_command("break_glass", "sysadmin", "--unit", "乙县", "--reason", "无人能管理")
    assert made["sysadmin"].roles == {Role.SYSADMIN} and made["sysadmin"].is_active
    entry = AuditEntry.objects.get(act=Action.BREAK_GLASS)
    assert entry.actor is None and entry.reason == "无人能管理"
    with pytest.raises(CommandError):
        call_command("break_glass", "office", "--unit", "乙县", "--reason", "无人能管理")
    assert made["office"].roles == {Role.OFFICE}


def test_one_of_the_three_resets_no_password_of_another_without_the_third(made: Counties) -> None:
    """The administrator's own post counts too: two administrators are no second person for each other."""
    builders.account("sysadmin2", made.county, Role.SYSADMIN)
    second = User.objects.get(username="sysadmin2")
    people.set_password(made["auditor"], by=made["sysadmin"], password=PASSWORD, reason="忘记密码")
    with pytest.raises(NotAllowed):
        duties.confirm(request_of("password"), by=second)
    duties.confirm(request_of("password"), by=made["office"])
    assert signs_in("auditor", PASSWORD)


def test_the_record_still_verifies_after_it_all(made: Counties) -> None:
    account = newcomer(made, Role.OFFICE)
    duties.confirm(request_of("post"), by=made["auditor"])
    people.set_password(account, by=made["sysadmin"], password=PASSWORD, reason="忘记密码")
    duties.refuse(request_of("password"), by=made["office"], reason="没有忘记")
    request = duties.ask_to_relax(made.county, by=made["office"], reason="人手不够")
    duties.confirm(request, by=made["auditor"])
    duties.restore(made.county, by=made["auditor"], reason="人手够了")
    duties.break_glass(made["sysadmin"], unit=made.county, reason="演练")
    assert not [fault for chain in read_chains("default") for fault in chain.breaks]
