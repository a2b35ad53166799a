"""The three-way comparison: what was exported × what came back × what stands today -> a plan. Reads only."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import prefetch_related_objects

from rectify.choices import MeasureKind, MeasureStatus
from rectify.errors import Incomplete
from rectify.ledger.roundtrip.columns import BY_KEY, CODE, KIND_WORDS, MERGED, SHOWN, VERSION, WorkingColumn
from rectify.ledger.roundtrip.plan import Base, CellChange, Fault, MergePlan, PlannedItem
from rectify.ledger.roundtrip.reader import FRESH, Returned, ReturnedRow
from rectify.ledger.roundtrip.rows import Names, notes_since, short_digest, standing, stored_cells
from rectify.ledger.rows import CHUNK
from rectify.models import LedgerExport, Problem, Report, User
from rectify.models.progress import PURGED
from rectify.xlsx.structure import refused
from rectify.xlsx.values import NotUnderstood, day_of, lines_of, names_of, percent_of, text_of

DATED = ("整改时限已经定下，不能在表里改", "要推迟请由责任单位申请延期；录入有误请整改办更正时限")
STATUS = "completion"
KINDS = {str(kind.label): str(kind) for kind in MeasureKind}
Then = Callable[[Sequence[ReturnedRow], Sequence[PlannedItem]], None]
CHANGING = tuple(column for column in MERGED if not column.adds)


def plan(returned: Returned, user: User, *, may: Any, refusals: Mapping[str, str] | None = None) -> MergePlan:
    """What importing these rows as this person would do. `may(user, act, problem)` is the policy;
    `refusals` are items that an operation has already refused, with its words."""
    return Planner(returned, user, may, refusals).plan()


def names_of_report(report: Report) -> Names:
    """What units and leaders are called in the lists of a ledger's sheets."""
    return Names(report)


def report_of(returned: Returned, user: User) -> Report:
    """The ledger whose copy this is. Raises Incomplete when it is none that the person may see."""
    return _report(returned, _bases(returned, user))


def _bases(returned: Returned, user: User) -> dict[int, Base]:
    """The copies that the rows name, by their codes, as far as the person may see their ledgers."""
    codes = {row.export for row in returned.rows}
    reports = Report.objects.visible_to(user)
    if (base := returned.base) is not None:
        return dict.fromkeys(codes, base) if reports.filter(pk=base.report.pk).exists() else {}
    seen = LedgerExport.objects.filter(working__code__in=codes, report__in=reports)
    return {
        export.working.code: Base(export.report, export.at, export.working.rows)
        for export in seen.select_related("working", "report__unit")
    }


def _report(returned: Returned, bases: Mapping[int, Base]) -> Report:
    counted = Counter(row.export for row in returned.rows if row.export in bases)
    if not counted:
        if returned.faults and not returned.rows:
            first = returned.faults[0]
            raise Incomplete(
                f"文件中没有一行可以导入，内容没有改动。{first.where}：{first.words}",
                [f"{fault.where}：{fault.words}" for fault in returned.faults[1:20]],
                field="file",
            )
        raise refused(
            "这份文件不是从您可以办理的台账下载的填报表，没有导入任何内容。"
            "可能是另一本台账的文件，或隐藏的校验列被改动；请在“台账”页重新下载填报表。"
        )
    report: Report = bases[counted.most_common(1)[0][0]].report
    return report


def _stranger(row: ReturnedRow) -> Fault:
    return Fault(
        row.sheet, row.row, "", CODE, row.code, "这一行来自另一本台账，或不是从系统下载的",
        "请把不同台账的填报表分开上传", row.code, row.raw,
    )  # fmt: skip


def _fault(row: ReturnedRow, key: str, heading: str, value: str, reason: str, remedy: str) -> Fault:
    return Fault(row.sheet, row.row, row.letters.get(key, ""), heading, value, reason, remedy, row.code)


