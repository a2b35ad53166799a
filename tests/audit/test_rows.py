"""The record misses nothing: every business table and column, changed, removed or added by SQL, is seen."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import connection, transaction

from rectify.audit.rows import BUSINESS, LEFT_OUT, LEFT_OUT_COLUMNS, shapes
from rectify.models import Evidence, Holiday, User
from rectify.operations import (
    people,
    purging,
)
from tests.audit.bending import FAR, bend, breaks, inserted, shape_named, stored_text, table, undone
from tests.audit.one_of_each import everything, item_of

pytestmark = pytest.mark.django_db

KINDS = sorted(BUSINESS)


WORLD = everything


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


@pytest.mark.ci
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
    for target in (item_of(made, 1), Evidence.objects.order_by("pk")[0], item_of(made, 2).close_outs.get()):
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
