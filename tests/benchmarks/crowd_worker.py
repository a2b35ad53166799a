"""Who takes part in the crowd of bench_crowd, and whether the database holds what was acknowledged to it.

    python -m tests.benchmarks.crowd_worker people WRITERS
    python -m tests.benchmarks.crowd_worker check < ACKNOWLEDGED

The first prints the clerks who write, each with items to write on, how many notes there are, and the last
row of each table. The second reads `[[problem, text, sha256], …]` and prints what of it is missing, double or
damaged.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

from django.apps import apps
from django.db import connection

from rectify.models import AuditEntry, Evidence, Membership, Problem, ProgressNote
from rectify.transitions import OPEN_FOR_WORK

ITEMS = 5


def people(writers: int) -> dict[str, Any]:
    """The clerks with most to do: several of them write into one ledger."""
    held: dict[int, list[int]] = {}
    workable = Problem.objects.live().filter(status__in=OPEN_FOR_WORK, carried=False)
    for pk, unit in workable.order_by("pk").values_list("pk", "lead_unit_id"):
        held.setdefault(unit, []).append(pk)
    clerks = Membership.objects.filter(role="clerk", unit__in=held).order_by("pk").select_related("user")
    found = [(one.user.username, held[one.unit_id][:ITEMS]) for one in clerks]
    found.sort(key=lambda one: -len(one[1]))
    assert len(found) >= writers, f"only {len(found)} clerks have something to report"
    return {
        "writers": found[:writers],
        "notes": ProgressNote.objects.count(),
        "storage": storage(),
        "last": last_rows() if connection.vendor == "sqlite" else None,
    }


def last_rows() -> dict[str, int]:
    """The last row of each table that holds rows, as SQLite counts them."""
    models = apps.get_app_config("rectify").get_models(include_auto_created=True)
    found = {}
    with connection.cursor() as cursor:
        for table in (model._meta.db_table for model in models):
            cursor.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def storage() -> str:
    """How the database says that it keeps what it has acknowledged."""
    asked = {"sqlite": ["journal_mode", "synchronous"], "postgresql": ["fsync", "synchronous_commit"]}
    found = []
    with connection.cursor() as cursor:
        for name in asked[connection.vendor]:
            cursor.execute(f"{'PRAGMA' if connection.vendor == 'sqlite' else 'SHOW'} {name}")
            found.append(f"{name}={cursor.fetchone()[0]}")
    return f"{connection.vendor}: {', '.join(found)}"


def check(acknowledged: list[tuple[int, str, str]]) -> dict[str, Any]:
    notes = ProgressNote.objects.filter(text__startswith="压测").values_list("pk", "problem_id", "text")
    stored = Counter((problem, text) for _, problem, text in notes)
    number = {(problem, text): pk for pk, problem, text in notes}
    files = {one.note_id: one for one in Evidence.objects.filter(note__in=list(number.values()))}
    entered = set(AuditEntry.objects.filter(target_kind="progressnote").values_list("target_id", flat=True))
    wrong = []
    for problem, text, digest in acknowledged:
        pk = number.get((problem, text))
        if pk is None:
            wrong.append(f"lost: {text}")
        elif pk not in entered:
            wrong.append(f"without an entry: {text}")
        elif pk not in files or _digest(files[pk]) != digest:
            wrong.append(f"without its evidence: {text}")
    wrong += [f"twice: {text}" for (_, text), times in stored.items() if times > 1]
    return {
        "wrong": wrong[:20],
        "count": len(wrong),
        "stored": len(number),
        "notes": ProgressNote.objects.count(),
    }


def _digest(file: Evidence) -> str:
    return hashlib.sha256(file.path.read_bytes()).hexdigest()


def main() -> None:
    if sys.argv[1] == "people":
        print(json.dumps(people(int(sys.argv[2]))))
    else:
        print(json.dumps(check(json.load(sys.stdin)), ensure_ascii=False))


if __name__ == "__main__":
    main()