class Planner:
    """Compares the rows of a file, part by part, with what left and with what stands today."""

    def __init__(
        self, returned: Returned, user: User, may: Any, refusals: Mapping[str, str] | None = None
    ) -> None:
        bases = _bases(returned, user)
        self.report = _report(returned, bases)
        self.user = user
        self.may = may
        self.refusals = refusals or {}
        self.bases = {code: base.rows for code, base in bases.items() if base.report == self.report}
        self.rows = [row for row in returned.rows if row.export in self.bases]
        self.faults = [*returned.faults]
        self.faults += [_stranger(row) for row in returned.rows if row.export not in self.bases]
        self.names = Names(self.report)
        self.visible = Problem.objects.visible_to(user)
        self.since = min(bases[row.export].at for row in self.rows)
        self.problems: dict[str, Problem] = {}
        self.notes: set[tuple[int, str, int | None]] = set()

    def plan(self, part: int = CHUNK, then: Then | None = None) -> MergePlan:
        """All of it; `then` is told of each part as long as its problems are at hand."""
        outcome = MergePlan(self.report, [], self.faults)
        for start in range(0, len(self.rows), part):
            rows = self.rows[start : start + part]
            outcome.items += self.part(rows, then)
        return outcome

    def part(self, rows: Sequence[ReturnedRow], then: Then | None = None) -> list[PlannedItem]:
        """What would become of these rows as things stand now."""
        self.problems = standing(self.report, [row.code for row in rows], self.visible)
        self.notes = notes_since([problem.pk for problem in self.problems.values()], self.since)
        items = [self.item(row) for row in rows]
        if then:
            then(rows, items)
        for item in items:
            item.problem = None
        self.problems = {}
        return items

    def item(self, row: ReturnedRow) -> PlannedItem:
        item = self._item(row)
        if words := self.refusals.get(row.code):
            item.faults.append(_fault(row, "", CODE, row.code, words.rstrip("。"), "请核对后再导入"))
        if item.faults or item.conflicts:
            item.raw = row.raw
        return item

    def _item(self, row: ReturnedRow) -> PlannedItem:
        base: Any = self.bases[row.export].get(row.code)
        problem = self.problems.get(row.code)
        item = PlannedItem(row.code, problem.title if problem else "", row.sheet, row.row, problem)
        item.version, item.export = row.version, row.export
        if problem:
            item.pk, item.standing = problem.pk, problem.version
        if wrong := _wrong_row(row, base, problem):
            item.faults.append(_fault(row, "", *wrong))
            return item
        item.open = frozenset(base["open"])
        self._notice_locked(row, base, item)
        texts = self._texts(row, base, item)
        self._additions(row, base, item, texts)
        self._changes(row, base, item, texts)
        self._check_units(row, item)
        return item

    def _texts(self, row: ReturnedRow, base: dict[str, Any], item: PlannedItem) -> dict[str, str]:
        """What was typed into the cells that were open: unreadable ones are faults."""
        texts = {}
        for column in MERGED:
            cell, emptied = row.cells.get(column.key), column.key in row.emptied
            if cell is None or (cell.is_blank and not emptied):
                continue
            try:
                text = _canonical_text(column, cell, row.date1904, base["cells"].get(column.key, ""))
            except NotUnderstood as problem:
                reason, remedy = problem.args
                if column.key in base["open"]:
                    item.faults.append(_fault(row, column.key, column.heading, cell.shown, reason, remedy))
                continue
            if not (text or emptied) or _same(column.key, text, base["cells"].get(column.key, "")):
                continue
            if column.key not in base["open"]:
                self._locked(row, column, cell.shown, item)
            elif column.longest and len(text) > column.longest:
                words = f"有 {len(text):,} 个字，最多 {column.longest:,} 个字"
                item.faults.append(
                    _fault(
                        row, column.key, column.heading, text[:60], words, "请精简，或把全文作为佐证材料上传"
                    )
                )
            else:
                texts[column.key] = text
        return texts

    def _locked(self, row: ReturnedRow, column: WorkingColumn, value: str, item: PlannedItem) -> None:
        """What is added must not get lost silently; a change of something shown is only told."""
        reason, remedy = "下载时这一格不能填写，改动没有导入", "如需修改，请由整改办或责任单位在网页上办理"
        fault = _fault(row, column.key, column.heading, value[:60], reason, remedy)
        (item.faults if column.adds else item.notices).append(fault)

    def _notice_locked(self, row: ReturnedRow, base: dict[str, Any], item: PlannedItem) -> None:
        for column in SHOWN:
            cell, kept = row.cells.get(column.key), base["shown"].get(column.key)
            if cell is None or cell.is_blank or kept is None:
                continue
            try:
                same = short_digest(text_of(cell, row.date1904)) == kept
            except NotUnderstood:
                same = False
            if not same:
                reason = "状态不能通过导入变更" if column.key == STATUS else "这一栏是只读的，改动没有导入"
                remedy = "请在网页上办理"
                item.notices.append(_fault(row, column.key, column.heading, cell.shown[:60], reason, remedy))

    # -- what is added -----------------------------------------------------------------------------------

    def _additions(
        self, row: ReturnedRow, base: dict[str, Any], item: PlannedItem, texts: dict[str, str]
    ) -> None:
        text, percent = texts.get("progress", ""), texts.get("percent")
        if percent is not None and not text and not item.faults:
            reason, remedy = "只填了完成比例，没有填本次进展", "请写明本次进展，或清空完成比例"
            item.faults.append(_fault(row, "percent", BY_KEY["percent"].heading, percent, reason, remedy))
        number = int(percent) if percent is not None else None
        fresh_note = text and (item.problem.pk, text, number) not in self.notes
        if fresh_note and self._permitted(row, "progress", text, item):
            item.note = (text, number)
        if "new_measures" in texts:
            there = {_plain_step(measure.text) for measure in self._measures_of(item)}
            wanted = [_step(line) for line in lines_of(texts["new_measures"])]
            fresh = [(words, kind) for words, kind in wanted if words and _plain_step(words) not in there]
            fresh = list(dict.fromkeys(fresh))
            if fresh and self._permitted(row, "new_measures", texts["new_measures"], item):
                item.measures = fresh
            for words, _ in fresh:
                if len(words) > 5000:
                    reason = f"其中一条有 {len(words):,} 个字，一条措施最多 5,000 个字"
                    item.faults.append(
                        _fault(row, "new_measures", "新增措施", words[:60], reason, "请拆成几条")
                    )

    def _measures_of(self, item: PlannedItem) -> Any:
        """They are read of all items of the part as soon as one row asks for them."""
        if "measures" not in vars(item.problem).get("_prefetched_objects_cache", {}):
            prefetch_related_objects(list(self.problems.values()), "measures")
        return item.problem.measures.all()

    def _permitted(self, row: ReturnedRow, key: str, value: str, item: PlannedItem) -> bool:
        column = BY_KEY[key]
        decision = self.may(self.user, column.act, item.problem)
        if not decision:
            reason, remedy = decision.why.rstrip("。"), "请联系整改办或责任单位"
            item.faults.append(_fault(row, key, column.heading, value[:60], reason, remedy))
        return bool(decision)

    # -- what is changed ---------------------------------------------------------------------------------

    def _changes(
        self, row: ReturnedRow, base: dict[str, Any], item: PlannedItem, texts: dict[str, str]
    ) -> None:
        today: dict[str, str] = {}
        for column in CHANGING:
            if column.key not in texts:
                continue
            today = today or stored_cells(item.problem, self.names)
            new, old = texts[column.key], today[column.key]
            left = base["cells"].get(column.key, old)
            if _same(column.key, new, old) or not self._permitted(row, column.key, new, item):
                continue
            try:
                value = self._value(column, new, item)
            except NotUnderstood as problem:
                item.faults.append(_fault(row, column.key, column.heading, new[:60], *problem.args))
                continue
            if column.key == "deadline" and item.problem.deadline:
                item.faults.append(_fault(row, column.key, column.heading, new[:60], *DATED))
                continue
            item.changes.append(
                CellChange(
                    column.key, column.heading, old, new, value, left, not _same(column.key, old, left)
                )
            )

    def _value(self, column: WorkingColumn, text: str, item: PlannedItem) -> Any:
        if not text:
            return None if column.choices else ""
        if column.key == "clerk":
            return self._clerk(text, item)
        if column.key == "deadline":
            return dt.date.fromisoformat(text)
        if column.key == "leader":
            return self._known(self.names.find_leader(text), text, "领导")
        if column.key == "lead_unit":
            return self._known(self.names.find_unit(text), text, "单位")
        if column.key == "supporting_units":
            return [self._known(self.names.find_unit(name), name, "单位") for name in names_of(text)]
        return text

    def _clerk(self, name: str, item: PlannedItem) -> Any:
        """Somebody of the units that the item will have: they stand before this in the row."""
        changed = {change.key: change.value for change in item.changes}
        units = changed.get("supporting_units", list(item.problem.supporting_units.all()))
        lead = changed.get("lead_unit", item.problem.lead_unit)
        clerk = self.names.find_clerk(name, {unit.pk for unit in [lead, *units] if unit})
        if clerk is None:
            reason = f"“{name[:40]}”不是责任单位或配合单位的经办人、负责人"
            raise NotUnderstood(reason, "请选这个单位的人员，或留空")
        return clerk

    def _known(self, found: Any, name: str, what: str) -> Any:
        if found is None:
            raise NotUnderstood(
                f"没有名为“{name[:40]}”的{what}", "请从下拉列表选择；新的单位或领导请先由系统管理员新增"
            )
        return found

    def _check_units(self, row: ReturnedRow, item: PlannedItem) -> None:
        """What the operation would refuse: a lead unit that supports too, a measure left without its unit."""
        values = {change.key: change.value for change in item.changes}
        if not values.keys() & {"lead_unit", "supporting_units"}:
            return
        lead = values.get("lead_unit", item.problem.lead_unit)
        units = values.get("supporting_units", list(item.problem.supporting_units.all()))
        key = "supporting_units" if "supporting_units" in values else "lead_unit"
        heading, value = BY_KEY[key].heading, next(c.new for c in item.changes if c.key == key)
        if lead in units:
            words = "责任单位不能同时是配合单位"
            item.faults.append(_fault(row, key, heading, value, words, "请核对两栏"))
        kept = {unit.pk for unit in [lead, *units] if unit}
        for measure in self._measures_of(item):
            if measure.status == MeasureStatus.OPEN and measure.unit_id and measure.unit_id not in kept:
                words = f"措施 {measure.number} 由不再承担的单位负责"
                item.faults.append(_fault(row, key, heading, value, words, "请先在网页上调整这条措施"))
                break


