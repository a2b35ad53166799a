"""A world with at least one row of every business model, for tests of the record."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from rectify import clock
from rectify.audit import chain
from rectify.choices import Finding, ImportKind, SupervisionLevel
from rectify.models import AllowedHost, DeliverySettings, Holiday, Problem
from rectify.operations import (
    delivery_settings,
    duties,
    instructions,
    measures,
    narratives,
    people,
    problems,
    progress,
    purging,
    reference,
    supervision,
)
from rectify.operations.closing import close_out
from rectify.operations.exchange import exports, import_export, ledger_forms
from rectify.operations.sign_in import calendar
from tests import builders, filed
from tests.audit.bending import FAR
from tests.one_time_codes import enrolled


def everything() -> builders.Cast:
    """At least one row of every business model, each made by the operations."""
    cast = builders.cast()
    office, clerk, leader = cast["office"], cast["clerk"], cast["leader"]
    builders.closed(cast, builders.ready(cast, builders.assign(cast, item_of(cast, 2))))
    problem = builders.extended(cast)
    problem = problems.assign(
        problem, by=office, seen=problem.version, supporting_units=[cast.other_bureau], reason="配合"
    )
    measures.add(problem, by=clerk, text="每月研讨一次")
    note = progress.add(problem, by=clerk, text="已研讨两次", percent=40, files=[builders.pdf()])
    note = progress.correct(note, by=clerk, text="已研讨一次", percent=20, reason="多数了一次")
    _chased(cast, problem)
    order = instructions.instruct(problem, by=leader, text="请抓紧办理")
    progress.add(problem, by=clerk, text="已办理", answers=[order])
    closed = item_of(cast, 2)
    close_out.record_follow_up(closed, by=office, finding="成效保持", outcome=Finding.HOLDS)
    filed.acted(office, item_of(cast, 3))
    filed.file_one(cast)
    builders.with_source(cast.report)
    _exchanged(cast, problem)
    purging.request(note, by=office, reason="误传个人信息")
    _of_the_system(cast)
    with transaction.atomic():
        chain.append_waiting(None)
    return cast


def item_of(cast: builders.Cast, number: int) -> Problem:
    return Problem.objects.get(report=cast.report, number=number)


def _chased(cast: builders.Cast, problem: Problem) -> None:
    given = {"level": SupervisionLevel.NORMAL, "reason": "请说明滞后原因", "reply_by": FAR}
    paper = supervision.issue([problem], by=cast["office"], units=[cast.bureau], **given)
    addressee = paper.addressees.get()
    supervision.acknowledge(addressee, by=cast["clerk"])
    supervision.reply(addressee, by=cast["clerk"], text="正在补办", files=[builders.pdf()])


def _exchanged(cast: builders.Cast, problem: Problem) -> None:
    office, facts = cast["office"], {"as_of": clock.today(), "columns": "W", "selection": "", "problems": 1}
    export = exports.record(cast.report, by=office, sha256="0" * 64, head=chain.head_of(cast.report), **facts)
    import_export.keep_base(export, import_export.free_code(), {problem.code: {"title": problem.title}})
    kept = {"kind": ImportKind.RETURNED, "name": "填好的.xlsx", "sha256": "0" * 64}
    with import_export.batch(cast.report, by=office, **kept):
        progress.add(problem, by=office, text="导入的进展")
    row = DeliverySettings(report=cast.report)
    narratives.write(cast.report, by=office, seen=1, practices="逐项明确责任")
    ledger_forms.keep(
        cast.report, by=office, name="一页表", base="A", title="", columns=[["number", 4], ["problem", 40]]
    )
    delivery_settings.edit_delivery(
        cast.report, by=office, seen=row.version, email_on=True, webhook_on=False, template=row.template
    )


def _of_the_system(cast: builders.Cast) -> None:
    day = clock.today() + dt.timedelta(days=1)
    given = {"starts_on": day, "ends_on": day, "reason": "外出学习"}
    people.name_stand_in(cast["leader"], by=cast["office"], substitute=cast["unit_head"], **given)
    for row in (Holiday(day=FAR, name="假日"), AllowedHost(host="robot.example.org")):
        reference.store(row, by=cast["sysadmin"], reason="登记")
    people.set_password(cast["clerk"], by=cast["clerk"], password="Ling-yi-ge-mi-ma-1")
    enrolled(cast["clerk"])
    calendar.open_feed(cast["clerk"])
    asked = duties.ask_to_relax(cast.county, by=cast["sysadmin"], reason="人手不足")
    duties.confirm(asked, by=cast["auditor"])
