"""After each act that touches much at once the record verifies, and tampering is seen in every table."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from rectify.audit import chain, written
from rectify.audit.rows import BUSINESS
from rectify.choices import Action, DutyKind, Role
from rectify.models import Evidence, Problem, Report, Unit
from rectify.operations import people, purging
from rectify.operations.staffing.hand_over import hand_over
from rectify.operations.staffing.unit_tree import change_tree
from tests import builders
from tests.audit.bending import another, breaks, inserted, shape_named, table, undone
from tests.audit.one_of_each import everything

CHUNK = 2


def purged(made: builders.Cast) -> None:
    for target in (Problem.objects.get(report=made.report, number=1), Evidence.objects.order_by("-pk")[0]):
        asked = purging.request(target, by=made["office"], reason="误传涉密内容")
        purging.confirm(asked, by=made["sysadmin"])


def loaded(made: builders.Cast) -> None:
    builders.another_ledger(made)


def unit_moved(made: builders.Cast) -> None:
    """A bureau goes below another unit at once: in this world duties are not separate."""
    target = people.add_unit(by=None, name="乙县政府", parent=made.county)
    tree_changed(made, DutyKind.MOVE, target)


def unit_merged(made: builders.Cast) -> None:
    tree_changed(made, DutyKind.MERGE, made.other_bureau)


def tree_changed(made: builders.Cast, kind: str, target: Unit) -> None:
    bureau, target = (Unit.objects.get(pk=unit.pk) for unit in (made.bureau, target))
    change_tree(kind, bureau, target, by=made["office"], reason="机构改革")


def handed_over(made: builders.Cast) -> None:
    taker = builders.account("next_clerk", made.bureau, Role.CLERK)
    hand_over(made["clerk"], taker=taker, by=made["office"], reason="岗位调整")


def migrated(made: builders.Cast) -> None:
    """What a migration with data does: rows in chunks by one UPDATE each, and an entry for each chunk."""
    for report in Report.objects.order_by("pk"):
        ids = list(Problem.objects.filter(report=report).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), CHUNK):
            rows = Problem.objects.filter(pk__in=ids[start : start + CHUNK])
            with transaction.atomic():
                rows.update(remark="迁移时写入")
                written.wrote_all(rows)
                chain.append_entry(
                    by=None, act=Action.NAME_ROWS, report=report, target=None, label="数据迁移",
                    payload={"migration": {"name": "0002_remark", "from": ids[start]}},
                )  # fmt: skip


def restored(made: builders.Cast, tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    archive = str(tmp_path / "备份.tar")
    call_command("backup", archive, verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    settings.EVIDENCE_DIR = tmp_path / "new" / "evidence"
    call_command("restore", archive)


def require_seen(tables: slice) -> None:
    """In each of these tables a changed column, a removed row and an added row."""
    assert breaks() == []
    for kind in sorted(BUSINESS)[tables]:
        shape = shape_named(kind)
        column = shape.columns[-1]
        with undone(shape) as pk, connection.cursor() as cursor:
            change = f'UPDATE {table(shape)} SET "{column.column}" = %s WHERE id = %s'
            cursor.execute(change, [another(shape, column, pk), pk])
            assert breaks(), f"{kind}.{column.name} changed"
        with undone(shape) as pk, connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table(shape)} WHERE id = %s", [pk])
            assert breaks(), f"{kind} removed"
        with undone(shape) as pk:
            inserted(shape, pk)
            assert breaks(), f"{kind} added"


ACTS = (purged, loaded, unit_moved, unit_merged, handed_over, migrated)
# After each act its share of the tables, all of them together; make test-long asks for all after each.
SHARES = [slice(first, None, len(ACTS)) for first in range(len(ACTS))]
ALL = slice(None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("act", "tables"),
    [
        *(pytest.param(*pair, marks=pytest.mark.ci) for pair in zip(ACTS, SHARES, strict=True)),
        *(pytest.param(act, ALL, marks=pytest.mark.long) for act in ACTS),
    ],
    ids=lambda value: value.__name__ if callable(value) else "all" if value == ALL else "share",
)
def test_the_record_verifies_and_sees_as_before(act, tables):
    made = everything()
    act(made)
    require_seen(tables)


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
@pytest.mark.parametrize(
    "tables",
    [
        pytest.param(SHARES[0], id="share", marks=pytest.mark.ci),
        pytest.param(ALL, id="all", marks=pytest.mark.long),
    ],
)
def test_the_record_verifies_and_sees_as_before_when_restored(tmp_path, settings, tables):
    restored(everything(), tmp_path, settings)
    require_seen(tables)


@pytest.mark.django_db
def test_a_migration_that_names_what_it_wrote_verifies():
    migrated(builders.cast())
    assert breaks() == []
    Problem.objects.update(remark="绕过系统")
    assert "问题（编号" in breaks()[0]
