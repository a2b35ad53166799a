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

_LOOSE = re.compile(r"(?:在|关于|对照|围绕|聚焦)?[^。；：，,]{2,60}方面")
_SAYS = "(?:是|有|为|在于|存在|表现为|表现在)"
_LEAD_IN = re.compile(
    rf"^[，,：:。、\s]*(?:(?:还|仍)?存在的?(?:主要|突出|具体)?{FAILING}?(?:主要)?{_SAYS}"
    rf"|(?:主要|突出|具体)的?{FAILING}?{_SAYS}|{FAILING}(?:主要)?是)(?:以下|如下)?(?:几个)?(?:问题)?[：:，,、\s]*"
)
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
    tail = end
    while tail < row.end and text.text[tail] in "，,：:。．.；;、 ":
        tail += 1
    rest = replace(text.row(row.line, tail), end=row.end) if tail < row.end else None
    said = None
    if rest is not None:
        lead = _LEAD_IN.match(text.text[end : row.end])
        begin = end + lead.end() if lead else rest.start
        said = replace(text.row(row.line, begin), end=row.end) if begin < row.end else None
        if rest.marker is None and said is not None and said.marker is not None:
            rest = said
        rows = [rest, *rows]
    return Group(named(text, row.body, end), row, end, tuple(rows), said)


def _numbered(text: Text, rows: list[Row]) -> dict[int, bool]:
    """Index of each row of the outermost number, when these are aspects; True marks a problem among them."""
    kind = _outer_kind(text, rows)
    at = [index for index, row in enumerate(rows) if row.marker and row.marker.kind == kind]
    if not kind or (kind in _ITEM_KINDS and not _are_headings(text, rows, at)):
        return {}
    spans = zip(at, [*at[1:], len(rows)], strict=True)
    parents = {index for index, end in spans if _has_items(text, rows, index, end)}
    # 在学习方面存在不深入的问题 is a problem, unless problems stand under it.
    strong = {index for index in at if _is_strong(text, rows[index], index in parents)}
    topics = {
        index
        for index in parents - strong
        if _is_topic(text, rows[index], kind) and not _is_problem(text, rows, index)
    }
    if _are_sorts(text, rows, at, kind) or _number_on(text, rows, at):
        topics = parents = set(at)
    elif not strong and not topics and are_groups(text, rows, at):
        topics = set(at)
    few = (len(strong) + len(topics)) * 2 < len(at)
    if few or not (strong or len(topics) * 2 > len(at)):
        return {}
    return {index: index not in strong and index not in parents for index in at}


def _bulleted(text: Text, rows: list[Row]) -> dict[int, bool]:
    """——在服务企业发展上。 over 3. and 4.: the bullets are headings where each heads numbers."""
    at = [index for index, row in enumerate(rows) if row.marker and row.marker.kind == "bullet"]
    heads = len(at) > 1 and all(
        index + 1 < len(rows) and (below := rows[index + 1].marker) and below.rank < markers.LOOSE
        for index in at
    )
    return dict.fromkeys(at, False) if heads and not any(goes_on(text, rows[index]) for index in at) else {}


def _outer_kind(text: Text, rows: list[Row]) -> str:
    """The kind of number aspects may have: the first, unless one further out comes again or says 方面."""
    kind = next((row.marker.kind for row in rows if row.marker and row.marker.kind != "bullet"), "")
    ranked = [row.marker for row in rows if row.marker and row.marker.rank < markers.LOOSE]
    if not ranked:
        return kind
    outer = min(ranked, key=lambda marker: marker.rank).kind
    of_outer = [row for row in rows if row.marker and row.marker.kind == outer]
    if kind in _ITEM_KINDS:
        return outer if any(_is_strong(text, row, True) for row in of_outer) else kind
    return outer if len(of_outer) > 1 else kind


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
    if len(at) < 2 or any(goes_on(text, rows[index]) for index in at):
        return False
    spans = [rows[begin + 1 : end] for begin, end in pairwise([*at, len(rows)])]
    firsts = [span[0].marker for span in spans if span and span[0].marker]
    if len(firsts) < len(at):
        return False
    numbers = [
        row.marker.number
        for span in spans
        for row in span
        if row.marker and row.marker.kind == firsts[0].kind
    ]
    return numbers == list(range(1, len(numbers) + 1)) and len(numbers) > len(at)


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


def _is_topic(text: Text, row: Row, kind: str) -> bool:
    return (kind in _TOPIC_KINDS or kind.startswith("h")) and is_topic(text, row)


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
    found = _sorts(text, rows)
    for index, row in enumerate(rows):
        if row.marker is not None or row.line.cells:
            continue
        words = first_clause(text, row)
        alone = row.start + len(words) >= row.end - 1
        if LEADS.search(words):
            continue
        if (
            is_labelled(text, row)
            or (alone and len(words) <= 120 and HEADING.search(words))
            or (
                _LOOSE.match(words)
                and (end := BREAK.search(words))
                and _opens_items(text, row, row.start + end.end())
            )
            or (
                alone is False
                and HEADING.search(words)
                and len(words) <= 60
                and _opens_items(text, row, row.start + len(words))
            )
        ):
            found[index] = False
    return found


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
