"""A restore is on record: who, when, which archive, and the heads it brought."""

from __future__ import annotations

import getpass
from pathlib import Path

from django.db import transaction

from rectify.audit import chain
from rectify.backup.archive import Manifest
from rectify.choices import Action
from rectify.digests import digest_of
from rectify.models import AuditEntry, ChainHead


def record_restore(manifest: Manifest, file: Path) -> AuditEntry:
    """Appended to the system's chain; anchors are left as they are."""
    heads = ChainHead.objects.filter(number__gt=0).order_by("report_id")
    brought = [
        [report or 0, number, digest]
        for report, number, digest in heads.values_list("report_id", "number", "digest")
    ]
    facts = {
        "archive": file.name,
        "created": manifest.created,
        "manifest": digest_of(manifest.to_json().decode()),
        "missing": len(manifest.missing),
        "heads": brought,
    }
    with transaction.atomic():
        return chain.append_entry(
            by=None,
            act=Action.RESTORE_BACKUP,
            report=None,
            target=None,
            label=f"{manifest.created} 的备份",
            payload={"restored": facts},
            reason=f"由本机账户 {getpass.getuser()} 在命令行恢复",
        )
