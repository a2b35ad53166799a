"""Reports are read in the limited child: it says what the parser says, and its end at a limit is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from rectify.errors import Incomplete
from rectify.intake import reading
from rectify.intake.opening import reports_of, section_of
from rectify.intake.parser.lines.text import read
from rectify.intake.parser.outline import parse
from rectify.intake.reading import read_reports, read_section
from rectify.intake.review.edited import EditedOutline, Section, from_parsed
from rectify.models import IntakeDraft

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.txt"))
SEVERAL = next(path for path in CORPUS if path.name.startswith("22-"))
LEFT_OUT = next(path for path in CORPUS if path.name.startswith("09-"))


@pytest.mark.parametrize("path", [*CORPUS[::20], SEVERAL, LEFT_OUT], ids=lambda path: path.stem)
def test_the_child_says_what_the_parser_says(path):
    data = path.read_bytes()
    plain = [(source, parse(source)) for source in read(path.name, data)]
    found = read_reports(path.name, data, title="", year=None)
    assert [report.text for report in found] == [parsed.source.text for _, parsed in plain]
    assert [report.outline for report in found] == [from_parsed(parsed) for _, parsed in plain]
    years = [parsed.year for _, parsed in plain]
    assert [report.year for report, year in zip(found, years, strict=True) if year] == list(
        filter(None, years)
    )


def test_an_outline_is_the_same_after_its_way_as_json():
    for path in CORPUS:
        for row, source in zip(
            reports_of(path.name, path.read_bytes()), read(path.name, path.read_bytes()), strict=True
        ):
            assert EditedOutline.from_json(row["outline"]) == from_parsed(parse(source)), path.name


def test_a_section_is_taken_from_the_file_that_was_kept(monkeypatch):
    [source] = read(LEFT_OUT.name, LEFT_OUT.read_bytes())
    [first, *_] = from_parsed(parse(source)).sections
    monkeypatch.setattr(IntakeDraft, "path", LEFT_OUT)
    found = read_section(IntakeDraft(name=LEFT_OUT.name, part=1), first, "x1-")
    assert found == section_of(parse(source, frozenset({first.key})), first, "x1-") and found.items
    with pytest.raises(Incomplete, match="无法重新识别这一部分"):
        read_section(IntakeDraft(name=LEFT_OUT.name, part=9), first, "x1-")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("报告.txt", b"\x00", "空"),
        ("报告.pdf", b"%PDF-1.7", "PDF"),
        ("报告.txt", "今天天气好。".encode(), "没有找到问题"),
    ],
)
def test_a_refusal_comes_in_its_own_words(name, data, words):
    with pytest.raises(Incomplete, match=words) as refusal:
        read_reports(name, data, title="", year=2026)
    assert refusal.value.field == "file"


@pytest.mark.parametrize(("what", "to"), [("SECONDS", 0.001), ("CHILD", "rectify.intake.nobody")])
def test_a_child_that_is_ended_or_dies_is_told_in_words(monkeypatch, what, to):
    monkeypatch.setattr(reading, what, to)
    with pytest.raises(Incomplete, match=r"读取它超出了限度.*没有录入任何内容"):
        read_reports("报告.txt", CORPUS[0].read_bytes(), title="", year=2026)
    monkeypatch.setattr(IntakeDraft, "path", LEFT_OUT)
    with pytest.raises(Incomplete, match="读取它超出了限度"):
        read_section(IntakeDraft(name=LEFT_OUT.name, part=1), Section("s1", "", 0, 9), "x1-")
