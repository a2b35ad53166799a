"""The tree of units as it will be: those that are there and those of the sheet, found by name or by path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from rectify.choices import Role
from rectify.models import Unit, User
from rectify.models.people import within
from rectify.selectors.roster.rows import UNITS, Fault, UnitRow
from rectify.selectors.roster.steps import Step, UnitPlace, differences

UP = "上级单位"


class Tree:
    """Places by name, and by path written 某县/发改局 where two have one name."""

    def __init__(self, by: User | None) -> None:
        paths = by.paths(Role.SYSADMIN) if by else []
        self.may_add_root = by is None or by.covers_all(paths)
        units = Unit.objects.all() if by is None else Unit.objects.filter(within("path", paths))
        self._named: dict[str, list[UnitPlace]] = defaultdict(list)
        by_path: dict[str, UnitPlace] = {}
        for unit in units:
            parent = by_path.get(unit.path[: -Unit.steplen])
            by_path[unit.path] = self.add(UnitPlace(unit.name, unit.short, parent, unit))

    def add(self, place: UnitPlace) -> UnitPlace:
        self._named[place.name].append(place)
        return place

    def find(self, text: str) -> list[UnitPlace]:
        """All that a name, or the end of a path, may mean."""
        if exact := self._named.get(text):
            return exact
        last = text.rpartition("/")[2].strip()
        wanted = "/".join(part.strip() for part in text.split("/"))
        return [one for one in self._named.get(last, ()) if f"/{one.words}".endswith(f"/{wanted}")]

    def child(self, parent: UnitPlace | None, name: str) -> UnitPlace | None:
        return next((one for one in self._named.get(name, ()) if one.parent is parent), None)

    def place(self, text: str, sheet: str, row: int, heading: str, faults: list[Fault]) -> UnitPlace | None:
        """The one place that is meant; otherwise a fault says what to write."""
        found = self.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            paths = "、".join(one.words for one in found[:4])
            reason, remedy = "有同名的单位，不知道是哪一个", f"请带上级写，例如 {paths}"
        else:
            near = get_close_matches(text, list(self._named), 1, 0.5)
            reason = "没有这个单位，或者不在您管理的范围内"
            remedy = (
                f"是不是“{near[0]}”？请核对，或在“{UNITS}”表里加上"
                if near
                else f"请核对，或在“{UNITS}”表里加上"
            )
        faults.append(Fault(sheet, row, heading, text, reason, remedy))
        return None


def unit_steps(rows: Iterable[UnitRow], tree: Tree, faults: list[Fault]) -> list[Step]:
    """Parents before their children, whatever the order of the rows."""
    waiting = list(rows)
    names = {row.name for row in waiting}
    steps: list[Step] = []
    seen: dict[int, int] = {}
    while waiting:
        later = [row for row in waiting if not _settle(row, tree, steps, seen, faults, names)]
        if len(later) == len(waiting):
            for row in later:
                words = "上级单位互为上下级，排不出先后"
                faults.append(Fault(UNITS, row.row, UP, row.parent, words, "请核对这几行的上级单位"))
            break
        waiting, names = later, {row.name for row in later}
    return sorted(steps, key=lambda step: (step.place.words.count("/") if step.place else 0, step.row))


def _settle(
    row: UnitRow, tree: Tree, steps: list[Step], seen: dict[int, int], faults: list[Fault], names: set[str]
) -> bool:
    """Whether the row has found its place, or can never have one."""
    parent = None
    if row.parent:
        above = row.parent.rpartition("/")[2].strip()
        if not tree.find(row.parent) and above in names and above != row.name:
            return False
        parent = tree.place(row.parent, UNITS, row.row, UP, faults)
        if parent is None:
            return True
    place = tree.child(parent, row.name)
    if place is None and parent is None and not row.parent and len(known := tree.find(row.name)) == 1:
        place = known[0]  # the top of what the administrator runs, whose own parent they do not see
    if place is None:
        if parent is None and not tree.may_add_root:
            words = "最上级的单位只由管理全部单位的系统管理员新增"
            faults.append(Fault(UNITS, row.row, UP, "", words, "请填写上级单位"))
            return True
        place = tree.add(UnitPlace(row.name, row.short, parent, None, row.row))
    if first := seen.get(id(place)):
        faults.append(Fault(UNITS, row.row, "单位名称", row.name, f"与第 {first} 行重复", "请删去其中一行"))
        return True
    seen[id(place)] = row.row
    values = {"name": row.name, "short": row.short}
    changes = differences(place.unit, values, {"short": "简称"})
    steps.append(Step(UNITS, row.row, place.words, place.unit, values, changes, place))
    return True
