"""Views of the list under a name: kept, renamed, dropped. What an office shares is recorded; one's own are
not, like drafts."""

from __future__ import annotations

from django.db import transaction

from rectify.audit import chain, field_values
from rectify.choices import Action, Role
from rectify.errors import Incomplete
from rectify.models import SavedView, Unit, User
from rectify.operations import recording
from rectify.selectors.problem_filter import ProblemFilter, describe

MOST = 20  # of one person, and of one unit
LONGEST = 2000


def keep(*, by: User, name: str, query: str, unit: Unit | None = None, role: str = "") -> SavedView:
    """Keep a view under its name; the one that had the name becomes this one."""
    if len(query) > LONGEST:
        raise Incomplete("条件太长，不能存为视图。请减少搜索的词或所选的条件。")
    with transaction.atomic():
        _begin(by, unit)
        beside = SavedView.objects.filter(unit=unit) if unit else SavedView.objects.own(by)
        view = beside.filter(name=name).first()
        if view is None and beside.count() >= MOST:
            whose = f"{unit}共享的视图" if unit else "您自己的视图"
            raise Incomplete(f"{whose}已有 {MOST} 个，没有保存。请先删除不再需要的。", field="name")
        view = view or SavedView(user=by, unit=unit)
        _change(view, by, name=name, query=query, role=role or view.role)
        return view


def rename(view: SavedView, *, by: User, name: str, role: str = "") -> SavedView:
    """Another name, or another role whose default it is."""
    with transaction.atomic():
        _begin(by, view.unit)
        beside = SavedView.objects.filter(unit=view.unit) if view.unit else SavedView.objects.own(by)
        if beside.filter(name=name).exclude(pk=view.pk).exists():
            raise Incomplete(f"已有名为“{name}”的视图，请换一个名称。", field="name")
        _change(view, by, name=name, role=role)
        return view


def drop(view: SavedView, *, by: User) -> None:
    """It is offered no more, and is nobody's default."""
    with transaction.atomic():
        _begin(by, view.unit)
        if view.unit:
            _enter(view, by, {"name": (view.name, ""), "query": (view.query, "")})
        view.delete()


def _begin(by: User, unit: Unit | None) -> None:
    """One at a time: of a unit under the lock of the record, of a person under that of the account."""
    if unit is None:
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)
        return
    chain.lock([None])
    recording.require(by, Action.SHARE_VIEW, unit)


def _change(view: SavedView, by: User, **fields: str) -> None:
    if fields["role"]:  # of a role there is one: the former is offered on, without being the first
        for former in SavedView.objects.filter(unit=view.unit, role=fields["role"]).exclude(pk=view.pk):
            _change(former, by, role="")
    changes = {
        name: (getattr(view, name), value) for name, value in fields.items() if getattr(view, name) != value
    }
    for name, value in fields.items():
        setattr(view, name, value)
    view.save()
    if view.unit and changes:
        _enter(view, by, changes)


def _enter(view: SavedView, by: User, changes: dict[str, tuple[str, str]]) -> None:
    said = [
        {
            "field": name, "label": field_values.label(view, name), "old": old, "new": new,
            "old_text": _shown(by, name, old), "new_text": _shown(by, name, new),
        }
        for name, (old, new) in changes.items()
    ]  # fmt: skip
    chain.append_entry(
        by=by, act=Action.SHARE_VIEW, report=None, target=view, label=f"共享视图 {view.name}",
        payload={"changes": said},
    )  # fmt: skip


def _shown(by: User, name: str, value: str) -> str:
    if name == "query" and value:
        return describe(ProblemFilter.of(by, value).cleaned) or "全部事项"
    if name == "role" and value:
        return str(Role(value).label)
    return value or "（空）"
