"""What frames a report and says nothing of its own: a contents list at the top, a signature at the end."""

from __future__ import annotations

import re

from rectify.intake.parser import headings
from rectify.intake.parser.rows import Row

_LEADER = re.compile(r"(?:[.．·…_\-—\s]{2,}|\s|\t)/?\d{1,4}$|[.．·…_]{3,}$")
_TITLE = re.compile(r"目\s?录|目\s?次|contents", re.IGNORECASE)
_SIGNS = re.compile(r"[\s.．·…_\-—、，,：:；;。（）()【】\[\]〔〕]+|\d{1,4}$")
_CLAUSE = re.compile(r"[。：；:;]")
_DATE = re.compile(
    r"20\d\d[.．/-]\d{1,2}[.．/-]\d{1,2}|(?:20\d\d|二[〇○零][一二三四五六七八九〇○零]{2})年[\d一二三四五六七八九十]{1,2}月(?:[\d一二三四五六七八九十]{1,3}日)?"
)
_FAREWELL = re.compile(
    r"(?:以上|不妥|不当|敬请|请予?|妥否).{0,24}(?:指正|审议|批评|意见|审阅|批示)[。！!]?|特此(?:报告|汇报|说明)[。！!]?"
)
_SIGNED = re.compile(r"[（(](?:签字|签名|签章|盖章)[）)]|^(?:填表|填报|审核|制表|校对|核对|记录)人?[：:]")
LONGEST = 200
BELOW = 16  # rows below the date
LONGEST_BELOW = 60
WITHIN = 40  # rows from the top in which a contents list begins


def without_contents(rows: list[Row]) -> list[Row]:
    last: dict[str, int] = {}
    for index, row in enumerate(rows):
        for key in _keys(row):
            last[key] = index
    titled = next((index for index, row in enumerate(rows[:WITHIN]) if _is_title(row)), None)
    if titled is not None:
        end = _run(rows, last, titled + 1, 1)
        return rows[:titled] + rows[max(end, titled + 1) :]
    for begin in range(min(len(rows), WITHIN)):
        end = _run(rows, last, begin, 3)
        if end > begin:
            return rows[:begin] + rows[end:]
    return rows


def _is_title(row: Row) -> bool:
    return bool(_TITLE.fullmatch(row.line.text.strip("【】[] ")))


def _run(rows: list[Row], last: dict[str, int], begin: int, least: int) -> int:
    """How far the entries go that begin here; `begin` itself when they are no contents list."""
    numbered = repeated = sections = 0
    seen: set[str] = set()
    index = begin
    while index < len(rows):
        row = rows[index]
        key = _key(row.line.text)
        # An entry that was there before is no entry: the text itself begins.
        if not key or len(row.line.text) > LONGEST or key in seen:
            break
        if row.line.style == "contents" or _LEADER.search(row.line.text):
            numbered += 1
        elif last.get(key, index) > index:
            repeated += 1
        else:
            break
        seen.add(key)
        sections += bool(headings.judge(_LEADER.sub("", row.line.text[row.body - row.start :])))
        index += 1
    enough = numbered >= min(2, least) or repeated >= least or (repeated >= 2 and sections >= 2)
    return index if enough else begin


def _keys(row: Row) -> set[str]:
    """What an entry for this line may say: the whole line, or its first clause."""
    text = row.line.text[: LONGEST * 2]
    return {_key(text), _key(_CLAUSE.split(text, maxsplit=1)[0])} - {""}


def _key(text: str) -> str:
    return _SIGNS.sub("", _LEADER.sub("", text))[:LONGEST]


def without_signature(rows: list[Row]) -> list[Row]:
    """Without a date at the end, the short lines above it that say who signs, a farewell, and what stands
    below the date: annexes by name, copies, who drew it up."""
    dated = next(
        (index for index in range(len(rows) - 1, max(0, len(rows) - BELOW), -1) if _dates(rows[index])), None
    )
    below = rows[dated + 1 :] if dated is not None else []
    end = len(rows) if any(_says_something(row) for row in below) else len(rows) - len(below)
    if end and _dates(rows[end - 1]):
        end -= 1
        last = end
        while end > last - 3 and end > 1 and _signs(rows[end - 1]):
            end -= 1
    while end > 1 and _FAREWELL.fullmatch(rows[end - 1].line.text):
        end -= 1
    return rows[:end]


def _dates(row: Row) -> bool:
    return bool(_DATE.fullmatch(row.line.text.replace(" ", "")))


def _says_something(row: Row) -> bool:
    """A table, a long line or a heading below the date: the report goes on."""
    words = row.line.text[row.body - row.start :]
    return bool(row.line.cells) or len(words) > LONGEST_BELOW or headings.opens_section(words)


def _signs(row: Row) -> bool:
    text = row.line.text
    plain = not re.search(r"[。，；：、]", text) or bool(_SIGNED.search(text))
    return row.marker is None and not row.line.cells and len(text) <= 30 and plain
