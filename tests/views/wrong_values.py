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

    fields  values of which each is refused with `code`, in words, and nothing changes
    but     "field=value" of those that are refused with another code
    odd     values that are no mistake or one of another kind, by the code of the answer to them
    stale   the field with the version, and one that is not the newest
    many    each submit is an act of its own, so that a second one is no mistake
    """

    name: str
    fields: Fields = field(default_factory=dict)
    odd: dict[int, Fields] = field(default_factory=dict)
    who: str = "office"
    code: int = 422
    but: dict[str, int] = field(default_factory=dict)
    stale: tuple[str, str] | None = ("version", "99")
    many: bool = False

    def refusal(self, name: str, value: Any) -> int:
        return self.but.get(f"{name}={value}", self.code)

    def again(self) -> int:
        """The answer to the same submit once more."""
        return AGAIN.get(self.name, 409 if self.stale else 302)

    def mangled(self, name: str) -> int:
        """The answer to bytes that are no text in this field, which a text field takes cleaned."""
        return next(
            (code for code, names in MANGLED.get(self.name, {}).items() if name in names.split()), 422
        )


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
DECIDED_ODD: dict[int, Fields] = {
    409: {"step": ("confirm", "sign", "x", "return"), "application": ("0", "999999")},
    422: {"step": ("\x00",)},
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
SAID: Fields = {
    **dict.fromkeys(("manifestations", "leaders", "units", "deadline_words"), (LONG,)),
    "deadline": NO_DAY,
}
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
            {422: {"deadline": ("2020-01-01",)}},
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
            {302: {"deadline": ("2020-01-01",)}, 422: {"deadline": ("2100-12-31",)}},
        ),
        *(unversioned(name, many=True) for name in ("measure_evidence", "evidence_replace")),
        Wrong("measure_rule", VERSION | dict.fromkeys(("rule_name", "rule_number"), (*EMPTY, LONG))),
        unversioned(
            "carry",
            REASON | {"target": FORGED, "problems": (*FORGED, ""), "title": (LONG,)},
            {302: {"title": EMPTY}},
        ),
        unversioned("bulk", IN_BULK),
        unversioned(
            "saved_views", {"name": (*EMPTY, LONG), "unit": FORGED, "role": ("clerk", "x", "\x00", LONG)}
        ),
        unversioned("saved_view", {"name": (*EMPTY, LONG), "role": ("x", "\x00", LONG)}),
        Wrong(
            "bulk_apply",
            REASON | {"items": ("", "x", "0:0"), "leader": FORGED},
            stale=("items", "{problem}:99"),
        ),
    ),
    "chasing": (
        unversioned("supervision_issue", CHASING, {422: {"to_units": ("",)}}),
        unversioned("supervise", REASON | {"problems": FORGED}),
        unversioned("chase_unreported", odd={302: {"idempotency_key": ("", LONG, "\x00")}}),
        unversioned("urge", odd={302: {"back": ("", LONG, "\x00")}}),
        unversioned("supervision_acknowledge", who="clerk", odd={302: {"x": ("x",)}}),
        unversioned("supervision_reply", {"text": (*EMPTY, LONG)}, who="clerk"),
        unversioned("instruct", {"text": (*EMPTY, LONG)}, who="leader"),
        unversioned("instruction_acknowledge", who="clerk"),
        unversioned("notices_read", odd={302: {"notice": FORGED}}),
        Wrong("delivery", VERSION | REASON | {"template": (*EMPTY, LONG, "{", "x"), "webhook_url": (LONG,)}),
        unversioned("delivery_test", many=True),
        unversioned(
            "stand_ins",
            REASON
            | dict.fromkeys(("absent", "substitute"), (*FORGED, ""))
            | {"starts_on": (*DAYS, "2098-01-01"), "ends_on": (*DAYS, "2020-01-01", "2099-01-01")},
        ),
        unversioned("stand_in_end"),
        unversioned("duties", REASON | {"unit": (*FORGED, "")}),
        unversioned("duty_refuse", REASON),
        unversioned("duty_refuse_all", REASON),
        unversioned(
            "unit_tree", REASON | {"kind": CHOICE} | dict.fromkeys(("unit", "target"), (*FORGED, ""))
        ),
        unversioned("hand_over", REASON | {"giver": (*FORGED, ""), "taker": (*FORGED, "")}),
    ),
    "sheets": (
        unversioned("ledger_import", {"file": FILES}, many=True),
        unversioned("ledger_preview", {"digest": ("", "x", "\x00", LONG)}, code=409),
        unversioned("old_sheet", {"file": (*FILES[:5], FILES[6])}, many=True),
        unversioned("roster", {"file": FILES}, who="sysadmin", many=True),
        unversioned(
            "roster_preview", REASON | {"digest": (LONG,)}, {409: {"digest": ("", "x")}}, who="sysadmin"
        ),
        unversioned(
            "old_mapping",
            odd={
                302: dict.fromkeys(
                    ("header-0", "title", "year", "unit", "column-0-999", "read-7"), (*FORGED, LONG)
                ),
                422: dict.fromkeys(("read-0", "column-0-1"), (*FORGED, LONG)),
            },
        ),
        unversioned(
            "old_preview", odd={302: dict.fromkeys(("unit-0", "leader-0", "unit-99"), (*FORGED, LONG))}
        ),
        unversioned(
            "issue_ledger",
            {"report": FORGED, "as_of": (*NO_DAY, "2020-01-01"), "columns": ("x", "\x00")},
            {400: {"q": ("\x00", LONG), "unit": FORGED}, 302: {"idempotency_key": ("", LONG, "\x00")}},
            code=400,
            but={"report=0": 404},
        ),
        unversioned(
            "ledger_verify",
            {"code": (*EMPTY, LONG)},
            {
                200: {
                    "code": ("x", "AAAA-AAAA-AAAA", "²²²²-²²²²", "0" * 40),
                    "file": (*FILES[:2], *FILES[3:]),
                },
                422: {"file": FILES[2:3]},
            },
        ),
    ),
    "intake": (
        unversioned("report_new", {"unit": (*FORGED, ""), "year": YEARS, "title": (*EMPTY, LONG)}),
        unversioned("part_add", {"kind": CHOICE, "title": (*EMPTY, LONG)}),
        unversioned(
            "intake",
            {
                "file": REPORT_FILES,
                "unit": (*FORGED, ""),
                "year": tuple(year for year in YEARS if year),
                **dict.fromkeys(("title", "meeting"), (LONG,)),
            },
        ),
        Wrong(
            "intake_draft",
            VERSION | {"unit": (*FORGED, ""), "year": YEARS, "title": (*EMPTY, LONG), "meeting": (LONG,)},
        ),
        Wrong("intake_edit", VERSION | {"verb": CHOICE, "key": KEYS}),
        Wrong("intake_piece", PIECES | SAID, {302: {"covers": ("x", "\x00"), "is_begun_anew": ("x",)}}),
        Wrong("intake_load", VERSION),
        Wrong("intake_drop", VERSION),
    ),
}

# Where the same submit again is answered otherwise than by 409 (with a version) or 302 (without one).
AGAIN = {
    "urge": 409,
    **dict.fromkeys(("close_out_apply", "reopen", "extension_apply", "measure_rule"), 403),
    **dict.fromkeys(("bulk_apply", "intake_load"), 302),
    **dict.fromkeys(
        (
            "close_out_withdraw",
            "extension_withdraw",
            "stand_in_end",
            "duty_refuse",
            "duty_refuse_all",
            "unit_tree",
        ),
        409,
    ),
    **dict.fromkeys(("carry", "stand_ins", "duties", "hand_over", "report_new", "part_add"), 422),
    **dict.fromkeys(("bulk", "ledger_verify"), 200),
    "roster_preview": 404,
}
# Where bytes that are no text are answered otherwise than by 422: the fields by code; "-" is no field at all.
MANGLED = {
    "bulk": {200: "reason"},
    "bulk_apply": {302: "reason"},
    "carry": {200: "-"},
    "chase_unreported": {302: "-"},
    "urge": {302: "-"},
    "close_out_apply": {302: "reason statement"},
    "close_out_withdraw": {302: "reason"},
    "deadline_correct": {302: "reason"},
    "delivery": {302: "reason", 200: "-"},
    "delivery_test": {302: "-"},
    "duties": {302: "reason"},
    "duty_refuse": {302: "reason"},
    "duty_refuse_all": {302: "reason"},
    "extension_apply": {302: "reason progress"},
    "extension_withdraw": {302: "reason"},
    "follow_up": {302: "finding"},
    "hand_over": {302: "reason"},
    "instruct": {302: "text"},
    "instruction_acknowledge": {302: "-"},
    "intake": {200: "-"},
    "intake_draft": {302: "title"},
    "intake_drop": {302: "digest"},
    "intake_load": {409: "digest"},
    "intake_piece": {302: "title", 200: "-"},
    "issue_ledger": {302: "-", 400: "report"},
    "ledger_preview": {409: "digest -"},
    "ledger_verify": {200: "code"},
    "measure_rule": {302: "reason rule_name rule_number"},
    "notices_read": {302: "-"},
    "old_mapping": {302: "title year"},
    "old_preview": {302: "-"},
    "part_add": {302: "title"},
    "reopen": {302: "reason"},
    "report_new": {302: "title"},
    "roster_preview": {302: "reason"},
    "saved_view": {302: "name"},
    "saved_views": {302: "name"},
    "stand_in_end": {302: "-"},
    "stand_ins": {302: "reason", 200: "-"},
    "supervision_acknowledge": {302: "-"},
    "supervision_reply": {302: "text"},
    "unit_tree": {302: "reason"},
}
# Of the buttons of the preview, those that read a part of the piece, without which they do nothing.
NEEDS = {**dict.fromkeys(("apart", "drop", "merge", "restore"), "key"), "target": "target"}
TAKES_ALL = ("carry", "fill", "include")
TAKES_NOTHING = ("add", "aspect", "aspect_drop", "link", "split", "tie")

# Each page that reads parameters, and their names.
LISTS: dict[str, str] = {
    "/problems/": "report light leader unit aspect status kind source clerk deadline q withdrawn "
    "sort cols per_page page",
    "/problems/bulk/": "pick all where kept",
    "/dashboard/": "report",
    "/ledger/": "report as_of columns page leader light q",
    "/ledger/export/": "report as_of columns leader light unit q",
    "/ledger/list/": "report light leader q sort cols",
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
FOUND = r"-1|%ED%A0%80"  # a search may be for them, and finds nothing
# What a query of a page is answered, by the first pattern that is in it; what is not here is answered 200.
_FILE = ((r"^report=0&", 404), (rf"^q=({FOUND})$", 200), ("", 400))
QUERIES: dict[str, tuple[tuple[str, int], ...]] = {
    "/ledger/": ((r"^page=[^&]*$", 200), *_FILE),
    "/ledger/export/": _FILE,
    "/ledger/pack/": _FILE,
    "/ledger/pack/file/": _FILE,
    "/ledger/working/": ((r"^report=0&", 404), ("", 400)),
    "/ledger/list/": (("", 404),),  # of no ledger
    "/ledger/compare/": ((r"^page=[^&]*$", 200), (r"^report=&from=&", 200), ("", 400)),
    "/ledger/compare/file/": ((r"^report=&from=&", 200), ("", 400)),
    "/ledger/verify/": ((r"^code=(9{400}|%00|长+)$", 422),),
    "/problems/bulk/": ((r"^(pick|where|kept)=[^&]*$", 422), (r"^pick=&all=&", 422)),
    "/supervision/issue/": (
        (rf"^q=({FOUND})$", 302),
        (rf"&q=({FOUND}|x|1 OR 1=1|2026-02-30|0001-01-01|<script>.*?)&", 302),
    ),
}
HARD = ("-1", "9" * 400, "%00", "%ED%A0%80")
VALUES = (
    *("0", "x", "²", "1 OR 1=1", "2026-02-30", "0001-01-01", ""),
    *("<script>alert(1)</script>", "长" * 3000, *HARD),
)
