"""Wrong values for every field of every form: what must be refused, and what may only not be an accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.views.access_things import sheet

DATES = (
    "2026-02-30",
    "2026-13-01",
    "明天",
    "0001-01-01",
    "9999-12-31",
    "20261231",
    "-1",
    "1e3",
    "2026-1-1x",
    "９９",
)
IDS = ("0", "-1", "x", "1.5", "²", "9" * 19, "9" * 400, "1 OR 1=1", "\x00", "None", "1,2")
NUMBERS = ("-1", "x", "1.5", "²", "9" * 5000, "\x00", "1e9", "NaN", "")
LONG = "长" * 20_001
# What cleaning leaves of these is nothing, so that a required text is missing.
BLANK = ("", "  ", "\r\n\t", "\x00", "\x07\x1f", "\u2028")
# The forms of the matrix share their fields with those above: of each kind of value the worst.
FORGED = ("0", "-1", "²", "9" * 19, "9" * 400, "\x00", "1,2")
NO_DAY = ("2026-02-30", "0001-01-01", "9999-12-31", "1e3", "９９")
NO_NUMBER = ("-1", "1.5", "²", "9" * 5000, "\x00", "")
EMPTY = ("", "\x00", "\u2028")
Values = tuple[str | Callable[[], Any], ...]
Fields = dict[str, Values]


@dataclass(frozen=True)
class Wrong:
    """One form of the access matrix, by the name of its URL; the rest of its body is the valid one.

    fields  values of which each is refused with one of `codes`, in words, and nothing changes
    odd     values that may be taken or refused, but never end in an accident
    stale   the field with the version, and one that is not the newest
    many    each submit is an act of its own, so that a second one is no mistake
    """

    name: str
    fields: Fields = field(default_factory=dict)
    odd: Fields = field(default_factory=dict)
    who: str = "office"
    codes: tuple[int, ...] = (422,)
    stale: tuple[str, str] | None = ("version", "99")
    many: bool = False


unversioned = partial(Wrong, stale=None)
VERSION: Fields = {"version": NO_NUMBER}
REASON: Fields = {"reason": (*EMPTY, LONG)}
CHOICE = ("", "x", "\x00", LONG)
DAYS = (*NO_DAY, "")
DECIDING: Fields = {
    "decision": CHOICE,
    "application": tuple(value for value in FORGED if value != "0"),
    "comment": (LONG,),
    "step": ("", "x" * 11),
}
DECIDED_ODD: Fields = {
    "step": ("confirm", "sign", "x", "\x00", "return"),
    "application": ("0", "1", "999999"),
}
CHASING: Fields = REASON | {"level": CHOICE, "reply_by": (*DAYS, "2020-01-01"), "problems": (*FORGED, "")}
IN_BULK: Fields = REASON | {
    "items": ("", "x", "1", "1:", "1:x", "²:1", "1:-1", "9" * 19 + ":1", "\x00", "1:1,,", LONG, "0:0"),
    "kind": ("x", "\x00"),
    "status": ("x", "closed", "standing", ""),
    "deadline": NO_DAY,
    **dict.fromkeys(("leader", "lead_unit", "clerk"), FORGED),
}
FILES: Values = (
    "",
    "x",
    partial(sheet, b""),
    partial(sheet, b"x"),
    partial(sheet, b"PK\x03\x04"),
    partial(sheet, "序号,存在问题".encode("gbk"), "台账.csv"),
    partial(sheet, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "台账.xls"),
)
REPORT_FILES: Values = (
    *FILES[:5],
    partial(sheet, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "报告.doc"),
    partial(sheet, b"\x00\xff\xfe" * 30, "报告.txt"),
    partial(sheet, "没有任何条目".encode(), "报告.txt"),
)
YEARS = (*NO_NUMBER, "1989", "2101", "２０３１年")
KEYS = ("p99999", "\x00", LONG)
PIECES: Fields = VERSION | {"kind": CHOICE, "title": (*EMPTY, LONG), "text": (LONG,), "aspect": FORGED}
# What each button of the preview reads besides the version, with nonsense in every part of it.
VERBS = (
    *("merge", "split", "drop", "restore", "add", "aspect", "aspect_drop", "link", "tie", "fill"),
    *("include", "carry", "apart", "target"),
)
PARTS = ("key", "at", "problem", "other", "title", "kind", "target", "carry", "aspect", "all-0", "gap-0")

FORMS: dict[str, tuple[Wrong, ...]] = {
    "procedures": (
        Wrong("close_out_apply", VERSION | {"statement": (*EMPTY, LONG), "kind": (*CHOICE, "standing")}),
        unversioned("close_out_decide", DECIDING, DECIDED_ODD),
        unversioned("close_out_withdraw", REASON),
        Wrong("reopen", VERSION | REASON | {"deadline": (*NO_DAY, "2020-01-01", "2101-01-01")}),
        unversioned(
            "follow_up",
            {
                "outcome": CHOICE,
                "finding": (*EMPTY, LONG),
                "done_on": (*DAYS, "2099-01-01"),
                "deadline": NO_DAY,
            },
            {"deadline": ("2020-01-01",)},
        ),
        Wrong(
            "extension_apply",
            VERSION | REASON | {"new_date": (*DAYS, "2020-01-01", "2099-06-30"), "progress": (*EMPTY, LONG)},
        ),
        unversioned("extension_decide", DECIDING, DECIDED_ODD),
        unversioned("extension_withdraw", REASON),
        Wrong(
            "deadline_correct",
            VERSION | REASON | {"deadline": DAYS, "deadline_text": (LONG,)},
            {"deadline": ("2020-01-01", "2100-12-31")},
        ),
        Wrong("measure_rule", VERSION | dict.fromkeys(("rule_name", "rule_number"), (*EMPTY, LONG))),
        unversioned(
            "carry",
            REASON | {"target": FORGED, "problems": (*FORGED, ""), "title": (LONG,)},
            {"title": EMPTY},
        ),
        unversioned("bulk", IN_BULK),
        Wrong(
            "bulk_apply",
            REASON | {"items": ("", "x", "0:0"), "leader": FORGED},
            stale=("items", "{problem}:99"),
        ),
    ),
    "chasing": (
        unversioned("supervision_issue", CHASING, {"to_units": ("",)}),
        unversioned("supervise", REASON | {"problems": FORGED}),
        unversioned("chase_unreported", odd={"token": ("", LONG, "\x00")}),
        unversioned("supervision_acknowledge", who="clerk", odd={"x": ("x",)}),
        unversioned("supervision_reply", {"text": (*EMPTY, LONG)}, who="clerk"),
        unversioned("instruct", {"text": (*EMPTY, LONG)}, who="leader"),
        unversioned("instruction_acknowledge", who="clerk"),
        unversioned("notices_read", odd={"notice": FORGED}),
        Wrong("delivery", VERSION | REASON | {"template": (*EMPTY, LONG, "{", "x"), "webhook_url": (LONG,)}),
        unversioned("delivery_test", many=True),
        unversioned(
            "stand_ins",
            REASON
            | dict.fromkeys(("absent", "substitute"), (*FORGED, ""))
            | {"starts_on": (*DAYS, "2098-01-01"), "ends_on": (*DAYS, "2020-01-01", "2099-01-01")},
        ),
        unversioned("stand_in_end"),
    ),
    "sheets": (
        unversioned("ledger_import", {"file": FILES}, many=True),
        unversioned("ledger_preview", {"digest": ("", "x", "\x00", LONG)}, codes=(409,)),
        unversioned("old_sheet", {"file": FILES}, many=True),
        unversioned(
            "old_mapping",
            odd=dict.fromkeys(
                ("sheet", "header", "title", "year", "unit", "column-1", "column-999"), (*FORGED, LONG)
            ),
        ),
        unversioned("old_preview", odd=dict.fromkeys(("unit-0", "leader-0", "unit-99"), (*FORGED, LONG))),
        unversioned(
            "issue_ledger",
            {"report": FORGED, "as_of": (*NO_DAY, "2020-01-01"), "columns": ("x", "\x00")},
            {"q": ("\x00", LONG), "unit": FORGED, "token": ("", LONG, "\x00")},
            codes=(400, 404),
        ),
        unversioned(
            "ledger_verify",
            {"code": (*EMPTY, LONG)},
            {"code": ("x", "AAAA-AAAA-AAAA", "²²²²-²²²²", "0" * 40), "file": FILES},
        ),
    ),
    "intake": (
        unversioned(
            "intake",
            {
                "file": REPORT_FILES,
                "unit": (*FORGED, ""),
                "year": YEARS,
                **dict.fromkeys(("title", "meeting"), (LONG,)),
            },
        ),
        Wrong(
            "intake_draft",
            VERSION | {"unit": (*FORGED, ""), "year": YEARS, "title": (*EMPTY, LONG), "meeting": (LONG,)},
        ),
        Wrong("intake_edit", VERSION | {"verb": CHOICE, "key": KEYS}),
        Wrong("intake_piece", PIECES | {"manifestations": (LONG,)}, {"covers": ("x", "\x00")}),
        Wrong("intake_load", VERSION),
        Wrong("intake_drop", VERSION),
    ),
}

# Each page that reads parameters, and their names.
LISTS: dict[str, str] = {
    "/problems/": "report light leader unit aspect status kind source clerk deadline q withdrawn "
    "sort cols per_page page",
    "/problems/bulk/": "pick all where kept",
    "/dashboard/": "report",
    "/ledger/": "report as_of columns page leader light q",
    "/ledger/export/": "report as_of columns leader light unit q",
    "/ledger/working/": "report as_of columns leader light unit q",
    "/ledger/compare/": "report from to kind issued page",
    "/ledger/compare/file/": "report from to kind issued",
    "/ledger/pack/": "report as_of columns leader light unit q",
    "/ledger/pack/file/": "report as_of columns leader light unit q",
    "/ledger/issued/": "code page",
    "/ledger/verify/": "code",
    "/notices/": "unread page",
    "/supervision/": "state mine page",
    "/supervision/issue/": "report light leader unit q kept",
    "/audit/": "act chain page",
    "/health/": "report files",
    "{item}": "history notes kept",
    "{report}": "pending",
    "{report}source/": "edition",
    "{report}carry/": "target",
}
HARD = ("-1", "9" * 400, "%00", "%ED%A0%80")
VALUES = (
    *("0", "x", "²", "1 OR 1=1", "2026-02-30", "0001-01-01", ""),
    *("<script>alert(1)</script>", "长" * 3000, *HARD),
)
