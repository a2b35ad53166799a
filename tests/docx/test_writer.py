"""The page of an official paper, asserted from the XML and from what LibreOffice makes of it."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from pypdfium2 import PdfDocument

from rectify.docx.blocks import Cell, Heading, Line, PageBreak, Signature, Table, Text, Title
from rectify.docx.writer import Properties, write_document

AT = dt.datetime(2026, 6, 30, 8, tzinfo=dt.UTC)
PAPER = [
    Title("某县关于整改情况的报告", below="（全文）"),
    Line("某市："),
    Heading(1, "一、总体情况"),
    Heading(2, "（一）学习方面"),
    Heading(3, "1. 学得不够深"),
    Text("截至目前，十项问题已销号三项。\n第二段。", lead="完成情况："),
    Table(
        (10, 90), [[Cell("序号"), Cell("问题")], [Cell("1", centred=True), Cell("学得不够深")]], has_head=True
    ),
    Signature("某县", "2026年6月30日"),
    PageBreak(),
    Title("第二份"),
    Table((50, 50), [[Cell("意见", is_label=True), Cell("", height=20)], [Cell("全宽", span=2)]]),
]


def written() -> bytes:
    out = io.BytesIO()
    write_document(PAPER, Properties("报告", "整改办", AT), out)
    return out.getvalue()


def test_paper_margins_and_grid_are_those_of_the_standard():
    section = docx.Document(io.BytesIO(written())).sections[0]
    near = [
        (section.page_width, Mm(210)), (section.page_height, Mm(297)), (section.top_margin, Mm(37)),
        (section.bottom_margin, Mm(35)), (section.left_margin, Mm(28)), (section.right_margin, Mm(26)),
    ]  # fmt: skip
    assert all(abs(is_now - wanted) < Mm(0.1) for is_now, wanted in near)
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch")))
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert int(225 / 25.4 * 1440 / pitch) == 22  # lines of the text area


def test_a_line_holds_28_characters():
    document = docx.Document(io.BytesIO(written()))
    run = next(p for p in document.paragraphs if p.text.startswith("完成情况"))._p.xpath(".//w:r")[0]
    size = int(run.rPr.find(qn("w:sz")).get(qn("w:val"))) / 2
    closer = int(run.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    width = 156 / 25.4 * 72
    assert size == 16 and int(width / (size + closer)) == 28


@pytest.mark.parametrize(
    ("text", "font", "size"),
    [
        ("某县关于整改情况的报告", "方正小标宋简体", 44),
        ("某市：", "仿宋_GB2312", 32),
        ("一、总体情况", "黑体", 32),
        ("（一）学习方面", "楷体_GB2312", 32),
        ("1. 学得不够深", "仿宋_GB2312", 32),
        ("第二段。", "仿宋_GB2312", 32),
    ],
)
def test_type_by_level(text, font, size):
    document = docx.Document(io.BytesIO(written()))
    paragraph = next(p for p in document.paragraphs if p.text == text)
    run = paragraph.runs[0]._r.rPr
    assert run.find(qn("w:rFonts")).get(qn("w:eastAsia")) == font
    assert run.find(qn("w:sz")).get(qn("w:val")) == str(size)


def test_body_text_is_indented_by_two_characters():
    document = docx.Document(io.BytesIO(written()))
    paragraph = next(p for p in document.paragraphs if p.text == "第二段。")
    assert paragraph._p.pPr.ind.get(qn("w:firstLineChars")) == "200"


def test_page_numbers_stand_outside_between_dashes():
    archive = zipfile.ZipFile(io.BytesIO(written()))
    footers = [archive.read(name).decode() for name in archive.namelist() if "footer" in name]
    assert len(footers) == 2 and all("— " in text and "PAGE" in text for text in footers)
    assert sorted('w:val="right"' in text for text in footers) == [False, True]
    assert b"evenAndOddHeaders" in archive.read("word/settings.xml")


def test_what_xml_cannot_carry_is_left_out():
    out = io.BytesIO()
    write_document([Text("正\x00文\ud800。")], Properties("x", "y", AT), out)
    assert "正文。" in [p.text for p in docx.Document(io.BytesIO(out.getvalue())).paragraphs]


@pytest.mark.ci
@pytest.mark.sqlite
def test_libreoffice_shows_it_on_two_a4_pages(tmp_path: Path):
    (tmp_path / "paper.docx").write_bytes(written())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "paper.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=240, cwd=tmp_path)
    pages = PdfDocument(tmp_path / "paper.pdf")
    assert len(pages) == 2
    assert [round(edge * 25.4 / 72) for edge in pages[0].get_size()] == [210, 297]
