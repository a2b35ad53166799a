"""What each registered model of the administration takes and who may open it: one line a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from rectify.models import (
    AllowedHost,
    Aspect,
    Holiday,
    ImprovementDirection,
    Leader,
    LedgerSettings,
    Manifestation,
    Membership,
    Report,
    RootCause,
    Unit,
    User,
)
from tests.builders import Cast


@dataclass(frozen=True)
class Kept:
    """One model of the administration. `valid` makes the form's whole input; `wrong` names bad values."""

    model: type[Model]
    who: str
    adds: bool
    valid: Callable[[Cast], dict[str, Any]]
    wrong: tuple[tuple[str, str], ...]
    act: str
    adding_act: str = ""

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)


LONG = "长" * 1200
HUGE = "9" * 30
NUL = "空\x00字"
SETTINGS = {
    "due_soon_days": "20",
    "period": "weekly",
    "cutoff_day": "5",
    "grace_days": "2",
    "day_count": "working",
    "remind_days": "5",
    "repeat_days": "3",
    "suggest_days": "20",
    "review_path": "confirm,review,sign",
    "max_extensions": "2",
    "follow_up_months": "3,6",
    "standing_months": "6",
    "ledger_title": "整改台账",
    "body_font": "仿宋",
    "header_font": "黑体",
    "contact_phone": "0000-1234",
}
TEXTS = (("title", ""), ("title", " "), ("title", LONG), ("title", NUL))
PASSWORDS = (("new_password", "short"), ("new_password", "12345678901"), ("new_password", NUL))
POST_IDS = (("unit", ""), ("unit", "0"), ("unit", "-1"), ("unit", "x"), ("unit", HUGE), ("unit", NUL))

NUMBERS = (
    *(("due_soon_days", value) for value in ("-1", "366", HUGE, "x", "")),
    *(("cutoff_day", value) for value in ("0", "32", "")),
    *(("period", value) for value in ("never", "")),
    ("grace_days", "32"),
    ("ledger_title", LONG),
    ("body_font", ""),
    ("contact_phone", NUL),
)
RANKS = (*(("rank", value) for value in ("x", "-1", HUGE, "")), ("user", "x"), ("user", HUGE))
DAYS = tuple(("day", value) for value in ("", "x", "2027-02-30", "0000-01-01", HUGE, NUL))
ACCOUNT = {
    "username": "new_clerk",
    "name": "新经办人",
    "phone": "0000-1",
    "is_active": "on",
    "new_password": "chu-shi-mi-ma-1",
}


def names(field: str) -> tuple[tuple[str, str], ...]:
    return tuple((field, value) for value in ("", LONG, NUL))


def unit(made: Cast) -> dict[str, Any]:
    return {"name": "新设的局", "short": "新局", "active": "on", "parent": made.county.pk}


def leader(made: Cast) -> dict[str, Any]:
    return {"post": "县委书记", "unit": made.county.pk, "user": "", "rank": "1", "active": "on"}


def membership(made: Cast) -> dict[str, Any]:
    return {"user": made["stranger"].pk, "unit": made.bureau.pk, "role": "clerk", "active": "on"}


# fmt: off
KEPT = (
    Kept(Report, "office", False, lambda c: {"title": "改过的报告", "meeting": "民主生活会"},
         (*TEXTS, ("meeting", LONG), ("meeting", NUL)), "edit_report"),
    Kept(Aspect, "office", False, lambda c: {"title": "改过的方面", "short": "方面"},
         (*TEXTS, ("short", LONG)), "edit_report"),
    Kept(RootCause, "office", False, lambda c: {"title": "改过的根源", "text": "展开说"},
         (*TEXTS, ("text", NUL)), "edit_report"),
    Kept(ImprovementDirection, "office", False, lambda c: {"title": "改过的方向", "covers_all": "on"},
         (*TEXTS, ("text", NUL)), "edit_report"),
    Kept(Manifestation, "office", False, lambda c: {"text": "改过的表现"},
         (("text", ""), ("text", NUL)), "edit_report"),
    Kept(LedgerSettings, "office", False, lambda c: dict(SETTINGS), NUMBERS, "edit_settings"),
    Kept(Unit, "sysadmin", True, unit, (*names("name"), ("short", LONG)), "edit_reference"),
    Kept(Leader, "sysadmin", True, leader, (*names("post"), *RANKS, *POST_IDS), "edit_reference"),
    Kept(Membership, "sysadmin", True, membership,
         (("role", "king"), ("role", ""), ("user", ""), ("user", HUGE), *POST_IDS), "edit_account"),
    Kept(Holiday, "sysadmin", True, lambda c: {"day": "2027-01-01", "name": "元旦"},
         (*DAYS, *names("name")), "edit_reference"),
    Kept(AllowedHost, "sysadmin", True, lambda c: {"host": "robot.example.gov.cn", "active": "on"},
         (*names("host"), ("host", "http://robot.example.gov.cn/x")), "edit_reference"),
    Kept(User, "sysadmin", True, lambda c: ACCOUNT | {"unit": c.bureau.pk, "role": "clerk"},
         (*names("username"), ("username", "有 空格"), ("username", "office"), *names("name"),
          ("phone", LONG), *PASSWORDS), "edit_account", "add_account"),
)
# fmt: on
