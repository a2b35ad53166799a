"""The import-linter contract that enforces the table "who may import whom" of pyproject.toml.

The built-in contracts cannot say "this and nothing else" about direct imports, and they
stop with an error at a module that does not exist yet. Here a row names everything its
sources may import; an import that no row allows, and a module that no row names, break it.
"""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class TableContract(Contract):
    """`rows`: "a, b -> c, d"; the row of the longest matching source decides. Modules inside one
    room (one top-level package) may import each other."""

    type_name = "table"

    rows = fields.ListField(subfield=fields.StringField())
    banned_names = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        root = self.session_options["root_packages"][0]
        table = read_rows(self.rows)  # type: ignore[arg-type]
        banned = set(self.banned_names or ())  # type: ignore[call-overload]
        problems = []
        for module in sorted(graph.modules):
            if module == root:
                name = ""
            elif module.startswith(root + "."):
                name = module.removeprefix(root + ".")
            else:
                continue
            if banned & set(name.split(".")):
                problems.append(f"{module}: a file of this name is banned; name it after its noun")
            row = longest_match(name, table)
            if name and row is None:
                problems.append(f"{module}: no row of the import table names it")
                continue
            allowed = table[row] if row else set()
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                if not imported.startswith(root + "."):
                    continue
                target = imported.removeprefix(root + ".")
                if not may_import(name, target, allowed):
                    lines = sorted(
                        detail["line_number"]
                        for detail in graph.get_import_details(importer=module, imported=imported)
                    )
                    where = ", ".join(f"l.{line}" for line in lines)
                    problems.append(f"{module} must not import {imported} ({where})")
        return ContractCheck(kept=not problems, metadata={"problems": problems})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for problem in check.metadata["problems"]:
            output.print_error(f"- {problem}", bold=False)


def read_rows(rows: list[str]) -> dict[str, set[str]]:
    table: dict[str, set[str]] = {}
    for row in rows:
        sources, arrow, targets = row.partition("->")
        if not arrow:
            raise ValueError(f"import table: no arrow in {row!r}")
        for source in names(sources):
            if source in table:
                raise ValueError(f"import table: {source} has two rows")
            table[source] = set(names(targets))
    return table


def names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def longest_match(name: str, among: Any) -> str | None:
    """The longest of `among` that is the module `name` or a package around it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        candidate = ".".join(parts[:length])
        if candidate in among:
            return candidate
    return None


def may_import(name: str, target: str, allowed: set[str]) -> bool:
    same_room = bool(name) and name.split(".")[0] == target.split(".")[0]
    return same_room or longest_match(target, allowed) is not None
