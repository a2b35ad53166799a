"""What cannot be read is refused in words, in bounded time and memory, and never with an exception."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import time
import zipfile

import pytest

from rectify.errors import Incomplete
from rectify.intake.parser import outline, refusals
from rectify.intake.parser.lines import text

from . import build_docx

REPORT = (
    "一、存在的主要问题\n一是学习不够深入。\n二、原因分析\n一是认识不足。\n三、努力方向\n一是加强学习。\n"
)
GOOD = build_docx.docx(*[build_docx.p(line) for line in REPORT.split("\n")])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(name: str, data: bytes) -> str:
    """The message; the time it took is bounded."""
    begun = time.process_time()
    with pytest.raises(Incomplete) as caught:
        for source in text.read(name, data):
            outline.parse(source)
    assert time.process_time() - begun < 10
    message = caught.value.message
    assert "没有录入任何内容" in message
    return message


def with_member(name: str, data: bytes) -> bytes:
    parts = build_docx.members(build_docx.p("一、存在的问题"))
    parts[name] = data
    return build_docx.pack(parts)


@pytest.mark.parametrize("ending", ["doc", "wps", "DOC", "rtf", "odt"])
def test_other_formats_say_how_to_save(ending):
    assert "另存为" in refused(f"报告.{ending}", b"anything") and "docx" in refused(f"报告.{ending}", GOOD)


@pytest.mark.parametrize(
    ("name", "data"), [("报告.pdf", b"x"), ("报告.docx", b"%PDF-1.7 ..."), ("报告.txt", b"%PDF-1.7")]
)
def test_pdf_says_how_to_convert(name, data):
    assert "PDF" in refused(name, data) and "docx" in refused(name, data)


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"  \r\n\t ", "\ufeff".encode(), "　　\n\u00a0".encode()])
def test_empty_text(data):
    assert "空的" in refused("报告.txt", data)


def test_empty_document():
    assert "空的" in refused("报告.docx", build_docx.docx(build_docx.p(""), build_docx.p("　")))


def test_too_large_states_the_limit():
    assert "20.0 MB" in refused("报告.docx", b"PK\x03\x04" + b"0" * refusals.MAX_FILE)


def test_too_much_text_states_the_limit():
    assert "200 万字" in refused("报告.txt", ("一是学习不够。" * 300_000).encode())


def test_encrypted_office_file():
    assert "密码" in refused("报告.docx", OLE + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"))


def test_old_word_file_under_a_new_name():
    assert "旧版" in refused("报告.docx", OLE + "WordDocument".encode("utf-16-le"))


def test_encrypted_zip_member():
    data = bytearray(GOOD)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(sign, at + 4)
    assert "密码" in refused("报告.docx", bytes(data))


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", GOOD[:200], GOOD[: len(GOOD) // 2], b"PK\x05\x06" + b"\0" * 18, b"hello"]
)
def test_corrupted_document(data):
    assert "损坏" in refused("报告.docx", data)


def test_macros():
    assert "宏" in refused("报告.docx", with_member("word/vbaProject.bin", b"x"))
    assert "宏" in refused("报告.docm", GOOD)
    types = build_docx.TYPES.replace("wordprocessingml.document.main+xml", "x.macroEnabled.main+xml")
    assert "宏" in refused("报告.docx", with_member("[Content_Types].xml", types.encode()))


def test_workbook_under_a_word_name():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/workbook.xml", "<x/>")
    assert "Excel" in refused("报告.docx", out.getvalue())


def test_entities_are_not_expanded():
    entities = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    laughs = f'{entities}<w:document xmlns:w="w"><w:body>&b;</w:body></w:document>'
    assert "安全" in refused("报告.docx", with_member("word/document.xml", laughs.encode()))
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><w:document xmlns:w="w"/>'
    assert "安全" in refused("报告.docx", with_member("word/document.xml", outside.encode()))


def test_zip_bomb_that_says_so():
    assert "过大" in refused("报告.docx", with_member("word/document.xml", b" " * (40 * 1024 * 1024)))


def test_zip_bomb_that_lies_about_its_size():
    data = bytearray(with_member("word/document.xml", b"<w>" + b" " * (60 * 1024 * 1024)))
    at = data.find(b"PK\x01\x02")
    while at >= 0:  # the directory claims a small size for every part
        if data[at + 24 : at + 28] > b"\0":
            data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    refused("报告.docx", bytes(data))


def test_deep_nesting():
    deep = f'<w:document xmlns:w="{build_docx.W}"><w:body>' + "<w:p>" * 100_000
    assert "损坏" in refused("报告.docx", with_member("word/document.xml", deep.encode()))


def test_merged_cells_do_not_multiply_text():
    long = build_docx.cell("一是学习不够。" * 20_000, merge="first")
    more = [
        (build_docx.cell("x"), build_docx.cell("", merge="more"), build_docx.cell("y")) for _ in range(2000)
    ]
    rows = [("序号", "存在问题", "原因"), (build_docx.cell("1"), long, build_docx.cell("z")), *more]
    assert "万字" in refused("报告.docx", build_docx.docx(build_docx.table(*rows)))


def test_too_many_members():
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as file:
        for number in range(5_001):
            file.writestr(f"x/{number}", b"")
    assert "过大" in refused("报告.docx", out.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        "一、存在的主要問題\n一是學習不夠深入，導致落實不力，群眾意見較大。\n二是作風不實。".encode("big5"),
        bytes(range(128, 256)) * 50,
        "一是学习不够深入。".encode("utf-16")[:-1],
        REPORT.encode()[:-2] + b"\xff\xfe\xff",
    ],
)
def test_wrong_encoding(data):
    message = refused("报告.txt", data)
    assert "编码" in message or "没有找到问题" in message


def test_pictures_and_programs():
    assert "图片" in refused("报告.txt", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    assert "只接受" in refused("报告.exe", b"abc")


@pytest.mark.parametrize(
    "words",
    [
        "今天天气很好。\n我们去公园散步。\n晚上看了一场电影。",
        "关于召开会议的通知\n一、时间：5月6日。\n二、地点：会议室。\n三、参加人员：全体干部。",
        "hello world",
        "12\n13\n14",
        "一是一，二是二。",
    ],
)
def test_text_that_is_no_report(words):
    message = refused("通知.txt", words.encode())
    assert "没有找到问题" in message and "一是" in message and "您可以" in message


def test_what_was_left_out_is_named():
    data = "一、上年度整改措施落实情况\n（一）学习已加强。\n二、典型案例剖析\n（一）教训深刻。".encode()
    assert "上年度整改措施落实情况" in refused("报告.txt", data)


BIG = {
    "problems": "一、存在的主要问题\n"
    + "".join(f"{n}.第{n}条道路养护不够及时。群众反映较多。\n" for n in range(1, 5001)),
    "paragraph": "一、存在的主要问题\n一是学习不够深入。"
    + "班子对新要求领会不深，" * 30_000
    + "\n二是落实不力。",
    "unbroken": "一、存在的主要问题\n一是" + "学" * 350_000 + "\n二是落实不力。",
    "quotes": "一、存在的主要问题\n一是学习不够。" + "之所以存在“" * 70_000,
}


@pytest.mark.ci
@pytest.mark.parametrize("shape", sorted(BIG))
def test_large_reports_are_read_within_bounds(shape, tmp_path):
    """In a process of its own, so that its memory is its own."""
    path = tmp_path / "big.txt"
    path.write_text(BIG[shape], encoding="utf-8")
    code = (
        "import django, sys; django.setup()\n"
        "from rectify.intake.parser import outline\nfrom rectify.intake.parser.lines import text\n"
        "(source,) = text.read('big.txt', open(sys.argv[1], 'rb').read())\n"
        "print(len(outline.as_json(outline.parse(source))['problems']))\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    limit_in_kib = 512 * 1024
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (10, 10)),
        env={"DJANGO_SETTINGS_MODULE": "rectify.settings", "DATA_DIR": str(tmp_path), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    problems, peak_in_kib = map(int, done.stdout.split())
    assert problems == (5000 if shape == "problems" else 1 if shape == "quotes" else 2)
    assert peak_in_kib < limit_in_kib
