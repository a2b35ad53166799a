"""What holds for the tests themselves: no test module is asked by another for what it has."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def imported(path: Path) -> set[str]:
    """The last words of the names of all modules that a file imports, and the names it takes from them."""
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = [
        one.name for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for one in node.names
    ]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.rpartition(".")[2] for name in names}


def test_no_test_module_imports_another():
    files = sorted(TESTS.rglob("*.py"))
    modules = {path.stem for path in files if path.name.startswith("test_")}
    assert len(modules) > 50, "the walk has not found the tests"
    found = {str(path.relative_to(TESTS)): imported(path) & modules for path in files}
    assert not {path: names for path, names in found.items() if names}
