"""The aspects of a section of problems: headings that group, by 方面 or by what stands under them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from rectify.intake.parser import aspect_naming, headings, labels, markers, naming
from rectify.intake.parser.aspect_naming import (
    BREAK,
    DEFICIENT,
    FAILING,
    HEADING,
    LEADS,
    TITLE,
    first_clause,
    goes_on,
    is_bracketed,
    is_field,
    is_labelled,
    is_said_alone,
    is_sentence,
    is_topic,
    named,
    names_group,
    title_end,
)
from rectify.intake.parser.rows import Row, Text

_LONGEST = 120
_LOOSE = re.compile(r"(?:在|关于|对照|围绕|聚焦)?[^。；：，,]{2,60}方面")
_SAYS = "(?:是|有|为|在于|存在|表现为|表现在)"
_LEAD_IN = re.compile(
    rf"^[，,：:。、\s]*(?:(?:还|仍)?存在的?(?:主要|突出|具体)?{FAILING}?(?:主要)?{_SAYS}"
    rf"|(?:主要|突出|具体)的?{FAILING}?{_SAYS}|{FAILING}(?:主要)?是)(?:以下|如下)?(?:几个)?(?:问题)?[：:，,、\s]*"
)
_BEHIND = re.compile("[，,：:。．.；;、 ]*")
# 方面主要是： says that what follows the sign is the problem.
_SAYS_THEN = re.compile(
    rf"(?:还|仍|也)*(?:存在的?)?(?:主要|突出)的?{FAILING}?(?:主要)?{_SAYS}|(?:还|仍)*存在的(?:主要|突出)*{FAILING}(?:主要)?{_SAYS}"
)
_ITEM_KINDS = ("shi", "ord", "yao", "prob", "circ", "other")  # they number problems, never aspects
_TOPIC_KINDS = ("rom", "inner", "cap", "let", "cn", "cnp", "num", "dec2", "dec3", "nump")


@dataclass(frozen=True)
class Group:
    """An aspect (None: the problems before any) and the rows under it. `said` is text of the heading's line
    behind the aspect's name: its own problem, where no item follows."""

    title: str | None
    heading: Row | None
    title_end: int
    rows: tuple[Row, ...]
    said: Row | None = None
    stray: bool = False  # a problem that stands where aspects stand


def groups(text: Text, rows: list[Row]) -> list[Group]:
    """The rows of a section of problems, by aspect."""
    heads = _bulleted(text, rows) or _numbered(text, rows) or _unnumbered(text, rows)
    if not heads:
        return [Group(None, None, 0, tuple(rows))] if rows else []
    out: list[Group] = []
    indexes = sorted(heads)
    if indexes[0] > 0:
        out.append(Group(None, None, 0, tuple(rows[: indexes[0]])))
    for index, following in zip(indexes, [*indexes[1:], len(rows)], strict=True):
        out.append(_group(text, rows[index], rows[index + 1 : following], heads[index]))
    return out


def _group(text: Text, row: Row, rows: list[Row], stray: bool) -> Group:
    if stray:
        return Group(None, None, 0, (row, *rows), stray=True)
    end = title_end(text, row)
    title = named(text, row.body, end)
    tail = _BEHIND.match(text.text, end, row.end)
    begin = tail.end() if tail else end
    if begin == row.end:
        return Group(title, row, end, tuple(rows))
    rest = replace(text.row(row.line, begin), end=row.end)
    said = _said(text, row, end, rest)
    if said is not None and said.marker is not None and rest.marker is None:
        rest = said
    return Group(title, row, end, (rest, *rows), said)


def _said(text: Text, row: Row, end: int, rest: Row) -> Row | None:
    """What is said behind the aspect's name, without 主要表现在： before it."""
    lead = _LEAD_IN.match(text.text[end : row.end])
    begin = end + lead.end() if lead else rest.start
    return replace(text.row(row.line, begin), end=row.end) if begin < row.end else None


