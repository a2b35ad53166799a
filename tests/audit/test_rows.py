"""The record misses nothing: every business table and column, changed, removed or added by SQL, is seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from rectify import clock
from rectify.audit import append_only_triggers, chain
from rectify.audit.rows import BUSINESS, LEFT_OUT, LEFT_OUT_COLUMNS, Shape, shapes
from rectify.audit.verify import read_chains
from rectify.choices import Finding, ImportKind, SupervisionLevel
from rectify.digests import canonical
from rectify.models import AllowedHost, DeliverySettings, Evidence, Holiday, Problem, User
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
from rectify.operations.exchange import exports, import_export
from tests import builders, filed

pytestmark = pytest.mark.django_db

FAR = dt.date(2099, 6, 30)
KINDS = sorted(BUSINESS)


def everything() -> builders.Cast:
    """At least one row of every business model, each made by the operations."""
    cast = builders.cast()
    office, clerk, leader = cast["office"], cast["clerk"], cast["leader"]
    builders.closed(cast, builders.ready(cast, builders.assign(cast, _item(cast, 2))))
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
    closed = _item(cast, 2)
    close_out.record_follow_up(closed, by=office, finding="成效保持", outcome=Finding.HOLDS)
    filed.acted(office, _item(cast, 3))
    filed.file_one(cast)
    builders.with_source(cast.report)
    _exchanged(cast, problem)
    purging.request(note, by=office, reason="误传个人信息")
    _of_the_system(cast)
    with transaction.atomic():
        chain.append_waiting(None)
    return cast


WORLD = everything


def _item(cast: builders.Cast, number: int) -> Problem:
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
    delivery_settings.edit_delivery(
        cast.report, by=office, seen=row.version, email_on=True, webhook_on=False, template=row.template
    )


def _of_the_system(cast: builders.Cast) -> None:
    day = clock.today() + dt.timedelta(days=1)
    given = {"starts_on": day, "ends_on": day, "reason": "外出学习"}
    people.name_stand_in(cast["clerk"], by=cast["office"], substitute=cast["unit_head"], **given)
    for row in (Holiday(day=FAR, name="假日"), AllowedHost(host="robot.example.org")):
        reference.store(row, by=cast["sysadmin"], reason="登记")
    asked = duties.ask_to_relax(cast.county, by=cast["sysadmin"], reason="人手不足")
    duties.confirm(asked, by=cast["auditor"])


# -- what is looked at -----------------------------------------------------------------------------------


def test_every_model_is_business_or_left_out_with_a_reason():
    ours = {str(model._meta.model_name) for model in apps.get_app_config("rectify").get_models()}
    assert ours == BUSINESS.keys() | LEFT_OUT.keys()
    assert not BUSINESS.keys() & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


def test_every_column_is_digested_or_left_out_with_a_reason():
    for shape in shapes():
        columns = {
            column.name
            for column in shape.model._meta.concrete_fields
            if not (column.generated or column.primary_key)
        }
        left_out = LEFT_OUT_COLUMNS.get(shape.kind, {})
        assert columns == {column.name for column in shape.columns} | left_out.keys()
        assert all(left_out.values())


def test_an_untouched_record_passes(made):
    assert breaks() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_changed_by_sql_is_seen(made, kind):
    shape = shape_named(kind)
    for column in shape.columns:
        with undone(shape) as pk, connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE {table(shape)} SET "{column.column}" = %s WHERE id = %s',
                [another(shape, column, pk), pk],
            )
            assert breaks(), f"{kind}.{column.name}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_removed_by_sql_is_seen(made, kind):
    shape = shape_named(kind)
    with undone(shape) as pk, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table(shape)} WHERE id = %s", [pk])
        assert breaks()


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_added_by_sql_is_seen(made, kind):
    shape = shape_named(kind)
    with undone(shape) as pk:
        new = inserted(shape, pk)
        assert breaks(), new


@pytest.mark.parametrize(
    ("kind", "name"), [(shape.kind, field.name) for shape in shapes() for field in shape.sets]
)
def test_a_set_changed_by_sql_is_seen(made, kind, name):
    field = apps.get_model("rectify", kind)._meta.get_field(name)
    through = field.remote_field.through
    owner, other = field.m2m_column_name(), field.m2m_reverse_name()
    shape = shape_named(kind)
    with undone(shape, through._meta.db_table) as pk, connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {through._meta.db_table} ({owner}, {other}) VALUES (%s, %s)", [pk, 9_999]
        )
        assert breaks()


@pytest.mark.parametrize("change", ["written", "gone"])
def test_an_evidence_file_that_is_another_or_gone_is_named(made, change):
    evidence = Evidence.objects.order_by("pk")[0]
    if change == "gone":
        evidence.path.unlink()
        assert "文件不见了" in breaks()[0]
    else:
        evidence.path.write_bytes(b"%PDF another")
        assert "文件内容与记录不符" in breaks()[0]
    assert evidence.name in breaks()[0]


# -- what the operations do is never seen as tampering -----------------------------------------------------


def test_a_purge_leaves_a_record_that_verifies_and_still_sees(made):
    for target in (_item(made, 1), Evidence.objects.order_by("pk")[0], _item(made, 2).close_outs.get()):
        asked = purging.request(target, by=made["office"], reason="误传涉密内容")
        purging.confirm(asked, by=made["sysadmin"])
        assert breaks() == []
    User.objects.filter(username="clerk").update(is_superuser=True)
    assert "账号" in breaks()[0]


def test_a_rolled_back_row_is_named_nowhere(made):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Holiday.objects.create(day=FAR + dt.timedelta(days=1), name="没有成")
        raise ZeroDivisionError
    people.add_unit(by=None, name="又一个单位", parent=made.county)
    assert breaks() == []


# -- bending the database by SQL ------------------------------------------------------------------------


def breaks() -> list[str]:
    return [str(fault) for read in read_chains("default") for fault in read.breaks]


def shape_named(kind: str) -> Shape:
    return next(shape for shape in shapes() if shape.kind == kind)


def table(shape: Shape) -> str:
    return str(shape.model._meta.db_table)


@contextmanager
def undone(shape: Shape, *more: str) -> Iterator[int]:
    """The id of one row, its table without triggers and constraints, and all as it was afterwards."""
    row = shape.model._base_manager.order_by("-pk").first()
    assert row is not None, f"no {shape.kind} in the world of this test"
    with transaction.atomic():
        append_only_triggers.lift()
        _without_constraints(table(shape), *more)
        yield row.pk
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA ignore_check_constraints = OFF")


def _without_constraints(*tables: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            return
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f')"
            " AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))",
            [list(tables), list(tables)],
        )
        for name, constraint in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {name} DROP CONSTRAINT "{constraint}"')


def another(shape: Shape, column: Any, pk: int) -> Any:
    """A value of the column's type that is not the one the row has."""
    old = getattr(shape.model._base_manager.get(pk=pk), column.attname)
    if isinstance(column, models.JSONField):
        return canonical({"forged": 1})
    if isinstance(column, models.BooleanField):
        return not old
    if isinstance(column, models.DateTimeField):
        return (old or clock.now()) + dt.timedelta(microseconds=1)
    if isinstance(column, models.DateField):
        return (old or FAR) - dt.timedelta(days=1)
    if column.is_relation or isinstance(column, models.IntegerField):
        return (old or 0) + 5_000
    return "x" if old != "x" else "y"


def inserted(shape: Shape, pk: int) -> int:
    """A copy of the row under a new id; where it may stand only once, the row itself under that id."""
    new = pk + 100_000
    columns = [column for column in shape.model._meta.concrete_fields if not column.generated]
    row = shape.model._base_manager.filter(pk=pk).values(*(column.attname for column in columns)).get()
    for relations in (False, True):
        values = [new if column.primary_key else _copied(shape, column, row, relations) for column in columns]
        names = ", ".join(f'"{column.column}"' for column in columns)
        marks = ", ".join(["%s"] * len(columns))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table(shape)} ({names}) VALUES ({marks})", values)
                return new
        except IntegrityError:
            continue
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table(shape)} SET id = %s WHERE id = %s", [new, pk])
    return new


def _copied(shape: Shape, column: Any, row: dict[str, Any], relations: bool) -> Any:
    if isinstance(column, models.JSONField):
        return canonical(row[column.attname])
    if column.is_relation and not relations:
        return row[column.attname]
    return another(shape, column, row["id"])
