"""One-time passwords on slips of paper: told once, made anew for whoever has never signed in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password
from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action, DutyKind, Role
from rectify.errors import WrongState
from rectify.models import DutyRequest, Membership, User
from rectify.models.duties import is_strict
from rectify.operations import recording
from rectify.operations.staffing import duty_batches

# Without 0 O o 1 l I: they are read off paper.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
# A random password of 80 bits is not guessed however fast one tries; 200 slow hashes would take minutes.
ITERATIONS = 2_000
REASON = "首次口令没有送到本人，重发口令条"


@dataclass(frozen=True)
class Slip:
    """The one-time password of a new account, told once."""

    unit: str
    name: str
    username: str
    password: str
    roles: str


def one_time_password() -> str:
    """Abcd-Ef2h-Jk3m-Np: letters of both cases and a digit, so that no rule on passwords is broken."""
    while True:
        text = "".join(secrets.choice(ALPHABET) for _ in range(14))
        if any(map(str.isdigit, text)) and any(map(str.islower, text)) and any(map(str.isupper, text)):
            return "-".join(text[at : at + 4] for at in range(0, 14, 4))


def quickly_hashed(password: str) -> str:
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        return PBKDF2PasswordHasher.encode(hasher, password, hasher.salt(), iterations=ITERATIONS)
    return make_password(password)


def held(users: Iterable[User], *, by: User | None, kind: str) -> list[DutyRequest]:
    """What a second person must agree to before these sign in; nothing where no duty asks it, on the
    console, and for whom it waits already."""
    if by is None:
        return []
    mine = {user.pk: user for user in users}
    waiting = set(DutyRequest.objects.blocking().filter(user__in=mine).values_list("user_id", flat=True))
    posts = Membership.objects.filter(user__in=mine, active=True).select_related("unit").order_by("id")
    strict: dict[str, bool] = {}
    requests: dict[int, DutyRequest] = {}
    for post in posts:
        path = post.unit.path
        if path not in strict:
            strict[path] = is_strict(path)
        if strict[path] and post.user_id not in waiting:
            requests.setdefault(post.user_id, DutyRequest(kind=kind, unit=post.unit, user=mine[post.user_id]))
    return list(requests.values())


def never_signed_in(by: User) -> list[User]:
    """The accounts of this administrator whose first password nobody has used."""
    new = User.objects.administered_by(by).filter(
        is_active=True, must_change_password=True, last_login__isnull=True
    )
    return list(new.exclude(pk=by.pk).prefetch_related("memberships__unit").order_by("pk"))


def reissue(*, by: User) -> list[Slip]:
    """New one-time passwords for all of them; the old slips are void. One act, one entry."""
    with transaction.atomic():
        chain.lock([None])
        recording.require(by, Action.LOAD_ROSTER)
        users = never_signed_in(by)
        if not users:
            raise WrongState("没有还没登录过的新账号，不用重发口令条。")
        slips = [_renewed(user) for user in users]
        facts = {"accounts": [user.username for user in users]}
        chain.append_entry(
            by=by, act=Action.SET_PASSWORD, report=None, target=None, label=f"{len(users)} 个新账号",
            payload={"facts": facts}, reason=REASON,
        )  # fmt: skip
        duty_batches.ask_together(held(users, by=by, kind=DutyKind.PASSWORD), by=by, reason=REASON)
        return slips


def _renewed(user: User) -> Slip:
    password = one_time_password()
    user.password, user.password_set_at = quickly_hashed(password), clock.now()
    user.save(update_fields=["password", "password_set_at"])
    posts = [post for post in user.memberships.all() if post.active] or list(user.memberships.all())
    roles = "、".join(dict.fromkeys(str(Role(post.role).label) for post in posts))
    return Slip(posts[0].unit.name if posts else "", user.name, user.username, password, roles)
