"""What a process of the server loads, and what it leaves to whoever asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import sys
from rectify.wsgi import application
from rectify.server.warm import share_one_heap, warm
share_one_heap()
warm(application)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.sqlite
def test_a_worker_holds_no_library_that_few_requests_need(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environ |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "rectify.settings"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    loaded = set(done.stdout.split())
    assert {"django_tables2", "whitenoise"} <= loaded, "the sign-in page was not asked for"
    assert not loaded & {"openpyxl", "lxml", "PIL", "docx", "pypdfium2", "psycopg"}
