"""The record misses nothing: every business table and column, changed, removed or added by SQL, is seen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import connection, transaction

from rectify import clock
from rectify.audit import chain
from rectify.audit.rows import BUSINESS, LEFT_OUT, LEFT_OUT_COLUMNS, shapes
from rectify.choices import Finding, ImportKind, SupervisionLevel
from rectify.models import AllowedHost, DeliverySettings, Evidence, Holiday, Problem, User
from rectify.operations import (
    delivery_settings,
    duties,
    instructions,
    measures,
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
from tests.audit.bending import FAR, bend, breaks, inserted, shape_named, stored_text, table, undone
from tests.one_time_codes import enrolled

pytestmark = pytest.mark.django_db

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
def test_every_column_is_in_the_text_that_is_digested(made, kind):
    shape = shape_named(kind)
    with undone(shape) as pk:
        for column in shape.columns:
            before = stored_text(shape, pk)
            bend(shape, column, pk)
            assert stored_text(shape, pk) != before, f"{kind}.{column.name}"


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(slice(1), id="first", marks=pytest.mark.ci),
        pytest.param(slice(1, None), id="rest", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_column_changed_by_sql_is_seen(made, kind, columns):
    shape = shape_named(kind)
    for column in shape.columns[columns]:
        with undone(shape) as pk:
            bend(shape, column, pk)
            assert breaks(), f"{kind}.{column.name}"


@pytest.mark.once
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_removed_by_sql_is_seen(made, kind):
    shape = shape_named(kind)
    with undone(shape) as pk, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table(shape)} WHERE id = %s", [pk])
        assert breaks()


@pytest.mark.once
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
    assert f"问题 {evidence.problem.code} 的佐证材料（编号 {evidence.pk}）" in breaks()[0]


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
