"""A section of problems is read: aspects, problems under them, and what stands without a number."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise

from rectify.intake.parser import aspect_naming, aspects, items, labels, markers, naming, titles, unnumbered
from rectify.intake.parser.aspect_naming import DEFICIENT
from rectify.intake.parser.aspects import Group
from rectify.intake.parser.assembly import Assembly
from rectify.intake.parser.items import Item
from rectify.intake.parser.rows import Row, Text

_LEAD = re.compile(
    r"(?:如下|以下|几个?方面|主要有|具体如下|汇报如下|报告如下)[^。]{0,12}[：:。]?$|^虽然.{0,60}(?:仍|还)(?:有|存在)?(?:一定|较大|不小)?的?差距|^(?:通过|根据|按照|对照|围绕|经过|结合|深刻|针对|在此基础上)"
)
# 对照群众期盼，还存在服务不优的问题 opens like a lead sentence and states a failing.
_STATED = re.compile(
    r"(?:还|仍|也)*(?:存在|有)(?!以下|如下|一些|一定|不少|几|的)[^，。：；]{4,}(?:的|等)(?:问题|现象|情况|不足|差距)$"
)


_LEADS_TO_CLAUSES = re.compile(
    r"(?:问题|不足|差距|短板|主要|突出|表现)[^。；：]{0,12}(?:是|有|为|在|如下|表现)[：:](?=[^。：]{4,60}[；;])"
)
_SOME = re.compile(r"(?:有的|有些|个别|少数|部分)[^。，：；]{2,28}[。，]")
_STOP = re.compile("。")
_IN_FIELD = re.compile(r"在[^，]{2,16}方面，")
_ACHIEVED = re.compile(
    r"一年来|全年|今年|近年|坚持|认真|严格|积极|能够|持续|不断|深入(?!不)|班子(?:坚持|能够)|会前|按照|根据"
)


def read(
    assembly: Assembly, rows: list[Row], context: Row | None, own: Row | None = None, *, several: bool = False
) -> None:
    """Add the problems of a section; `context` is an aspect heading that stands around the section, `own` the
    section's heading where it names an aspect: that of what stands before any aspect inside, or of all where
    `several` sections are headed so."""
    outer = None
    grouped = aspects.groups(assembly.text, rows)
    inside = any(group.title for group in grouped)
    if context is None and (_holds_items(grouped[0]) if inside else several):
        context = own
    if context is not None:
        end = aspect_naming.title_end(assembly.text, context)
        title = aspect_naming.named(assembly.text, context.body, end)
        outer = assembly.aspect(title, context.start, end, shared=True)
    before = len(assembly.problems)
    last: int | None = 0
    for group in grouped:
        if group.rows and naming.says_nothing_found(
            assembly.text.text[group.rows[0].start : group.rows[-1].end]
        ):
            assembly.warn(group.rows[0].line.number, "这一方面写明没有发现问题，没有录入，请核对")
            continue
        number = outer if not inside or group.title is None else None
        if group.title and group.heading is not None:
            number = assembly.aspect(group.title, group.heading.start, group.title_end)
        last = _group(assembly, group, number, last)
    if context is None and len(assembly.problems) > before:
        _tell_unsorted(assembly, before)


def _holds_items(group: Group) -> bool:
    """Whether problems stand before any aspect."""
    return group.title is None and any(row.marker for row in group.rows)


def _group(assembly: Assembly, group: Group, aspect: int | None, last: int | None) -> int | None:
    """Add a group's problems; `last` is the number its predecessor ended on, and the result its own."""
    if group.stray:
        row = group.rows[0]
        assembly.problem(Item(None, row.start, row.body, group.rows[-1].end), aspect)
        return last
    rows = list(group.rows)
    listed = (
        []
        if _opens_paragraph(assembly.text, group)
        else items.find(assembly.text, rows, assembly.warn, "问题")
    )
    if listed and last is not None and listed[0].number == last + 2:
        listed = [*_unnumbered_first(assembly, rows, listed[0].start), *listed]
    for item in _named_below(assembly.text, rows, listed):
        assembly.problem(item, aspect)
    if listed:
        first = listed[0].number
        if first and last is not None and first not in (1, last + 1):
            line = assembly.text.line_at(listed[0].start).number
            words = f"从 {last} 到 {first}，不相连也没有从头开始" if last else f"从 {first} 开始"
            assembly.warn(line, f"问题的编号{words}，可能有缺漏或重复，请核对")
        return listed[-1].number
    if group.heading is None:
        for item in _clauses(assembly, rows) or _paragraphs(assembly, rows):
            assembly.problem(item, aspect)
        return last
    line = group.heading.line.number
    if group.said is not None:
        assembly.problem(Item(None, group.said.start, group.said.start, _end(group)), aspect)
        return last
    stated = _coupled(assembly.text, rows) or _paragraphs(assembly, rows, under=True)
    for item in stated:
        assembly.problem(item, aspect)
    if not stated:
        assembly.warn(line, f"“{_short(group.title)}”下没有找到问题，请核对")
    return last


