"""Reading the record back: chains, their heads, the triggers, and what must agree with the entries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.db import connections, transaction
from django.db.models import Exists, OuterRef

from rectify.audit import anchors
from rectify.audit.anchors import Anchor
from rectify.audit.append_only_triggers import missing
from rectify.audit.checks import derived, misread
from rectify.audit.checks.entries import EntryCheck, entries_of
from rectify.audit.checks.files import FileCheck
from rectify.audit.checks.named_rows import NamedRows, orphans
from rectify.audit.mismatch import Mismatch
from rectify.audit.result import NOWHERE, SYSTEM, Chain
from rectify.audit.rows import kind_name
from rectify.digests import GENESIS
from rectify.models import AuditEntry, ChainHead, LedgerExport, Report, Unit

SNAPSHOT = "snapshot"
MOST_BREAKS = 20
UNREADABLE = "有读不出来的值，可能被绕过系统改动，这一部分没有核对完"


def reading_from() -> str:
    """The alias that reads one state without keeping writers waiting; inside a transaction, that one."""
    return "default" if connections["default"].in_atomic_block else SNAPSHOT


def missing_triggers() -> list[Mismatch]:
    return [Mismatch("触发器", f"{name} 缺失或被改动") for name in missing("default")]


def unreadable_anchors() -> list[Mismatch]:
    what = "读不出来，可能被改动，也可能是断电时没有写完"
    return [Mismatch(f"锚点文件第 {number} 行", what) for number in anchors.unreadable()]


def read_chains(using: str, *, files: bool = True, since: Anchor | None = None) -> Iterator[Chain]:
    """Every chain, the system's first, each in one short snapshot with its rows; then its files.

    `since` starts each chain at that anchor and leaves out what only older entries vouch for.
    """
    known = list(anchors.read())
    units = dict(Unit.objects.using(using).values_list("pk", "name"))
    # Bare of columns that nobody could read after a forgery: the row itself is compared like any other.
    for report in [None, *Report.objects.using(using).only("unit", "prefix").order_by("id")]:
        chain = Chain(chain_name(report, units), report.pk if report else SYSTEM)
        with transaction.atomic(using=using):
            _read_chain(chain, report, using, known, since)
        if files and report is not None:
            check = FileCheck()
            _add(chain, check.mismatches(report, using))
            chain.files = check.count
        yield chain
    for name, look in (("不属于任何台账", orphans), ("不读链也看得出", misread.mismatches)):
        rest = Chain(name, NOWHERE)
        with transaction.atomic(using=using):
            _add(rest, look(using))
        if rest.breaks:
            yield rest


def chain_name(report: Report | None, units: dict[int, str]) -> str:
    if report is None:
        return "系统"
    return f"{units.get(report.unit_id, '单位不明')} {report.prefix}（台账 {report.pk}）"


def head_known(head: str, using: str) -> bool:
    """Whether some chain still holds the entry whose digest, or its beginning, a ledger printed."""
    if head == GENESIS[: len(head)]:
        return True
    return AuditEntry.objects.using(using).filter(digest__startswith=head).exists()


def _read_chain(
    chain: Chain, report: Report | None, using: str, known: list[Anchor], since: Anchor | None
) -> None:
    if since is not None:
        chain.start, chain.head = since.heads.get(chain.key, (0, GENESIS))
    check = EntryCheck(anchors.fixed_points(known, chain.key), chain.start, chain.head)
    named = NamedRows(report, using)
    try:
        chain.breaks += _first_break(chain, check, named, report, using)
        chain.count, chain.head = check.number, check.digest
        if not chain.breaks:
            chain.breaks += _head_breaks(chain, report, using)
        if not chain.breaks:
            _read_rows(chain, named, report, using, whole=since is None)
    finally:
        named.close()


def _read_rows(chain: Chain, named: NamedRows, report: Report | None, using: str, *, whole: bool) -> None:
    if whole:
        if report is not None:
            chain.breaks += _printed_heads(chain, report, using)
        _add(chain, derived.mismatches(report, using))
    _add(chain, named.mismatches(only_named=not whole))
    chain.rows = {kind_name(kind): count for kind, count in named.counts.items()}


def _first_break(
    chain: Chain, check: EntryCheck, named: NamedRows, report: Report | None, using: str
) -> list[Mismatch]:
    """Recompute from where the chain begins to be read; it ends with the last entry that holds."""
    try:
        for entry in entries_of(report, check.number, using):
            if what := check.fault(entry):
                return [_at(chain, check.number + 1, what)]
            if not named.read(entry):
                return [_at(chain, entry.number, "所记的行读不出来，已被改动")]
    except ValueError:
        return [_at(chain, check.number + 1, "这一条或者后面不远的一条读不出来，已被改动")]
    fault = check.fault_at_end()
    return [_at(chain, *fault)] if fault else []


def _add(chain: Chain, found: Iterator[Mismatch]) -> None:
    try:
        for fault in islice(found, MOST_BREAKS):
            chain.breaks.append(Mismatch(f"{chain.name} {fault.where}", fault.what))
        chain.more = chain.more or next(found, None) is not None
    except ValueError:
        chain.breaks.append(Mismatch(chain.name, UNREADABLE))


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
