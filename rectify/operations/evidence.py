"""A new version of a file of evidence: the old one stays, kept and hashed, and is shown as replaced."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from rectify.audit import chain
from rectify.choices import Action
from rectify.errors import Incomplete, WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import Evidence, User
from rectify.operations import recording


def replace(file: Evidence, *, by: User, files: list[Any], idempotency_key: str | None = None) -> Evidence:
    """One new file in the place of the newest version; it proves what the old one proved."""
    if len(files) != 1:
        raise Incomplete("请选择一个新版本的文件。", ["新版本"], field="files")
    recording.require(by, Action.REPLACE_EVIDENCE, file)
    with evidence_files.keeping(files) as kept, transaction.atomic():
        chain.lock([file.problem.report])
        if earlier := chain.find_duplicate(by, idempotency_key):
            return Evidence.objects.get(pk=earlier)
        current = Evidence.objects.select_related("problem__report__unit").get(pk=file.pk)
        recording.require(by, Action.REPLACE_EVIDENCE, current)
        if current.is_purged or Evidence.objects.filter(replaces=current).exists():
            raise WrongState("这份材料已有新版本或已清除，请在最新的版本上更换。没有内容被改动。")
        (row,) = evidence_files.attach(kept, current.holder, problem=current.problem, by=by, replaces=current)
        chain.append_entry(
            by=by,
            act=Action.REPLACE_EVIDENCE,
            report=current.problem.report,
            target=row,
            label=f"{current.problem.code} 佐证材料",
            payload={"evidence": [kept[0].facts], "replaces": {"id": current.pk, "sha256": current.sha256}},
            problem=current.problem,
            idempotency_key=idempotency_key,
        )
        return row
