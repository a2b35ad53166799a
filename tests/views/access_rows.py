"""The access matrix as data: one line for each named URL; test_access.py fails on a missing one.

To add a URL, add ONE line to URLS:

    "name": Row("thing", get=CODES, post=CODES, body=function),

thing   what the URL's last argument is: a name that `things()` makes for a place ("" when it has none);
        `extra` holds arguments before it, `ask` names a thing given as a query parameter instead.
get     what a GET answers, by the role in which a person meets the thing: codes(default, role=code, ...).
        The default is for those who are outside: of another unit, another county, or without business.
post    the same for a POST with the valid body that `body(things)` makes; left out when it takes none.
        An answer below 400 must change the database and any other must change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests import builders

# How a person may meet a thing. "outside" is everybody who has nothing to do with it.
ROLES = ("office", "leader", "unit_head", "clerk", "inspector", "sysadmin", "auditor", "outside")
Codes = dict[str, int]
Body = Callable[[dict[str, Any]], dict[str, Any]]


def codes(default: int, **exceptions: int) -> Codes:
    assert set(exceptions) <= set(ROLES)
    return dict.fromkeys(ROLES, default) | exceptions


def saved(asked: Codes, code: int = 302) -> Codes:
    """Whoever gets the form may send it, and is led on."""
    return {role: code if answer == 200 else answer for role, answer in asked.items()}


def nothing(things: dict[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    thing: str = ""
    get: Codes | None = None
    post: Codes | None = None
    body: Body = nothing
    extra: tuple[str, ...] = ()
    ask: str = ""
    but: dict[str, int] = field(default_factory=dict)  # persons of the cast whose POST answers otherwise
    free: bool = False  # open to those who are not signed in
    changes: bool = True  # an accepted POST changes the database


# 404: may not see it. 403: sees it, may not do it. 405: only takes a POST.
ALL = codes(200)
READ = codes(404, office=200, leader=200, unit_head=200, clerk=200, inspector=200)
OFFICE = codes(404, office=200, leader=403, unit_head=403, clerk=403, inspector=403)
UNIT = codes(404, office=200, leader=403, unit_head=200, clerk=200, inspector=403)
NO_GET = codes(405)
EXPORT = READ | {"sysadmin": 403, "auditor": 403}
AUDIT = codes(403, office=200, inspector=200, auditor=200)
HEALTH = codes(403, office=200, inspector=200, sysadmin=200)
PURGES = codes(403, office=200, sysadmin=200, auditor=200)
SECOND = codes(404, office=302, sysadmin=302, auditor=403)
NOT_THEIRS = {"other_office": 422}
PURGE_NOTE = ("progressnote",)
DIRECTION = ("direction",)


def says(**fields: Any) -> Body:
    return lambda things: dict(fields)


def versioned(thing: str, **fields: Any) -> Body:
    return lambda things: {"version": things[f"{thing}_version"], "reason": "测试"} | fields


def assigning(things: dict[str, Any]) -> dict[str, Any]:
    return versioned("problem", lead_unit=things["unit"], kind="by_date", deadline="2098年1月1日")(things)


def reporting(things: dict[str, Any]) -> dict[str, Any]:
    return {"text": "已印发", "percent": "30", "files": [builders.pdf()]}


def keeping(things: dict[str, Any]) -> dict[str, Any]:
    return {"draft_key": f"progress:{things['problem']}", "text": "写了一半"}


def handing(things: dict[str, Any]) -> dict[str, Any]:
    return {"giver": things["giver"], "taker": things["taker"], "reason": "岗位调整"}


def changing_password(things: dict[str, Any]) -> dict[str, Any]:
    new = "huan-yi-ge-mi-ma"
    return {"old_password": "ce-shi-mi-ma-1", "new_password1": new, "new_password2": new}


def adding(things: dict[str, Any]) -> dict[str, Any]:
    return {"title": "新查出的问题", "source": "public", "kind": "at_once"}


def tying(things: dict[str, Any]) -> dict[str, Any]:
    """To a cause that the problem is not tied to."""
    return {"problem": things["problem"], "source": f"cause:{things['free']}"}


YES: Body = says(confirm="1")
REASON: Body = says(reason="测试")
TEXT: Body = versioned("problem", title="换一个题目")
STATUS: Body = versioned("problem", status="in_progress")
WITHDRAW: Body = versioned("problem")
RESTORE: Body = versioned("withdrawn")
MEASURE: Body = versioned("measure", text="换一个写法", kind="now")
FINISH: Body = versioned("measure", result="已建成", files=[])
DROP: Body = versioned("measure")
LEAD = codes(404, office=200, leader=403, unit_head=200, clerk=200, inspector=403)
KEEP = codes(404, office=200, leader=200, unit_head=200, clerk=200, inspector=200)
PROGRESS = codes(404, office=302, leader=302, unit_head=302, clerk=302, inspector=302)

# fmt: off
URLS: dict[str, Row] = {
    "home": Row(get=ALL),
    "dashboard": Row(get=ALL),
    "briefing": Row(get=ALL),
    # problems
    "problems": Row(get=ALL),
    "problem": Row("problem", get=READ),
    "assign": Row("problem", get=OFFICE, post=saved(OFFICE), body=assigning),
    "problem_edit": Row("problem", get=OFFICE, post=saved(OFFICE), body=TEXT),
    "problem_status": Row("problem", get=LEAD, post=saved(LEAD), body=STATUS),
    "withdraw": Row("problem", get=OFFICE, post=saved(OFFICE), body=WITHDRAW),
    "restore": Row("withdrawn", get=OFFICE, post=saved(OFFICE), body=RESTORE),
    "link_decide": Row("direction", extra=DIRECTION, get=NO_GET, post=saved(OFFICE), body=YES),
    # measures
    "measure_add": Row("problem", get=UNIT, post=saved(UNIT), body=says(text="立一项", kind="now")),
    "measure_edit": Row("measure", get=UNIT, post=saved(UNIT), body=MEASURE),
    "measure_finish": Row("measure", get=UNIT, post=saved(UNIT), body=FINISH),
    "measure_drop": Row("measure", get=UNIT, post=saved(UNIT), body=DROP),
    # progress, evidence, drafts
    "progress_add": Row("problem", get=PROGRESS, post=saved(UNIT), body=reporting),
    "note_correct": Row("note", get=UNIT, post=saved(UNIT), body=says(text="更正", reason="笔误")),
    "evidence": Row("evidence", get=READ),
    "drafts": Row(ask="problem", get=NO_GET, post=KEEP, body=keeping),
    # reports
    "reports": Row(get=ALL),
    "report": Row("report", get=READ),
    "matrix": Row("report", get=READ, post=saved(OFFICE), body=tying),
    "problem_add": Row("report", get=OFFICE, post=saved(OFFICE), body=adding),
    # ledger
    "ledger": Row(ask="report", get=EXPORT),
    "ledger_export": Row(ask="report", get=EXPORT),
    # accounts
    "login": Row(get=codes(302), post=codes(302), free=True, changes=False),
    "logout": Row(get=NO_GET, post=codes(302), free=True),
    "password_change": Row(get=ALL, post=codes(302), body=changing_password),
    # people
    "hand_over": Row(get=codes(403, office=200), post=codes(403, office=302), body=handing, but=NOT_THEIRS),
    # purges
    "purges": Row(get=PURGES),
    "purge_request": Row("note", extra=PURGE_NOTE, get=OFFICE, post=saved(OFFICE), body=REASON),
    "purge_confirm": Row("purge", get=NO_GET, post=SECOND),
    "purge_refuse": Row("purge", get=NO_GET, post=SECOND, body=REASON),
    # audit
    "audit": Row(get=AUDIT),
    # health check
    "health": Row(get=HEALTH),
    # the house
    "help": Row(get=ALL, free=True),
    "healthz": Row(get=ALL, free=True),
}
# fmt: on

# -- who meets what, how -------------------------------------------------------------------------------

# Own: the bureau's problem. Other: another bureau's problem on the same ledger. Foreign: another county's.
PLACES = ("own", "other", "foreign")
CAST = (
    "office",
    "leader",
    "unit_head",
    "clerk",
    "inspector",
    "sysadmin",
    "auditor",
    "stranger",
    "other_office",
)
EVERYWHERE = {"inspector": "inspector", "sysadmin": "sysadmin", "auditor": "auditor"}
MEETS: dict[str, dict[str, str]] = {
    "own": EVERYWHERE | {role: role for role in ("office", "leader", "unit_head", "clerk")},
    "other": EVERYWHERE | {"office": "office", "stranger": "clerk"},
    "foreign": EVERYWHERE | {"other_office": "office"},
}
# A ledger is seen by everybody who has a problem on it, whichever it is.
LEDGER = MEETS["own"] | {"stranger": "clerk"}
# A page about nothing in particular is met in one's own role.
AT_HOME = {role: role for role in ROLES} | {"stranger": "clerk", "other_office": "office"}


def meets(person: str, row: Row, place: str) -> str:
    """In which role this person of the cast meets the row's thing at this place."""
    about = row.thing or row.ask
    if not about:
        return AT_HOME[person]
    by_place = LEDGER if about == "report" and place != "foreign" else MEETS[place]
    return by_place.get(person, "outside")
