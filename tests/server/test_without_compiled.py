"""The product on a machine for which no compiled library could be had: all but Word files and pictures."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import openpyxl
import pytest

from tests import installation
from tests.installation import PASSWORD, ROOT, Installation

pytestmark = [pytest.mark.ci, pytest.mark.skipif("DATABASE_URL" in os.environ, reason="runs on SQLite")]
COMPILED = re.compile(r"isal|PIL|pillow|lxml|pypdfium2|psycopg|Crypto|pycryptodome", re.IGNORECASE)
REPORT = ROOT / "tests/intake/corpus/01-plain.txt"


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """An environment of links to what this one has, without the compiled libraries."""
    folder = tmp_path_factory.mktemp("pure")
    lib = folder / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    for path in (lib, folder / "bin"):
        path.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n")
    (folder / "bin/python").symlink_to(Path(sys.executable).resolve())
    for package in Path(pytest.__file__).parents[1].iterdir():
        if not COMPILED.match(package.name):
            (lib / package.name).symlink_to(package)
    return folder / "bin/python"


def test_it_serves_exports_and_imports_and_says_what_it_cannot(python, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(installation, "MANAGE", [str(python), str(ROOT / "manage.py")])
    house = Installation(tmp_path / "data")
    house.must("migrate", "-v0")
    house.must("demo", "--password", PASSWORD)
    unit, files = house.query(
        "[Report.objects.first().unit.name, [[e.name[-4:], e.pk] for e in Evidence.objects.all()]]"
    )
    said = house.must("import_report", str(REPORT), "--unit", unit, "--year", "2019", "--as", "office")
    assert "4 项问题" in said
    book = tmp_path / "ledger.xlsx"
    house.must("export_ledger", "--out", str(book))
    assert openpyxl.load_workbook(book).active.max_row > 10
    word = house.run("export_document", "report", "--out", str(tmp_path / "report.docx"))
    assert (
        word.returncode == 1 and "没有生成 Word 文件的组件" in word.stderr and "Traceback" not in word.stderr
    )
    away = Installation(house.folder, "postgres://a:b@127.0.0.1:1/c").run("check")
    assert away.returncode == 1 and "libpq" in away.stderr, away.stderr
    with house.serving() as server:
        office = server.visitor("office")
        assert office.get("/documents/").status == 200
        refused = office.get("/documents/export/?kind=report")
        assert refused.status == 400 and "没有生成 Word 文件的组件" in refused.text
        for number in dict(files).values():
            assert office.get(f"/evidence/{number}/preview/").status == 200
        assert "Traceback" not in server.log.read_text()
