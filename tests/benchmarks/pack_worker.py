"""One measured step of the pack, verification and bulk benchmarks in a process of its own; prints JSON.

Seconds are of the processor, so that a busy machine measures the same; a child's are added.

    python -m tests.benchmarks.pack_worker pack FILES KILOBYTES
    python -m tests.benchmarks.pack_worker verify PROBLEMS
    python -m tests.benchmarks.pack_worker bulk PROBLEMS

The database is the SQLite file of DATA_DIR, made anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import resource
import sys
import time
import zipfile

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rectify.settings")

import django

django.setup()

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from rectify import clock
from rectify.models import Evidence, IssuedLedger, LedgerExport, Problem, ProgressNote
from rectify.operations import bulk, measures, problems
from tests.builders import Cast, cast

KIND = "by_date"


def grow(made: Cast, count: int) -> None:
    """A ledger of so many problems with three measures each."""
    with transaction.atomic():
        for number in range(count - 3):
            one = problems.add(made.report, by=made["office"], title=f"第{number}个问题抓得不够紧", kind=KIND)
            for step in range(3):
                measures.add(one, by=made["office"], text=f"第{step}条措施：建立台账，压实责任。")


def evidence(made: Cast, files: int, kilobytes: int) -> None:
    """So many files of bytes that do not compress, spread over the problems."""
    rows = list(Problem.objects.filter(report=made.report))
    clerk, now = made["clerk"], clock.now()
    notes = [
        ProgressNote.objects.create(problem=row, at=now, author=clerk, author_label="经办人", text="进展")
        for row in rows
    ]
    made_files = []
    for number in range(files):
        note, content = notes[number % len(notes)], os.urandom(kilobytes * 1024)
        digest = hashlib.sha256(content).hexdigest()
        one = Evidence(
            problem=note.problem, note=note, name=f"佐证材料{number}.pdf", stored=digest[:32],
            content_type="application/pdf", size=len(content), sha256=digest, at=now, by=clerk,
        )  # fmt: skip
        one.path.parent.mkdir(parents=True, exist_ok=True)
        one.path.write_bytes(content)
        made_files.append(one)
    Evidence.objects.bulk_create(made_files)


def spent() -> float:
    """Seconds of the processor, with those of children that have ended."""
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def pack(made: Cast, files: int, kilobytes: int) -> dict[str, float]:
    grow(made, 50)
    evidence(made, files, kilobytes)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(made["office"])
    client.get("/ledger/")  # what every page loads is not the pack's
    before, began, size, first = peak(), spent(), 0, 0.0
    for chunk in client.get("/ledger/pack/file/"):
        first = first or spent() - began
        size += len(chunk)
    seconds = spent() - began
    return {
        "files": files,
        "mib": size / 2**20,
        "seconds": seconds,
        "first": first,
        "before": before,
        "peak": peak(),
    }


def raw(made: Cast, files: int) -> float:
    """The same files by zipfile, for a ratio."""
    began = spent()
    with zipfile.ZipFile(os.devnull, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for one in Evidence.objects.all()[:files]:
            package.write(one.path, f"{one.pk}.pdf")
    return spent() - began


def verify(made: Cast, count: int) -> dict[str, float]:
    grow(made, count)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(made["office"])
    began = spent()
    client.post("/ledger/issued/file/", {"report": made.report.pk})
    filed = spent() - began
    issued = IssuedLedger.objects.get()
    book = openpyxl.load_workbook(io.BytesIO(issued.path.read_bytes()))
    book.worksheets[0]["C4"] = "改过的问题"
    out = io.BytesIO()
    book.save(out)
    began = spent()
    file = SimpleUploadedFile("a.xlsx", out.getvalue())
    response = client.post("/ledger/verify/", {"file": file})
    seconds = spent() - began
    text = response.content.decode()
    said = re.search(r"seal-word[^>]*>(.{1,200})", text.replace("\n", ""))
    return {
        "problems": LedgerExport.objects.get().problems, "file": filed, "verify": seconds,
        "found": "被改动的地方（1 处）" in text, "said": said[1] if said else "",
    }  # fmt: skip


def work(made: Cast, count: int) -> dict[str, float]:
    grow(made, count)
    user = made["office"]
    wanted = bulk.Wanted({"leader": made.leader, "lead_unit": made.bureau, "status": "in_progress"})
    ids = list(Problem.objects.filter(report=made.report).values_list("pk", flat=True))[:count]
    began = spent()
    rows = bulk.subjects(user, ids)
    plan = bulk.plan(rows, wanted, by=user)
    planned = spent() - began
    began = spent()
    seen = {row.pk: row.version for row in rows}
    done = bulk.apply(seen, wanted, by=user, reason="分工调整")
    return {
        "items": done.applied,
        "accepted": len(plan.accepted),
        "plan": planned,
        "apply": spent() - began,
    }


def main() -> None:
    what, *numbers = sys.argv[1:]
    call_command("migrate", verbosity=0)
    made = cast()
    measured = {"pack": pack, "verify": verify, "bulk": work}[what](made, *map(int, numbers))
    if what == "pack":
        measured["zipfile"] = raw(made, int(numbers[0]))
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
