"""Reading the record back: chains, their heads, the triggers, and what must agree with the entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import connections, transaction
from django.db.models import Exists, OuterRef

from rectify.audit import anchors, derived
from rectify.audit.anchors import Anchor
from rectify.audit.append_only_triggers import missing
from rectify.audit.file_check import FileCheck
from rectify.audit.mismatch import Mismatch
from rectify.audit.row_check import NamedRows, orphans
from rectify.choices import Action
from rectify.digests import GENESIS, PURGED_PAYLOAD
from rectify.models import AuditEntry, ChainHead, LedgerExport, Report, Unit
from rectify.models.progress import PURGED

SNAPSHOT = "snapshot"
CHUNK = 2000
MOST_BREAKS = 20
SHORTEST_HEAD = 16  # the ledger's page footer has room for this much


@dataclass
class Chain:
    """One chain that was read: whose, what was checked, the last digest, and what does not hold."""

    name: str
    count: int = 0
    head: str = GENESIS
    rows: int = 0
    files: int = 0
    breaks: list[Mismatch] = field(default_factory=list)


def reading_from() -> str:
    """The alias that reads one state without keeping writers waiting; inside a transaction, that one."""
    return "default" if connections["default"].in_atomic_block else SNAPSHOT


def missing_triggers() -> list[Mismatch]:
    return [Mismatch("触发器", f"{name} 缺失或被改动") for name in missing("default")]


def read_chains(using: str, *, files: bool = True, since: Anchor | None = None) -> Iterator[Chain]:
    """Every chain, the system's first, each in one short snapshot with its rows; then its files.

    `since` starts each chain at that anchor and leaves out what only older entries vouch for.
    """
    known = list(anchors.read())
    units = dict(Unit.objects.using(using).values_list("pk", "name"))
    for report in [None, *Report.objects.using(using).order_by("id")]:
        chain = Chain(_name(report, units) if report else "系统")
        with transaction.atomic(using=using):
            _read_chain(chain, report, using, known, since)
        if files and report is not None:
            check = FileCheck()
            _add(chain, check.mismatches(report, using))
            chain.files = check.count
        yield chain
    lost = Chain("不属于任何台账")
    with transaction.atomic(using=using):
        _add(lost, orphans(using))
    if lost.breaks:
        yield lost


def _name(report: Report, units: dict[int, str]) -> str:
    return f"{units.get(report.unit_id, '单位不明')} {report.prefix}（台账 {report.pk}）"


def _read_chain(
    chain: Chain, report: Report | None, using: str, known: list[Anchor], since: Anchor | None
) -> None:
    named = NamedRows()
    key = report.pk if report else 0
    fixed = {anchor.heads[key]: anchor.day for anchor in known if key in anchor.heads}
    if since is not None:
        chain.count, chain.head = since.heads.get(key, (0, GENESIS))
    chain.breaks += _first_break(chain, report, using, named, fixed)
    if not chain.breaks:
        chain.breaks += _head_breaks(chain, report, using)
    if chain.breaks:
        return
    if since is None:
        if report is not None:
            chain.breaks += _printed_heads(chain, report, using)
        _add(chain, derived.mismatches(report, using))
    _add(chain, named.mismatches(report, using, only_named=since is not None))
    chain.rows = named.count


def _add(chain: Chain, found: Iterator[Mismatch]) -> None:
    for fault in islice(found, MOST_BREAKS):
        chain.breaks.append(Mismatch(f"{chain.name} {fault.where}", fault.what))


def head_known(head: str, using: str) -> bool:
    """Whether some chain still holds the entry whose digest, or its beginning, a ledger printed."""
    if head == GENESIS[: len(head)]:
        return True
    return AuditEntry.objects.using(using).filter(digest__startswith=head).exists()


def _first_break(
    chain: Chain, report: Report | None, using: str, named: NamedRows, fixed: dict[tuple[int, str], dt.date]
) -> list[Mismatch]:
    """Recompute from where `chain` stands; it ends with the last entry that holds."""
    blanked: dict[int, int] = {}
    heads = {number: (digest, day) for (number, digest), day in fixed.items()}
    entries = AuditEntry.objects.using(using).filter(report=report, number__gt=chain.count)
    for entry in entries.order_by("number", "id").iterator(chunk_size=CHUNK):
        if entry.number != chain.count + 1:
            return [_at(chain, chain.count + 1, "这一条缺失，其后的顺序不对，可能有删除、插入或调换")]
        if what := _fault(entry, chain.head):
            return [_at(chain, entry.number, what)]
        anchored, day = heads.get(entry.number, (entry.digest, None))
        if anchored != entry.digest:
            return [_at(chain, entry.number, f"与 {day} 的锚点不符，记录被替换过")]
        if entry.payload == PURGED_PAYLOAD or entry.reason == PURGED:
            blanked[entry.pk] = entry.number
        if entry.act == Action.CONFIRM_PURGE:
            for pk in entry.details.get("purged_entries", []):
                blanked.pop(pk, None)
        named.read(entry)
        chain.count, chain.head = entry.number, entry.digest
    for number, (_, day) in sorted(heads.items()):
        if number > chain.count:
            return [_at(chain, chain.count + 1, f"{day} 的锚点记到第 {number} 条，记录的末尾被截断")]
    return [_at(chain, number, "内容被抹去，却没有清除记录") for number in list(blanked.values())[:1]]


def _fault(entry: AuditEntry, previous: str) -> str:
    if entry.previous != previous:
        return "与上一条不相连，可能有插入、删除或调换"
    if entry.digest != entry.compute_digest():
        return "内容与摘要不符，已被改动"
    if entry.text_digest(entry.payload) != entry.payload_digest and entry.payload != PURGED_PAYLOAD:
        return "操作内容被改动"
    if entry.reason == PURGED or (entry.is_purged and not entry.reason):
        return ""
    if entry.text_digest(entry.reason) != entry.reason_digest:
        return "理由被改动"
    return ""


def _head_breaks(chain: Chain, report: Report | None, using: str) -> list[Mismatch]:
    head = ChainHead.objects.using(using).filter(report=report).first()
    number, digest = (head.number, head.digest) if head else (0, GENESIS)
    if (number, digest) == (chain.count, chain.head) and (head or report is None):
        return []
    if number > chain.count:
        what = f"链头记的是 {number} 条，实有 {chain.count} 条，末尾被截断"
    elif number < chain.count:
        what = f"链头记的是 {number} 条，实有 {chain.count} 条，末尾被追加"
    else:
        what = "链头与最后一条不符"
    return [_at(chain, max(1, min(number, chain.count) + (number != chain.count)), what)]


def _printed_heads(chain: Chain, report: Report, using: str) -> list[Mismatch]:
    """Each recorded export kept the head of its moment: cut the chain and its head, and these remain."""
    held = AuditEntry.objects.using(using).filter(report=report, digest=OuterRef("head"))
    exports = LedgerExport.objects.using(using).filter(report=report).exclude(head=GENESIS)
    lost = exports.exclude(Exists(held)).order_by("pk").first()
    if lost is None:
        return []
    return [Mismatch(f"{chain.name} 台账导出 {lost.pk}", "所印链头不在链中，记录被截断或替换过")]


def _at(chain: Chain, number: int, what: str) -> Mismatch:
    return Mismatch(f"{chain.name} 第 {number} 条", what)
