"""Broken files end in an outline or in a refusal, never in another exception."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable

import pytest

from rectify.errors import Incomplete
from rectify.intake.parser import outline
from rectify.intake.parser.lines import text

from . import build_docx, score

CASES = list(score.cases())
TEXTS = [case.data for case in CASES if case.file_name.endswith(".txt")]
PARTS: list[dict[str, bytes]] = []
LINES = [
    "一、",
    "（一）",
    "一是",
    "1.",
    "①",
    "问题1：",
    "原因：",
    "整改措施：",
    "方面",
    "比如，",
    "；",
    "。",
    "\n",
    "\t",
    "xx",
    "篇一",
    "目录",
]
TAGS = [
    b"<w:p>",
    b"</w:p>",
    b"<w:del>",
    b"</w:tbl>",
    b"<w:tc>",
    b"</w:tc>",
    b"<w:t>",
    b"<!--",
    b"&#0;",
    b"]]>",
    b"<w:tr/>",
]


def accept(name: str, data: bytes) -> None:
    try:
        for source in text.read(name, data):
            found = outline.as_json(outline.parse(source, frozenset({"left_out-1", "preamble-1"})))
            assert found["problems"]
    except Incomplete:
        return


def _swap(data: bytes, rnd: random.Random, pieces: list[bytes]) -> bytes:
    """A few bytes changed, cut, doubled or put in."""
    out = bytearray(data)
    for _ in range(rnd.randint(1, 8)):
        at = rnd.randrange(len(out) + 1)
        match rnd.randrange(5):
            case 0 if out:
                out[at % len(out)] = rnd.randrange(256)
            case 1:
                del out[at : at + rnd.randint(1, 200)]
            case 2:
                out[at:at] = out[at : at + rnd.randint(1, 200)]
            case 3:
                out[at:at] = rnd.choice(pieces)
            case _:
                other = rnd.randrange(len(out) + 1)
                out[at:at] = out[other : other + rnd.randint(1, 400)]
    return bytes(out)


def mutant_text(seed: int) -> bytes:
    rnd = random.Random(seed)
    data = rnd.choice(TEXTS)
    if rnd.random() < 0.3:
        return _swap(data, rnd, [line.encode() for line in LINES])
    # Whole characters: the text stays readable and its structure breaks.
    try:
        chars = data.decode()
    except UnicodeDecodeError:
        return _swap(data, rnd, [b"\n"])
    lines = chars.split("\n")
    for _ in range(rnd.randint(1, 6)):
        at = rnd.randrange(len(lines))
        match rnd.randrange(6):
            case 0:
                lines.insert(at, rnd.choice(lines))
            case 1:
                lines.pop(at) if len(lines) > 1 else None
            case 2:
                lines[at] += rnd.choice(LINES)
            case 3:
                cut = rnd.randrange(len(lines[at]) + 1)
                lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]
            case 4:
                rnd.shuffle(lines)
            case _:
                lines[at] = rnd.choice(LINES) + lines[at]
    return "\n".join(lines).encode(rnd.choice(["utf-8", "gb18030", "utf-16"]), "ignore")


def _documents() -> list[dict[str, bytes]]:
    if not PARTS:
        import io

        for case in CASES:
            if case.file_name.endswith(".docx"):
                with zipfile.ZipFile(io.BytesIO(case.data)) as file:
                    PARTS.append({name: file.read(name) for name in file.namelist()})
    return PARTS


def mutant_docx(seed: int) -> bytes:
    rnd = random.Random(seed)
    parts = dict(rnd.choice(_documents()))
    where = rnd.random()
    if where < 0.2:
        return _swap(build_docx.pack(parts), rnd, [b"PK\x03\x04", b"PK\x01\x02"])
    name = rnd.choice(
        ["word/document.xml"] * 4
        + ["word/numbering.xml", "word/styles.xml", "_rels/.rels", "[Content_Types].xml"]
    )
    if where < 0.3:
        parts.pop(name)
    elif where < 0.65:
        parts[name] = _swap(parts[name], rnd, TAGS)
    else:
        # Well-formed still: values and texts change, elements move.
        whole = parts[name].decode()
        for _ in range(rnd.randint(1, 6)):
            bits = whole.split("<")
            at = rnd.randrange(1, len(bits))
            if rnd.random() < 0.5 and 'w:val="' in bits[at]:
                value = rnd.choice(["", "-1", "99999999999", "x", "%1%2%9", "0", "8", "一"])
                head, _, tail = bits[at].partition('w:val="')
                bits[at] = f'{head}w:val="{value}"{tail.partition(chr(34))[2]}'
            elif bits[at].startswith("w:t ") or bits[at].startswith("w:t>"):
                bits[at] += rnd.choice(LINES)
            whole = "<".join(bits)
        parts[name] = whole.encode()
    return build_docx.pack(parts)


@pytest.mark.parametrize(("name", "make"), [("报告.txt", mutant_text), ("报告.docx", mutant_docx)])
def test_a_hundred_mutants(name: str, make: Callable[[int], bytes]):
    for seed in range(100):
        accept(name, make(seed))


@pytest.mark.long
def test_three_thousand_mutated_documents():
    for seed in range(1000, 4000):
        accept("报告.docx", mutant_docx(seed))


@pytest.mark.long
def test_a_thousand_mutated_texts():
    for seed in range(1000, 2000):
        accept("报告.txt", mutant_text(seed))
