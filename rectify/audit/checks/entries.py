"""The entries of one chain against each other: numbers, links, digests, texts, anchors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rectify.choices import Action
from rectify.digests import GENESIS, PURGED_PAYLOAD
from rectify.models import AuditEntry, Report
from rectify.models.audit import EntryColumns
from rectify.models.progress import PURGED

CHUNK = 2000
Fixed = dict[int, dict[str, dt.date]]  # by number: the digests that anchors hold, and since which day


class EntryCheck:
    """Where a chain stands: each entry that holds moves `number` and `digest` on."""

    def __init__(self, fixed: Fixed, number: int = 0, digest: str = GENESIS) -> None:
        self.number, self.digest = number, digest
        self._fixed = fixed
        self._blanked: dict[int, int] = {}

    def fault(self, entry: EntryColumns) -> str:
        """What is wrong with the next entry, in words; empty where it holds, and is then taken over."""
        what = self._out_of_place(entry) or _altered(entry) or self._off_anchor(entry)
        if not what:
            self.number, self.digest = entry.number, entry.digest
            self._note_blanked(entry)
        return what

    def fault_at_end(self) -> tuple[int, str] | None:
        """What only the whole chain shows: an anchor beyond its end, a text wiped without a purge."""
        for number, digests in sorted(self._fixed.items()):
            if number > self.number:
                day = min(digests.values())
                what = f"{day} 的锚点记到第 {number} 条，现在只到第 {self.number} 条"
                return self.number + 1, f"{what}，记录的末尾被截断，或者数据库被换成了较早的一份"
        return next(((number, "内容被抹去，却没有清除记录") for number in self._blanked.values()), None)

    def _out_of_place(self, entry: EntryColumns) -> str:
        if entry.number != self.number + 1:
            return "这一条缺失，其后的顺序不对，可能有删除、插入或调换"
        if entry.previous != self.digest:
            return "与上一条不相连，可能有插入、删除或调换"
        return ""

    def _off_anchor(self, entry: EntryColumns) -> str:
        for digest, day in self._fixed.get(entry.number, {}).items():
            if digest != entry.digest:
                held, now = digest[:16], entry.digest[:16]
                return f"与 {day} 的锚点不符，记录被替换过（锚点记的摘要是 {held}…，现在是 {now}…）"
        return ""

    def _note_blanked(self, entry: EntryColumns) -> None:
        if entry.payload == PURGED_PAYLOAD or entry.reason == PURGED:
            self._blanked[entry.pk] = entry.number
        if entry.act == Action.CONFIRM_PURGE:
            for pk in entry.details.get("purged_entries", []):
                self._blanked.pop(pk, None)


def entries_of(report: Report | None, after: int, using: str) -> Iterator[EntryColumns]:
    """The entries of a chain behind a number, in their order, as bare columns."""
    entries = AuditEntry.objects.using(using).filter(report=report, number__gt=after)
    rows = entries.order_by("number", "id").values_list(*EntryColumns._fields)
    return map(EntryColumns._make, rows.iterator(chunk_size=CHUNK))


def _altered(entry: EntryColumns) -> str:
    if entry.digest != entry.compute_digest():
        return "内容与摘要不符，已被改动"
    if entry.payload != PURGED_PAYLOAD and entry.text_digest(entry.payload) != entry.payload_digest:
        return "操作内容被改动"
    if entry.reason == PURGED or (entry.is_purged and not entry.reason):
        return ""
    return "" if entry.text_digest(entry.reason) == entry.reason_digest else "理由被改动"
