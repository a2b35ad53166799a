"""The whole bundle of either machine holds what each Python needs; other Pythons of this machine run it."""

from __future__ import annotations

import glob
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundle.conftest import made
from tests.installation import PASSWORD, ROOT, free_port

pytestmark = [pytest.mark.long, pytest.mark.sqlite]
PYTHONS = ("3.11", "3.12", "3.13")
LOCK = (ROOT / "requirements.txt").read_text()
NEEDED = set(re.findall(r"^([a-z0-9-]+)==(?!.*sys_platform == 'win32')", LOCK, re.MULTILINE))


@pytest.fixture(scope="module", params=["x86_64", "aarch64"])
def whole(request, tmp_path_factory) -> tuple[str, Path]:
    """The machine, and its bundle for every Python."""
    return request.param, made(tmp_path_factory.mktemp(request.param), "--machine", request.param)


@pytest.mark.parametrize("python", PYTHONS)
def test_pip_finds_all_of_the_lock_in_the_bundle_and_nothing_contradicts(whole, python, tmp_path) -> None:
    machine, folder = whole
    tags = [f"cp{python.replace('.', '')}", "abi3", "none"]
    libc = ["manylinux2014", "manylinux_2_17", "manylinux_2_27", "manylinux_2_28"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"]
    command += ["--report", tmp_path / "report.json", "--target", tmp_path, "--no-index", "--require-hashes"]
    command += ["--only-binary=:all:", "--find-links", folder / "wheels"]
    command += ["--python-version", python, "--implementation", "cp"]
    command += [option for tag in tags for option in ("--abi", tag)]
    command += [option for tag in libc for option in ("--platform", f"{tag}_{machine}")]
    done = subprocess.run(
        [*command, "-r", folder / "program/requirements.txt"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    chosen = json.loads((tmp_path / "report.json").read_text())["install"]
    assert {plain(wheel["metadata"]["name"]) for wheel in chosen} == NEEDED
    assert "python_version" not in LOCK and "python_full_version" not in LOCK, (
        "the bundle is downloaded by one Python for all: what depends on its version would be missing"
    )


@pytest.mark.parametrize("python", PYTHONS)
def test_another_python_of_this_machine_installs_and_runs_it(whole, python, tmp_path) -> None:
    machine, folder = whole
    if machine != platform.machine():
        pytest.skip(f"this machine is no {machine}")
    target = tmp_path / "inst"
    install = [folder / "install.sh", "--trial", "--yes", "--dir", target, "--python", interpreter(python)]
    must([*install, "--no-start", "--port", str(free_port())])
    assert f"Python {python}." in must([target / "current/.venv/bin/python", "--version"])
    must([target / "rectify", "demo", "--password", PASSWORD])
    must([target / "rectify", "export_document", "report", "--out", tmp_path / "a.docx", "--as", "office"])
    must([target / "rectify", "export_ledger", "--out", tmp_path / "a.xlsx", "--as", "office"])
    assert "核对通过" in must([target / "rectify", "verify_audit"])


def interpreter(python: str) -> str:
    """One of this version that runs: on the path, or built beside others."""
    beside = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [shutil.which(f"python{python}"), *glob.glob(f"{beside}/{python}.*/bin/python{python}")]
    for place in filter(None, places):
        if subprocess.run([place, "-c", "import venv, sqlite3"], capture_output=True).returncode == 0:
            return place
    pytest.skip(f"no Python {python} on this machine")


def must(command: list[object]) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
