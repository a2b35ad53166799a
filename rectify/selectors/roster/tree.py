"""The tree of units as it will be: those that are there and those of the sheet, found by name or by path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches

from rectify.choices import Role
from rectify.models import Unit, User
from rectify.models.people import within
from rectify.selectors.roster.rows import UNITS, Fault, Repeats, UnitRow
from rectify.selectors.roster.steps import Step, UnitPlace, differences

UP = "上级单位"


class Tree:
    """Places by name, and by path written 某县/发改局 where two have one name."""

    def __init__(self, by: User | None) -> None:
        paths = by.paths(Role.SYSADMIN) if by else []
        self.may_add_root = by is None or by.covers_all(paths)
        units = Unit.objects.all() if by is None else Unit.objects.filter(within("path", paths))
        self._named: dict[str, list[UnitPlace]] = defaultdict(list)
        self._refused: dict[str, int] = {}
        by_path: dict[str, UnitPlace] = {}
        for unit in units:
            parent = by_path.get(unit.path[: -Unit.steplen])
            by_path[unit.path] = self.add(UnitPlace(unit.name, unit.short, parent, unit))

    def add(self, place: UnitPlace) -> UnitPlace:
        self._named[place.name].append(place)
        return place

    def refuse(self, name: str, row: int) -> None:
        """The sheet has this unit, in a row that must be mended first."""
        self._refused.setdefault(name, row)

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
        faults.append(Fault(sheet, row, heading, text, *self._why_not(text, found)))
        return None

    def _why_not(self, text: str, found: list[UnitPlace]) -> tuple[str, str]:
        """Reason and remedy where a text means no one place."""
        if found:
            paths = "、".join(one.words for one in found[:4])
            return "有同名的单位，不知道是哪一个", f"请带上级写，例如 {paths}"
        if (row := self._refused.get(text.rpartition("/")[2].strip())) is not None:
            return f"“{UNITS}”表第 {row} 行的这个单位还没有建成", "请先改正那一行，这里不用改"
        near = get_close_matches(text, list(self._named), 1, 0.5)
        hint = f"是不是“{near[0]}”？" if near else ""
        return "没有这个单位，或者不在您管理的范围内", f"{hint}请核对，或在“{UNITS}”表里加上"


def unit_steps(rows: Iterable[UnitRow], tree: Tree, faults: list[Fault]) -> list[Step]:
    """Parents before their children, whatever the order of the rows."""
    settling = _Settling(tree, faults)
    waiting = list(rows)
    while waiting:
        names = {row.name for row in waiting}
        later = [row for row in waiting if not settling.settle(row, names)]
        if len(later) == len(waiting):
            for row in later:
                tree.refuse(row.name, row.row)
            faults += [_circle(row) for row in later]
            break
        waiting = later
    return sorted(settling.steps, key=lambda step: (step.label.count("/"), step.row))


def _circle(row: UnitRow) -> Fault:
    words = "上级单位互为上下级，排不出先后"
    return Fault(UNITS, row.row, UP, row.parent, words, "请核对这几行的上级单位")


class _Settling:
    """Each row finds its place, or a fault says why it has none."""

    def __init__(self, tree: Tree, faults: list[Fault]) -> None:
        self.tree, self.faults = tree, faults
        self.steps: list[Step] = []
        self._repeats = Repeats(UNITS, "单位名称", faults)

    def settle(self, row: UnitRow, names: set[str]) -> bool:
        """Whether the row is done with; not while the unit above is one of `names`, without a place yet."""
        above = row.parent.rpartition("/")[2].strip()
        if above in names and above != row.name and not self.tree.find(row.parent):
            return False
        parent = None
        if row.parent:
            parent = self.tree.place(row.parent, UNITS, row.row, UP, self.faults)
        if parent is not None or not row.parent:
            self._step(row, parent)
        else:
            self.tree.refuse(row.name, row.row)
        return True

    def _step(self, row: UnitRow, parent: UnitPlace | None) -> None:
        place = self._known(row, parent)
        if place is None and parent is None and not self.tree.may_add_root:
            words = "最上级的单位只由管理全部单位的系统管理员新增"
            self.faults.append(Fault(UNITS, row.row, UP, "", words, "请填写上级单位"))
            self.tree.refuse(row.name, row.row)
            return
        if place is None:
            place = self.tree.add(UnitPlace(row.name, row.short, parent, None, row.row))
        if not self._repeats.repeats(row.row, row.name, id(place)):
            values = {"name": row.name, "short": row.short}
            changes = differences(place.unit, values, {"short": "简称"})
            self.steps.append(Step(UNITS, row.row, place.words, place.unit, values, changes, place))

    def _known(self, row: UnitRow, parent: UnitPlace | None) -> UnitPlace | None:
        """The place that is there; the top of what an administrator runs has a parent they do not see."""
        if (place := self.tree.child(parent, row.name)) is not None or parent is not None:
            return place
        known = self.tree.find(row.name)
        return known[0] if len(known) == 1 else None
