"""The aspects of a section of problems: headings that group, by 方面 or by what stands under them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from rectify.intake.parser import headings, labels, markers, naming
from rectify.intake.parser.lines.cleaning import GAP
from rectify.intake.parser.rows import Row, Text

LONGEST = 400
TITLE = 30
DEFICIENT = re.compile(
    r"未(?!来|成年)|违规|违反|挪用|闲置|不(?!断|忘|仅|负|折不扣|懈|渝|移|敢腐|能腐|想腐|畏)|欠缺|缺乏|缺失|缺位|薄弱|滞后|差距|差$|有待|淡化|弱化|虚化|松懈|偏差|偏软|偏弱|偏低|短板|单一|脱节|流于形式|走过场|浮于表面|乏力|畏难|怕|慢|难以|没有|未能|仍需|还需|需要?(?:进一步)?(?:加强|提升|提高)|欠|少$|弱$|低$|浅$|软$|松$|宽$"
)
_FAILING = "(?:问题|不足|差距|短板|薄弱环节)"
_FAILINGS = f"{_FAILING}(?:[和与、及]{_FAILING})*"
_HEADING = re.compile(
    rf"方面(?:(?:还|仍|中)?(?:存在|查摆|查找|检视)(?:出)?的(?:主要|突出|一些)*{_FAILINGS}"
    rf"|(?:存在|查摆|检视)?(?:主要|突出)*问题|的(?:主要|突出)*{_FAILINGS})?$"
)
# 方面还有差距 heads problems where some stand under it, and is one itself where none do.
_SAID = re.compile(rf"方面(?:还|仍|也)*(?:有|存在)(?:着|一定|较大|明显|不小|一些)*的?{_FAILINGS}$")
_BREAK = re.compile(
    r"方面(?=[，,、\s]|(?:还|仍|主要|也)*(?:存在|有|是|表现))|(?<=[^，,])(?=[，,](?:存在的)?主要(?:问题|不足|差距)?(?:是|有|表现为|表现在)$)"
)
_LOOSE = re.compile(r"(?:在|关于|对照|围绕|聚焦)?[^。；：，,]{2,60}方面")
_SAYS = "(?:是|有|为|在于|存在|表现为|表现在)"
_LEAD_IN = re.compile(
    rf"^[，,：:。、\s]*(?:(?:还|仍)?存在的?(?:主要|突出|具体)?{_FAILING}?(?:主要)?{_SAYS}"
    rf"|(?:主要|突出|具体)的?{_FAILING}?{_SAYS}|{_FAILING}(?:主要)?是)(?:以下|如下)?(?:几个)?(?:问题)?[：:，,、\s]*"
)
# 方面主要是： says that what follows the sign is the problem.
_SAYS_THEN = re.compile(
    rf"(?:还|仍|也)*(?:存在的?)?(?:主要|突出)的?{_FAILING}?(?:主要)?{_SAYS}|(?:还|仍)*存在的(?:主要|突出)*{_FAILING}(?:主要)?{_SAYS}"
)
_GROUPING = re.compile(rf"(?:的|查|找)(?:主要|突出)*{_FAILING}$|{_FAILING}的?整改(?:落实|进展|完成)*情况$")
_FIELD = re.compile(r"(?:在)?(?:对照|聚焦|围绕)(?!检查|材料).{2,40}$")
# 【方面】X and 查摆方面：X name the aspect behind the label.
_LABEL = re.compile(
    r"[【\[]?(?:查摆|对照|检视|所属|问题)?(?:方面|领域|类别)[】\]]?[：:]?(?<=[】\]：:])\s?(?=[^\s一二三四五六七八九十1①])"
)
_LEADS = re.compile(r"以下|如下|这些|几个|各个?方面$|[二两三四五六七八九十\d]个(?:大)?方面|主要有")
_ITEM_KINDS = ("shi", "ord", "yao", "prob", "circ", "other")  # they number problems, never aspects
_TOPIC_KINDS = ("cn", "cnp", "num", "dec2", "dec3", "nump")


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
    heads = _numbered(text, rows) or _unnumbered(text, rows)
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


def named(text: Text, start: int, end: int) -> str:
    label = _LABEL.match(text.text, start, end)
    start = label.end() if label else start
    return GAP.sub("", text.text[start:end].strip(" 。：；，、．.,;:"))


def names_aspect(words: str) -> bool:
    """A short text that ends in 方面 or 方面的问题."""
    return len(words) <= LONGEST and bool(_HEADING.search(words.strip(" 。：；，、")))


def title_end(text: Text, row: Row) -> int:
    """Where the aspect's name ends: with its 方面, or with the heading."""
    if label := _LABEL.match(text.text, row.body, row.end):
        return text.stop(label.end(), row.end)
    stop = text.stop(row.body, row.end)
    words = text.text[row.body : stop]
    if not words or _HEADING.search(words) or _SAID.search(words):
        return stop
    match = _BREAK.search(words)
    return row.body + match.end() if match else stop


