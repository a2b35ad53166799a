"""Official ledgers are filed: rows, file and digest kept, the code recorded; what is kept must stay true."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Action
from rectify.digests import PURGED_PAYLOAD, digest_of
from rectify.errors import NotAllowed
from rectify.evidence.storage import Kept
from rectify.models import AuditEntry, IssuedLedger, LedgerExport, Problem, Report, User
from rectify.operations import recording
from rectify.operations.exchange import exports

TRIES_A_DAY = 10
OPINIONS = ("applied", "review", "acceptance")


@dataclass(frozen=True)
class Filing:
    """What was written and is to be filed: the code it prints, its title and name, rows and file."""

    code: str
    title: str
    rows: str
    kept: Kept


def earlier(by: User, idempotency_key: str | None) -> IssuedLedger | None:
    """What an identical submit has already filed."""
    pk = chain.find_duplicate(by, idempotency_key)
    return IssuedLedger.objects.filter(pk=pk).first() if pk else None


def file(filing: Filing, *, by: User, idempotency_key: str | None = None, **facts: object) -> IssuedLedger:
    """File an official export; `facts` are those of `exports.record`. The same key files once."""
    report: Report = facts["report"]  # type: ignore[assignment]
    kept = filing.kept
    with transaction.atomic():
        chain.lock([report])
        recording.require(by, Action.FILE_LEDGER, report)
        if again := earlier(by, idempotency_key):
            return again
        export = exports.record(by=by, sha256=kept.sha256, **facts)  # type: ignore[arg-type]
        issued = IssuedLedger.objects.create(
            export=export,
            code=filing.code,
            title=filing.title[:200],
            name=kept.name,
            stored=kept.stored,
            size=kept.size,
            rows=filing.rows,
            rows_digest=digest_of(filing.rows),
        )
        kept.named = True
        chain.append_entry(
            by=by,
            act=Action.FILE_LEDGER,
            report=report,
            target=issued,
            label=f"台账存档 {issued.code}",
            payload={"issued": _facts(issued, export)},
            idempotency_key=idempotency_key,
        )
        return issued


def hand_out(issued: IssuedLedger, *, by: User) -> None:
    """A filed ledger leaves again: recorded like every export."""
    report = issued.export.report
    with transaction.atomic():
        recording.require(by, Action.EXPORT, report)
        chain.append_entry(
            by=by,
            act=Action.EXPORT,
            report=report,
            target=issued,
            label=f"台账存档 {issued.code}",
            payload={"handed_out": {"code": issued.code, "sha256": issued.export.sha256}},
        )


def record_try(issued: IssuedLedger, *, by: User, sha256: str, altered: bool) -> None:
    """A comparison asked for by somebody who may not see the content: on record, and so many a day.

    Guessing cells would take thousands of them.
    """
    report, day = issued.export.report, clock.now() - dt.timedelta(days=1)
    with transaction.atomic():
        chain.lock([report])
        done = AuditEntry.objects.filter(actor=by, act=Action.VERIFY_LEDGER, at__gt=day).count()
        if done >= TRIES_A_DAY:
            raise NotAllowed(
                f"您一天内已逐格核验 {done} 次，今天不能再核验含有不由您负责的事项的台账。"
                "要核验，请交签发单位的整改办或督查检查人员。"
            )
        chain.append_entry(
            by=by,
            act=Action.VERIFY_LEDGER,
            report=report,
            target=issued,
            label=f"台账存档 {issued.code}",
            payload={"verified": {"code": issued.code, "sha256": sha256, "altered": altered}},
        )


def quoting(problem: Problem, texts: set[str], opinions: set[str]) -> list[IssuedLedger]:
    """The filed ledgers whose row of this problem holds one of the texts, or one of the opinions of a step.

    An opinion can be as short as 同意: it is looked for only where opinions stand.
    """
    found = []
    filed = IssuedLedger.objects.filter(export__report=problem.report).exclude(rows=PURGED_PAYLOAD)
    for issued in filed.iterator(chunk_size=20):
        for row in issued.items:
            said = [row.get(name, "") for name in OPINIONS]
            if row["code"] == problem.code and (_holds(row, texts) or _holds(said, opinions)):
                found.append(issued)
                break
    return found


def blank(filed: list[IssuedLedger]) -> None:
    """Put the marker where the rows were; only a purge does this, and it removes the files too."""
    for issued in filed:
        issued.rows = PURGED_PAYLOAD
        issued.save(update_fields=["rows"])


def _facts(issued: IssuedLedger, export: LedgerExport) -> dict[str, str]:
    return {
        "code": issued.code,
        "export": str(export.pk),
        "rows": issued.rows_digest,
        "sha256": export.sha256,
        "size": str(issued.size),
    }


def _holds(row: object, texts: set[str]) -> bool:
    if isinstance(row, dict):
        return any(_holds(value, texts) for value in row.values())
    if isinstance(row, list):
        return any(_holds(value, texts) for value in row)
    return isinstance(row, str) and any(text in row for text in texts)
