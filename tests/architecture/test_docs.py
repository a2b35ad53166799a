"""Every file, module, command, variable, URL and name that the documentation gives exists."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import resolve

ROOT = Path(__file__).resolve().parents[2]
DOCS = [
    ROOT / name
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
]
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
CONTRACTS = (ROOT / "docs" / "CONTRACTS.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")

PATH = re.compile(r"`((?:rectify|tests|templates|docs|deploy|fixtures|static)/[\w./-]*|\.ci/run)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
MODULE = re.compile(r"python -m ((?:tests|rectify)\.[\w.]+)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
# What CONTRACTS.md says is still to come.
PLANNED = re.compile(r"^Planned and not there yet:.*?(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_file_module_and_link_exists(document):
    text = document.read_text(encoding="utf-8")
    paths = [ROOT / name for name in PATH.findall(text)]
    modules = [ROOT / f"{name.replace('.', '/')}.py" for name in MODULE.findall(text)]
    links = [document.parent / name for name in LINK.findall(text)]
    assert not [str(path) for path in [*paths, *modules, *links] if not path.exists()]


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_test_named_is_there(document):
    named = TEST.findall(document.read_text(encoding="utf-8"))
    assert not [
        name for path, name in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_command_and_target_exists(document):
    text = PLANNED.sub("", document.read_text(encoding="utf-8"))
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert not set(re.findall(r"manage\.py (\w+)", text)) - get_commands().keys()
    assert not set(re.findall(r"`make ([a-z-]+)", text)) - set(targets)


def test_every_command_of_ours_is_a_contract():
    ours = {name for name, app in get_commands().items() if app == "rectify"}
    assert ours == set(re.findall(r"manage\.py (\w+)", CONTRACTS))


def test_contracts_and_readme_name_the_same_variables():
    row = re.compile(r"^\| `([A-Z_]+)`", re.MULTILINE)
    assert set(row.findall(CONTRACTS)) == set(row.findall((ROOT / "README.md").read_text(encoding="utf-8")))


def test_every_url_named_leads_somewhere():
    urls = re.findall(r"`(/[\w/<>.-]*)`", CONTRACTS)
    assert len(urls) > 10, "the list is gone"
    for url in urls:
        resolve(url.replace("<id>", "1"))


def test_the_rooms_are_those_of_the_import_table():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [
        [name.strip() for name in layer.split("|")]
        for contract in contracts["contracts"]
        for layer in contract.get("layers", [])
    ]
    section = ARCHITECTURE.partition("## Rooms")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", section, flags=re.MULTILINE)
    rooms = [re.findall(r"`(\w+)`", row) for row in rows]
    assert rooms == layers


def test_every_name_of_the_glossary_is_in_the_code():
    names = set(re.findall(r"`([A-Za-z_][\w.]*)`", GLOSSARY.partition("## ")[2]))
    assert len(names) > 60, "the table is gone"
    defined = defined_names()
    assert not {name for name in names if not set(name.split(".")) <= defined}


def defined_names() -> set[str]:
    """Names of modules, classes, functions, parameters and variables of the program."""
    defined: set[str] = set()
    for path in (ROOT / "rectify").rglob("*.py"):
        defined.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                defined.add(node.name)
            elif isinstance(node, ast.arg):
                defined.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
    return defined