def _first_clause(text: Text, row: Row) -> str:
    return text.text[row.body : min(text.stop(row.body, row.end), row.body + LONGEST)]


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
    if not strong and not topics and are_groups(text, rows, at):
        topics = set(at)
    few = (len(strong) + len(topics)) * 2 < len(at)
    if few or not (strong or len(topics) * 2 > len(at)):
        return {}
    return {index: index not in strong and index not in parents for index in at}


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
    alone = all(_HEADING.search(_first_clause(text, rows[index])) for index in at)
    return alone and all(
        index + 1 < len(rows) and rows[index + 1].marker and not _goes_on(text, rows[index]) for index in at
    )


def _goes_on(text: Text, row: Row) -> bool:
    return row.body + len(_first_clause(text, row)) < row.end - 1


def is_labelled(text: Text, row: Row) -> bool:
    """【方面】X"""
    return bool(_LABEL.match(text.text, row.start, row.end))


def stands_for_aspect(text: Text, row: Row) -> bool:
    """思想建设方面： or 【方面】X on a line of its own, without a number."""
    words = _first_clause(text, row)
    named = bool(_HEADING.search(words)) and not _LEADS.search(words) and not _goes_on(text, row)
    return row.marker is None and (named or is_labelled(text, row))


def is_field(text: Text, row: Row) -> bool:
    """对照政治纪律 alone on its line: a field that is looked at, and no failing."""
    words = _first_clause(text, row)
    return bool(_FIELD.match(words)) and not _goes_on(text, row) and not DEFICIENT.search(words)


def _is_strong(text: Text, row: Row, parent: bool) -> bool:
    """A heading that says 方面 of itself."""
    words = _first_clause(text, row)
    if _HEADING.search(words) or is_field(text, row):
        return True
    match = _BREAK.search(words)
    rest = words[match.end() :] if match else ""
    if match and not parent and rest[:1] not in "，, " and not _SAYS_THEN.fullmatch(rest):
        return False
    return bool(match) and not DEFICIENT.search(words[: match.start()] if match else "")


def _is_topic(text: Text, row: Row, kind: str) -> bool:
    return (kind in _TOPIC_KINDS or kind.startswith("h")) and is_topic(text, row)


def is_topic(text: Text, row: Row) -> bool:
    """A heading alone on its line that names a field and no failing."""
    words = _first_clause(text, row)
    alone = not _goes_on(text, row)
    return alone and not DEFICIENT.search(words) and headings.judge(words) is None


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
    stated = not named and bool(DEFICIENT.search(_first_clause(text, rows[index])))
    return stated or _is_problem(text, rows, index)


def _is_heading(text: Text, row: Row) -> bool:
    """整改措施： alone on its line."""
    return row.marker is None and not _goes_on(text, row) and bool(headings.judge(_first_clause(text, row)))


def names_group(text: Text, row: Row) -> bool:
    """Alone on its line it ends in 的问题, 找差距 and their like."""
    words = _first_clause(text, row)
    return row.body + len(words) >= row.end and bool(_GROUPING.search(words))


def _is_problem(text: Text, rows: list[Row], index: int) -> bool:
    return naming.names_problem(text, rows[index]) or naming.is_labelled(text, rows, index)


def _has_items(text: Text, rows: list[Row], index: int, end: int) -> bool:
    own = rows[index].marker
    if own is None:
        return False
    if any(row.marker and row.marker.kind != "bullet" for row in rows[index + 1 : end]):
        return True
    if _is_said_alone(text, rows[index]) and any(_is_sentence(text, row) for row in rows[index + 1 : end]):
        return True
    return any(
        sum(1 for _ in markers.inside(text.text, "shi", row.body, row.end)) > 1
        or (
            row is not rows[index] and any(True for _ in markers.inside(text.text, "shi", row.start, row.end))
        )
        for row in rows[index:end]
    )


def _is_said_alone(text: Text, row: Row) -> bool:
    return bool(_SAID.search(_first_clause(text, row))) and not _goes_on(text, row)


def _is_sentence(text: Text, row: Row) -> bool:
    """A short one, closed by a stop, that opens a paragraph."""
    clause = _first_clause(text, row)
    return len(clause) <= TITLE and text.text[row.body + len(clause) : row.body + len(clause) + 1] == "。"


def _unnumbered(text: Text, rows: list[Row]) -> dict[int, bool]:
    """关于政治建设方面 on a line of its own, or 在政治建设方面，一是…"""
    found: dict[int, bool] = {}
    for index, row in enumerate(rows):
        if row.marker is not None or row.line.cells:
            continue
        words = _first_clause(text, row)
        alone = row.start + len(words) >= row.end - 1
        if _LEADS.search(words):
            continue
        if (
            is_labelled(text, row)
            or (alone and len(words) <= 120 and _HEADING.search(words))
            or (
                _LOOSE.match(words)
                and (end := _BREAK.search(words))
                and _opens_items(text, row, row.start + end.end())
            )
            or (
                alone is False
                and _HEADING.search(words)
                and len(words) <= 60
                and _opens_items(text, row, row.start + len(words))
            )
        ):
            found[index] = False
    return found


def _opens_items(text: Text, row: Row, begin: int) -> bool:
    first = next(markers.inside(text.text, "shi", begin, row.end), None)
    return first is not None and first.number is not None and first.at - begin <= 40