def _opens_paragraph(text: Text, group: Group) -> bool:
    """Under an aspect: a title, a sentence, and only then 一是…；二是… inside the same paragraph."""
    rows = group.rows
    if group.heading is None or not rows or any(row.marker for row in rows):
        return False
    row = rows[0]
    sentences = [match.start() for match in _STOP.finditer(text.text, row.start, row.end)]
    first = next(markers.inside(text.text, "shi", row.start, row.end), None)
    later = first is not None and len(sentences) > 1 and first.at > sentences[1]
    return later and _opens_with_title(text, row)


def _named_below(text: Text, rows: list[Row], listed: list[Item]) -> list[Item]:
    """The items; where one is a mere heading over （1）关于X的问题, what it heads."""
    starts = [row.start for row in rows]
    return [
        part
        for item in listed
        for part in _parts(text, item, rows[bisect_right(starts, item.start) : bisect_left(starts, item.end)])
    ]


def _parts(text: Text, item: Item, within: list[Row]) -> list[Item]:
    below = [row for row in within if row.marker and naming.about(text.text, row.body, row.end)]
    if len(below) < 2 or below[0] is not within[0] or naming.about(text.text, item.body, item.end):
        return [item]
    ends = [*(row.start for row in below[1:]), item.end]
    numbers = [row.marker.number if row.marker else None for row in below]
    return [
        Item(number, row.start, row.body, end) for number, row, end in zip(numbers, below, ends, strict=True)
    ]


def _clauses(assembly: Assembly, rows: list[Row]) -> list[Item]:
    """还有差距，主要是：学习不紧；下乡少；调度不细。 in one paragraph: parted by ；, where most fails."""
    text = assembly.text
    for row in rows:
        lead = _LEADS_TO_CLAUSES.search(text.text, row.start, row.end)
        if row.line.cells or row.marker or lead is None:
            continue
        found = unnumbered.parted(text, lead.end(), row.end)
        failing = sum(bool(DEFICIENT.search(text.text[item.body : item.end])) for item in found)
        if len(found) > 1 and failing * 2 >= len(found):
            assembly.warn(
                row.line.number, f"这里的问题没有编号，按分号识别出 {len(found)} 个，请核对标题和起止位置"
            )
            return found
    return []


def _unnumbered_first(assembly: Assembly, rows: list[Row], until: int) -> list[Item]:
    """The item whose number is missing, where one paragraph before the first item opens with a title."""
    before = [row for row in rows if row.start < until and _opens_with_title(assembly.text, row)]
    if len(before) != 1:
        return []
    assembly.warn(before[0].line.number, "这里缺一个编号，按缺的那个问题录入，请核对")
    return [Item(None, before[0].start, before[0].body, until)]


def _coupled(text: Text, rows: list[Row]) -> list[Item]:
    """既有X的问题，也有Y的问题 under an aspect, and what is told of both."""
    told = naming.coupled(text.text, rows[0].start, rows[0].end) if rows else []
    ends = [*(start for start, _ in told[1:]), rows[-1].end if rows else 0]
    return [Item(None, start, start, end) for (start, _), end in zip(told, ends, strict=True)] if told else []


