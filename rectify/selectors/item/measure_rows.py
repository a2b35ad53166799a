"""The measures of a problem, each with its light and what may be done with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rectify import wording
from rectify.choices import Action, MeasureKind, MeasureStatus, RagStatus
from rectify.models import Evidence, Measure, Problem, User
from rectify.policies import may
from rectify.selectors.item.parts import hand_out


@dataclass(frozen=True)
class MeasureRow:
    """A measure with its light and what may be done with it."""

    measure: Measure
    light: wording.LightChip
    evidence: Sequence[Evidence]
    able: bool
    lacks_rule: bool = False
    lacks_proof: bool = False


def measure_rows(user: User, problem: Problem, today: dt.date) -> dict[str, Any]:
    rows = []
    hand_out(problem, problem.measures.all())
    for measure in problem.measures.all():
        able = bool(may(user, Action.EDIT_MEASURE, measure))
        lacks = measure.kind == MeasureKind.LASTING and measure.status == MeasureStatus.DONE
        lacks = lacks and not measure.rule_name and bool(may(user, Action.ADD_RULE, measure))
        light, files = _measure_light(measure, today), measure.files  # type: ignore[attr-defined]
        bare = not files and measure.status == MeasureStatus.DONE
        bare = bare and bool(may(user, Action.ADD_EVIDENCE, measure))
        rows.append(MeasureRow(measure, light, files, able, lacks, bare))
    kept = [row for row in rows if row.measure.status != MeasureStatus.DROPPED]
    done = sum(row.measure.status == MeasureStatus.DONE for row in kept)
    return {"rows": rows, "kept": len(kept), "done": done}


def _measure_light(measure: Measure, today: dt.date) -> wording.LightChip:
    if measure.status == MeasureStatus.DONE:
        # No ✓: nobody has verified it.
        return wording.LightChip(RagStatus.NORMAL, wording.SHAPES[RagStatus.NORMAL], "已完成")
    if measure.status == MeasureStatus.DROPPED:
        return wording.LightChip(RagStatus.WITHDRAWN, wording.SHAPES[RagStatus.WITHDRAWN], "不再实施")
    if measure.deadline is None:
        return wording.LightChip(RagStatus.UNDATED, wording.SHAPES[RagStatus.UNDATED], "进行中")
    days = (measure.deadline - today).days
    soon = getattr(measure.problem.report, "settings", None)
    limit = soon.due_soon_days if soon else 15
    value = RagStatus.OVERDUE if days < 0 else RagStatus.DUE_SOON if days <= limit else RagStatus.NORMAL
    return wording.LightChip(value, wording.SHAPES[value], wording.days_left(measure.deadline, today))
