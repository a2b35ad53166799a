"""The item page: one problem with its progress, measures, analysis, buttons and history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render

from rectify import clock, wording
from rectify.choices import Action, Finding, LinkStatus, MeasureKind, MeasureStatus, RagStatus, StepOutcome
from rectify.forms.evidence import ACCEPT
from rectify.forms.problems import ReasonForm
from rectify.forms.progress import ProgressForm
from rectify.models import Evidence, Measure, Problem, ProgressNote, User
from rectify.models.analysis import Link
from rectify.models.audit import AuditEntry
from rectify.policies import may
from rectify.policies.closing import DECIDING
from rectify.policies.offers import Offer, offered
from rectify.selectors.item.chasing import instruction_rows, papers_of
from rectify.selectors.item.parts import analysis_of, hand_out, read_item
from rectify.selectors.item.procedures import procedures
from rectify.selectors.problem_rows import chip
from rectify.views.drafts import restored, ticket
from rectify.views.problems.procedures import decisions
from rectify.views.process_form import FormResult
from rectify.views.request import AuthenticatedRequest

HISTORY = 20
NOTES = 50
LONG = 120
# Acts that stand among the notes as decisions.
DECISIONS = (
    *(
        Action.SET_STATUS,
        Action.WITHDRAW,
        Action.RESTORE,
        Action.CORRECT_DEADLINE,
        Action.REOPEN,
        Action.RECORD_FOLLOW_UP,
    ),
    *(
        Action.APPLY_CLOSE_OUT,
        Action.WITHDRAW_CLOSE_OUT,
        Action.APPLY_EXTENSION,
        Action.WITHDRAW_EXTENSION,
        Action.CARRY_OVER,
    ),
    *sorted(DECIDING),
)
DECISIONS_SHOWN = (*DECISIONS, Action.ASSIGN)


@dataclass(frozen=True)
class Change:
    """One field of an act: what it was and what it became."""

    label: str
    old: str
    new: str

    @property
    def is_long(self) -> bool:
        return len(self.old) + len(self.new) > LONG


@dataclass(frozen=True)
class HistoryLine:
    """One entry of the audit log, in words."""

    entry: AuditEntry
    what: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class TimelineRow:
    """A note, or a decision among the notes."""

    at: Any
    note: ProgressNote | None = None
    older: Sequence[ProgressNote] = ()
    decision: HistoryLine | None = None


@dataclass(frozen=True)
class MeasureRow:
    """A measure with its light and what may be done with it."""

    measure: Measure
    light: wording.LightChip
    evidence: Sequence[Evidence]
    able: bool
    lacks_rule: bool = False


@dataclass(frozen=True)
class LinkRow:
    """A cause or a direction with its basis and whether it may be confirmed or rejected."""

    link: Link
    kind: str
    title: str
    may_confirm: bool
    may_reject: bool


@dataclass(frozen=True)
class Buttons:
    """What may be done now, and what may not, grouped by the reason."""

    progress: Offer | None
    measure: Offer | None
    turn: Offer | None
    open: Sequence[Offer] = ()
    closed: dict[str, list[Offer]] = field(default_factory=dict)


def item_page(request: AuthenticatedRequest, pk: int, outcome: FormResult | None = None) -> HttpResponse:
    """The page; with a form that was not carried out, the same page holding what was typed."""
    today = clock.today()
    key = f"progress:{pk}"
    problem = read_item(request.user, pk, key)
    measures = _measures(request.user, problem, today)
    offers = offered(request.user, problem)
    buttons = _buttons(offers)
    reviewed = procedures(problem)
    form = outcome.form if outcome else None
    instructions = instruction_rows(request.user, problem)
    if form is None and buttons.progress and buttons.progress.allowed:
        waiting = [row.instruction for row in instructions if row.handle]
        kept = restored(request, key) if problem.has_draft else {}
        form = ProgressForm(problem=problem, instructions=waiting, initial=kept)
    whole = request.GET.get("history") == "all"
    lines, link_decisions = history(problem, whole)
    analysis = analysis_of(problem)
    context = {
        "problem": problem,
        "light": chip(problem, today, problem.calendar),
        "facts": _facts(problem),
        "place": next(reversed(problem.passages.all()), None),
        "reviewed": reviewed,
        "decisions": decisions(request.user, reviewed.open, offers),
        "years": wording.years_words(problem.years),
        "carried_to": _carried_to(request.user, problem),
        "form": form,
        "missing": outcome.missing if outcome else [],
        "draft_key": key,
        "ticket": ticket(request.user, key),
        "accept": ACCEPT,
        "max_bytes": settings.EVIDENCE_MAX_BYTES,
        "instructions": instructions,
        "papers": papers_of(request.user, problem) if problem.has_papers else [],
        "timeline": _timeline(problem, link_decisions, whole=request.GET.get("notes") == "all"),
        "may_correct": bool(may(request.user, Action.CORRECT_NOTE, problem)),
        "may_purge": bool(may(request.user, Action.REQUEST_PURGE, problem)),
        "measures": measures,
        "causes": _links(request.user, "cause", analysis.causes),
        "directions": _links(request.user, "direction", analysis.directions),
        "covering": analysis.covering,
        "manifestations": analysis.manifestations,
        "supporting_units": wording.listed(unit.short_name for unit in problem.supporting_units.all()),
        "kind_words": wording.kind_words(problem.kind, problem.also_standing),
        "lateness": wording.lateness(problem.closed_on, problem.deadline, problem.original_deadline),
        "buttons": buttons,
        "turn_text": _turn_words(problem),
        "turn_submit": "确认恢复" if problem.withdrawn else "确认撤回",
        "turn_form": ReasonForm(problem=problem, auto_id="turn_%s"),
        "history": lines if whole else lines[:HISTORY],
        "has_more_history": not whole and len(lines) > HISTORY,
    }
    return render(request, "problems/item.html", context, status=outcome.status if outcome else 200)


def _turn_words(problem: Problem) -> str:
    what = f"第 {problem.number} 项“{problem.title}”"
    if problem.withdrawn:
        return f"将恢复{what}，重新计入统计。"
    return f"将撤回{what}。内容和记录保留，不再计入统计。"


def _facts(problem: Problem) -> list[tuple[str, str]]:
    """Who, what kind, from where; only what is known."""
    aspect = str(problem.aspect.title) if problem.aspect else ""
    rows = [
        ("问题描述", problem.text if problem.text != problem.title else ""),
        ("整改目标", problem.goal),
        ("查摆方面", aspect),
        ("问题来源", str(problem.get_source_display())),
        ("责任人", problem.responsible),
        ("经办人", problem.clerk.label if problem.clerk else ""),
        ("配合领导", wording.listed(map(str, problem.supporting_leaders.all()))),
        ("备注", problem.remark),
    ]
    return [(label, value) for label, value in rows if value]


def _carried_to(user: User, problem: Problem) -> Problem | None:
    """The same problem in the ledger it was carried over to, where the person may see it."""
    if not problem.carried:
        return None
    return Problem.objects.visible_to(user).filter(carried_from=problem).select_related("report").first()


def _timeline(problem: Problem, decisions: list[TimelineRow], whole: bool) -> dict[str, Any]:
    """Notes in force with what they replaced, and the decisions between them, the newest first."""
    query = problem.notes.select_related("measure").newest_first()
    notes = list(query if whole else query[: NOTES + 1])
    cut = not whole and len(notes) > NOTES
    notes = notes[:NOTES] if cut else notes
    hand_out(problem, notes)
    by_id = {note.pk: note for note in notes}
    replaced = {note.corrects_id for note in notes if note.corrects_id}
    rows = []
    for note in notes:
        if note.pk in replaced:
            continue
        older, step = [], by_id.get(note.corrects_id)
        while step is not None:
            older.append(step)
            step = by_id.get(step.corrects_id)
        rows.append(TimelineRow(note.at, note=note, older=older))
    since = notes[-1].at if cut else None
    rows += [row for row in decisions if since is None or row.at >= since]
    rows.sort(key=lambda row: row.at, reverse=True)
    return {"rows": rows, "cut": cut, "notes": sum(row.note is not None for row in rows)}


def history(problem: Problem, whole: bool) -> tuple[list[HistoryLine], list[TimelineRow]]:
    """Who did what to this problem, one more than a page holds, so that the page knows of more; and the
    decisions among it."""
    entries = problem.entries.order_by("-id")
    shown = DECISIONS_SHOWN
    if not whole:
        newest = Q(pk__in=entries.values("pk")[: HISTORY + 1])
        decided = entries.filter(act__in=shown).values("pk")[:NOTES]
        entries = entries.filter(newest | Q(pk__in=decided))
    found = list(entries)
    lines = [_line(entry) for entry in (found if whole else found[: HISTORY + 1])]
    decided_rows = [_line(entry) for entry in found if entry.act in shown][:NOTES]
    return lines, [TimelineRow(line.entry.at, decision=line) for line in decided_rows if _decides(line)]


def _decides(line: HistoryLine) -> bool:
    return line.entry.act != Action.ASSIGN or any(change.label == "整改时限" for change in line.changes)


def _line(entry: AuditEntry) -> HistoryLine:
    details = {} if entry.is_purged else entry.details
    changes = details.get("changes", [])
    shown = [Change(one["label"], one["old_text"], one["new_text"]) for one in changes if "label" in one]
    what = str(entry.get_act_display()) + _step_words(details)
    if entry.is_purged:
        what += "（内容已按程序清除）"
    elif link := details.get("link"):
        what += f"：{link.get('title', '')}"
    elif entry.target_kind == "measure":
        what += f"（{entry.target_label.rpartition(' ')[2]}）"
    return HistoryLine(entry, what, shown)


def _step_words(details: dict[str, Any]) -> str:
    """Who signed on paper, for whom somebody stood in, and what was said."""
    step, look = details.get("step"), details.get("follow_up")
    words = ""
    if step and step.get("on_paper"):
        words = f"（代录{step['signer']}纸质签字）"
    elif step and step.get("stands_for"):
        words = f"（代{step['stands_for']}）"
    if step and step.get("outcome") == StepOutcome.PASS and step.get("comment"):
        words += f"。意见：{step['comment']}"
    if look:
        # A relapse is its own reason, which the line tells already.
        told = f"。{look['finding']}" if look["outcome"] == Finding.HOLDS else ""
        words += f"：{Finding(look['outcome']).label}{told}"
    if carried := details.get("carried_to"):
        words += f"：到“{carried['title']}”第 {carried['number']} 项"
    if carried := details.get("carried_from"):
        words += f"：自编号 {carried['code']}，第 {carried['years']} 年" if "code" in carried else ""
    return words


def _measures(user: User, problem: Problem, today: Any) -> dict[str, Any]:
    rows = []
    hand_out(problem, problem.measures.all())
    for measure in problem.measures.all():
        able = bool(may(user, Action.EDIT_MEASURE, measure))
        lacks = measure.kind == MeasureKind.LASTING and measure.status == MeasureStatus.DONE
        lacks = lacks and not measure.rule_name and bool(may(user, Action.ADD_RULE, measure))
        light, files = _measure_light(measure, today), measure.files  # type: ignore[attr-defined]
        rows.append(MeasureRow(measure, light, files, able, lacks))
    kept = [row for row in rows if row.measure.status != MeasureStatus.DROPPED]
    done = sum(row.measure.status == MeasureStatus.DONE for row in kept)
    return {"rows": rows, "kept": len(kept), "done": done}


def _measure_light(measure: Measure, today: Any) -> wording.LightChip:
    if measure.status == MeasureStatus.DONE:
        return wording.LightChip(RagStatus.CLOSED, wording.SHAPES[RagStatus.CLOSED], "已完成")
    if measure.status == MeasureStatus.DROPPED:
        return wording.LightChip(RagStatus.WITHDRAWN, wording.SHAPES[RagStatus.WITHDRAWN], "不再实施")
    if measure.deadline is None:
        return wording.LightChip(RagStatus.UNDATED, wording.SHAPES[RagStatus.UNDATED], "进行中")
    days = (measure.deadline - today).days
    soon = getattr(measure.problem.report, "settings", None)
    limit = soon.due_soon_days if soon else 15
    value = RagStatus.OVERDUE if days < 0 else RagStatus.DUE_SOON if days <= limit else RagStatus.NORMAL
    return wording.LightChip(value, wording.SHAPES[value], wording.days_left(measure.deadline, today))


def _links(user: User, kind: str, links: Sequence[Link]) -> dict[str, list[LinkRow]]:
    """The causes or directions of the problem; those rejected apart."""
    rows = [
        LinkRow(
            link,
            kind,
            link.title,  # type: ignore[attr-defined]
            bool(may(user, Action.CONFIRM_LINK, link)),
            bool(may(user, Action.REJECT_LINK, link)),
        )
        for link in links
    ]
    rejected = [row for row in rows if row.link.status == LinkStatus.REJECTED]
    return {"standing": [row for row in rows if row not in rejected], "rejected": rejected}


def _buttons(offered_now: Sequence[Offer]) -> Buttons:
    """What stands on the page itself (the progress form, the decisions) is no button besides."""
    offers = {o.act: o for o in offered_now if not (o.allowed and o.act in DECIDING)}
    progress = offers.pop(Action.ADD_PROGRESS, None)
    measure = offers.pop(Action.ADD_MEASURE, None)
    turn = offers.pop(Action.WITHDRAW, None) or offers.pop(Action.RESTORE, None)
    closed: dict[str, list[Offer]] = {}
    for offer in (*offers.values(), *([turn] if turn and not turn.allowed else [])):
        if not offer.allowed:
            closed.setdefault(offer.why, []).append(offer)
    allowed = [offer for offer in offers.values() if offer.allowed]
    return Buttons(progress, measure, turn if turn and turn.allowed else None, allowed, closed)