def _end(group: Group) -> int:
    return group.rows[-1].end if group.rows else (group.said.end if group.said else 0)


def _paragraphs(assembly: Assembly, rows: list[Row], *, under: bool = False) -> list[Item]:
    """Paragraphs without numbers that state a failing: each that opens with a title, else all as one. `under`
    an aspect's heading a short sentence is a title whatever it says."""
    text = assembly.text
    starts: list[int] = []
    for index, row in enumerate(rows):
        if row.line.cells or (_leads_to_list(text, row) and not _opens_with_title(text, row)):
            continue
        if starts and starts[-1] < index and _leads_to_list(text, rows[index - 1]):
            continue  # the list
        below_title = bool(starts) and starts[-1] == index - 1 and titles.is_title(text, rows[index - 1])
        if below_title and not titles.is_title(text, row):
            continue
        if _begins_problem(text, row, first=not starts) or (under and _is_short_sentence(text, row)):
            starts.append(index)
    found = [
        Item(None, rows[index].start, rows[index].body, rows[following - 1].end)
        for index, following in pairwise([*starts, len(rows)])
    ]
    if found:
        assembly.warn(
            rows[starts[0]].line.number,
            f"这里的问题没有编号，按段落识别出 {len(found)} 个，请核对标题和起止位置",
        )
    return found


def _begins_problem(text: Text, row: Row, *, first: bool) -> bool:
    """存在问题：… does, 原因：… never; else the first that states a failing, and each that has a title."""
    if naming.labelled(text, row):
        return True
    if labels.opens(text.text[row.start : min(row.end, row.start + 24)]):
        return False
    if _SOME.match(text.text, row.start, row.end):
        return True
    return _states_failing(text, row) if first else _opens_with_title(text, row)


def _is_short_sentence(text: Text, row: Row) -> bool:
    """学用“两张皮”。 and no achievement."""
    clause = _clause(text, row)
    closing = text.text[row.body + len(clause) : row.body + len(clause) + 1]
    return len(clause) <= titles.LONG_TITLE and closing == "。" and not _ACHIEVED.match(clause)


def _leads_to_list(text: Text, row: Row) -> bool:
    """…主要表现在："""
    return row.marker is None and text.text[row.end - 1] in "：:"


def _clause(text: Text, row: Row) -> str:
    return text.text[row.body : text.stop(row.body, row.end, "。：；:;")]


def _leads(clause: str) -> bool:
    return bool(_LEAD.search(clause)) and not _STATED.search(clause)


def _states_failing(text: Text, row: Row) -> bool:
    """In its first clause, or anywhere in a paragraph that leads to nothing."""
    clause, whole = _clause(text, row), text.text[row.body : row.end]
    if _leads(clause):
        return False
    return bool(DEFICIENT.search(clause) or (DEFICIENT.search(whole) and not _LEAD.search(whole)))


def _opens_with_title(text: Text, row: Row) -> bool:
    """A short first clause that states a failing, closed by a stop or the row's end."""
    clause = _clause(text, row)
    is_long = len(clause) > titles.LONG_TITLE and not _IN_FIELD.match(clause)
    if is_long or _leads(clause) or not DEFICIENT.search(clause):
        return False
    stop = row.body + len(clause)
    return stop == row.end or text.text[stop] in "。：:"


def _tell_unsorted(assembly: Assembly, before: int) -> None:
    unsorted = [draft for draft in assembly.problems[before:] if draft.aspect is None]
    if unsorted and assembly.aspects:
        line = assembly.text.line_at(unsorted[0].start).number
        assembly.warn(line, f"有 {len(unsorted)} 个问题不在任何方面之下，归入“未分类”，请核对")


def _short(title: str | None) -> str:
    title = title or ""
    return title if len(title) <= 24 else title[:24] + "…"
