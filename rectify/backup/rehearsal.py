"""A restore tried in a scratch place of its own: what came back, told in words; nothing here is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from rectify.backup.last import note_rehearsal

MANAGE = Path(settings.BASE_DIR) / "manage.py"
COUNT = (
    "import json; from rectify.models import *; "
    "print(json.dumps([Report.objects.count(), Problem.objects.count(), Evidence.objects.count(), "
    "User.objects.count(), AuditEntry.objects.count()]))"
)


def report(file: Path, evidence: Path) -> str:
    """Restores into an empty SQLite installation, verifies, counts, and takes it away again.

    Raises CommandError, with what the restore said, when the archive would not come back whole.
    """
    if not file.is_file():
        raise CommandError(f"找不到备份文件 {file}，没有演练。")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=".rehearse-", dir=settings.DATA_DIR) as folder:
        _run(folder, "migrate", "--verbosity", "0")
        said = _run(folder, "restore", str(file.resolve()), "--evidence", str(evidence.resolve()))
        ledgers, problems, files, accounts, entries = json.loads(
            _run(folder, "shell", "-v", "0", "-c", COUNT).splitlines()[-1]
        )
    note_rehearsal()
    seconds = time.monotonic() - began
    return (
        f"{said.strip()}\n演练完成，用时 {seconds:.0f} 秒：这份备份能够完整恢复，含 {ledgers} 本台账、"
        f"{problems} 项问题、{files} 份佐证材料记录、{accounts} 个账号、{entries} 条审计记录。"
        "临时数据已经删去，现有数据没有任何改动。"
    )


def _run(folder: str, *arguments: str) -> str:
    environment = os.environ | {"DATA_DIR": folder, "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, str(MANAGE), *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        words = (done.stdout + done.stderr).strip().replace("CommandError: ", "")
        raise CommandError(f"演练没有成功，这份备份不能完整恢复：\n{words}\n现有数据没有任何改动。")
    return done.stdout
