"""The grid without scripts: one item after another, saved the same way, on to the next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from rectify import clock
from rectify.choices import Action
from rectify.digests import canonical
from rectify.errors import Incomplete
from rectify.forms.grid import WAS, GridCell, GridItemForm
from rectify.ledger.roundtrip.columns import CLEARABLE, GRID
from rectify.ledger.roundtrip.grid import read_grid
from rectify.ledger.roundtrip.rows import Names, WorkingRow
from rectify.models import Problem
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.selectors.problem_filter import ProblemFilter
from rectify.selectors.visible import read_visible
from rectify.views.drafts import draft_token, keeps_text, restored
from rectify.views.problems.grid import Selection, hint_of, offered, rows_of, shown_cell
from rectify.views.problems.grid_save import CONFLICT, NOTHING, Attempt, attempt
from rectify.views.request import AuthenticatedRequest

NOT_OPEN = "这一项现在没有您可以填写的内容。"


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def grid_item(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The cells of one item as a form."""
    problem: Problem = read_visible(Problem, request.user, pk, "report__unit")
    require(request.user, Action.IMPORT)
    names = Names(problem.report)
    one = Problem.objects.filter(pk=pk)
    rows = rows_of(request, Selection(problem.report, one, "", ""), names, [])
    cells = [cell for row in rows for cell in cells_of(row, names)]
    if not cells:
        refused = {"reason": NOT_OPEN, "heading": "没有打开表格", "back": reverse("problems")}
        return render(request, "problems/bulk_refused.html", refused, status=422)
    kept = restored(request, f"fill:{pk}")
    posted = request.POST if request.method == "POST" else None
    form = GridItemForm(posted, cells=cells, initial=_initial(problem, cells, kept))
    tried = _save(request, problem, form) if form.is_valid() else Attempt()
    if tried.batch is not None:
        unsent.drop(request.user, f"fill:{pk}")
        return _onward(request, problem, tried)
    _show(form, tried, {cell.key: cell.value for cell in cells})
    return _page(request, problem, form, tried)


def _page(
    request: AuthenticatedRequest, problem: Problem, form: GridItemForm, tried: Attempt
) -> HttpResponse:
    key = f"fill:{problem.pk}"
    context = {
        "form": form, "problem": problem, "tried": tried, "query": request.GET.urlencode(),
        "next": _next(request, problem), "draft_key": key, "draft_token": draft_token(request.user, key),
    }  # fmt: skip
    wrong = bool(tried.warning) or bool(form.errors)
    return render(request, "problems/grid_item.html", context, status=tried.status if wrong else 200)


def cells_of(row: WorkingRow, names: Names) -> list[GridCell]:
    """What this person may fill in of an item; clerks are those of its units, or all while it has none."""
    lists = offered(names)
    units = [row.cells["lead_unit"], *(names.unit(unit) for unit in row.problem.supporting_units.all())]
    clerks = [name for unit in filter(None, units) for name in lists["clerk"].get(unit, ())]
    everybody = sorted({name for some in lists["clerk"].values() for name in some})
    lists["clerk"] = list(dict.fromkeys(clerks)) if any(units) else everybody
    return [
        GridCell(
            column.key, column.heading, shown_cell(column, row), hint_of(column), column.longest,
            lists.get(column.key), column.key in CLEARABLE,
        )
        for column in GRID
        if column.key in row.open
    ]  # fmt: skip


def _initial(problem: Problem, cells: list[GridCell], kept: dict[str, Any]) -> dict[str, Any]:
    """What stands today; of a draft what was typed and what stood there then (empty texts are not kept)."""
    initial = {"version": problem.version, "at": clock.now().isoformat()}
    if not kept:
        return initial
    return initial | {name: "" for cell in cells for name in (cell.key, WAS + cell.key)} | kept


def _save(request: AuthenticatedRequest, problem: Problem, form: GridItemForm) -> Attempt:
    data: dict[str, Any] = form.cleaned_data
    row = {"version": data["version"], **form.typed}
    if not row["now"]:
        return Attempt(NOTHING)
    text = canonical({"at": data["at"], "rows": {problem.code: row}})
    try:
        posted = read_grid(text, problem.report)
        return attempt(request.user, posted, reason=data["reason"], shown=data["shown"])
    except Incomplete as wrong:
        return Attempt(wrong.message)


def _show(form: GridItemForm, tried: Attempt, today: dict[str, str]) -> None:
    """What is wrong stands at its field; saving again after a conflict takes what was typed."""
    if not form.is_bound:
        return
    data: Any = form.data.copy()  # type: ignore[attr-defined]
    data["shown"] = tried.shown
    for line in tried.lines:
        form.add_error(line.key if line.key in form.fields else None, line.words)
        if line.kind == CONFLICT:
            data[WAS + line.key] = today[line.key]
    form.data = data


def _onward(request: AuthenticatedRequest, problem: Problem, tried: Attempt) -> HttpResponse:
    messages.success(request, f"已保存 {problem.code}，批次号 {tried.batch.pk}，都在变更记录里。")
    query = request.GET.urlencode()
    following = _next(request, problem)
    where = reverse("grid_item", args=[following.pk]) if following else reverse("problems")
    return redirect(f"{where}?{query}" if query else where)


def _next(request: AuthenticatedRequest, problem: Problem) -> Problem | None:
    """The next one of the list's conditions, in the order of the ledger."""
    found = ProblemFilter.of(request.user, request.GET).qs
    after = found.filter(report=problem.report, number__gt=problem.number, withdrawn=False)
    return after.order_by("number").first()
