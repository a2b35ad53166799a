"""What an authenticator on a telephone would show."""

from __future__ import annotations

import pyotp

from rectify import clock
from rectify.models import SecondFactor, User
from rectify.operations.sign_in import second_factor

STEP = second_factor.STEP_SECONDS


def shown(secret: str, later: int = 0) -> str:
    """The code that the telephone shows now, or so many half minutes later."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + later * STEP)


def enrolled(user: User) -> tuple[str, list[str]]:
    """A person with a telephone: the secret and the codes on paper. The telephone's present code counts as
    one of the half minute before, so that the next is new."""
    secret = pyotp.random_base32()
    codes = second_factor.enrol(user, secret=secret, code=shown(secret, -1), address="10.1.1.5")
    return secret, codes


def wrong(secret: str) -> str:
    """Six digits that no half minute near now has."""
    near = {shown(secret, later) for later in range(-2, 3)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


def last_step(user: User) -> int:
    return SecondFactor.objects.get(user=user).last_step
