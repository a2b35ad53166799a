"""State is changed by operations alone: no save, create, update or delete elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "rectify"
WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "delete"}
# Of `models/each.py`: what stores rows, and what makes a statement that does.
STORING = {
    "insert",
    "insert_each",
    "insert_values",
    "update_each",
    "inserting",
    "inserting_values",
    "updating",
}
# The frame around the domain: sessions a timer clears, and the operations themselves.
FREE = ("operations", "audit", "notifications", "evidence", "migrations")
ALLOWED = {
    ("models/each.py", "save"),  # the storing itself
    ("models/each.py", "inserting"),  # the same
    ("models/each.py", "inserting_values"),  # the same
    ("models/each.py", "updating"),  # the same
    ("ledger/print/shell.py", "save"),  # a workbook, not a row
    ("ledger/roundtrip/writer.py", "save"),  # the same
    ("roster/writer.py", "save"),  # the same
    ("docx/writer.py", "save"),  # the same, of Word
    ("demo/samples.py", "save"),  # the same
    ("management/commands/tick.py", "delete"),
}


def writes_in(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STORING:
            found.append((node.func.id, node.lineno))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            on_rows = isinstance(node.func.value, ast.Call | ast.Attribute)
            if name in WRITES or (name == "update" and on_rows and _is_queryset(node.func.value)):
                found.append((name, node.lineno))
    return found


def _is_queryset(value: ast.expr) -> bool:
    """objects.update(…), objects.filter(…).update(…)."""
    text = ast.unparse(value)
    return ".objects" in text or "_default_manager" in text


def test_no_state_changes_outside_operations():
    files = sorted(path for path in ROOT.rglob("*.py") if not set(FREE) & set(path.relative_to(ROOT).parts))
    assert len(files) > 100, "the walk has not found the program"
    found = {(str(path.relative_to(ROOT)), *write) for path in files for write in writes_in(path)}
    used = {(place, name) for place, name, _ in found}
    assert not [one for one in sorted(found) if one[:2] not in ALLOWED], "these change state"
    assert used >= ALLOWED, f"allowed for nothing: {ALLOWED - used}"


def test_operations_never_see_a_request_a_form_or_a_message():
    for path in (ROOT / "operations").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for banned in ("django.http", "django.forms", "django.contrib.messages", "rectify.forms", "request."):
            assert banned not in text, f"{path.name} uses {banned}"
