"""Reading the record back: chains, their heads, the triggers, and what must agree with the entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain as chained
from itertools import islice

from django.db import connections
from django.db.models import Exists, OuterRef

from rectify.audit.append_only_triggers import missing
from rectify.audit.replay import chasing, ledgers, sources
from rectify.audit.replay.reading import Break, details_of
from rectify.choices import Action
from rectify.digests import GENESIS, PURGED_PAYLOAD, digest_of
from rectify.models import AuditEntry, ChainHead, LedgerExport, Report
from rectify.models.progress import PURGED
from rectify.operations import rollups
from rectify.operations.exchange import issue_ledger

SNAPSHOT = "snapshot"
CHUNK = 2000
MOST_BREAKS = 20
SHORTEST_HEAD = 16  # the ledger's page footer has room for this much


@dataclass
class Chain:
    """One chain that was read: whose, how many entries hold, the last digest, and what does not hold."""

    name: str
    count: int = 0
    head: str = GENESIS
    breaks: list[Break] = field(default_factory=list)


def reading_from() -> str:
    """The alias that reads one state without keeping writers waiting; inside a transaction, that one."""
    return "default" if connections["default"].in_atomic_block else SNAPSHOT


def missing_triggers() -> list[Break]:
    return [Break("触发器", f"{name} 缺失或被改动") for name in missing("default")]


def read_chains(using: str) -> Iterator[Chain]:
    """Every chain, the system's first; a ledger's also against its rows. Call inside one transaction."""
    reports = Report.objects.using(using).select_related("unit").order_by("id")
    for report in [None, *reports]:
        chain = Chain(f"{report.unit} {report.prefix}（台账 {report.pk}）" if report else "系统")
        chain.breaks += _first_break(chain, report, using)
        if not chain.breaks:
            chain.breaks += _head_breaks(chain, report, using)
        if report is not None and not chain.breaks:
            chain.breaks += _printed_heads(chain, report, using)
            rooms = (ledgers, sources, chasing, issue_ledger, rollups)
            faults = chained.from_iterable(room.disagreements(report, using) for room in rooms)
            for fault in islice(faults, MOST_BREAKS):
                chain.breaks.append(Break(f"{chain.name} {fault.where}", fault.what))
        elif report is None and not chain.breaks:
            chain.breaks += islice(chasing.messages(None, using), MOST_BREAKS)
        yield chain


def head_known(head: str, using: str) -> bool:
    """Whether some chain still holds the entry whose digest, or its beginning, a ledger printed."""
    if head == GENESIS[: len(head)]:
        return True
    return AuditEntry.objects.using(using).filter(digest__startswith=head).exists()


def _first_break(chain: Chain, report: Report | None, using: str) -> list[Break]:
    """Recompute from the first entry on; `chain` ends with the last one that holds."""
    blanked: dict[int, int] = {}
    entries = AuditEntry.objects.using(using).filter(report=report).order_by("number", "id")
    for entry in entries.iterator(chunk_size=CHUNK):
        if entry.number != chain.count + 1:
            return [_at(chain, chain.count + 1, "这一条缺失，其后的顺序不对，可能有删除、插入或调换")]
        if what := _fault(entry, chain.head):
            return [_at(chain, entry.number, what)]
        if entry.payload == PURGED_PAYLOAD or entry.reason == PURGED:
            blanked[entry.pk] = entry.number
        if entry.act == Action.CONFIRM_PURGE:
            for pk in details_of(entry).get("purged_entries", []):
                blanked.pop(pk, None)
        chain.count, chain.head = entry.number, entry.digest
    return [_at(chain, number, "内容被抹去，却没有清除记录") for number in list(blanked.values())[:1]]


def _fault(entry: AuditEntry, previous: str) -> str:
    if entry.previous != previous:
        return "与上一条不相连，可能有插入、删除或调换"
    if entry.digest != entry.compute_digest():
        return "内容与摘要不符，已被改动"
    if digest_of(entry.payload) != entry.payload_digest and entry.payload != PURGED_PAYLOAD:
        return "操作内容被改动"
    if digest_of(entry.reason) != entry.reason_digest and entry.reason != PURGED:
        return "理由被改动"
    return ""


def _head_breaks(chain: Chain, report: Report | None, using: str) -> list[Break]:
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


def _printed_heads(chain: Chain, report: Report, using: str) -> list[Break]:
    """Each recorded export kept the head of its moment: cut the chain and its head, and these remain."""
    held = AuditEntry.objects.using(using).filter(report=report, digest=OuterRef("head"))
    exports = LedgerExport.objects.using(using).filter(report=report).exclude(head=GENESIS)
    lost = exports.exclude(Exists(held)).order_by("pk").first()
    if lost is None:
        return []
    return [Break(f"{chain.name} 台账导出 {lost.pk}", "所印链头不在链中，记录被截断或替换过")]


def _at(chain: Chain, number: int, what: str) -> Break:
    return Break(f"{chain.name} 第 {number} 条", what)
