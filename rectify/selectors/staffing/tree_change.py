"""What moving or merging a unit would change: who gains and loses sight of what, and why it may not be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from rectify import clock
from rectify.choices import DutyKind, Role
from rectify.models import Addressee, Leader, Membership, Problem, Report, StandIn, Unit, User
from rectify.models.people import county_of, within
from rectify.roles import REPORTING, WATCHING
from rectify.selectors.staffing.holdings import open_items

NAMED = 8
SEEING = (Role.OFFICE, Role.INSPECTOR)


@dataclass(frozen=True)
class Sight:
    """One person, and the items that come into their sight or leave it."""

    person: str
    count: int
    codes: tuple[str, ...]

    @property
    def named(self) -> str:
        rest = f" 等 {self.count} 项" if self.count > NAMED else ""
        return "、".join(self.codes[:NAMED]) + rest


@dataclass
class TreeChange:
    """The effect of putting one unit below another (`move`), or of its becoming part of it (`merge`)."""

    kind: str
    unit: Unit
    target: Unit
    gains: list[Sight] = field(default_factory=list)
    loses: list[Sight] = field(default_factory=list)
    counts: list[tuple[str, int]] = field(default_factory=list)
    refused: str = ""

    @property
    def words(self) -> str:
        what = "并入" if self.kind == DutyKind.MERGE else "移到"
        return f"{self.unit}{what}{self.target}{'' if self.kind == DutyKind.MERGE else '之下'}"

    @property
    def summary(self) -> str:
        """Counts only, for who agrees and sees no business text."""
        parts = [f"{label} {count}" for label, count in self.counts if count]
        gained = sum(one.count for one in self.gains)
        lost = sum(one.count for one in self.loses)
        parts.append(
            f"{len(self.gains)} 人新看到共 {gained} 项次，{len(self.loses)} 人不再看到共 {lost} 项次"
        )
        return "；".join(parts)


def common_ancestor(unit: Unit, target: Unit) -> Unit | None:
    """The lowest unit in whose subtree a move begins and ends."""
    parent = unit.path[: -Unit.steplen]
    ends = [end for end in range(0, len(parent) + 1, Unit.steplen) if target.path[:end] == parent[:end]]
    return Unit.objects.filter(path=parent[: max(ends)]).first() if max(ends) else None


def tree_change(kind: str, unit: Unit, target: Unit) -> TreeChange:
    change = TreeChange(kind, unit, target)
    change.refused = _why_no_merge(unit, target) if kind == DutyKind.MERGE else _why_no_move(unit, target)
    if not change.refused:
        (_merge if kind == DutyKind.MERGE else _move)(change)
    return change


# -- moving -------------------------------------------------------------------------------------------


def _why_no_move(unit: Unit, target: Unit) -> str:
    if common_ancestor(unit, target) is None:
        return f"{unit}和{target}没有共同的上级单位，不能调整。"
    if target.path.startswith(unit.path):
        return f"{target}是{unit}自己或其下级，不能移到那里。"
    if not target.active:
        return f"{target}已停用，请另选上级单位。"
    if unit.path[: -Unit.steplen] == target.path:
        return f"{unit}已经在{target}之下，无需调整。"
    if Unit.objects.get_children(target).filter(name=unit.name).exists():
        return f"{target}之下已有“{unit.name}”，请先核对；是同一单位的，请用合并。"
    return _left_in_the_county(unit, target)


def _left_in_the_county(unit: Unit, target: Unit) -> str:
    """A unit does not take items of one county's ledgers along into another county."""
    county = county_of(unit.path)
    if county.startswith(unit.path) or county == county_of(target.path):
        return ""
    here = Q(lead_unit__path__startswith=unit.path) | Q(supporting_units__path__startswith=unit.path)
    left = open_items().filter(here, withdrawn=False).exclude(report__unit__path__startswith=unit.path)
    codes = list(left.distinct().values_list("code", flat=True))
    if not codes:
        return ""
    return (
        f"跨县调整：{unit}还承担原县台账中的 {len(codes)} 项（{_some(codes)}），请先由原县整改办改派或办结。"
    )


