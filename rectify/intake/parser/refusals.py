"""What intake refuses, in words: what happened, that nothing was changed, and what to do next."""

from __future__ import annotations

from rectify.errors import Incomplete
from rectify.intake.parser.parsed import LeftOut

MAX_FILE = 20 * 1024 * 1024
MAX_TEXT = 2_000_000
NOTHING_LOST = "没有录入任何内容。"
SAVE_AS = "请在 WPS 或 Word 中打开它，点“文件”→“另存为”，类型选“Word 文档（*.docx）”，再上传新文件。"


class Unreadable(Incomplete):
    """The file cannot be read as a report."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


class NoProblems(Incomplete):
    """The text was read, but no problem was found in it; `left_out` are sections that a user may tick."""

    def __init__(self, left_out: tuple[LeftOut, ...] = ()) -> None:
        self.left_out = left_out
        message = (
            f"没有找到问题，{NOTHING_LOST}"
            "系统找的是：标题写明“存在的主要问题”“查摆问题”“不足”“差距”等的部分，其中以“一是”“1.”“（一）”"
            "“①”“问题1：”等编号开头的条目，或者有“存在问题”一栏的表格。"
            "您可以：核对是否选对了文件；给问题部分加上标题、给每个问题加上编号后再上传；或者在台账里逐条新增问题。"
        )
        if left_out:
            titles = "、".join(f"“{one.title}”" for one in left_out[:6])
            message += f"识别到但没有采用的部分：{titles}。"
        super().__init__(message, field="file")


def size_words(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


def empty() -> Unreadable:
    return Unreadable(f"文件是空的，里面没有文字，{NOTHING_LOST}请核对是否选对了文件后重新上传。")


def too_large(size: int) -> Unreadable:
    return Unreadable(
        f"文件有 {size_words(size)}，超过 {size_words(MAX_FILE)} 的上限，{NOTHING_LOST}"
        "报告里多半有大图片：请删去图片或把报告拆开后重新上传。"
    )


def too_long(size: int) -> Unreadable:
    return Unreadable(
        f"文件里的文字超过 {MAX_TEXT // 10000} 万字的上限（已读到 {size // 10000} 万字），"
        f"{NOTHING_LOST}请拆成几份后分别上传。"
    )


def unpacks_too_large() -> Unreadable:
    return Unreadable(
        f"文件解压后过大，可能不是正常的 Word 文档，{NOTHING_LOST}"
        "请用 WPS 或 Word 打开后另存为新的 .docx 再上传。"
    )


def other_format(what: str) -> Unreadable:
    return Unreadable(f"这是{what}，不能直接读取，{NOTHING_LOST}{SAVE_AS}")


def pdf() -> Unreadable:
    return Unreadable(
        f"这是 PDF 文件，不能直接读取，{NOTHING_LOST}"
        "请找到它的 Word 原件，另存为 .docx 后上传；没有原件时，可在 WPS 中用“PDF 转 Word”转成 .docx，"
        "或者把文字复制到记事本，存为 .txt 后上传。"
    )


def encrypted() -> Unreadable:
    return Unreadable(
        f"文件设有打开密码，无法读取，{NOTHING_LOST}请在 WPS 或 Word 中打开它，取消密码并保存，然后重新上传。"
    )


def corrupted() -> Unreadable:
    return Unreadable(
        f"文件已损坏或不完整，无法读取，{NOTHING_LOST}"
        "请在 WPS 或 Word 中打开核对，另存为新的 .docx 后重新上传。"
    )


def unsafe() -> Unreadable:
    return Unreadable(
        f"文件里含有正常 Word 文档不会有的内容（外部实体或文档类型声明），为安全起见没有读取，{NOTHING_LOST}"
        "请用 WPS 或 Word 打开后另存为新的 .docx 再上传。"
    )


def macros() -> Unreadable:
    return Unreadable(
        f"文件含有宏，为安全起见没有读取，{NOTHING_LOST}"
        "请在 WPS 或 Word 中把它另存为不含宏的“Word 文档（*.docx）”，再上传新文件。"
    )


def unknown_encoding() -> Unreadable:
    return Unreadable(
        f"认不出文本文件的编码，读出来会是乱码，{NOTHING_LOST}"
        "请用记事本打开，点“另存为”，编码选“UTF-8”，再上传新文件；或者把内容粘贴到 Word 存为 .docx。"
    )


def unknown_type(name: str) -> Unreadable:
    shown = name[:60] or "未命名文件"
    return Unreadable(f"“{shown}”不是能读取的文件类型，只接受 .docx 和 .txt，{NOTHING_LOST}{SAVE_AS}")
