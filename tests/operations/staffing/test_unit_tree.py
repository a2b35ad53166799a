"""A unit is moved or merged: by whom, with which effect, and what the record says of it."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from rectify import clock
from rectify.choices import Action, DutyKind, DutyStatus, Role
from rectify.errors import Incomplete, NotAllowed, WrongState
from rectify.models import AuditEntry, DutyRequest, Leader, Measure, Membership, Problem, Unit, User
from rectify.operations import duties, measures, people, problems, reports, rollups
from rectify.operations.staffing.unit_tree import change_tree
from rectify.selectors.dashboard.overview import overview
from rectify.selectors.problem_filter import ProblemFilter
from rectify.selectors.staffing.tree_change import tree_change
from tests import builders
from tests.scope.counties import Counties, counties

pytestmark = pytest.mark.django_db


def world() -> Counties:
    """With the three of the city above two of the counties."""
    made = counties()
    for role in (Role.OFFICE, Role.AUDITOR):
        made.home.people[f"city_{role}"] = builders.account(f"city_{role}", made.city, role)
    return made


WORLD = world


def fresh(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.pk)


def ask(made: Counties, kind: str, unit: Unit, target: Unit, by: str = "office") -> object:
    return change_tree(kind, fresh(unit), fresh(target), by=made[by], reason="机构改革")


def agree(made: Counties, by: str = "auditor") -> None:
    duties.confirm(DutyRequest.objects.waiting().get(moved__isnull=False), by=made[by])


def group(made: Counties) -> Unit:
    return people.add_unit(by=None, name="乙县政府", parent=fresh(made.county))


def assert_record_holds() -> None:
    call_command("verify_audit", stdout=io.StringIO())


# -- moving ------------------------------------------------------------------------------------------------


def test_a_move_waits_for_a_second_person_and_then_takes_everything_below_along(made: Counties) -> None:
    below = people.add_unit(by=None, name="乙县丙局一股", parent=fresh(made.bureau))
    target = group(made)
    ask(made, DutyKind.MOVE, made.bureau, target)
    assert not fresh(made.bureau).path.startswith(target.path), "nothing moves before the second has agreed"
    agree(made)
    assert fresh(made.bureau).path.startswith(target.path)
    assert fresh(below).path.startswith(fresh(made.bureau).path)
    entry = AuditEntry.objects.get(act=Action.MOVE_UNIT)
    assert entry.actor == made["auditor"] and entry.reason == "机构改革"
    assert set(entry.details["facts"]["units"]) == {"乙县丙局", "乙县丙局一股"}
    for unit in (made.bureau, below):
        assert f'"unit",{unit.pk},' in entry.rows.replace(" ", "")
    assert not any(Unit.objects.find_problems())
    assert_record_holds()


def test_counts_and_lists_follow_and_earlier_days_stay(made: Counties) -> None:
    target = group(made)
    rollups.refresh()
    before = [one.total for one in overview(Problem.objects.all(), clock.today()).by_unit]
    ask(made, DutyKind.MOVE, made.bureau, target)
    agree(made)
    found = ProblemFilter.of(made["office"], f"within={target.pk}")
    assert list(found.qs) == [made.problem]
    assert [one.total for one in overview(Problem.objects.all(), clock.today()).by_unit] == before
    assert list(rollups.disagreements(made.report, "default")) == []


def test_who_gains_and_who_loses_sight_is_said_before(made: Counties) -> None:
    """The city moves a whole county below another city office's subtree."""
    district = people.add_unit(by=None, name="甲市开发区", parent=fresh(made.city))
    builders.account("district_office", district, Role.OFFICE)
    change = tree_change(DutyKind.MOVE, fresh(made.county), fresh(district))
    assert change.refused == "" and change.loses == []
    (gain,) = change.gains
    assert gain.person.startswith("甲市开发区") and gain.count == 3 and "2025-01" in gain.named
    ask(made, DutyKind.MOVE, made.county, district, by="city_office")
    agree(made, by="city_auditor")
    officer = User.objects.get(username="district_office")
    assert Problem.objects.visible_to(officer).count() == 3
    back = tree_change(DutyKind.MOVE, fresh(made.county), fresh(made.city))
    assert [(one.person, one.count) for one in back.loses] == [(officer.label, 3)] and back.gains == []


def test_an_inspector_above_one_side_only_loses_sight(made: Counties) -> None:
    builders.account("near_inspector_two", made.near.unit, Role.INSPECTOR)
    town = people.add_unit(by=None, name="近县某镇", parent=fresh(made.near.unit))
    outline = reports.Outline.from_dict(builders.OUTLINE)
    report = reports.load(outline, by=made.near.person("office"), unit=town, year=2024, title="镇台账")
    change = tree_change(DutyKind.MOVE, fresh(town), fresh(made.county))
    assert report.problems.count() == 3
    assert {one.count for one in change.loses} == {3} and len(change.loses) == 3
    assert [(one.person, one.count) for one in change.gains] == [(made["office"].label, 3)]


@pytest.mark.parametrize("by", ["clerk", "unit_head", "leader", "inspector", "sysadmin", "auditor"])
def test_only_the_office_above_both_asks(made: Counties, by: str) -> None:
    with pytest.raises(NotAllowed):
        ask(made, DutyKind.MOVE, made.bureau, group(made), by=by)


