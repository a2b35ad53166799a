"""Everything a person holds that somebody must go on with, by kind, with who is fit to take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from rectify import clock, wording
from rectify.choices import ENDED, Role, Step
from rectify.models import (
    Addressee,
    CloseOut,
    Extension,
    Instruction,
    IntakeDraft,
    Leader,
    Membership,
    Problem,
    StandIn,
    User,
)
from rectify.models.people import within
from rectify.roles import DEPUTIES, REPORTING
from rectify.selectors.staffing.fitness import StandInRules, holders, officers_over

NAMED = 5


@dataclass(frozen=True)
class Holding:
    """One thing, or several of one kind: what it is, how much hangs on it, and the accounts fit to take it.

    `fit` is None for what nobody need take, because it ends with the hand-over.
    """

    key: str
    label: str
    counts: tuple[str, ...]
    wants: str
    fit: frozenset[int] | None
    rows: tuple[Any, ...]
    codes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """经办的事项（乙县丙局）：2 项."""
        return f"{self.label}：{'，'.join(self.counts)}" if self.counts else self.label

    @property
    def named(self) -> str:
        rest = f" 等 {len(self.codes)} 项" if len(self.codes) > NAMED else ""
        return "、".join(self.codes[:NAMED]) + rest


def holdings(giver: User, paths: list[str]) -> list[Holding]:
    """What a person holds in some subtrees: items, posts, the leader they are, reports in hand, stand-ins."""
    leader = Leader.objects.filter(within("unit__path", paths), user=giver).select_related("unit").first()
    return [
        *_items(giver, paths),
        *([_leader(leader)] if leader else []),
        *_posts(giver, paths, leader),
        *_reports(giver, paths),
        *_standing_in(giver, paths),
    ]


def held_words(giver: User) -> str:
    """经办的事项（乙县丙局）：2 项；…: what a person still holds anywhere, for who ends a post."""
    kinds = [
        one
        for one in (*_items(giver, [""]), *_led(giver), *_reports(giver, [""]), *_standing_in(giver, [""]))
        if one.fit is not None
    ]
    return "；".join(one.words for one in kinds)


def waiting_words(post: Membership) -> str:
    """乙县丙局 单位负责人：待确认 1 件: what waits at a post that nobody holds any more."""
    if holders(post.unit_id, post.role) or not (counts := _said(_waiting_at(post))):
        return ""
    return f"{post}：{'，'.join(counts)}"


def _led(giver: User) -> Iterator[Holding]:
    leader = Leader.objects.filter(user=giver).select_related("unit").first()
    if leader and (holding := _leader(leader)).counts:
        yield holding


def open_items() -> Any:
    """What is closed or carried stays in the name of whoever brought it there."""
    rows = Problem.objects.filter(carried=False).exclude(status__in=ENDED)
    return rows.select_related("report__unit", "lead_unit").order_by("report_id", "id")


def _items(giver: User, paths: list[str]) -> Iterator[Holding]:
    """By the unit that answers for them, since its people are who can take them."""
    rows = open_items().filter(within("report__unit__path", paths), clerk=giver)
    groups: dict[int, list[Problem]] = defaultdict(list)
    for problem in rows.prefetch_related("supporting_units"):
        groups[problem.lead_unit_id or 0].append(problem)
    people = _workers(problem for problems in groups.values() for problem in problems)
    for unit, problems in groups.items():
        fit = [frozenset[int]().union(*(people[one] for one in _units(row))) for row in problems]
        name = problems[0].lead_unit or "未明确责任单位"
        yield Holding(
            f"items-{unit}",
            f"经办的事项（{name}）",
            (f"{len(problems)} 项",),
            f"在{name}或配合单位任经办人、负责人的同志",
            frozenset.intersection(*fit),
            tuple(problems),
            tuple(problem.code for problem in problems),
        )


def _units(problem: Problem) -> set[int]:
    return {unit.pk for unit in problem.supporting_units.all()} | {problem.lead_unit_id or 0}


def _workers(problems: Iterable[Problem]) -> dict[int, frozenset[int]]:
    """Clerks and heads by unit."""
    found: dict[int, set[int]] = defaultdict(set)
    units = set[int]().union(*map(_units, problems))
    posts = Membership.objects.filter(unit__in=units, role__in=REPORTING, active=True, user__is_active=True)
    for unit, user in posts.values_list("unit_id", "user_id"):
        found[unit].add(user)
    return defaultdict(frozenset, {unit: frozenset(users) for unit, users in found.items()})


def _leader(leader: Leader) -> Holding:
    """The account behind a leader; one who has left office can only give the items to another leader."""
    led = open_items().filter(Q(leader=leader) | Q(supporting_leaders=leader)).distinct()
    fit = User.objects.filter(pk__in=holders(leader.unit_id, Role.LEADER)).exclude(pk=leader.user_id)
    others = Q(leader__active=True)
    fit = fit.filter(others | Q(leader__isnull=True) if leader.active else others)
    counts = [
        (led.count(), "负责或配合 {} 项"),
        (_waiting(Step.SIGN, problem__leader=leader), "待签字 {} 件"),
        (Addressee.objects.filter(leader=leader, reply__isnull=True).count(), "督办单待办 {} 张"),
    ]
    return Holding(
        f"leader-{leader.pk}",
        f"责任领导“{leader}”{'' if leader.active else '（已不在任）'}",
        _said(counts),
        f"在{leader.unit}任责任领导的同志",
        frozenset(fit.values_list("pk", flat=True)),
        (leader,),
        tuple(led.values_list("code", flat=True)),
    )


def _posts(giver: User, paths: list[str], leader: Leader | None) -> Iterator[Holding]:
    """Posts in force; whoever takes one holds the like already, since posts are given by others."""
    posts = giver.memberships.filter(within("unit__path", paths), role__in=DEPUTIES, active=True)
    for post in posts.select_related("unit").order_by("unit__path", "role"):
        alike = REPORTING if post.role == Role.CLERK else (post.role,)
        goes_along = post.role == Role.LEADER and leader is not None
        yield Holding(
            f"post-{post.pk}",
            f"任职：{post}",
            _said(_waiting_at(post)),
            f"在{post.unit}任{'、'.join(str(Role(role).label) for role in alike)}的同志",
            None if goes_along else holders(post.unit_id, *alike) - {giver.pk},
            (post,),
        )


def _waiting_at(post: Membership) -> list[tuple[int, str]]:
    """What waits for whoever holds the post."""
    if post.role == Role.OFFICE:
        waiting = _waiting(Step.REVIEW, problem__report__unit__path__startswith=post.unit.path)
        return [(waiting, "待审核 {} 件")]
    if post.role not in REPORTING:
        return []
    owed = Addressee.objects.filter(unit=post.unit_id, reply__isnull=True).count()
    told = Instruction.objects.waiting().filter(problem__lead_unit=post.unit_id).count()
    counts = [(told, "批示待办理 {} 条"), (owed, "督办单待办 {} 张")]
    if post.role == Role.CLERK:
        return counts
    led = open_items().filter(lead_unit=post.unit_id).count()
    waiting = _waiting(Step.CONFIRM, problem__lead_unit=post.unit_id)
    return [(led, "本单位负责 {} 项"), (waiting, "待确认 {} 件"), *counts]


def _waiting(step: str, **where: Any) -> int:
    """Applications whose next step this is."""
    found = (model.objects.open().filter(waiting=step, **where) for model in (CloseOut, Extension))
    return sum(rows.filter(problem__withdrawn=False).count() for rows in found)


def _reports(giver: User, paths: list[str]) -> Iterator[Holding]:
    """Reports that the person has uploaded and not yet loaded."""
    drafts = IntakeDraft.objects.open().filter(within("unit__path", paths), user=giver)
    for draft in drafts.select_related("unit").order_by("pk"):
        fit = officers_over(draft.unit.path) - {giver.pk}
        name = f"核对中的报告“{draft.title}”"
        yield Holding(f"draft-{draft.pk}", name, ("1 份",), f"{draft.unit}的整改办人员", fit, (draft,))


def _standing_in(giver: User, paths: list[str]) -> Iterator[Holding]:
    """Both ways: whom the person stands in for goes on with another; who stands in for them ends."""
    rows = StandIn.objects.standing(clock.today()).filter(Q(absent=giver) | Q(substitute=giver))
    rows = rows.filter(within("absent__memberships__unit__path", paths)).distinct()
    for row in rows.select_related("absent", "substitute").order_by("pk"):
        until = f"至 {wording.date(row.ends_on)}"
        if row.absent_id == giver.pk:
            label = f"由{row.substitute.label}代办"
            yield Holding(f"stand_in-{row.pk}", label, (until,), "", None, (row,))
        else:
            fit = frozenset(StandInRules([row.absent]).fit()) - {giver.pk}
            label, wants = f"代{row.absent.label}办理", f"能代{row.absent.label}办理的同志"
            yield Holding(f"stand_in-{row.pk}", label, (until,), wants, fit, (row,))


def _said(counts: list[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(words.format(count) for count, words in counts if count)
