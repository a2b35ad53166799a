"""In the limited child: a file becomes the outlines of its reports, or the pieces of a section, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rectify.arrivals.limited_child import limit
from rectify.errors import Incomplete
from rectify.intake.parser.lines.text import read
from rectify.intake.parser.outline import parse
from rectify.intake.parser.parsed import ParsedReport, Source
from rectify.intake.review.edited import KINDS, EditedOutline, Section, add_parsed, from_parsed

ITEMS_MAX = 300
MEMORY = 640 * 1024 * 1024
SECONDS = 19


def reports_of(name: str, data: bytes) -> list[dict[str, Any]]:
    """Each report of the file with its outline, or with why it has none."""
    return [_report(source) for source in read(name, data)]


def _report(source: Source) -> dict[str, Any]:
    report = {"part": source.part, "own_title": source.title, "text": source.text, "named": None}
    try:
        parsed = parse(source)
        # Of cards: the rows they became.
        report |= {"text": parsed.source.text, "named": parsed.year}
        outline = _manageable(from_parsed(parsed))
    except Incomplete as refusal:
        return report | {"refusal": refusal.message}
    return report | {"outline": outline.to_json()}


def pieces_of(name: str, data: bytes, part: int, section: Section, prefix: str) -> dict[str, Any]:
    """What stands in a section that was left out, keys beginning with `prefix`."""
    source = next((source for source in read(name, data) if source.part == part), None)
    if source is None:
        raise Incomplete("无法重新识别这一部分。草稿没有丢失，可以手工新增。")
    parsed = parse(source, frozenset({section.key}))
    _manageable(from_parsed(parsed))
    return section_of(parsed, section, prefix).to_json()


def section_of(parsed: ParsedReport, section: Section, prefix: str) -> EditedOutline:
    """The pieces that stand in a section, their keys beginning with `prefix`."""
    outline = EditedOutline()
    add_parsed(outline, parsed, section, prefix)
    return outline


def _manageable(outline: EditedOutline) -> EditedOutline:
    """No person looks a thousand items over: such a file is something else, or several reports in one."""
    for kind, label in KINDS.items():
        count = len(outline.kept(kind))
        if count > ITEMS_MAX:
            raise Incomplete(
                f"读出 {count} 项{label}，一份报告最多 {ITEMS_MAX} 项。没有录入任何内容。"
                "请核对选的是不是一份对照检查报告；几份报告合在一起的，请分开上传。"
            )
    return outline


def main() -> None:
    """`-c "...main()" FILE NAME [PART KEY START END PREFIX]`: one object of JSON."""
    limit(memory=MEMORY, seconds=SECONDS)
    path, name, *wanted = sys.argv[1:]
    data = Path(path).read_bytes()
    answer: dict[str, Any] = {}
    try:
        if wanted:
            part, key, start, end, prefix = wanted
            section = Section(key, "", int(start), int(end))
            answer["pieces"] = pieces_of(name, data, int(part), section, prefix)
        else:
            answer["reports"] = reports_of(name, data)
    except Incomplete as refusal:
        answer = {"refusal": refusal.message, "field": refusal.field}
    print(json.dumps(answer))
