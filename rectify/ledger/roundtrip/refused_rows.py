"""What an import did not take over, as rows of the same sheet with the reason, to be corrected there."""

from __future__ import annotations

from collections import defaultdict

from rectify.ledger.roundtrip.plan import CellChange, Fault, MergePlan, PlannedItem
from rectify.ledger.roundtrip.rows import WorkingRow


def refused_rows(plan: MergePlan) -> list[WorkingRow]:
    """The items with errors or conflicts, then the rows that belong to no item."""
    rows = [_of_item(item) for item in (*plan.errors, *plan.conflicts)]
    strangers: dict[tuple[str, int], list[Fault]] = defaultdict(list)
    for fault in plan.faults:
        strangers[fault.sheet, fault.row].append(fault)
    for faults in strangers.values():
        words = "\n".join(f"{fault.where}：{fault.words}" for fault in faults)
        cells = dict(faults[0].raw)
        rows.append(WorkingRow(None, faults[0].code, 0, cells, reason=words))
    return rows


def _of_item(item: PlannedItem) -> WorkingRow:
    said = [f"{fault.where}：{fault.words}" for fault in item.faults]
    said += [_conflict(change) for change in item.conflicts]
    row = WorkingRow(None, item.code, item.version, dict(item.raw), item.open, "\n".join(said), item.export)
    return row


def _conflict(change: CellChange) -> str:
    was, now = change.base or "（空）", change.old or "（空）"
    return f"{change.heading}：下载后别人已由“{was}”改为“{now}”，您填的是“{change.new}”。请核对后决定。"
