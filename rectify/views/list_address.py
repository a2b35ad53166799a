"""What the address of the list says: its conditions, columns and order, and the views kept of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict

from rectify.models import Problem, SavedView, User
from rectify.selectors.problem_filter import ProblemFilter
from rectify.tables.problems import ORDERS, PAGE_SIZES, columns, order_of
from rectify.views.pages import is_known

# Where in the list one is; whatever changes the list begins it anew.
PLACE = ("page", "after", "before", "view", "arrange", "move")
NAMES = (*ProblemFilter.base_filters, "sort", "cols", "per_page")
# Conditions that mean something in one ledger alone: a view that holds one holds the ledger too.
OF_ONE = frozenset({"aspect", "cause", "direction"})
ALL = "view=all"  # of an address without conditions: the whole list, and no view


def canonical(data: QueryDict) -> str:
    """The conditions, columns and order that the list knows, in one order; the ledger is that in which
    people work, unless a condition belongs to it."""
    said = [(name, value) for name in NAMES for value in data.getlist(name) if value.strip()]
    if OF_ONE.isdisjoint(name for name, _ in said):
        said = [(name, value) for name, value in said if name != "report"]
    kept = QueryDict(mutable=True)
    for name, value in said:
        kept.appendlist(name, value)
    return kept.urlencode()


def unknown(data: QueryDict) -> list[str]:
    """What the filter does not know about: sort, columns, page size."""
    wrong = {
        "排序": any(one.removeprefix("-") not in ORDERS for one in data.getlist("sort") if one),
        "列": any(name not in columns() for name in data.getlist("cols")),
        "每页条数": data.get("per_page", "") not in ("", *map(str, PAGE_SIZES)),
        "页码": not is_known(data, Problem, order_of(data.getlist("sort"))),
    }
    return [label for label, is_wrong in wrong.items() if is_wrong]


def views_of(request: HttpRequest) -> list[SavedView]:
    """The views offered to whoever asks; read once for a request."""
    known: list[SavedView] | None = getattr(request, "saved_views", None)
    if known is None:
        user = request.user
        known = list(SavedView.objects.offered(user)) if isinstance(user, User) else []
        request.saved_views = known  # type: ignore[attr-defined]
    return known


def default_of(request: HttpRequest) -> SavedView | None:
    """What the office nearest to the person wants people in this role to see first."""
    posts: Any = getattr(request.user, "posts", ())
    mine = [
        view
        for view in views_of(request)
        if view.unit
        and any(post.role == view.role and post.path.startswith(view.unit.path) for post in posts)
    ]
    return max(mine, key=lambda view: (len(view.unit.path), -view.pk), default=None)  # type: ignore[union-attr]


def opened(view: SavedView | None, data: QueryDict, ledger: str) -> str:
    """The query in which every condition of a view stands; what the address says besides goes first."""
    query = QueryDict(view.query if view else "", mutable=True)
    if ledger and "report" not in query:
        query["report"] = ledger
    for name in NAMES:
        if name in data:
            query.setlist(name, data.getlist(name))
    return query.urlencode() or ALL
