"""What a Word document says beside its text is named, with its words; what counts its pages is not."""

from __future__ import annotations

import pytest

from rectify.errors import Incomplete
from rectify.intake.parser.lines import text
from rectify.intake.parser.outline import parse

from .build_docx import W, deleted, docx, inserted, members, p, pack, run

REPORT = (p("某局对照检查材料"), p("一、存在的问题"), p("1.学习不深。每月只读一次。"), p("2.会议多。"))
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
VANISH = "<w:vanish/>"


def part(root: str, inner: str) -> bytes:
    return f'<?xml version="1.0"?><w:{root} xmlns:w="{W}">{inner}</w:{root}>'.encode()


def noted(**parts: bytes) -> bytes:
    """A report with parts beside it; the name of each is its kind and perhaps a number."""
    every = members(*REPORT)
    relations = "".join(
        f'<Relationship Id="r{name}" Type="{KIND}/{name.rstrip("12")}" Target="{name}.xml"/>'
        for name in parts
    )
    every["word/_rels/document.xml.rels"] = f"<Relationships>{relations}</Relationships>".encode()
    return pack(every | {f"word/{name}.xml": content for name, content in parts.items()})


def told(data: bytes) -> list[str]:
    (source,) = text.read("报告.docx", data)
    report = parse(source)
    assert [problem.title for problem in report.problems] == ["学习不深", "会议多"]
    return [notice.message for notice in report.warnings if "文件" in notice.message]


def test_each_part_beside_the_text_is_named_with_its_words():
    data = noted(
        footnotes=part(
            "footnotes",
            f'<w:footnote w:type="separator">{p()}</w:footnote>'
            f"<w:footnote>{p('据2023年年报')}{p('第二段')}</w:footnote><w:footnote>{p('见附件')}</w:footnote>",
        ),
        endnotes=part("endnotes", f"<w:endnote>{p()}</w:endnote>"),
        comments=part("comments", f"<w:comment>{p('这里再核实')}</w:comment>"),
        header1=part("hdr", p("内部资料")),
        header2=part("hdr", p("内部资料") + p(inner=deleted("初稿"))),
        footer1=part("ftr", p("— 1 —") + p("第 2 页 共 9 页")),
    )
    assert told(data) == [
        "文件的脚注（2 条）未读入：据2023年年报；第二段；见附件",
        "文件的批注（1 条）未读入：这里再核实",
        "文件的页眉未读入：内部资料",
        "文件带有修订痕迹，没有插入，删除的文字未读入：初稿",
    ]


def test_changes_hidden_words_and_pictures_are_told_once():
    *before, last = REPORT
    picture = '<w:r><w:drawing><a:blip xmlns:a="x"/></w:drawing></w:r>'
    changed = p("3.", inner=inserted("走访少。") + deleted("走访不少。") + run("别读", VANISH) + picture)
    (source,) = text.read("报告.docx", docx(*before, last, changed))
    report = parse(source)
    assert [problem.title for problem in report.problems] == ["学习不深", "会议多", "走访少"]
    assert list(source.beside) == [
        "文件带有修订痕迹，插入的 1 处已作为正文读入，删除的文字未读入：走访不少。",
        "文件中的隐藏文字未读入：别读",
        "文件中有 1 处图片或图表，其中的文字未读入，请核对原文件",
    ]
    assert not set(source.beside) - {notice.message for notice in report.warnings}


def test_an_ordinary_document_has_nothing_beside():
    assert told(docx(*REPORT)) == [] and told(noted(footer1=part("ftr", p("1")))) == []


def test_long_notes_are_cut_with_their_length_and_too_much_of_them_is_refused():
    (sentence,) = told(noted(footnotes=part("footnotes", f"<w:footnote>{p('注' * 3_000)}</w:footnote>")))
    assert "共 3,000 字" in sentence and len(sentence) < 1_100
    filler = part("hdr", p("x") + " " * (13 * 1024 * 1024))
    with pytest.raises(Incomplete, match="过大"):
        text.read("报告.docx", noted(header1=filler, header2=filler))
    evil = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(Incomplete, match="安全"):
        text.read("报告.docx", noted(comments=evil))