def _numbered(text: Text, rows: list[Row]) -> dict[int, bool]:
    """Index of each row of the outermost number, when these are aspects; True marks a problem among them."""
    kind = _outer_kind(text, rows)
    at = [index for index, row in enumerate(rows) if row.marker and row.marker.kind == kind]
    if not kind or (kind in _ITEM_KINDS and not _are_headings(text, rows, at)):
        return {}
    if _are_sorts(text, rows, at, kind) or _number_on(text, rows, at):
        return dict.fromkeys(at, False)
    spans = pairwise([*at, len(rows)])
    parents = {index for index, end in spans if _has_items(text, rows, index, end)}
    # 在学习方面存在不深入的问题 is a problem, unless problems stand under it.
    strong = {index for index in at if _is_strong(text, rows[index], index in parents)}
    topics = _topics(text, rows, parents - strong, kind)
    if not strong and not topics and are_groups(text, rows, at):
        topics = set(at)
    if not _are_enough(len(strong), len(topics), len(at)):
        return {}
    return {index: index not in strong and index not in parents for index in at}


def _are_enough(strong: int, topics: int, rows: int) -> bool:
    """Half of the rows name aspects, and one of them says 方面 or most are topics."""
    return (strong + topics) * 2 >= rows and (strong > 0 or topics * 2 > rows)


def _topics(text: Text, rows: list[Row], parents: set[int], kind: str) -> set[int]:
    """Those over items that name a field and no failing."""
    if kind not in _TOPIC_KINDS and not kind.startswith("h"):
        return set()
    return {index for index in parents if is_topic(text, rows[index]) and not _is_problem(text, rows, index)}


def _bulleted(text: Text, rows: list[Row]) -> dict[int, bool]:
    """——在服务企业发展上。 over 3. and 4.: the bullets are headings where each heads numbers."""
    at = [index for index, row in enumerate(rows) if row.marker and row.marker.kind == "bullet"]
    heads = len(at) > 1 and all(_below(rows, index) < markers.LOOSE for index in at)
    return dict.fromkeys(at, False) if heads and not any(goes_on(text, rows[index]) for index in at) else {}


def _below(rows: list[Row], index: int) -> int:
    """The rank of the number right below."""
    marker = rows[index + 1].marker if index + 1 < len(rows) else None
    return marker.rank if marker else markers.BULLET


def _outer_kind(text: Text, rows: list[Row]) -> str:
    """The kind of number aspects may have: the first, unless one further out comes again or says 方面."""
    numbered = [row for row in rows if row.marker and row.marker.kind != "bullet"]
    kinds = [row.marker.kind for row in numbered if row.marker]
    if not kinds:
        return ""
    first, outer = kinds[0], min(kinds, key=markers.rank_of)
    if first not in _ITEM_KINDS:
        return outer if kinds.count(outer) > 1 else first
    says = any(
        _is_strong(text, row, True) for row, kind in zip(numbered, kinds, strict=True) if kind == outer
    )
    return outer if says else first


def _are_headings(text: Text, rows: list[Row], at: list[int]) -> bool:
    """第一、理论武装方面 alone on its line, each of them, over other numbers."""
    alone = all(HEADING.search(first_clause(text, rows[index])) for index in at)
    return alone and all(
        index + 1 < len(rows) and rows[index + 1].marker and not goes_on(text, rows[index]) for index in at
    )


def _are_sorts(text: Text, rows: list[Row], at: list[int], kind: str) -> bool:
    """第一类：… over numbers, ★ over •: headings by their nature, unless bullets state failings."""
    if kind not in ("cat", "outer", "under") or not all(_heads_numbers(rows, index) for index in at):
        return False
    return kind == "cat" or not any(DEFICIENT.search(first_clause(text, rows[index])) for index in at)


def _number_on(text: Text, rows: list[Row], at: list[int]) -> bool:
    """Headings alone on their lines over items whose count goes on from one heading to the next."""
    if len(at) < 2 or any(goes_on(text, rows[index]) or not _heads_numbers(rows, index) for index in at):
        return False
    numbers = _numbers(rows[at[0] + 1 :])
    return numbers == list(range(1, len(numbers) + 1)) and len(numbers) > len(at)


def _numbers(rows: list[Row]) -> list[int | None]:
    """What all numbers of the first one's kind say."""
    found = [row.marker for row in rows if row.marker]
    return [marker.number for marker in found if marker.kind == found[0].kind]


def _heads_numbers(rows: list[Row], index: int) -> bool:
    return index + 1 < len(rows) and rows[index + 1].marker is not None


