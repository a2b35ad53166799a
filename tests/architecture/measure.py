"""The size and tangle of the program in numbers, printed by `python -m tests.architecture.measure`.

What passes a sign to look at (limits below) stands with its reason in passed_signs.tsv; `--write` drops the
rows that are no longer needed and adds the new ones, whose reasons are then to be written by hand.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "rectify"
TABLE = Path(__file__).with_name("passed_signs.tsv")

FILES_PER_FOLDER = 15
LINES_PER_FILE = 300
LINES_PER_FUNCTION = 30
LINES_PER_VIEW = 25
COMPLEXITY = 10

Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert)


@dataclass(frozen=True)
class MeasuredFunction:
    path: str
    name: str
    lines: int
    complexity: int

    @property
    def place(self) -> str:
        return f"{self.path}:{self.name}"


def program_files() -> list[Path]:
    """Every file of the program but migrations, which Django writes."""
    return sorted(path for path in PROGRAM.rglob("*.py") if "migrations" not in path.parts)


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_per_file(files: Iterable[Path]) -> dict[str, int]:
    return {relative(path): line_count(path) for path in files}


def files_per_folder(files: Iterable[Path]) -> dict[str, int]:
    return dict(Counter(relative(path.parent) for path in files if path.name != "__init__.py"))


def measured_functions(files: Iterable[Path]) -> list[MeasuredFunction]:
    return [function for path in files for function in _functions_in(path)]


def _functions_in(path: Path) -> Iterator[MeasuredFunction]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, node in _named_functions(tree, ""):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        yield MeasuredFunction(relative(path), name, length, complexity(node))


def _named_functions(parent: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, Function):
            yield prefix + node.name, node
        named = isinstance(node, Function | ast.ClassDef)
        yield from _named_functions(node, f"{prefix}{node.name}." if named else prefix)


def complexity(function: Function) -> int:
    """Independent ways through a function (McCabe); a function inside it is measured by itself."""
    return 1 + sum(_branches(node) for node in _own_nodes(function))


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function):
            waiting.extend(ast.iter_child_nodes(node))


def _branches(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    if isinstance(node, ast.Match):
        return len(node.cases)
    return int(isinstance(node, BRANCHES))


def direct_imports() -> dict[str, set[str]]:
    graph = grimp.build_graph("rectify", cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def import_circles() -> list[list[str]]:
    """Groups of modules that import each other, directly or through others.

    An import inside a function or for an annotation counts as well.
    """
    imports = direct_imports()
    reached = {module: _reachable(module, imports) for module in imports}
    circles = {
        frozenset({module, *(other for other in reached[module] if module in reached[other])})
        for module in imports
        if module in reached[module]
    }
    return sorted(sorted(circle) for circle in circles)


def _reachable(module: str, imports: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [*imports[module]]
    while waiting:
        target = waiting.pop()
        if target not in reached:
            reached.add(target)
            waiting.extend(imports[target])
    return reached


def passed_signs() -> dict[tuple[str, str], int]:
    """What stands beyond a limit today: (sign, place) -> its number."""
    files = program_files()
    functions = measured_functions(files)
    too_many = {("files", path): n for path, n in files_per_folder(files).items() if n > FILES_PER_FOLDER}
    too_long = {("lines", path): n for path, n in lines_per_file(files).items() if n > LINES_PER_FILE}
    long_functions = {("length", f.place): f.lines for f in functions if f.lines > _length_limit(f)}
    tangled = {("complexity", f.place): f.complexity for f in functions if f.complexity > COMPLEXITY}
    return too_many | too_long | long_functions | tangled


def reasons() -> dict[tuple[str, str], str]:
    """The table of what may stand beyond a limit: (sign, place) -> why."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return {(sign, place): reason for sign, place, reason in rows}


def write_table() -> None:
    known = reasons()
    rows = sorted("\t".join([*key, known.get(key, "")]) for key in passed_signs())
    TABLE.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _length_limit(function: MeasuredFunction) -> int:
    return LINES_PER_VIEW if function.path.startswith("rectify/views/") else LINES_PER_FUNCTION


def _spread(numbers: list[int]) -> str:
    ordered = sorted(numbers)
    half, most = ordered[len(ordered) // 2], ordered[len(ordered) * 9 // 10]
    return f"p50 {half} · p90 {most} · most {ordered[-1]}"


def report() -> Iterator[str]:
    files = program_files()
    lines = lines_per_file(files)
    folders = files_per_folder(files)
    functions = measured_functions(files)
    yield f"program              {len(files)} files, {sum(lines.values())} lines, {len(functions)} functions"
    yield f"files per folder     {_spread([*folders.values()])}"
    yield f"lines per file       {_spread([*lines.values()])}"
    yield f"lines per function   {_spread([function.lines for function in functions])}"
    yield f"complexity           {_spread([function.complexity for function in functions])}"
    circles = import_circles()
    yield f"circles of imports   {len(circles)}"
    yield from (f"  {' <-> '.join(circle)}" for circle in circles)
    yield "the fullest folders"
    yield from (f"  {n:4d}  {path}" for path, n in Counter(folders).most_common(8))
    yield "beyond a sign"
    yield from (f"  {sign:10s} {n:4d}  {place}" for (sign, place), n in sorted(passed_signs().items()))


if __name__ == "__main__":
    if "--write" in sys.argv:
        write_table()
    print("\n".join(report()))