def _wrong_row(
    row: ReturnedRow, base: dict[str, Any] | None, problem: Problem | None
) -> tuple[str, str, str, str] | None:
    """Why a row as a whole is not taken over: heading, value, reason, remedy."""
    if base is None:
        return CODE, row.code, f"编号 {row.code} 不在下载的填报表里", FRESH
    if base.get("purged"):
        return CODE, row.code, "这一项的内容已按程序清除，旧的填报表不能再导入", FRESH
    if row.version != base["version"]:
        return VERSION, str(row.version), "隐藏的版本号被改动，与下载时不符", FRESH
    if problem is None or problem.title == PURGED:
        return CODE, row.code, "这一项不在您现在可以查看的事项中", "可能已调整责任单位，请联系整改办"
    if problem.withdrawn:
        return CODE, row.code, "这一项已撤回", "恢复后才能填报；不需要填报时请删去这一行"
    return None


def _canonical_text(column: WorkingColumn, cell: Any, date1904: bool, base: str) -> str:
    """What a cell says, in the form in which it is compared."""
    if column.key == "percent":
        return str(percent_of(cell))
    if column.key == "deadline":
        return day_of(cell, date1904).isoformat()
    text = text_of(cell, date1904)
    if text == base:
        return text
    if column.key == "kind":
        text = text.replace(",", "，").replace(" ", "")
        if text not in KIND_WORDS:
            raise NotUnderstood("不是可选的整改类型", f"请从下拉列表选择：{'、'.join(KIND_WORDS)}")
    if column.key == "supporting_units":
        return "、".join(names_of(text))
    if column.key in ("responsible", "deadline_text"):
        return " ".join(text.split())
    return text


def _same(key: str, one: str, other: str) -> bool:
    """Whether two cells mean the same: the order of several units means nothing."""
    if key == "supporting_units":
        return set(names_of(one)) == set(names_of(other))
    return one == other


def _step(line: str) -> tuple[str, str]:
    """【长久立】建立制度 -> the words and the kind."""
    for label, kind in KINDS.items():
        if line.startswith(f"【{label}】"):
            return line.removeprefix(f"【{label}】").strip(), kind
    return line, str(MeasureKind.NOW)


def _plain_step(text: str) -> str:
    return " ".join(text.split())
