"""Every variable and command the README names exists, and every variable of the settings is named there."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "rectify" / "settings.py").read_text(encoding="utf-8")
READ = re.compile(r'(?:environ\.get\(|environ\[|env_bool\(|env_hour\(|env_number\(|env_list\()\s*"([A-Z_]+)"')


def test_every_variable_of_the_settings_is_documented():
    for name in READ.findall(SETTINGS):
        assert f"`{name}`" in README, name


def test_every_documented_variable_is_read_somewhere():
    sources = SETTINGS + "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("*.py"))
    for name in re.findall(r"^\| `([A-Z_]+)`", README, flags=re.MULTILINE):
        assert f'"{name}"' in sources, name


def test_every_command_named_exists():
    for name in re.findall(r"manage\.py (\w+)", README):
        assert name in get_commands(), name


def test_every_make_target_named_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in re.findall(r"(?:^|`)make ([a-z-]+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{name}:", makefile, flags=re.MULTILINE), name
