"""The cells of the list of problems, drawn in Python: a template for each was most of the page's cost."""

from __future__ import annotations

from typing import Any

from rectify import marks, wording
from rectify.marks import escaped
from rectify.selectors.problem_rows import ProblemRow

NOTHING = "—"


def pick(row: ProblemRow) -> str:
    return (
        f'<label class="pick"><input type="checkbox" name="pick" value="{row.problem.pk}" form="bulk">'
        f'<span class="visually-hidden">选择：{escaped(row.problem.title)}</span></label>'
    )


def number(row: ProblemRow) -> str:
    if row.ledger:
        return f'{escaped(row.problem.code)}<span class="row-sub">{escaped(row.ledger)}</span>'
    return f"{row.problem.number:02d}"


def title(row: ProblemRow) -> str:
    problem = row.problem
    unit = problem.lead_unit.short_name if problem.lead_unit else "未明确单位"
    words = marks.with_hits(row.title) if row.words else escaped(problem.title)
    hit = f'<span class="row-sub">{row.hit.label}：{marks.with_hits(row.hit.parts)}</span>' if row.hit else ""
    return (
        f'<a class="row-title" href="{problem.get_absolute_url()}">{words}</a>'
        f'<span class="row-sub">{escaped(unit)} · 责任领导：{escaped(problem.leader or "未明确")}</span>{hit}'
    )


def light(row: ProblemRow) -> str:
    return marks.light(row.light)


def deadline(row: ProblemRow) -> str:
    problem = row.problem
    return wording.date(problem.deadline) if problem.deadline else escaped(problem.deadline_text or "未定")


def note(row: ProblemRow) -> str:
    whole = escaped(row.note.text) if row.note else ""
    return f'<span class="row-note" title="{whole}">{escaped(row.said)}</span>'


def percent(row: ProblemRow) -> str:
    return f"<div>{marks.bar(row.percent)}</div>"


def action(row: ProblemRow) -> str:
    where, words = ("#progress", "填报进展") if row.can_report else ("", "查看")
    label = f"{words}：{escaped(row.problem.title)}"
    return f'<a class="btn" href="{row.problem.get_absolute_url()}{where}" aria-label="{label}">{words}</a>'


def text(value: Any) -> str:
    """One short text, or the sign that there is none."""
    return escaped(value) if value not in (None, "") else NOTHING
