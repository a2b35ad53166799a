"""The compose file keeps what it promises: services careful and watched, the backup a real command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import load_command_class

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "deploy/compose.yaml").read_text()
IMAGE = (ROOT / "deploy/Dockerfile").read_text()
SERVICES = dict(
    re.findall(r"^  (\w+):\n((?:    .*\n|  #.*\n)+)", COMPOSE.partition("\nservices:\n")[2], re.M)
)


def test_there_are_the_database_the_program_its_backup_and_the_proxy() -> None:
    assert set(SERVICES) == {"database", "web", "backup", "proxy"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_writes_nowhere_else_gains_no_right_and_is_watched(name: str) -> None:
    service = SERVICES[name]
    careful = re.search(r"^x-careful: &careful\n((?:  .*\n)+)", COMPOSE, re.M)
    program = re.search(r"^x-program: &program\n((?:  .*\n)+)", COMPOSE, re.M)
    assert careful and program and "<<: *careful" in program[1]
    for promise in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "max-size:", "max-file:"):
        assert promise in careful[1], promise
    assert "<<: *careful" in service or "<<: *program" in service
    assert "read_only: false" not in service and "privileged" not in service
    assert "healthcheck:" in service or ("*program" in service and "HEALTHCHECK" in IMAGE)


def test_the_program_is_nobody_of_power() -> None:
    assert re.findall(r"^USER (\S+)$", IMAGE, re.M)[-1].split(":")[0] not in ("root", "0")


def test_the_backup_is_a_command_with_these_options() -> None:
    command = re.search(r"manage\.py (\w+) (.*?);", SERVICES["backup"])
    assert command
    parser = load_command_class("rectify", command[1]).create_parser("manage.py", command[1])
    known = {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"--[\w-]+", command[2])) <= known


def test_each_variable_is_one_the_program_knows() -> None:
    written = re.search(r"environment: &environment\n((?:    .*\n)+)", COMPOSE)
    assert written
    contracts = (ROOT / "docs/CONTRACTS.md").read_text() + (ROOT / "README.md").read_text()
    names = set(re.findall(r"^    (\w+):", written[1], re.M))
    assert len(names) >= 5 and not {name for name in names if f"`{name}`" not in contracts}
