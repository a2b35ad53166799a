"""The second factor: a code counts once, paper once, a lost one goes by two people, and all is on record."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest

from rectify import clock
from rectify.audit.verify import read_chains
from rectify.choices import Action, DutyKind, SignInOutcome
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import AuditEntry, DutyRequest, RecoveryCode, SecondFactor, SignInAttempt, User
from rectify.operations import duties
from rectify.operations.sign_in import second_factor
from rectify.selectors.sign_in_limits import FREE_CODES
from tests.builders import Cast, cast
from tests.one_time_codes import STEP, enrolled, shown, wrong

pytestmark = pytest.mark.django_db
WORLD = cast
HERE = "10.1.1.5"


def accepted(user: User, code: str) -> bool:
    try:
        second_factor.verify(user, code, address=HERE)
    except Incomplete:
        return False
    return True


def record_holds() -> bool:
    return not [fault for read in read_chains("default") for fault in read.breaks]


def test_the_first_code_switches_it_on_and_brings_ten_codes_for_paper(made: Cast) -> None:
    clerk = made["clerk"]
    secret = pyotp.random_base32()
    with pytest.raises(Incomplete):
        second_factor.enrol(clerk, secret=secret, code=wrong(secret), address=HERE)
    assert not second_factor.has_factor(clerk)
    codes = second_factor.enrol(clerk, secret=secret, code=shown(secret), address=HERE)
    assert len(set(codes)) == 10 and all(len(code) == 19 for code in codes)
    entry = AuditEntry.objects.get(act=Action.SET_FACTOR)
    assert entry.actor == clerk and entry.details["facts"] == {"recovery_codes": 10}
    told = entry.payload + entry.rows + entry.reason
    assert secret not in told and not any(code in told for code in codes)
    assert not RecoveryCode.objects.filter(digest__in=codes).exists(), "only digests are kept"
    assert record_holds()


def test_a_code_is_accepted_once_and_none_before_it(made: Cast) -> None:
    secret, _ = enrolled(made["clerk"])
    code = shown(secret)
    assert accepted(made["clerk"], code)
    assert not accepted(made["clerk"], code), "once"
    assert not accepted(made["clerk"], shown(secret, -1)), "the one before it is older"
    assert accepted(made["clerk"], shown(secret, 1)), "the next"


@pytest.mark.parametrize(("later", "good"), [(-3, False), (-2, False), (0, True), (1, True), (2, False)])
def test_the_clock_may_be_half_a_minute_off(made: Cast, later: int, good: bool) -> None:
    secret, _ = enrolled(made["clerk"])
    with clock.pretend(clock.now() + dt.timedelta(minutes=10)):
        assert accepted(made["clerk"], shown(secret, later)) is good


@pytest.mark.parametrize("typed", ["", "000", "abcdef", "１２３４５６", "\x00", "9" * 40, "码"])
def test_what_is_no_code_is_refused(made: Cast, typed: str) -> None:
    enrolled(made["clerk"])
    assert not accepted(made["clerk"], typed)


def test_paper_works_once_however_it_is_typed_and_only_for_its_owner(made: Cast) -> None:
    _, codes = enrolled(made["clerk"])
    enrolled(made["office"])
    assert not accepted(made["office"], codes[0])
    assert accepted(made["clerk"], f" {codes[0].lower().replace('-', ' ')} ")
    assert not accepted(made["clerk"], codes[0])
    assert accepted(made["clerk"], codes[1])
    entries = AuditEntry.objects.filter(act=Action.USE_RECOVERY_CODE).order_by("pk")
    assert [entry.details["facts"]["left"] for entry in entries] == [9, 8]
    assert record_holds()


def test_wrong_codes_wait_longer_each_time_and_are_counted(made: Cast) -> None:
    secret, codes = enrolled(made["clerk"])
    for _ in range(FREE_CODES):
        assert not accepted(made["clerk"], wrong(secret))
    with pytest.raises(Incomplete, match="次数太多"):
        second_factor.verify(made["clerk"], shown(secret), address=HERE)
    with pytest.raises(Incomplete, match="次数太多"):
        second_factor.verify(made["clerk"], codes[0], address="10.9.9.9")
    row = SignInAttempt.objects.get(user=made["clerk"], outcome=SignInOutcome.CODE)
    assert row.count == FREE_CODES and row.address == HERE
    with clock.pretend(clock.now() + dt.timedelta(seconds=3)):
        assert accepted(made["clerk"], shown(secret)), "two seconds are over"


def test_a_new_telephone_needs_a_code_of_the_old_one_and_new_paper(made: Cast) -> None:
    clerk = made["clerk"]
    old, codes = enrolled(clerk)
    new = pyotp.random_base32()
    with pytest.raises(Incomplete):
        second_factor.enrol(clerk, secret=new, code=shown(new), address=HERE, present=wrong(old))
    assert SecondFactor.objects.get(user=clerk).secret == old
    second_factor.enrol(clerk, secret=new, code=shown(new), address=HERE, present=codes[0])
    assert SecondFactor.objects.get(user=clerk).secret == new
    assert not accepted(clerk, codes[1]), "the old paper is void"
    assert record_holds()


def test_giving_it_up_needs_a_code_and_ends_the_paper(made: Cast, settings) -> None:
    clerk = made["clerk"]
    with pytest.raises(WrongState):
        second_factor.drop(clerk, code="000000", address=HERE)
    secret, _ = enrolled(clerk)
    with pytest.raises(Incomplete):
        second_factor.drop(clerk, code=wrong(secret), address=HERE)
    settings.REQUIRE_SECOND_FACTOR = frozenset({"clerk"})
    with pytest.raises(WrongState, match="岗位必须"):
        second_factor.drop(made["clerk"], code=shown(secret), address=HERE)
    settings.REQUIRE_SECOND_FACTOR = frozenset()
    second_factor.drop(made["clerk"], code=shown(secret), address=HERE)
    assert not second_factor.has_factor(clerk)
    assert not RecoveryCode.objects.filter(user=clerk).exists()
    assert AuditEntry.objects.filter(act=Action.DROP_FACTOR, actor=clerk).exists()
    assert record_holds()


# -- a lost one ----------------------------------------------------------------------------------------


def test_a_lost_one_goes_when_another_of_the_three_agrees(made: Cast) -> None:
    secret, _ = enrolled(made["clerk"])
    for who in ("office", "auditor", "clerk"):
        with pytest.raises(NotAllowed):
            duties.reset_factor(made["clerk"], by=made[who], reason="手机丢了")
    waiting = duties.reset_factor(made["clerk"], by=made["sysadmin"], reason="手机丢了")
    assert waiting and waiting.kind == DutyKind.FACTOR
    assert accepted(made["clerk"], shown(secret)), "until then it holds"
    with pytest.raises(Incomplete, match="已经提请"):
        duties.reset_factor(made["clerk"], by=made["sysadmin"], reason="再来一次")
    for who in ("sysadmin", "clerk"):
        with pytest.raises(NotAllowed):
            duties.confirm(waiting, by=made[who])
    round_before = made["clerk"].session_round
    duties.confirm(waiting, by=made["office"])
    assert not second_factor.has_factor(made["clerk"])
    assert made["clerk"].session_round == round_before + 1
    assert record_holds()


def test_a_reset_that_is_refused_leaves_the_factor_and_the_account(made: Cast) -> None:
    enrolled(made["clerk"])
    waiting = duties.reset_factor(made["clerk"], by=made["sysadmin"], reason="手机丢了")
    duties.refuse(waiting, by=made["auditor"], reason="没有丢")
    assert second_factor.has_factor(made["clerk"]) and made["clerk"].is_active
    assert not DutyRequest.objects.waiting().exists()


def test_where_duties_are_not_separated_a_reset_holds_at_once(made: Cast) -> None:
    duties.relax(made.county, by=None, reason="人手不够")
    enrolled(made["clerk"])
    assert duties.reset_factor(made["clerk"], by=made["sysadmin"], reason="手机丢了") is None
    assert not second_factor.has_factor(made["clerk"])
    assert AuditEntry.objects.get(act=Action.RESET_FACTOR).reason == "手机丢了"
    assert record_holds()


def test_whoever_has_none_has_none_to_lose(made: Cast) -> None:
    with pytest.raises(Incomplete, match="没有启用"):
        duties.reset_factor(made["clerk"], by=made["sysadmin"], reason="手机丢了")


def test_break_glass_lets_an_administrator_in_without_it(made: Cast) -> None:
    enrolled(made["sysadmin"])
    duties.break_glass(made["sysadmin"], unit=made.county, reason="手机和恢复码都丢了")
    assert not second_factor.has_factor(made["sysadmin"])
    assert record_holds()


def test_a_step_is_half_a_minute() -> None:
    assert pyotp.TOTP(pyotp.random_base32()).interval == STEP
