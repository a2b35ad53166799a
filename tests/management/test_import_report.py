"""manage.py import_report --dry-run: the outline as JSON, without a database; refusals in one sentence."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]
REPORT = """县粮食局对照检查材料
一、存在的主要问题
（一）在履行主责方面
一是地方储备粮轮换不够及时。比如，x次竞价流拍；出库进度慢。
二是粮食质量检测能力不强。
二、原因分析
（一）保供责任意识淡化。之所以存在地方储备粮轮换不及时等问题，主要是担当不足。
三、努力方向
（一）扛牢储备粮轮换责任。
"""
TWO = f"篇一：县粮食局\n{REPORT}{REPORT[30:]}\n篇二：县供销社\n" + REPORT.replace("粮", "棉")


def dry_run(path: Path, *options: str) -> dict:
    out = io.StringIO()
    call_command("import_report", str(path), "--dry-run", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def report(tmp_path) -> Path:
    path = tmp_path / "报告.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_prints_the_outline(report):
    found = dry_run(report)
    assert found["aspects"] == [{"number": 1, "title": "在履行主责方面"}]
    assert found["problems"][0] == {
        "number": 1,
        "aspect": 1,
        "title": "地方储备粮轮换不够及时",
        "text": "比如，x次竞价流拍；出库进度慢。",
        "manifestations": ["x次竞价流拍", "出库进度慢"],
        "measures": [],
        "leaders": [],
        "units": [],
        "deadline": None,
    }
    assert [one["title"] for one in found["problems"]] == ["地方储备粮轮换不够及时", "粮食质量检测能力不强"]
    assert found["causes"] == [{"number": 1, "title": "保供责任意识淡化"}]
    assert found["directions"] == [{"number": 1, "title": "扛牢储备粮轮换责任"}]
    assert {"problem": 1, "cause": 1, "basis": "explicit"} in found["links"]
    assert found["placeholders"] == [{"text": "x次", "line": 4}]
    assert all(set(warning) == {"line", "message"} for warning in found["warnings"])


@pytest.mark.ci
def test_needs_no_database(report, tmp_path):
    """Not even one that was migrated: nothing is written anywhere."""
    data = tmp_path / "data"
    data.mkdir()
    command = [sys.executable, str(ROOT / "manage.py"), "import_report", str(report), "--dry-run"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"DATA_DIR": str(data), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["problems"]) == 2
    assert not [path for path in data.rglob("*.sqlite3*") if path.stat().st_size]


def test_chooses_a_report_of_several(tmp_path):
    path = tmp_path / "两篇.txt"
    path.write_text(TWO, encoding="utf-8")
    first, second = dry_run(path), dry_run(path, "--part", "2")
    assert "粮" in first["problems"][0]["title"] and "棉" in second["problems"][0]["title"]
    assert "县供销社" in first["warnings"][0]["message"]
    with pytest.raises(CommandError, match="没有第 3 份"):
        dry_run(path, "--part", "3")


@pytest.mark.ci
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("报告.doc", b"x", "另存为"),
        ("报告.txt", "今天开会。".encode(), "没有找到问题"),
        ("报告.docx", b"PK\x03\x04", "损坏"),
    ],
)
def test_refuses_in_one_sentence_and_exits_with_one(tmp_path, name, data, said):
    path = tmp_path / name
    path.write_bytes(data)
    command = [sys.executable, str(ROOT / "manage.py"), "import_report", str(path), "--dry-run"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={"DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 1 and done.stdout == ""
    assert said in done.stderr and done.stderr.strip().count("\n") == 0


def test_says_what_is_missing(report, tmp_path):
    with pytest.raises(CommandError, match="读不到文件"):
        dry_run(tmp_path / "没有.txt")
    with pytest.raises(CommandError, match="目录"):
        dry_run(tmp_path)
    with pytest.raises(CommandError, match="--unit、--year、--as"):
        call_command("import_report", str(report))
