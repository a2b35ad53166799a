"""The access matrix as data: one line for each named URL; test_access.py fails on a missing one.

To add a URL, add ONE line to URLS:

    "name": Row("thing", get=CODES, post=CODES, body=function),

thing   what the URL is about: a name that access_things.py makes for a place ("" when it has none);
        `extra` holds arguments before it, `after` names things that are arguments after it, `ask` names
        a thing given as a query parameter instead.
get     what a GET answers, by the role in which a person meets the thing: codes(default, role=code, ...).
        The default is for those who are outside: of another unit, another county, or without business.
post    the same for a POST with the valid body that `body(things)` makes; left out when it takes none.
        An answer below 400 must change the database and any other must change nothing.
never   persons whose role has no part in it: 403 wherever they meet it, before anything is looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rectify import clock
from tests import builders
from tests.intake.invented import written
from tests.views.access_things import FAR, old_sheet, roster_sheet, sheet

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
    after: tuple[str, ...] = ()
    ask: str = ""
    never: tuple[str, ...] = ()
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
WRITES_REPORT = OFFICE | {"sysadmin": 403, "auditor": 403}
AUDIT = codes(403, office=200, inspector=200, auditor=200)
NONE_YET = codes(403, office=404, inspector=404, auditor=404)
HEALTH = codes(403, office=200, inspector=200, sysadmin=200)
PURGES = codes(403, office=200, sysadmin=200)
SECOND = codes(404, office=302, sysadmin=302)
AGREE = codes(404, office=302, auditor=302, sysadmin=403)
NOT_THEIRS = {"other_office": 422}
UNDO = codes(404, office=302, leader=403, unit_head=302, clerk=302, inspector=403)
WRITER = codes(404, leader=200, office=403, unit_head=403, clerk=403, inspector=403)
LOOK = codes(404, office=200, inspector=200, leader=403, unit_head=403, clerk=403)
ADDRESSED = codes(404, office=403, inspector=403, unit_head=302, clerk=302)
PAPER = codes(404, office=200, inspector=200, unit_head=200, clerk=200)
ISSUED = codes(404, office=200, inspector=200, leader=403, unit_head=403, clerk=403)
READERS = codes(200, sysadmin=403)
CERTIFICATE = codes(404, office=200, inspector=200, leader=200, unit_head=200, clerk=200, auditor=200)
WHOLE = codes(404, office=200, inspector=200)
HOUSE = codes(403, office=200)
FILL = codes(403, office=200, unit_head=200, clerk=200)
FILL_OWN = codes(404, office=200, unit_head=200, clerk=200)
NOTHING_TYPED = codes(404, office=422, unit_head=422, clerk=422)  # cell by cell: problems/test_grid.py
NOTHING_SHOWN = codes(404, office=422)  # mended: operations/test_mending.py
PICKED = codes(422, office=200, unit_head=200, clerk=200)
MINE = codes(404, office=200)
ADMIN = codes(403, sysadmin=200)
OWN_ADMIN = codes(404, sysadmin=200)  # an upload is its uploader's alone
SIGNERS = codes(403, office=200, leader=200, unit_head=200)
# Whose role never does it.
NO_BUSINESS = ("sysadmin", "auditor")
NOT_FILLING = ("leader", "inspector", *NO_BUSINESS)
NOT_OFFICE = (*NOT_FILLING, "unit_head", "clerk", "stranger")
NO_ADMIN = ("office", "other_office", "leader", "unit_head", "clerk", "inspector", "auditor", "stranger")
LOOK_AFTER_NOBODY = ("leader", "unit_head", "clerk", "inspector", "auditor", "stranger")
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


def proving(things: dict[str, Any]) -> dict[str, Any]:
    return {"files": [builders.pdf()]}


def keeping(things: dict[str, Any]) -> dict[str, Any]:
    return {"draft_key": f"progress:{things['problem']}", "text": "写了一半"}


def relaxing(things: dict[str, Any]) -> dict[str, Any]:
    return {"unit": things["county"], "reason": "人手不够"}


def handing(things: dict[str, Any]) -> dict[str, Any]:
    return {"giver": things["giver"], "taker": things["taker"], "reason": "岗位调整"}


def regrouping(things: dict[str, Any]) -> dict[str, Any]:
    units = {"unit": things["small_unit"], "target": things["large_unit"]}
    return units | {"kind": "merge", "reason": "机构改革"}


def changing_password(things: dict[str, Any]) -> dict[str, Any]:
    new = "Huan-yi-ge-mi-ma-8"
    return {"old_password": "ce-shi-mi-ma-1", "new_password1": new, "new_password2": new}


def adding(things: dict[str, Any]) -> dict[str, Any]:
    return {"title": "新查出的问题", "source": "public", "kind": "at_once"}


def deciding(thing: str) -> Body:
    return lambda things: {"application": things[thing], "step": "review", "decision": "pass"}


def chasing(things: dict[str, Any]) -> dict[str, Any]:
    said = {"level": "normal", "reason": "请说明滞后原因", "reply_by": FAR.isoformat(), "to_units": "on"}
    return said | {"problems": [things["problem"]]}


def carrying(things: dict[str, Any]) -> dict[str, Any]:
    said = {"carry": "1", "target": "", "title": "下一年度整改台账", "reason": "结转"}
    return said | {"problems": [things["problem"]]}


def in_bulk(things: dict[str, Any]) -> dict[str, Any]:
    items = f"{things['problem']}:{things['problem_version']}"
    return {"items": items, "status": "mostly_done", "reason": "部署"}


def filling_one(things: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": things["problem_version"],
        "at": clock.now().isoformat(),
        "progress": "已部署",
        "kind": "限期整改",
        "was-kind": "限期整改",
    }


def bringing_roster(things: dict[str, Any]) -> dict[str, Any]:
    return {"file": sheet(roster_sheet(), "建账表.xlsx")}


def loading_roster(things: dict[str, Any]) -> dict[str, Any]:
    return {"digest": things["roster_digest"], "reason": "建账"}


def opening_ledger(things: dict[str, Any]) -> dict[str, Any]:
    return {"unit": things["county"], "year": "2031", "title": "2031年度整改台账"}


def standing_in(things: dict[str, Any]) -> dict[str, Any]:
    days = {"starts_on": clock.today().isoformat(), "ends_on": clock.today().isoformat()}
    return {"absent": things["head"], "substitute": things["taker"], "reason": "外出学习"} | days


def writing(things: dict[str, Any]) -> dict[str, Any]:
    return {"version": "1", "practices": "逐项明确责任，每月调度一次。"}


def forming(things: dict[str, Any]) -> dict[str, Any]:
    return {"name": "一页表", "order_number": "1", "order_problem": "2", "width_problem": "40"}


def delivering(things: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": things["delivery_version"],
        "robot": "wecom",
        "template": things["delivery_template"],
        "reason": "不发邮件",
    }


def returning(things: dict[str, Any]) -> dict[str, Any]:
    return {"file": sheet(things["copy"], "填好的.xlsx")}


def bringing_old(things: dict[str, Any]) -> dict[str, Any]:
    return {"file": sheet(old_sheet(), "旧台账.xlsx")}


def bringing_report(things: dict[str, Any]) -> dict[str, Any]:
    return {"file": sheet(written().encode(), "报告.txt"), "unit": things["county"], "year": 2032}


def looking_over(things: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": things["intake_version"],
        "unit": things["county"],
        "year": 2031,
        "title": "改过的名称",
    }


def loading(things: dict[str, Any]) -> dict[str, Any]:
    return {"version": things["intake_version"], "digest": things["intake_digest"]}


def dropping_piece(things: dict[str, Any]) -> dict[str, Any]:
    return {"version": things["intake_version"], "verb": "drop", "key": things["piece"]}


def renaming_piece(things: dict[str, Any]) -> dict[str, Any]:
    return {"version": things["intake_version"], "kind": "problem", "title": "换一个名称"}


def named(**names: str) -> Body:
    """Fields that say which thing."""
    return lambda things: {field: things[name] for field, name in names.items()}


def tying(things: dict[str, Any]) -> dict[str, Any]:
    """To a cause that the problem is not tied to."""
    return {"problem": things["problem"], "source": f"cause:{things['free']}"}


YES: Body = says(confirm="1")
REASON: Body = says(reason="测试")
TEXT: Body = versioned("problem", title="换一个题目")
STATUS: Body = versioned("problem", status="mostly_done")
WITHDRAW: Body = versioned("problem")
RESTORE: Body = versioned("withdrawn")
MEASURE: Body = versioned("measure", text="换一个写法", kind="now")
FINISH: Body = versioned("measure", result="已建成", files=[])
DROP: Body = versioned("measure")
RULE: Body = versioned("lasting", rule_name="管理办法", rule_number="无")
CLOSING: Body = versioned("ready", statement="全部完成。", kind="close")
LATER: Body = versioned("ready", new_date="2099-12-31", progress="完成一半")
SOONER: Body = versioned("ready", deadline="2098-06-30")
AGAIN: Body = versioned("closed")
LOOKED: Body = says(outcome="holds", finding="成效保持", done_on=clock.today().isoformat())
DECIDE: Body = deciding("in_review_application")
DECIDE_LATER: Body = deciding("extending_application")
DIGEST: Body = named(digest="upload_digest")
OLD_COLUMNS = ("number", "title", "lead_unit", "measure")
COLUMNS: Body = says(
    **{f"column-0-{number}": key for number, key in enumerate(OLD_COLUMNS, 1)},
    **{"read-0": "1", "title": "旧台账", "year": "2022"},
)
LEAD = codes(404, office=200, leader=403, unit_head=200, clerk=200, inspector=403)
KEEP = codes(404, office=200, leader=200, unit_head=200, clerk=200, inspector=200)
PROGRESS = codes(404, office=302, leader=302, unit_head=302, clerk=302, inspector=302)

# fmt: off
URLS: dict[str, Row] = {
    "home": Row(get=ALL),
    "dashboard": Row(get=ALL),
    "wall": Row(get=ALL),
    "wall_alone": Row(get=NO_GET, post=codes(302)),
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
    "saved_views": Row(get=ALL, post=codes(302), body=says(name="本期未报")),
    "saved_view": Row("saved_view", get=MINE, post=saved(MINE), body=says(name="换个名称", role="clerk")),
    "saved_view_drop": Row("saved_view", get=NO_GET, post=saved(MINE)),
    "bulk": Row(ask="pick", get=PICKED, post=PICKED, body=in_bulk, never=NOT_FILLING, changes=False),
    "bulk_apply": Row(ask="pick", get=codes(302), post=saved(PICKED), body=in_bulk, never=NOT_FILLING),
    "grid": Row(ask="report", get=FILL_OWN, post=NOTHING_TYPED, never=NOT_FILLING, changes=False),
    "grid_item": Row("problem", get=UNIT, post=saved(UNIT), body=filling_one),
    "bulk_done": Row("bulk_act", get=WHOLE, never=NO_BUSINESS),
    # close-out, extension, follow-up
    "close_out_apply": Row("ready", get=LEAD, post=saved(LEAD), body=CLOSING),
    "close_out_decide": Row("in_review", get=OFFICE, post=saved(OFFICE), body=DECIDE),
    "close_out_withdraw": Row("in_review", get=LEAD, post=saved(LEAD), body=REASON),
    "reopen": Row("closed", get=OFFICE, post=saved(OFFICE), body=AGAIN),
    "follow_up": Row("closed", get=LOOK, post=saved(LOOK), body=LOOKED),
    "extension_apply": Row("ready", get=LEAD, post=saved(LEAD), body=LATER),
    "extension_decide": Row("extending", get=OFFICE, post=saved(OFFICE), body=DECIDE_LATER),
    "extension_withdraw": Row("extending", get=LEAD, post=saved(LEAD), body=REASON),
    "deadline_correct": Row("ready", get=OFFICE, post=saved(OFFICE), body=SOONER),
    # measures
    "measure_add": Row("problem", get=UNIT, post=saved(UNIT), body=says(text="立一项", kind="now")),
    "measure_edit": Row("measure", get=UNIT, post=saved(UNIT), body=MEASURE),
    "measure_finish": Row("measure", get=UNIT, post=saved(UNIT), body=FINISH),
    "measure_rule": Row("lasting", get=UNIT, post=saved(UNIT), body=RULE),
    "measure_evidence": Row("measure", get=UNIT, post=saved(UNIT), body=proving),
    "measure_drop": Row("measure", get=UNIT, post=saved(UNIT), body=DROP),
    # progress, evidence, drafts
    "progress_add": Row("problem", get=PROGRESS, post=saved(UNIT), body=reporting),
    "note_correct": Row("note", get=UNIT, post=saved(UNIT), body=says(text="更正", reason="笔误")),
    "evidence": Row("evidence", get=READ),
    "evidence_preview": Row("evidence", get=READ),
    "evidence_page": Row("evidence", after=("first_page",), get=READ),
    "evidence_replace": Row("evidence", get=UNIT, post=saved(UNIT), body=proving),
    "drafts": Row(ask="problem", get=NO_GET, post=KEEP, body=keeping),
    "staging": Row(get=NO_GET, post=codes(403), changes=False),  # without the proof of a form
    # reports
    "reports": Row(get=ALL),
    "report": Row("report", get=READ),
    "report_next": Row("report", get=OFFICE),
    "report_new": Row(get=HOUSE, post=saved(HOUSE), body=opening_ledger, but=NOT_THEIRS),
    "part_add": Row("report", get=OFFICE, post=saved(OFFICE), body=says(kind="cause", title="抓得不紧")),
    "matrix": Row("report", get=READ, post=saved(OFFICE), body=tying),
    "problem_add": Row("report", get=OFFICE, post=saved(OFFICE), body=adding),
    "carry": Row("report", get=OFFICE, post=saved(OFFICE), body=carrying),
    "report_source": Row("report", get=READ),
    "report_source_file": Row("report", after=("edition",), get=WHOLE),
    # intake of a report
    "intake": Row(get=HOUSE, post=saved(HOUSE), body=bringing_report, but=NOT_THEIRS),
    "intake_draft": Row("intake", get=MINE, post=saved(MINE), body=looking_over),
    "intake_edit": Row("intake", get=NO_GET, post=saved(MINE), body=dropping_piece),
    "intake_load": Row("intake", get=MINE, post=saved(MINE), body=loading),
    "intake_drop": Row("intake", get=NO_GET, post=saved(MINE), body=loading),
    "intake_piece": Row("intake", after=("piece",), get=MINE, post=saved(MINE), body=renaming_piece),
    # ledger
    "ledger_choice": Row(get=NO_GET, post=codes(302), changes=False),  # all ledgers, as before
    "ledger": Row(ask="report", get=EXPORT),
    "ledger_export": Row(ask="report", get=EXPORT),
    "list_export": Row(ask="report", get=EXPORT, never=NO_BUSINESS),
    "documents": Row(ask="report", get=EXPORT, post=saved(WRITES_REPORT), body=writing, never=NO_BUSINESS),
    "submission": Row(
        ask="report", get=NO_GET, post=codes(404, office=200), body=named(report="report"), never=NOT_OFFICE
    ),
    "document_export": Row(ask="report", get=EXPORT, never=NO_BUSINESS),
    "own_forms": Row(ask="report", get=MINE, post=saved(MINE), body=forming, never=NOT_OFFICE),
    "own_form_drop": Row("own_form", get=NO_GET, post=saved(MINE), never=NOT_OFFICE),
    "ledger_working": Row(ask="report", get=FILL_OWN, never=NOT_FILLING),
    "ledger_import": Row(get=FILL, post=saved(FILL), body=returning, but=NOT_THEIRS),
    "ledger_preview": Row("upload", get=MINE, post=saved(MINE), body=DIGEST, never=NOT_FILLING),
    "ledger_refused": Row("upload", get=MINE, never=NOT_FILLING),
    "old_sheet": Row(get=HOUSE, post=saved(HOUSE), body=bringing_old),
    "old_mapping": Row("old_upload", get=MINE, post=saved(MINE), body=COLUMNS, never=NOT_OFFICE),
    "old_preview": Row("old_upload", get=MINE, post=saved(MINE), never=NOT_OFFICE),
    "import_batch": Row("batch", get=WHOLE, never=NO_BUSINESS),
    "issued": Row(get=READERS),
    "issue_ledger": Row(
        ask="report", get=NO_GET, post=codes(404, office=302), body=named(report="report"), never=NOT_OFFICE
    ),
    "download_issued": Row("issued", get=ISSUED, never=NO_BUSINESS),
    "certificate": Row("issued", get=CERTIFICATE, never=("sysadmin",)),
    "verify_offline": Row(extra=("page",), get=READERS),
    "ledger_verify": Row(get=READERS, post=READERS, body=named(code="code"), changes=False),
    "ledger_compare": Row(ask="report", get=EXPORT),
    "ledger_compare_file": Row(ask="report", get=EXPORT),
    "ledger_pack": Row(ask="report", get=EXPORT),
    "ledger_pack_file": Row(ask="report", get=EXPORT),
    # chasing
    "supervisions": Row(get=ALL),
    "supervision_issue": Row(get=HOUSE, post=saved(HOUSE), body=chasing, but=NOT_THEIRS),
    "chase_unreported": Row("report", get=NO_GET, post=saved(OFFICE)),
    "urge": Row("problem", get=NO_GET, post=saved(OFFICE)),
    "supervision": Row("paper", get=PAPER),
    "supervision_acknowledge": Row("addressee", get=NO_GET, post=ADDRESSED),
    "supervision_reply": Row("signed", get=saved(PAPER), post=ADDRESSED, body=says(text="已办结")),
    "supervise": Row("problem", get=OFFICE, post=saved(OFFICE), body=chasing),
    "instruct": Row("problem", get=WRITER, post=saved(WRITER), body=says(text="请抓紧")),
    "instruction_acknowledge": Row("instruction", get=NO_GET, post=UNDO),
    # messages
    "notices": Row(get=ALL),
    "calendar": Row(get=ALL, post=ALL),
    "calendar_feed": Row(get=codes(404), free=True),
    "notices_read": Row(get=NO_GET, post=codes(302)),
    "notice_count": Row(get=ALL),
    # how messages leave
    "delivery": Row("report", get=OFFICE, post=saved(OFFICE), body=delivering),
    "delivery_test": Row("report", get=NO_GET, post=saved(OFFICE)),
    "delivery_again": Row("report", get=NO_GET, post=saved(OFFICE)),
    # accounts
    "login": Row(get=codes(302), post=codes(302), free=True, changes=False),
    "sign_in_code": Row(get=codes(302), post=codes(302), free=True, changes=False),
    "second_factor": Row(get=ALL, post=codes(302), body=says(code="000000"), changes=False),
    "second_factor_drop": Row(get=NO_GET, post=codes(409), body=says(code="000000")),
    "factor_reset": Row(
        get=codes(403, sysadmin=200), post=codes(403, sysadmin=422), body=named(user="taker"), changes=False
    ),
    "logout": Row(get=NO_GET, post=codes(302), free=True),
    "password_change": Row(get=ALL, post=codes(302), body=changing_password),
    # people
    "people": Row(get=codes(403, office=200, sysadmin=200)),
    "person": Row("clerk", get=codes(404, office=200, sysadmin=200), never=LOOK_AFTER_NOBODY),
    "hand_over": Row(get=codes(403, office=200), post=codes(403, office=302), body=handing, but=NOT_THEIRS),
    "unit_tree": Row(
        get=codes(403, office=200), post=codes(403, office=302), body=regrouping, but=NOT_THEIRS
    ),
    "stand_ins": Row(get=SIGNERS, post=saved(SIGNERS), body=standing_in, but=NOT_THEIRS | {"leader": 422}),
    "stand_in_end": Row("stand_in", get=NO_GET, post=codes(404, office=302, unit_head=302, clerk=403)),
    # purges
    "duties": Row(
        get=codes(403, office=200, sysadmin=200, auditor=200, inspector=200),
        post=codes(403, office=302, sysadmin=302, auditor=302),
        body=relaxing,
        but=NOT_THEIRS,
    ),
    "duty_confirm": Row("duty", get=NO_GET, post=AGREE),
    "duty_refuse": Row("duty", get=NO_GET, post=AGREE, body=REASON),
    "duty_confirm_all": Row("duty", get=NO_GET, post=AGREE),
    "duty_refuse_all": Row("duty", get=NO_GET, post=AGREE, body=REASON),
    "roster": Row(get=ADMIN, post=saved(ADMIN), body=bringing_roster),
    "roster_slips": Row(get=NO_GET, post=codes(403, sysadmin=409)),
    "roster_template": Row(get=ADMIN),
    "roster_preview": Row(
        "roster_upload", get=OWN_ADMIN, post=saved(OWN_ADMIN), body=loading_roster, never=NO_ADMIN
    ),
    "purges": Row(get=PURGES),
    "purge_request": Row("note", extra=PURGE_NOTE, get=OFFICE, post=saved(OFFICE), body=REASON),
    "purge_confirm": Row("purge", get=NO_GET, post=SECOND),
    "purge_refuse": Row("purge", get=NO_GET, post=SECOND, body=REASON),
    # audit
    "audit": Row(get=AUDIT),
    "sign_ins": Row(get=codes(403, auditor=200)),
    "verification": Row(get=AUDIT),
    "verification_file": Row(get=NONE_YET),
    "anchor_file": Row(get=AUDIT),
    # health check
    "health": Row(get=HEALTH),
    "health_mend": Row("report", get=MINE, post=NOTHING_SHOWN, never=NOT_OFFICE, changes=False),
    # the house
    "help": Row(get=ALL, free=True),
    "clerk_guide": Row(get=ALL, free=True),
    "healthz": Row(get=ALL, free=True),
    "readyz": Row(get=ALL, free=True),
}
# fmt: on

# -- who meets what, how -------------------------------------------------------------------------------

# Own: the bureau's problem. Other: another bureau's problem on the same ledger. Foreign: another county's.
PLACES = ("own", "other", "foreign")
# In groups that meet one world each.
GROUPS = (
    ("office", "leader", "unit_head"),
    ("clerk", "inspector", "sysadmin"),
    ("auditor", "stranger", "other_office"),
)
CAST = tuple(person for group in GROUPS for person in group)
EVERYWHERE = {"inspector": "inspector", "sysadmin": "sysadmin", "auditor": "auditor"}
MEETS: dict[str, dict[str, str]] = {
    "own": EVERYWHERE | {role: role for role in ("office", "leader", "unit_head", "clerk")},
    "other": EVERYWHERE | {"office": "office", "stranger": "clerk"},
    "foreign": EVERYWHERE | {"other_office": "office"},
}
# A ledger is seen by everybody who has a problem on it, whichever it is; so is what was filed of it.
LEDGER = MEETS["own"] | {"stranger": "clerk"}
OF_LEDGER = ("report", "issued")
# What is uploaded is the uploader's own.
PERSONAL = ("upload", "old_upload", "intake")
UPLOADER = {"own": "office", "other": "office", "foreign": "other_office"}
# A page about nothing in particular is met in one's own role.
AT_HOME = {role: role for role in ROLES} | {"stranger": "clerk", "other_office": "office"}


def meets(person: str, row: Row, place: str) -> str:
    """In which role this person of the cast meets the row's thing at this place."""
    about = row.thing or row.ask
    if not about:
        return AT_HOME[person]
    if about == "roster_upload":  # of the one administrator, wherever
        return AT_HOME[person]
    if about in PERSONAL:
        return "office" if person == UPLOADER[place] else "outside"
    if about == "duty" and person == "inspector":
        return "outside"
    if about in ("purge", "duty", "clerk") and place == "foreign" and person == "sysadmin":
        return "outside"  # the administration ends at the county
    if about in ("duty", "issued") and place == "foreign" and person == "auditor":
        return "outside"  # and so does the audit
    by_place = LEDGER if about in OF_LEDGER and place != "foreign" else MEETS[place]
    return by_place.get(person, "outside")


def expected(person: str, row: Row, place: str, method: str) -> int:
    """The code that this person is answered with there."""
    asked = row.get if method == "get" else row.post
    assert asked is not None
    role = meets(person, row, place)
    if asked[role] == 405:
        return 405
    if person in row.never:
        return 403
    return row.but.get(person, asked[role]) if method == "post" else asked[role]
