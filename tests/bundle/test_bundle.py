"""The bundle alone, without a network: installed, served, upgraded, a failed upgrade taken back, removed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.bundle.conftest import broken, changed, linked
from tests.installation import PASSWORD, free_port

pytestmark = [pytest.mark.ci, pytest.mark.sqlite, pytest.mark.xdist_group("bundle")]
SCRIPT = """
set -eu
ip link set lo up
ask() { "$1/inst/current/.venv/bin/python" - "$2" <<'CODE'
import sys, urllib.request
print("healthz", urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz").status)
CODE
}
"$1/first/install.sh" --trial --yes --dir "$1/inst" --data "$1/data" --port "$2"
"$1/inst/rectify" demo --password "$3" >/dev/null
ask "$1" "$2"
"$1/second/install.sh" --trial --upgrade --dir "$1/inst"
ask "$1" "$2"
"$1/broken/install.sh" --trial --upgrade --dir "$1/inst" || true
readlink "$1/inst/current"
ask "$1" "$2"
"$1/inst/rectify" verify_audit | tail -n 1
"$1/inst/rectify" shell -v 0 -c '
from rectify.models import Problem, Unit
print("rows", Problem.objects.count(), Unit.objects.filter(name="改坏了").count())'
"$1/second/install.sh" --trial --uninstall --yes --dir "$1/inst"
ls "$1/data" "$1/inst"
"""


def without_compiled(folder: Path) -> None:
    """As on a machine that the compiled wheels do not fit."""
    for wheel in (folder / "wheels").iterdir():
        if not wheel.stem.endswith("-none-any"):
            wheel.unlink()


def test_from_the_bundle_alone_to_an_upgrade_taken_back(first: Path) -> None:
    changed(first, "second", "9.0.1", without_compiled)
    changed(first, "broken", "9.0.2", without_compiled, broken)
    arguments = [str(first.parent), str(free_port()), PASSWORD]
    done = subprocess.run(
        ["unshare", "-rn", "sh", "-c", SCRIPT, "sh", *arguments],
        capture_output=True, text=True,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert said.count("healthz 200") == 3, said
    assert said.count("改用纯 Python 的") == 1, (
        "once: the version after has the same wheels, and takes them over"
    )
    assert "升级到 9.0.1 版" in said and "没有升级：已恢复 9.0.1 版" in said and "releases/9.0.1" in said
    assert "原因：" in said and "Traceback" not in said, "the reason in a line; all of it in upgrade.log"
    assert "核对通过" in said and "rows 10 0" in said, said
    left = done.stdout.rpartition("已卸载程序")[2]
    assert "rectify.sqlite3" in left and "evidence" in left and "releases" not in left, left


def test_what_was_changed_on_the_way_is_not_installed(first: Path) -> None:
    program = linked(first, "changed") / "program/manage.py"
    text = program.read_text()
    program.unlink()
    program.write_text(f"{text}\n")
    target = first.with_name("nowhere")
    done = subprocess.run(
        [first.with_name("changed") / "install.sh", "--trial", "--yes", "--dir", target],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "不完整或被改动" in done.stderr and not target.exists()


def test_the_bill_of_materials_names_every_wheel(first: Path) -> None:
    bill = json.loads((first / "sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX" and bill["metadata"]["component"]["name"] == "rectify"
    wheels = {path.name for path in (first / "wheels").glob("*.whl")}
    assert {file["name"] for one in bill["components"] for file in one["components"]} == wheels
    assert all(one.get("licenses") for one in bill["components"]), "each says its licence"
    assert "pytest" not in {one["name"] for one in bill["components"]}, "nothing of the tests"
