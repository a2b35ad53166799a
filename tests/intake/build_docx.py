"""A small builder of Word documents: just what a report needs, and what may go wrong in one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>
</Relationships>"""
# numId -> (numFmt, lvlText) of each level
LISTS = {
    1: [
        ("chineseCountingThousand", "%1、"),
        ("chineseCounting", "（%2）"),
        ("decimal", "%3．"),
        ("decimal", "（%4）"),
    ],
    2: [("chineseCounting", "%1是")],
    3: [("decimal", "%1.")],
    4: [("decimalEnclosedCircleChinese", "%1")],
    5: [("bullet", "")],
    6: [("decimal", "问题%1：")],
}
STYLES = {"1": "heading 1", "2": "heading 2", "3": "heading 3", "T": "Title", "TOC1": "toc 1"}


def run(text: str, properties: str = "") -> str:
    """Text with soft breaks for \\n and tabs for \\t."""
    inner = (
        escape(text)
        .replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
        .replace("\t", "</w:t><w:tab/><w:t>")
    )
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{inner}</w:t></w:r>'


def p(
    text: str = "", *, style: str = "", num: tuple[int, int] | None = None, inner: str = "", mark: str = ""
) -> str:
    """A paragraph; `num` is a list and a level, `inner` ready-made runs after the text, `mark` in its mark's properties."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if num:
        properties += f'<w:numPr><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>'
    if mark:
        properties += f"<w:rPr>{mark}</w:rPr>"
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text) if text else ''}{inner}</w:p>"


def inserted(text: str) -> str:
    return f'<w:ins w:id="1" w:author="a">{run(text)}</w:ins>'


def deleted(text: str) -> str:
    return f'<w:del w:id="2" w:author="a"><w:r><w:delText>{escape(text)}</w:delText></w:r></w:del>'


def box(*paragraphs: str) -> str:
    """A text box, kept twice as Word keeps it."""
    content = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><w:textbox>{content}</w:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def cell(text: str, *, span: int = 1, merge: str = "") -> str:
    properties = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += {"": "", "first": '<w:vMerge w:val="restart"/>', "more": "<w:vMerge/>"}[merge]
    inner = "".join(p(line) for line in text.split("\n"))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def table(*rows: Iterable[str]) -> str:
    """Rows of plain texts, or of cells made by cell()."""
    made = []
    for row in rows:
        cells = "".join(one if one.startswith("<w:tc>") else cell(one) for one in row)
        made.append(f"<w:tr>{cells}</w:tr>")
    return f"<w:tbl>{''.join(made)}</w:tbl>"


def _styles() -> str:
    made = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in STYLES.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><w:styles xmlns:w="{W}">{made}</w:styles>'


def _numbering() -> str:
    made = ""
    for key, levels in LISTS.items():
        inner = "".join(
            f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for depth, (form, text) in enumerate(levels)
        )
        made += f'<w:abstractNum w:abstractNumId="{key}">{inner}</w:abstractNum>'
    made += "".join(f'<w:num w:numId="{key}"><w:abstractNumId w:val="{key}"/></w:num>' for key in LISTS)
    # Lists that begin anew: numId 10 + n counts as n does, from one.
    made += "".join(
        f'<w:num w:numId="{key + 10}"><w:abstractNumId w:val="{key}"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        for key in LISTS
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><w:numbering xmlns:w="{W}">{made}</w:numbering>'


def members(*blocks: str) -> dict[str, bytes]:
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}" xmlns:mc="{MC}" xmlns:wps="{WPS}">'
        f"<w:body>{''.join(blocks)}<w:sectPr/></w:body></w:document>"
    )
    comments = f'<w:comments xmlns:w="{W}"><w:comment w:id="0"><w:p><w:r><w:t>一是批注里的问题不算数。</w:t></w:r></w:p></w:comment></w:comments>'
    return {
        "[Content_Types].xml": TYPES.encode(),
        "_rels/.rels": RELS.encode(),
        "word/document.xml": document.encode(),
        "word/styles.xml": _styles().encode(),
        "word/numbering.xml": _numbering().encode(),
        "word/comments.xml": comments.encode(),
    }


def pack(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return out.getvalue()


def docx(*blocks: str) -> bytes:
    """A document of these blocks."""
    return pack(members(*blocks))