def test_the_county_is_the_border_for_its_office(made: Counties) -> None:
    before = dict(Unit.objects.values_list("pk", "path"))
    for target in (made.near.unit, made.near.bureau):
        for kind in (DutyKind.MOVE, DutyKind.MERGE):
            with pytest.raises(NotAllowed):
                ask(made, kind, made.bureau, target)
    with pytest.raises(Incomplete, match="没有共同的上级"):
        ask(made, DutyKind.MOVE, made.bureau, made.far.unit)
    assert dict(Unit.objects.values_list("pk", "path")) == before and not DutyRequest.objects.exists()


def test_items_of_a_county_do_not_leave_it_with_the_unit(made: Counties) -> None:
    with pytest.raises(Incomplete, match="还承担原县台账中的 1 项（2025-01）"):
        ask(made, DutyKind.MOVE, made.bureau, made.near.unit, by="city_office")
    ask(made, DutyKind.MOVE, made.other_bureau, made.near.unit, by="city_office")
    agree(made, by="city_auditor")
    assert fresh(made.other_bureau).path.startswith(fresh(made.near.unit).path)


def test_what_makes_no_tree_is_refused(made: Counties) -> None:
    below = people.add_unit(by=None, name="一股", parent=fresh(made.bureau))
    people.add_unit(by=None, name="乙县丙局", parent=fresh(made.other_bureau))
    for target, words in (
        (below, "自己或其下级"), (made.bureau, "自己或其下级"), (made.county, "已经在"),
        (made.other_bureau, "之下已有"),
    ):  # fmt: skip
        with pytest.raises(Incomplete, match=words):
            ask(made, DutyKind.MOVE, made.bureau, target)
    with pytest.raises(Incomplete):
        change_tree(DutyKind.MOVE, made.bureau, group(made), by=made["office"], reason=" ")


def test_one_unit_waits_once_and_a_refusal_changes_nothing(made: Counties) -> None:
    target = group(made)
    path = fresh(made.bureau).path
    ask(made, DutyKind.MOVE, made.bureau, target)
    with pytest.raises(WrongState):
        ask(made, DutyKind.MOVE, made.bureau, target)
    with pytest.raises(NotAllowed):
        agree(made, by="office")
    duties.refuse(DutyRequest.objects.get(), by=made["sysadmin"], reason="没有文件")
    assert fresh(made.bureau).path == path and DutyRequest.objects.get().status == DutyStatus.REFUSED


def test_without_separation_it_is_done_at_once(made: Counties) -> None:
    duties.relax(made.county, by=None, reason="人手不够")
    target = group(made)
    ask(made, DutyKind.MOVE, made.bureau, target)
    assert fresh(made.bureau).path.startswith(target.path) and not DutyRequest.objects.exists()


# -- merging -----------------------------------------------------------------------------------------------


def test_merging_takes_items_people_leaders_and_units_over(made: Counties) -> None:
    builders.finish_measure(made.home, made.problem)
    step = measures.add(made.problem, by=made["clerk"], text="还要做的", unit=made.bureau)
    second = Problem.objects.get(report=made.report, number=2)
    second = problems.assign(
        second, by=made["office"], seen=second.version, lead_unit=made.other_bureau,
        supporting_units=[made.bureau],
    )  # fmt: skip
    chief = people.add_leader(by=None, post="丙局局长", unit=made.bureau)
    below = people.add_unit(by=None, name="一股", parent=fresh(made.bureau))
    change = tree_change(DutyKind.MERGE, fresh(made.bureau), fresh(made.other_bureau))
    gains = {one.person: one.codes for one in change.gains}
    assert gains == {made["stranger"].label: ("2025-01",)}
    ask(made, DutyKind.MERGE, made.bureau, made.other_bureau)
    agree(made)
    assert made.problem.lead_unit == made.other_bureau and made.problem.clerk == made["clerk"]
    assert Measure.objects.get(pk=step.pk).unit == made.other_bureau
    second.refresh_from_db()
    assert second.lead_unit == made.other_bureau and not second.supporting_units.exists()
    assert Leader.objects.get(pk=chief.pk).unit == made.other_bureau
    assert fresh(below).path.startswith(fresh(made.other_bureau).path)
    assert not fresh(made.bureau).active
    assert {post.unit_id for post in made["clerk"].posts} == {made.other_bureau.pk}
    assert Problem.objects.visible_to(made["stranger"]).filter(pk=made.problem.pk).exists()
    assert AuditEntry.objects.filter(act=Action.MERGE_UNITS, problem=made.problem).exists()
    assert AuditEntry.objects.get(act=Action.MERGE_UNITS, report=None).details["facts"]["units"] == ["一股"]
    assert_record_holds()


def test_a_closed_item_goes_along_and_stays_closed(made: Counties) -> None:
    builders.closed(made.home)
    ask(made, DutyKind.MERGE, made.bureau, made.other_bureau)
    agree(made)
    assert made.problem.is_closed and made.problem.lead_unit == made.other_bureau
    assert Problem.objects.visible_to(made["clerk"]).filter(pk=made.problem.pk).exists()


def test_what_cannot_be_merged_is_said(made: Counties) -> None:
    town = people.add_unit(by=None, name="乙县某镇", parent=fresh(made.county))
    outline = reports.Outline.from_dict(builders.OUTLINE)
    reports.load(outline, by=made["office"], unit=town, year=2024, title="镇台账")
    with pytest.raises(Incomplete, match="有自己的台账"):
        ask(made, DutyKind.MERGE, town, made.bureau)
    people.add_leader(by=None, post="局长", unit=made.bureau)
    people.add_leader(by=None, post="局长", unit=made.other_bureau)
    with pytest.raises(Incomplete, match="重名"):
        ask(made, DutyKind.MERGE, made.bureau, made.other_bureau)
    assert Membership.objects.filter(unit=made.bureau, active=True).count() == 2
