"""What passes a sign to look at (size, tangle, circles) does so for a reason that is written down."""

from __future__ import annotations

import ast

from tests.architecture import measure


def test_what_passes_a_sign_has_a_reason_and_no_reason_outlives_it():
    passed, known = measure.passed_signs(), measure.reasons()
    assert len(measure.program_files()) > 100, "the walk has not found the program"
    without = {key: number for key, number in passed.items() if not known.get(key)}
    assert not without, "make it smaller, or write the reason into passed_signs.tsv"
    assert not known.keys() - passed.keys(), "run python -m tests.architecture.measure --write"


def test_modules_import_each_other_in_one_direction():
    imports = measure.direct_imports()
    assert imports["rectify.models.state"] >= {"rectify.models.report", "rectify.models.progress"}
    assert measure.import_circles() == []


def test_complexity_counts_the_ways_through_a_function():
    source = """
def straight():
    return 1

def winding(rows, wanted):
    for row in rows:
        if row and wanted or row is None:
            return [cell for cell in row if cell]

    def inner(row):
        return 1 if row else 2
"""
    functions = ast.parse(source).body
    assert [measure.complexity(f) for f in functions if isinstance(f, ast.FunctionDef)] == [1, 7]