def _move(change: TreeChange) -> None:
    old, new = change.unit.path, change.target.path
    before, after = set(_prefixes(old[: -Unit.steplen])), set(_prefixes(new))
    ledgers = Report.objects.filter(unit__path__startswith=old)
    items = Problem.objects.live().filter(report__in=ledgers)
    for person in _seeing(before ^ after):
        paths = _seen_paths(person)
        saw, sees = bool(before & set(paths)), bool(after & set(paths))
        if saw == sees:
            continue
        inside = [path for path in paths if path.startswith(old)]
        own = Problem.objects.filter(within("report__unit__path", inside)).order_by().values("pk")
        held = Problem.objects.held_by(person).order_by().values("pk")
        rows = items.exclude(pk__in=own).exclude(pk__in=held)
        _note(change.gains if sees else change.loses, person, rows)
    change.counts = [
        ("随同调整的单位", change.unit.subtree().count()),
        ("台账", ledgers.count()),
        ("事项", items.count()),
    ]


def _prefixes(path: str) -> list[str]:
    return [path[:end] for end in range(Unit.steplen, len(path) + 1, Unit.steplen)]


def _seeing(paths: set[str]) -> list[User]:
    """Who sees ledgers by a post at one of these units, and who stands in for them today."""
    posts = Membership.objects.filter(unit__path__in=paths, role__in=SEEING, active=True)
    people = Q(pk__in=posts.values("user"))
    away = StandIn.objects.in_force(clock.today()).filter(absent__in=posts.values("user"))
    people |= Q(pk__in=away.values("substitute"))
    return list(User.objects.filter(people, is_active=True).order_by("pk"))


def _seen_paths(person: User) -> list[str]:
    deputed = [one.path for one in person.deputed if one.role == Role.OFFICE]
    return [*person.paths(*SEEING), *deputed]


def _note(found: list[Sight], person: User, rows: Any) -> None:
    codes = list(rows.order_by("report_id", "number").values_list("code", flat=True))
    if codes:
        found.append(Sight(person.label, len(codes), tuple(codes[:NAMED])))


# -- merging ------------------------------------------------------------------------------------------


def _why_no_merge(unit: Unit, target: Unit) -> str:
    if common_ancestor(unit, target) is None:
        return f"{unit}和{target}没有共同的上级单位，不能合并。"
    if target.path.startswith(unit.path):
        return f"{target}是{unit}自己或其下级，不能并入。"
    if not (unit.active and target.active):
        return f"{unit}或{target}已停用，不能合并。"
    if county_of(unit.path) != county_of(target.path):
        return f"{unit}和{target}不在同一个县，请先调整隶属，再合并。"
    if Report.objects.filter(unit=unit).exists() or _posts(unit).filter(role__in=WATCHING).exists():
        return f"{unit}有自己的台账，或设有整改办、系统管理员、安全审计员，不能并入别的单位；可以调整隶属。"
    same = set(_children(unit)) & set(_children(target))
    if same:
        return f"{unit}和{target}之下都有“{_some(sorted(same))}”，请先合并或改名。"
    posts = Leader.objects.filter(unit=unit, active=True).values("post")
    if (there := Leader.objects.filter(unit=target, active=True, post__in=posts).first()) is not None:
        return f"{target}已有责任领导“{there}”，与{unit}的重名，请先改名。"
    return ""


def _children(unit: Unit) -> list[str]:
    return list(Unit.objects.get_children(unit).values_list("name", flat=True))


def _posts(unit: Unit) -> Any:
    return Membership.objects.filter(unit=unit, active=True)


def borne_by(unit: Unit) -> Any:
    """Every item that a unit answers for or supports, closed ones too."""
    rows = Problem.objects.filter(Q(lead_unit=unit) | Q(supporting_units=unit)).distinct()
    return rows.select_related("report__unit", "lead_unit").order_by("report_id", "id")


def _merge(change: TreeChange) -> None:
    unit, target = change.unit, change.target
    theirs, ours = borne_by(unit), borne_by(target)
    for people, rows in ((_workers(target), theirs), (_workers(unit), ours)):
        for person in people:
            seen = Problem.objects.visible_to(person).order_by().values("pk")
            _note(change.gains, person, rows.filter(withdrawn=False).exclude(pk__in=seen))
    papers = Addressee.objects.filter(unit=unit, reply__isnull=True).count()
    change.counts = [
        ("转入的事项", theirs.count()),
        ("转入的任职", _posts(unit).count()),
        ("责任领导", Leader.objects.filter(unit=unit).count()),
        ("下级单位", len(_children(unit))),
        ("未回复、须由整改办登记或重新签发的督办单", papers),
    ]


def _workers(unit: Unit) -> list[User]:
    posts = _posts(unit).filter(role__in=REPORTING)
    return list(User.objects.filter(pk__in=posts.values("user"), is_active=True).order_by("pk"))


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return "、".join(listed[:NAMED]) + ("等" if len(listed) > NAMED else "")