def _is_strong(text: Text, row: Row, parent: bool) -> bool:
    """A heading that says 方面 of itself."""
    words = first_clause(text, row)
    if HEADING.search(words) or is_field(text, row):
        return True
    match = BREAK.search(words)
    rest = words[match.end() :] if match else ""
    if match and not parent and rest[:1] not in "，, " and not _SAYS_THEN.fullmatch(rest):
        return False
    return bool(match) and not DEFICIENT.search(words[: match.start()] if match else "")


def are_groups(text: Text, rows: list[Row], at: list[int], end: int = 0, *, named: bool = False) -> bool:
    """一、修身不严的问题, 二、关于用权不严的问题: all of them stand alone and head numbered items, most of
    which state a failing or say who mends it; with `named` they name their problem outright. The last one's
    rows go to `end`."""
    if len(at) < 2 or not all(names_group(text, rows[index]) for index in at):
        return False
    spans = list(pairwise([*at, end or len(rows)]))
    if any(begin + 1 == stop or rows[begin + 1].marker is None for begin, stop in spans):
        return False
    failing = [found for begin, stop in spans for found in _failing(text, rows[begin + 1 : stop], named)]
    return sum(failing) * 2 >= len(failing)


def _failing(text: Text, rows: list[Row], named: bool) -> list[bool]:
    """For each item of the first number there is: whether it states a failing. 1.整改措施：… is none."""
    above = list(takewhile(lambda row: not _is_heading(text, row), rows))
    first = rows[0].marker
    at = [index for index, row in enumerate(above) if row.marker and first and row.marker.kind == first.kind]
    if any(labels.opens(text.text[above[index].body : above[index].body + TITLE]) for index in at):
        return [False]
    return [_fails(text, above, index, named) for index in at]


def _fails(text: Text, rows: list[Row], index: int, named: bool) -> bool:
    stated = not named and bool(DEFICIENT.search(first_clause(text, rows[index])))
    return stated or _is_problem(text, rows, index)


def _is_heading(text: Text, row: Row) -> bool:
    """整改措施： alone on its line."""
    return row.marker is None and not goes_on(text, row) and bool(headings.judge(first_clause(text, row)))


def _is_problem(text: Text, rows: list[Row], index: int) -> bool:
    return naming.names_problem(text, rows[index]) or naming.is_labelled(text, rows, index)


def _has_items(text: Text, rows: list[Row], index: int, end: int) -> bool:
    """Numbers, short sentences or a count within a line stand under the row."""
    row, below = rows[index], rows[index + 1 : end]
    if row.marker is None:
        return False
    if any(one.marker and one.marker.kind != "bullet" for one in below):
        return True
    if is_said_alone(text, row) and any(is_sentence(text, one) for one in below):
        return True
    return _counted(text, row) > 1 or any(_counted(text, one) for one in below)


def _counted(text: Text, row: Row) -> int:
    """How many 一是, 二是 the row holds behind its number."""
    return sum(1 for _ in markers.inside(text.text, "shi", row.body, row.end))


def _unnumbered(text: Text, rows: list[Row]) -> dict[int, bool]:
    """关于政治建设方面 on a line of its own, or 在政治建设方面，一是…; 共性问题 and 个性问题 over numbers."""
    plain = ((index, row) for index, row in enumerate(rows) if row.marker is None and not row.line.cells)
    return _sorts(text, rows) | {index: False for index, row in plain if _names_some(text, row)}


def _names_some(text: Text, row: Row) -> bool:
    words = first_clause(text, row)
    if LEADS.search(words):
        return False
    if is_labelled(text, row):
        return True
    if HEADING.search(words):
        if row.start + len(words) >= row.end - 1:
            return len(words) <= _LONGEST
        if len(words) <= _LONGEST // 2 and _opens_items(text, row, row.start + len(words)):
            return True
    end = BREAK.search(words) if _LOOSE.match(words) else None
    return end is not None and _opens_items(text, row, row.start + end.end())


def _sorts(text: Text, rows: list[Row]) -> dict[int, bool]:
    """Lines such as 党员存在的问题： that say whose or what problems stand under them."""
    return {
        index: False
        for index, row in enumerate(rows)
        if row.marker is None
        and not row.line.cells
        and not goes_on(text, row)
        and _heads_numbers(rows, index)
        and (aspect_naming.names_sort(first_clause(text, row)) or is_bracketed(text, row))
    }


def _opens_items(text: Text, row: Row, begin: int) -> bool:
    first = next(markers.inside(text.text, "shi", begin, row.end), None)
    return first is not None and first.number is not None and first.at - begin <= 40
