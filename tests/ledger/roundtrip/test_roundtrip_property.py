"""For any ledger: out and back changes nothing; out, edited and back changes exactly the edits."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from rectify.ledger.roundtrip.columns import KIND_WORDS
from rectify.models import Problem, ProgressNote
from rectify.operations import measures, problems
from rectify.xlsx.values import normal
from tests.builders import Cast, assign, cast
from tests.ledger.roundtrip.returned import edited, loaded, plan_of, take

# What people paste: any character but surrogates, with spaces, tabs, line ends, signs and escapes.
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=60),
    st.lists(
        st.sampled_from(["=1", "\n", "\r\n", "\t", " ", "_x000D_", "&", "<b>", "甲", "\x07", "\ufffe", "𠮷"]),
        max_size=12,
    ).map("".join),
)  # fmt: skip
SAID = TEXT.filter(lambda text: bool(normal(text)))
LINE = st.text("甲乙丙丁=_'&<>0123 ", max_size=30)
DAYS = st.dates(dt.date(2030, 1, 1), dt.date(2099, 12, 31))
ITEM = st.fixed_dictionaries(
    {
        "goal": TEXT,
        "remark": TEXT,
        "responsible": LINE,
        "deadline_text": LINE,
        "kind": st.sampled_from(list(KIND_WORDS)),
        "deadline": st.none() | DAYS,
        "lead": st.sampled_from(["", "bureau", "other_bureau"]),
        "supports": st.booleans(),
        "measures": st.lists(SAID, max_size=2),
    }
)
EDIT = st.fixed_dictionaries(
    {},
    optional={
        "本次进展": SAID,
        "完成比例（%）": st.integers(0, 100),
        "整改目标": SAID,
        "备注": SAID,
        "责任人": st.text("张王李赵", min_size=1, max_size=20),
        "整改类型": st.sampled_from(list(KIND_WORDS)),
        "整改时限": DAYS,
        "责任领导": st.just("常务副县长"),
    },
).filter(lambda edit: "本次进展" in edit or "完成比例（%）" not in edit)
FIELDS = {"整改目标": "goal", "备注": "remark", "责任人": "responsible", "整改时限": "deadline"}
# An example costs a ledger: a failing one is told as it was found, not made smaller.
COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.generate),
    "database": None,
}
QUICK = settings(max_examples=12, derandomize=True, **COMMON)
LONG = settings(max_examples=200, **COMMON)


def fill(made: Cast, items: list[dict[str, Any]]) -> None:
    """Generated content in the three problems of the cast's ledger."""
    for problem, item in zip(Problem.objects.order_by("number"), items, strict=False):
        kind, standing = KIND_WORDS[item["kind"]]
        lead = getattr(made, item["lead"]) if item["lead"] else None
        more = {"deadline": item["deadline"]} if item["deadline"] else {}
        if problem.deadline and not more:
            more = {"deadline": problem.deadline}
        problem = assign(
            made, problem, lead_unit=lead, clerk=None, responsible=item["responsible"].strip(), kind=kind,
            also_standing=standing, deadline_text=item["deadline_text"], **more,
            supporting_units=[made.county] if item["supports"] else [],
        ) if more else problems.assign(
            problem, by=made["office"], seen=problem.version, lead_unit=lead, kind=kind,
            also_standing=standing, deadline_text=item["deadline_text"], responsible=item["responsible"],
        )  # fmt: skip
        problem = problems.edit(
            problem, by=made["office"], seen=problem.version,
            goal=item["goal"].replace("\x00", ""), remark=item["remark"].replace("\x00", ""),
        )  # fmt: skip
        for text in item["measures"]:
            if normal(text):
                measures.add(problem, by=made["office"], text=text.replace("\x00", ""))


def state(problem: Problem) -> dict[str, Any]:
    names = (*Problem.TRACKED, "version")
    return {name: getattr(problem, name) for name in names} | {
        "units": sorted(problem.supporting_units.values_list("pk", flat=True)),
        "measures": list(problem.measures.values_list("text", flat=True)),
    }


