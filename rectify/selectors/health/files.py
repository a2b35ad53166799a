"""Evidence files on the disk: missing, of another size, or with another content than was recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from rectify.models import Evidence
from rectify.models.progress import PURGED
from rectify.selectors.health.findings import CheckedLedgers, HealthFinding, of_problem

CHUNK = 1024 * 1024


def damaged_files(scope: CheckedLedgers) -> Iterator[HealthFinding]:
    rows = Evidence.objects.filter(problem__in=scope.problems.values("pk")).exclude(name=PURGED)
    for evidence in rows.select_related("problem").order_by("problem__report", "problem__number", "pk"):
        if words := fault(evidence, hashes=scope.hashes):
            url = f"{evidence.problem.get_absolute_url()}#notes"
            yield of_problem(evidence.problem, url, "查看", f"{evidence.name}：{words}")


def fault(evidence: Evidence, *, hashes: bool) -> str:
    """What is wrong with the file; empty when nothing is."""
    try:
        size = evidence.path.stat().st_size
        if size != evidence.size:
            return f"文件大小与登记的不符（登记 {evidence.size} 字节，现在 {size} 字节）"
        if hashes and _digest(evidence) != evidence.sha256:
            return "文件内容与登记的不符，已被改动"
    except OSError:
        return "服务器上找不到文件"
    return ""


def _digest(evidence: Evidence) -> str:
    digest = hashlib.sha256()
    with evidence.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
