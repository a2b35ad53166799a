"""Sentences of official papers built from facts: nothing is said of what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rectify.choices import Status
from rectify.documents.material import Item, Material
from rectify.wording import date, listed

STOPS = "。！？；"
ORDER = (
    (Status.CLOSED, "已销号{n}项"),
    (Status.FINISHED_BEFORE, "原已办结{n}项"),
    (Status.MOSTLY_DONE, "基本完成{n}项"),
    (Status.IN_REVIEW, "正在审核{n}项"),
    (Status.IN_PROGRESS, "正在整改{n}项"),
    (Status.NOT_STARTED, "尚未启动{n}项"),
    (Status.STANDING, "长期坚持{n}项"),
)

# What is said when all items stand alike: of a single one, of several.
ALONE = {
    Status.CLOSED: ("已销号", "已全部销号"),
    Status.FINISHED_BEFORE: ("原已办结", "均为原已办结"),
    Status.MOSTLY_DONE: ("已基本完成整改", "均已基本完成整改"),
    Status.IN_REVIEW: ("正在审核销号", "均在审核销号"),
    Status.IN_PROGRESS: ("正在整改", "均在整改"),
    Status.NOT_STARTED: ("尚未启动整改", "均尚未启动整改"),
    Status.STANDING: ("已转入长期坚持", "均已转入长期坚持"),
}


def sentence(text: str) -> str:
    """The text with exactly one stop at its end; nothing stays nothing."""
    text = " ".join(text.split()).rstrip("，、；：。;,. ")
    if not text:
        return ""
    return text if text[-1] in "！？" else f"{text}。"


def joined(parts: Iterable[str], by: str = "，") -> str:
    """Clauses of one sentence, without stops of their own inside."""
    return sentence(by.join(part.rstrip(STOPS + "，") for part in parts if part))


def as_of(material: Material) -> str:
    return f"截至{date(material.day)}"


def overall(material: Material) -> str:
    """How the items stand, in a few sentences; every number equals the dashboard's of that day."""
    total, carried = len(material.counted), len(material.items) - len(material.counted)
    if not total:
        return f"{as_of(material)}，全部{carried}项问题已结转到新的台账继续整改。"
    whose = f"{material.whose}承担的" if material.unit else "对照检查查摆的"
    text = f"{as_of(material)}，{whose}{total}项问题{_by_status(material, total)}"
    text += f"，销号率{material.closed_percent}%。" if 0 < material.closed < total else "。"
    if material.overdue:
        text += f"尚未完成的事项中，有{material.overdue}项已超过整改时限。"
    if carried:
        text += f"另有{carried}项已结转到新的台账继续整改。"
    return text


def _by_status(material: Material, total: int) -> str:
    counts = material.by_status
    for status, (one, all_of_them) in ALONE.items():
        if counts[status] == total:
            return one if total == 1 else all_of_them
    return "中，" + "，".join(words.format(n=counts[status]) for status, words in ORDER if counts[status])


def measure_lines(item: Item) -> list[str]:
    """（1）what is done, by which sign it is finished, and what came of it."""
    lines = []
    many = len(item.row.measures) > 1
    for number, measure in enumerate(item.row.measures, 1):
        own = [measure.text.rstrip(STOPS + "，")]
        if measure.standard:
            own.append(f"完成标志：{measure.standard.rstrip(STOPS)}")
        if measure.status:
            own.append(re.sub(f"[{STOPS}]+(?=（|$)", "", measure.status))
        elif measure.deadline:
            own.append(f"完成时限：{measure.deadline}")
        lines.append((f"（{number}）" if many else "") + "；".join(own) + "。")
    return lines


def standing_of(item: Item) -> str:
    """已销号（2022年6月20日，按期销号）, or where an open one stands."""
    row, facts = item.row, item.facts
    if item.is_carried:
        return "已结转到新的台账继续整改。"
    if facts.is_finished:
        detail = [line for line in row.close_out.splitlines() if line and line != facts.status_words]
        return f"{facts.status_words}（{'，'.join(detail)}）。" if detail else f"{facts.status_words}。"
    deadline = "".join(row.deadline.splitlines())
    if deadline.startswith(facts.status_words):  # 长期坚持，每季度检查一次
        return sentence(deadline)
    parts = [facts.status_words, f"整改时限{deadline}" if deadline else ""]
    if item.is_overdue:
        parts.append(days_over(row.completion))
    return joined(parts)


def days_over(completion: str) -> str:
    """逾期 6 天 of the cell on completion, as a paper writes it."""
    found = re.search(r"逾期 ?(\d+) ?天", completion)
    return f"已逾期{found[1]}天" if found else "已逾期"


def next_step(item: Item) -> str:
    """What is to be done next, from the measures that are still open."""
    if not item.is_open:
        return ""
    if item.facts.status == Status.IN_REVIEW:
        return "完成销号审核。"
    steps = [quoted(text.rstrip(STOPS)) for text, _ in item.facts.open_steps]
    if not steps:
        return "" if item.row.measures else "制定并落实整改措施。"
    more = f"等{len(steps)}条措施" if len(steps) > 2 else ""
    return f"继续落实{''.join(steps[:2])}{more}。"


def reason_of(item: Item) -> str:
    """Why an item is not finished, as far as somebody said so."""
    if item.facts.reason:
        return sentence(item.facts.reason)
    if item.facts.status == Status.IN_REVIEW:
        return "整改已完成，正在审核销号。"
    if item.is_overdue:
        return "责任单位尚未说明原因。"
    if not item.row.due:
        return "整改时限尚未明确。"
    return "未到整改时限，正在按计划推进。"


def units_of(items: Iterable[Item]) -> str:
    return listed(dict.fromkeys(item.row.lead_unit for item in items if item.row.lead_unit))


def quoted(text: str) -> str:
    """In quotation marks; those inside become single ones."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"