class OutAndBack(TestCase):
    """A database of its own for every example."""

    def setUp(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("rectify.ledger.rows.SNAPSHOT", "default")

    def tearDown(self) -> None:
        self.patch.undo()

    @pytest.mark.ci
    @QUICK
    @given(st.lists(ITEM, min_size=3, max_size=3))
    def test_out_and_back_changes_nothing(self, items):
        self.nothing(items)

    @pytest.mark.long
    @LONG
    @given(st.lists(ITEM, min_size=3, max_size=3))
    def test_out_and_back_changes_nothing_for_many(self, items):
        self.nothing(items)

    def nothing(self, items: list[dict[str, Any]]) -> None:
        self.made = cast()
        fill(self.made, items)
        data = take(self.made)
        for copy in (data, edited(data, {})):
            found = plan_of(copy, self.made["office"])
            assert found.counts["unchanged"] == 3, (found.all_faults, [i.plain for i in found.items])
            assert not found.notices, found.notices

    @pytest.mark.ci
    @QUICK
    @given(st.lists(ITEM, min_size=3, max_size=3), st.lists(EDIT, min_size=3, max_size=3))
    def test_the_database_equals_the_edits_and_nothing_else_changed(self, items, edits):
        self.exactly(items, edits)

    @pytest.mark.long
    @LONG
    @given(st.lists(ITEM, min_size=3, max_size=3), st.lists(EDIT, min_size=3, max_size=3))
    def test_the_database_equals_many_edits_and_nothing_else_changed(self, items, edits):
        self.exactly(items, edits)

    def exactly(self, items: list[dict[str, Any]], edits: list[dict[str, Any]]) -> None:
        self.made = cast()
        fill(self.made, items)
        rows = list(Problem.objects.order_by("number"))
        before = {problem.code: state(problem) for problem in rows}
        for problem, edit in zip(rows, edits, strict=True):
            if problem.deadline:
                edit.pop("整改时限", None)  # locked: once set, it is moved by an extension
        typed = {
            (problem.code, heading): _typed(value)
            for problem, edit in zip(rows, edits, strict=True)
            for heading, value in edit.items()
        }
        data = edited(take(self.made), typed)
        done = loaded(data, self.made["office"])
        assert done.plan.counts["errors"] == done.plan.counts["conflicts"] == 0, done.plan.all_faults
        notes = list(ProgressNote.objects.order_by("pk").values_list("problem__code", "text", "percent"))
        wanted = []
        for problem, edit in zip(rows, edits, strict=True):
            assert state(Problem.objects.get(pk=problem.pk)) == self.expected(before[problem.code], edit)
            if "本次进展" in edit:
                wanted.append((problem.code, normal(_typed(edit["本次进展"])), edit.get("完成比例（%）")))
        assert notes == wanted
        assert loaded(data, self.made["office"]).batch is None, "the same file again changes nothing"

    def expected(self, before: dict[str, Any], edit: dict[str, Any]) -> dict[str, Any]:
        """What the edits should make of a row: each changed field, one version for each act."""
        after = dict(before)
        for heading, name in FIELDS.items():
            if heading in edit:
                new = edit[heading]
                new = normal(_typed(new)) if isinstance(new, str) else new
                if new != (normal(before[name]) if isinstance(new, str) else before[name]):
                    after[name] = new
        if "整改类型" in edit:
            after["kind"], after["also_standing"] = KIND_WORDS[edit["整改类型"]]
        if "责任领导" in edit:
            after["leader"] = self.made.leader
        if "本次进展" in edit and before["status"] == "not_started":
            after["status"] = "in_progress"
        if after["deadline"] and not before["original_deadline"]:
            after["original_deadline"] = after["deadline"]
        texts = any(after[name] != before[name] for name in ("goal", "remark"))
        owners = ("responsible", "deadline", "kind", "also_standing", "leader")
        after["version"] += texts + any(after[name] != before[name] for name in owners)
        return after


def _typed(value: Any) -> Any:
    """What openpyxl can write at all: it refuses control characters, where a person's program would not."""
    if not isinstance(value, str):
        return value
    return "".join(c for c in value if c in "\n\t" or c >= " ").replace("\ufffe", "").replace("\uffff", "")
