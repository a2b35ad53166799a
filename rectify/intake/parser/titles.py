"""The title of an item, and that of a problem, which may be named outright."""

from __future__ import annotations

import re

from rectify.intake.parser import facts, markers, naming
from rectify.intake.parser.lines.cleaning import GAP
from rectify.intake.parser.rows import Row, Text

LONG_TITLE = 30
CLOSING = " \t\n。：；，、．.,;:！？!?…·"
# 疏散门上锁——已整改: what became of it.
_STATUS = re.compile(r"——(?=已|正在|尚未|立即|立行|限期|劝离|[\d０-９]{1,2}月|年底|长期)")


def title(text: Text, start: int, end: int) -> tuple[str, int]:
    """The title, and where the text after it begins: to the first 。：； or the line's end, and when that is
    longer than 30 characters, to the first ，."""
    start = _behind_signs(text.text, start, end)
    noted = facts.note(text.text, start, end) or facts.unit_note(
        text.text, start, facts.title_end(text.text, start, end)
    )
    stop = text.stop(start, min(end, noted.start()) if noted else end, "。：；:;")
    if told := _STATUS.search(text.text, start, stop):
        stop = told.start()
    words = text.text[start:stop]
    if len(words) > LONG_TITLE:
        comma = re.search(r"(?<!方面)[，,]", words)  # 在政治纪律方面， names nothing yet
        if comma and comma.start() > 0:
            stop = start + comma.start()
            words = words[: comma.start()]
    return GAP.sub("", words.strip(CLOSING)), _behind_signs(text.text, stop, end)


def is_title(text: Text, row: Row) -> bool:
    """A short line without any stop: what follows it is its text."""
    return row.end - row.body <= LONG_TITLE and not re.search(
        r"[。；;：:！？]", text.text[row.body : row.end]
    )


def of_problem(text: Text, start: int, first_end: int, end: int) -> tuple[str, int]:
    """The title of a problem, and where its text begins: 关于“X”问题 and 存在差距：X are titled X."""
    words = text.text
    while start < end and words[start] in " \n":
        start += 1
    if named := naming.named(words, start, first_end):
        return named.title, _behind_signs(words, named.after, end)
    start = _behind_label(words, start, end)
    failing = naming.gap(words, start, first_end)
    if failing is None:
        return title(text, start, first_end)
    told = naming.told(words, failing, first_end) if words[failing - 1] in "。？?" else None
    return (told.title if told else title(text, failing, first_end)[0]), start


def _behind_label(words: str, start: int, end: int) -> int:
    """Behind 存在的问题：, and 1. where no second follows."""
    own = naming.OWN_LABEL.match(words, start, end)
    if own is None:
        return start
    opened = markers.at_start(words, own.end(), end)
    return opened.after if opened is not None and opened.kind != "bullet" else own.end()


def _behind_signs(words: str, start: int, end: int) -> int:
    while start < end and words[start] in CLOSING:
        start += 1
    return start


def prose(text: str) -> str:
    """Lines of a body without empty ones."""
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())
