"""All that the page of one problem tells, without its forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from rectify import clock, wording
from rectify.choices import Action, MeasureStatus
from rectify.models import LedgerSettings, Problem, User
from rectify.policies import may
from rectify.policies.offers import Offer
from rectify.policies.points import points_to_answer
from rectify.selectors.item.analysis_rows import link_rows
from rectify.selectors.item.buttons import Buttons, buttons_of
from rectify.selectors.item.chasing import instruction_rows, papers_of
from rectify.selectors.item.history import HISTORY, history
from rectify.selectors.item.main_act import main_act, pressing
from rectify.selectors.item.measure_rows import measure_rows
from rectify.selectors.item.parts import analysis_of
from rectify.selectors.item.procedures import procedures
from rectify.selectors.item.timeline import timeline
from rectify.selectors.problem_rows import chip


def item_facts(
    user: User, problem: Problem, offers: Sequence[Offer], *, whole_history: bool, whole_notes: bool
) -> dict[str, Any]:
    """The problem as this person sees it, by the names its page uses."""
    today, closing = clock.today(), _closing(problem, offers)
    return {
        "problem": problem,
        "measures": measure_rows(user, problem, today),
        "buttons": _buttons(user, problem, offers, closing),
        "light": chip(problem, today, problem.calendar),  # type: ignore[attr-defined]
        "facts": _known(_what(problem)),
        "more_facts": _known(_whence(problem)),
        "place": next(reversed(problem.passages.all()), None),
        "carried_to": _carried_to(user, problem),
        "may_correct": bool(may(user, Action.CORRECT_NOTE, problem)),
        "may_purge": bool(may(user, Action.REQUEST_PURGE, problem)),
        **closing,
        "turn_text": _turn_words(problem),
        "turn_submit": "确认恢复" if problem.withdrawn else "确认撤回",
        **_words(problem),
        **_analysis(user, problem),
        **_past(user, problem, whole_history, whole_notes),
    }


def _closing(problem: Problem, offers: Sequence[Offer]) -> dict[str, Any]:
    """What a return asks for, and whether all is done that an application needs."""
    applies = next((one for one in offers if one.act == Action.APPLY_CLOSE_OUT and one.allowed), None)
    points = points_to_answer(problem)
    statuses = {measure.status for measure in problem.measures.all()} - {MeasureStatus.DROPPED}
    done = statuses == {MeasureStatus.DONE} and problem.round == 1 and not points
    return {
        "points": points,
        "may_apply": applies is not None,
        "finished": applies is not None and not applies.gaps and done,
    }


def _words(problem: Problem) -> dict[str, str]:
    """Sentences on who helps, what kind it is, and how late."""
    return {
        "years": wording.years_words(problem.years),
        "supporting_units": wording.listed(unit.short_name for unit in problem.supporting_units.all()),
        "kind_words": wording.kind_words(problem.kind, problem.also_standing),
        "lateness": wording.lateness(problem.closed_on, problem.deadline, problem.original_deadline),
    }


def _analysis(user: User, problem: Problem) -> dict[str, Any]:
    analysis = analysis_of(problem)
    return {
        "causes": link_rows(user, "cause", analysis.causes),
        "directions": link_rows(user, "direction", analysis.directions),
        "covering": analysis.covering,
        "manifestations": analysis.manifestations,
    }


def _buttons(user: User, problem: Problem, offers: Sequence[Offer], closing: dict[str, Any]) -> Buttons:
    allowed, unassigned = {offer.act for offer in offers if offer.allowed}, problem.lead_unit_id is None
    ready = closing["finished"] or (closing["may_apply"] and bool(closing["points"]))
    late = Action.URGE in allowed
    presses = pressing(user, problem, _is_long_overdue(problem)) if late else None
    main = main_act(allowed, presses, ready, unassigned)
    return buttons_of(offers, main, unassigned, [Action.APPLY_CLOSE_OUT] if ready else [])


def _is_long_overdue(problem: Problem) -> bool:
    """Whether the ledger suggests a 督办单 by now."""
    settings = getattr(problem.report, "settings", None) or LedgerSettings()
    late = problem.due <= clock.today() - dt.timedelta(days=settings.suggest_days)
    return late and not problem.is_chased  # type: ignore[attr-defined]


def _past(user: User, problem: Problem, whole_history: bool, whole_notes: bool) -> dict[str, Any]:
    lines, decisions = history(problem, whole_history)
    reviewed, said = procedures(problem), instruction_rows(user, problem)
    papers = papers_of(user, problem) if problem.has_papers else []  # type: ignore[attr-defined]
    return {
        "reviewed": reviewed,
        "instructions": said,
        "timeline": timeline(problem, decisions, reviewed, said, papers, whole_notes),
        "history": lines if whole_history else lines[:HISTORY],
        "has_more_history": not whole_history and len(lines) > HISTORY,
    }


def _turn_words(problem: Problem) -> str:
    what = f"{problem.code}“{problem.title}”"
    if problem.withdrawn:
        return f"将恢复{what}，重新计入统计。"
    return f"将撤回{what}。内容和记录保留，不再计入统计。"


def _what(problem: Problem) -> list[tuple[str, str]]:
    text = problem.text if problem.text != problem.title else ""
    return [("问题描述", text), ("整改目标", problem.goal)]


def _whence(problem: Problem) -> list[tuple[str, str]]:
    return [
        ("查摆方面", str(problem.aspect.title) if problem.aspect else ""),
        ("问题来源", str(problem.get_source_display())),
        ("责任人", problem.responsible),
        ("经办人", problem.clerk.label if problem.clerk else ""),
        ("配合领导", wording.listed(map(str, problem.supporting_leaders.all()))),
        ("备注", problem.remark),
    ]


def _known(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in rows if value]


def _carried_to(user: User, problem: Problem) -> Problem | None:
    """The same problem in the ledger it was carried over to, where the person may see it."""
    if not problem.carried:
        return None
    return Problem.objects.visible_to(user).filter(carried_from=problem).select_related("report").first()
