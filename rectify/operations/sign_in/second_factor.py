"""The second factor: enrolled with a first code, asked for at sign-in, replaced on paper, given up."""

from __future__ import annotations

import hashlib
import hmac

import pyotp
from django.conf import settings
from django.db import transaction

from rectify import clock, wording
from rectify.audit import chain
from rectify.choices import Action, SignInOutcome
from rectify.errors import Incomplete, WrongState
from rectify.models import RecoveryCode, SecondFactor, User
from rectify.operations import recording
from rectify.operations.sign_in import attempts
from rectify.operations.sign_in.sessions import end_sessions
from rectify.selectors.sign_in_limits import seconds_to_wait_for_code

STEP_SECONDS = 30
SKEW = 1  # steps that a telephone's clock may be ahead or behind
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16  # 80 bits: nobody tries them all, so that a plain digest keeps them
WRONG = "动态口令不对，或者已经用过。请看手机上现在显示的 6 位数字；手机时间要准。"
NOT_THERE = "这个账号没有启用动态口令。"


def enrol(user: User, *, secret: str, code: str, address: str, present: str = "") -> list[str]:
    """Switch the factor on, or to a new telephone, and return the recovery codes, shown this once.

    The first code proves that the telephone holds the secret; a factor that is on is replaced only with a
    code of its own.
    """
    step = _matching_step(secret, code)
    if step is None:
        raise Incomplete("6 位口令不对，没有启用。请核对手机时间，等数字换过以后再填。", field="code")
    if has_factor(user):
        verify(user, present, address=address, field="present")
    with transaction.atomic():
        chain.lock([None])
        recording.require(user, Action.SET_FACTOR, user)
        _delete(user)
        SecondFactor.objects.create(user=user, secret=secret, since=clock.now(), last_step=step)
        codes = [_new_code() for _ in range(RECOVERY_CODES)]
        for recovery in codes:
            RecoveryCode.objects.create(user=user, digest=_digest(user, recovery))
        end_sessions(user)
        _enter(user, user, Action.SET_FACTOR, {"recovery_codes": len(codes)})
        return codes


def verify(user: User, code: str, *, address: str, field: str = "code") -> None:
    """Accept a code of the telephone, or one from paper, once; raises Incomplete for any other."""
    if not _accepted(user, code, address):
        raise Incomplete(WRONG, field=field)


def drop(user: User, *, code: str, address: str) -> None:
    """Give the factor up, by the person, with a code."""
    if not has_factor(user):
        raise WrongState(f"{NOT_THERE}没有任何改动。")
    if is_required(user):
        raise WrongState("您的岗位必须使用动态口令，不能停用；换手机请重新绑定。没有任何改动。")
    verify(user, code, address=address)
    with transaction.atomic():
        chain.lock([None])
        recording.require(user, Action.DROP_FACTOR, user)
        forget(user)
        _enter(user, user, Action.DROP_FACTOR, {})


def has_factor(user: User) -> bool:
    """Whether signing in asks this person for a code."""
    return SecondFactor.objects.filter(user=user).exists()


def is_required(user: User) -> bool:
    """Whether a role of this person signs in with it only."""
    return user.has_role(*settings.REQUIRE_SECOND_FACTOR)


def forget(user: User) -> None:
    """Take factor and paper away. Inside an act that appends the entry."""
    _delete(user)
    end_sessions(user)


def _delete(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _accepted(user: User, code: str, address: str) -> bool:
    """One attempt at a time for one person: the row is locked while its limit is looked at."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None:
            raise WrongState(f"{NOT_THERE}请重新登录。")
        if wait := seconds_to_wait_for_code(user):
            raise Incomplete(f"连续输错动态口令的次数太多，请过 {int(wait) + 1} 秒再试。", field="code")
        step = _matching_step(factor.secret, code)
        if step is not None and step > factor.last_step:
            SecondFactor.objects.filter(pk=factor.pk).update(last_step=step)
            return True
        if _recovered(user, code):
            return True
        attempts.note(SignInOutcome.CODE, user=user, address=address)
        return False


def _recovered(user: User, code: str) -> bool:
    """Use one of the codes on paper up, if it is one."""
    row = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at__isnull=True).first()
    if row is None:
        return False
    chain.lock([None])
    row.used_at = clock.now()
    row.save(update_fields=["used_at"])
    left = RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()
    _enter(user, user, Action.USE_RECOVERY_CODE, {"left": left})
    return True


def _matching_step(secret: str, code: str) -> int | None:
    """The half minute the code belongs to, within the skew; None for a code of no such one."""
    code = _plain(code)
    if not code.isascii():
        return None
    now = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    steps = range(now - SKEW, now + SKEW + 1)
    matching = [step for step in steps if hmac.compare_digest(totp.at(step * STEP_SECONDS), code)]
    return matching[-1] if matching else None


def _new_code() -> str:
    """Four groups of four, of the letters and digits of base 32."""
    code = pyotp.random_base32()[:RECOVERY_LENGTH]
    return "-".join(wording.groups_of(code, 4))


def _digest(user: User, code: str) -> str:
    return hashlib.sha256(f"{user.pk} {_plain(code)}".encode()).hexdigest()


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()


def _enter(user: User, by: User, act: str, facts: dict[str, int]) -> None:
    label = f"账号 {user.username}"[:120]
    chain.append_entry(by=by, act=act, report=None, target=user, label=label, payload={"facts": facts})
