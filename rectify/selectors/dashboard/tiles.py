"""The tiles of an overview: a number, a sentence, and the change since the day compared with."""

from __future__ import annotations

from typing import Any

from rectify.choices import RagStatus
from rectify.selectors.dashboard.overview import Overview
from rectify.selectors.problem_rows import ProblemRow

SELDOM = ("undated", "carried", "finished_before")


def tiles(numbers: Overview, first: list[ProblemRow]) -> list[dict[str, object]]:
    """The five tiles, and 未定, 原已办结 and 已结转 when there are any; each with its change."""
    lights, before = numbers.all.lights, numbers.earlier
    worst = first[0].light.words.replace("逾期", "最长") if first else "当天的情况"
    overdue, yellow, closed = lights[RagStatus.OVERDUE], numbers.all.yellow, lights[RagStatus.CLOSED]
    soon = f"临期 {lights[RagStatus.DUE_SOON]} · 未报 {lights[RagStatus.UNREPORTED]}"
    rows = [
        ("overdue", "逾期", overdue, worst if overdue else "没有逾期", "light=overdue", before.overdue),
        ("due_soon", "临期或未报", yellow, soon, "light=due_soon&light=unreported", before.yellow),
        ("normal", "正常", lights[RagStatus.NORMAL], "按计划推进", "light=normal",
         before.lights[RagStatus.NORMAL]),
        ("standing", "长期坚持", lights[RagStatus.STANDING], "持续抓、定期查", "light=standing",
         before.lights[RagStatus.STANDING]),
        ("closed", "已销号", closed, f"占全部的 {numbers.all.closed_percent}%", "light=closed",
         before.closed),
        ("finished_before", "原已办结", lights[RagStatus.FINISHED_BEFORE], "不计入销号率",
         "light=finished_before", before.lights[RagStatus.FINISHED_BEFORE]),
        ("carried", "已结转", lights[RagStatus.CARRIED], "在新的台账里继续", "light=carried",
         before.lights[RagStatus.CARRIED]),
        ("undated", "未定", lights[RagStatus.UNDATED], "还没有定整改时限", "light=undated",
         before.lights[RagStatus.UNDATED]),
    ]  # fmt: skip
    names = ("value", "label", "count", "note", "query", "before")
    made: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    for tile in made:
        difference = tile["count"] - tile["before"]
        tile["change"] = f"{difference:+d}" if difference else "持平"
        tile["words"] = (
            f"{tile['label']}{'多' if difference > 0 else '少'} {abs(difference)} 项" if difference else ""
        )
    return [tile for tile in made if tile["count"] or tile["value"] not in SELDOM]
