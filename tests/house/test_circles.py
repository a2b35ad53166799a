"""No circle of files, not even inside a room, inside a function or for an annotation."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import grimp


def test_no_module_imports_itself_round_about() -> None:
    graph = grimp.build_graph("rectify")
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert imported["rectify.models.state"] >= {"rectify.models.report", "rectify.models.progress"}
    circle: list[str] = []
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert not circle, " → ".join(circle)
