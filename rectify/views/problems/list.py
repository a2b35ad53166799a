"""The problem list: filter, chips, chosen columns, pages; all of it in the URL."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from rectify import wording
from rectify.choices import Action, RagStatus
from rectify.models import Problem, SavedView
from rectify.models.search.lookup import MOST, words_of
from rectify.operations.bulk import LIMIT
from rectify.policies import may
from rectify.selectors import criteria
from rectify.selectors.filter_options import fill_options
from rectify.selectors.item.workable import workable
from rectify.selectors.problem_filter import LIGHTS, ProblemFilter, describe
from rectify.selectors.problem_rows import problem_rows, with_hits
from rectify.tables.problems import (
    ALWAYS,
    FIRST,
    LAST,
    PAGE_SIZES,
    ProblemData,
    ProblemTable,
    arranged,
    chosen_columns,
    columns,
    name_of,
    order_of,
)
from rectify.views.ledger_choice import kept_ledger, ledgers_of
from rectify.views.list_address import ALL, PLACE, canonical, opened, unknown, views_of
from rectify.views.pages import AnyListing, FewListing, LedgerListing, Listing, Page, page
from rectify.views.problems.bulk import works_in_bulk
from rectify.views.request import AuthenticatedRequest

MAIN = ("leader", "unit", "aspect", "kind")
MORE = (
    *("status", "clerk", "source", "deadline", "timing"),
    *("stale", "instruction", "suggest", "todo", "withdrawn"),
)
FEW = MOST  # rows that are put in order sooner than an index in that order is walked through

NO_VIEW = "您要打开的视图已经删除，或者没有共享给您；下面不按视图列出。"
TOO_OFTEN = f"搜索的词出现得太多，这里只列出其中最近录入的约 {MOST} 处。请再加一个词，或加上其他条件。"


@require_safe
def problems(request: AuthenticatedRequest) -> HttpResponse:
    """The problems a person may see, narrowed down by the query string."""
    if request.GET.get("view", "all") != "all":
        return redirect(_of_view(request))
    if move := request.GET.get("move"):
        return redirect(f"{request.path}?{_arranged(request.GET, move)}")
    found = ProblemFilter.of(request.user, request.GET)
    found.in_part = True
    found.order = name_of(order_of(request.GET.getlist("sort")))
    chosen = chosen_columns(request.GET.getlist("cols"))
    counts = found.light_counts()
    shown = _page(request, found, counts)
    _tell(request, found)
    context = _filter_fields(found) | _ways_on(request)
    context |= {
        "chips": _chips(request.GET, found, counts),
        "page": shown,
        "table": _table(request, found, shown, chosen),
        "columns": _offered(chosen),
        "arranging": "arrange" in request.GET,
        "page_sizes": PAGE_SIZES,
        "kept": _pairs(request.GET, ("report", "light", "cols", "sort", "per_page", *criteria.WORDS)),
    }
    return render(request, "problems/list.html", context)


def _ways_on(request: AuthenticatedRequest) -> dict[str, Any]:
    """Where else one goes with what is listed."""
    data, user = request.GET, request.user
    return {
        "views": _views(request),
        "address": _address(data),
        "where": _where(data),
        "query": _pairs(data, tuple(key for key in data if key not in ("cols", *PLACE))),
        "picks": works_in_bulk(user),
        "bulk_limit": LIMIT,
        "export": _listed(data, "ledger_export") if may(user, Action.EXPORT) else "",
        "list_export": _list_export(request),
        "grid": _listed(data, "grid") if may(user, Action.IMPORT) else "",
        "supervise": _listed(data, "supervision_issue") if may(user, Action.ISSUE_SUPERVISION) else "",
    }


def _list_export(request: AuthenticatedRequest) -> str:
    """The list as a file, where it is of one ledger."""
    reports = ledgers_of(request).looked_at
    if len(reports) != 1 or not may(request.user, Action.EXPORT):
        return ""
    query = QueryDict(_address(request.GET), mutable=True)
    query["report"] = str(reports[0].pk)
    return f"{reverse('list_export')}?{query.urlencode()}"


def _of_view(request: AuthenticatedRequest) -> str:
    """The list with all that a view says in its address; a view that is not offered leaves it as it is."""
    asked = request.GET["view"]
    view = next((view for view in views_of(request) if str(view.pk) == asked), None)
    if view is None:
        messages.warning(request, NO_VIEW)
    return f"{request.path}?{opened(view, request.GET, kept_ledger(request))}"


def _views(request: AuthenticatedRequest) -> list[tuple[SavedView, bool]]:
    """Those offered, each with whether the list is just that."""
    now = canonical(request.GET)
    return [(view, bool(now) and view.query == now) for view in views_of(request)]


def _tell(request: AuthenticatedRequest, found: ProblemFilter) -> None:
    """What of the address was not understood, and that more is found than is listed."""
    if ignored := [*found.ignored, *unknown(request.GET)]:
        words = f"网址中的{wording.listed(ignored)}条件无法识别，已忽略，其余条件仍然有效。"
        messages.warning(request, words)
    if found.finds_more:
        messages.info(request, TOO_OFTEN)


def _filter_fields(problem_filter: ProblemFilter) -> dict[str, Any]:
    """The filter with its options, what stands open and what behind 更多."""
    fill_options(problem_filter)
    return {
        "filter": problem_filter,
        "fields": [problem_filter.form[name] for name in MAIN],
        "more_fields": [problem_filter.form[name] for name in MORE],
        "more_used": sum(name in problem_filter.cleaned for name in MORE),
        "described": describe({**problem_filter.cleaned, "report": None}),
    }


def _page(request: AuthenticatedRequest, problem_filter: ProblemFilter, counts: dict[str, int]) -> Page:
    """The page asked for; how many there are in all is known from the lights."""
    per_page = request.GET.get("per_page", "")
    size = int(per_page) if per_page in map(str, PAGE_SIZES) else PAGE_SIZES[0]
    lights = problem_filter.cleaned.get("light")
    total = sum(counts.get(light, 0) for light in lights) if lights else _all(problem_filter, counts)
    order = order_of(request.GET.getlist("sort"))
    return page(_listing(problem_filter, counts, total), request.GET, order, size, total)


def _listing(problem_filter: ProblemFilter, counts: dict[str, int], total: int) -> AnyListing:
    """In parts, by number ledger by ledger where it is known what each holds."""
    key = problem_filter.key
    if problem_filter.order == "number" and (known := problem_filter.lengths_by_ledger()):
        lengths, totals = [n for n, _ in known.values()], {pk: total for pk, (_, total) in known.items()}
        return LedgerListing(Problem, lengths, totals, problem_filter.part_of, key)
    if total <= FEW and problem_filter.is_counted:
        return FewListing(Problem, total, problem_filter.few, key)
    return Listing(Problem, problem_filter.part_lengths(counts, total), problem_filter.parts, key)


def _all(problem_filter: ProblemFilter, counts: dict[str, int]) -> int:
    """What goes on in another ledger is counted there, unless the other conditions ask for it."""
    carried = 0 if problem_filter.takes_carried else counts.get(RagStatus.CARRIED, 0)
    return sum(counts.values()) - carried


def _table(
    request: AuthenticatedRequest, problem_filter: ProblemFilter, shown: Page, chosen: list[str]
) -> ProblemTable:
    rows = problem_rows(
        shown.ids,
        lambda problems: workable(request.user, problems),
        problem_filter.rules,
        ledgers_of(request).told_apart,
        reports=ledgers_of(request).seen,
        named=tuple(name for name in ("aspect", "clerk") if name in chosen),
    )
    if words := words_of(problem_filter.cleaned.get("q", "")):
        rows = with_hits(rows, words)
    names = (*ALWAYS, *chosen)
    hidden = [name for name in ProblemTable.base_columns if name not in names]
    hidden += [] if works_in_bulk(request.user) else ["pick"]
    table = ProblemTable(ProblemData(rows), exclude=hidden, sequence=(*FIRST, *chosen, "...", LAST))
    # The library's own reading of page and page size believes any number, negative ones too.
    RequestConfig(request, paginate=False).configure(table)
    return table


def _offered(chosen: list[str]) -> list[tuple[str, str, bool]]:
    """Each column, its heading, and whether it is shown: those that are shown first, as they stand."""
    known = columns()
    return [(name, known[name], name in chosen) for name in dict.fromkeys([*chosen, *known])]


def _arranged(data: QueryDict, move: str) -> str:
    """The address with one column moved, and the menu in which it was done open."""
    query = QueryDict(_address(data), mutable=True)
    query.setlist("cols", arranged(data.getlist("cols"), move))
    query["arrange"] = "1"
    return query.urlencode()


def _chips(data: QueryDict, problem_filter: ProblemFilter, counts: dict[str, int]) -> list[dict[str, Any]]:
    """全部 and one chip for each light that occurs, each with the number its link shows."""
    chosen = problem_filter.cleaned.get("light", [])
    chips: list[dict[str, Any]] = [
        {"value": "", "label": "全部", "count": _all(problem_filter, counts), "on": not chosen}
    ]
    for value, label in LIGHTS:
        if counts.get(value) or value in chosen:
            chips.append(
                {"value": value, "label": label, "count": counts.get(value, 0), "on": value in chosen}
            )
    for chip in chips:
        chip["shape"] = wording.SHAPES.get(RagStatus(chip["value"])) if chip["value"] else ""
        chip["url"] = "?" + _with_light(data, str(chip["value"]))
    return chips


def _with_light(data: QueryDict, light: str) -> str:
    query = QueryDict(_address(data), mutable=True)
    query.setlist("light", [light] if light else [])
    return query.urlencode() or ALL


def _pairs(data: QueryDict, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Parameters a form must carry along."""
    return [(name, value) for name in names for value in data.getlist(name) if value]


def _address(data: QueryDict) -> str:
    """All but the place in the list."""
    query = data.copy()
    for name in PLACE:
        query.pop(name, None)
    return query.urlencode()


def _where(data: QueryDict) -> str:
    """The conditions alone."""
    query = data.copy()
    for name in (*PLACE, "per_page", "cols", "sort"):
        query.pop(name, None)
    return query.urlencode()


def _listed(data: QueryDict, name: str) -> str:
    """Another page about what is listed here."""
    text = _where(data)
    return reverse(name) + (f"?{text}" if text else "")
