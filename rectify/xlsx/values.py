"""What people type into cells, understood: texts, days in many notations, percentages, names in a list."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from rectify.xlsx.cells import clean_text
from rectify.xlsx.reader import SheetCell

EARLIEST, LATEST = 1990, 2100
_UNSEEN = re.compile("[\x7f-\x9f\u200b\ufeff]")
_DAY = re.compile(
    r"(\d{4})\s*(?:年|-|/|\.)\s*(\d{1,2})\s*(?:月|-|/|\.)\s*(\d{1,2})\s*[日号]?"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?)?"
)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DASHES = str.maketrans({"－": "-", "—": "-", "–": "-", "―": "-", "−": "-", "．": ".", "。": ".", "／": "/"})
_SEPARATORS = re.compile(r"[、，,；;\n/]+")
_EPOCH, _EPOCH_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)


class NotUnderstood(Exception):
    """`args`: the reason and the remedy, in Chinese."""


def normal(text: str) -> str:
    """A text as it is compared: without what cannot be seen, with plain line ends."""
    if text.isprintable():  # on one line, and nothing in it is unseen
        return text.strip()
    return _UNSEEN.sub("", clean_text(text.replace("\u2028", "\n").replace("\u2029", "\n"))).strip()


def text_of(cell: SheetCell, date1904: bool = False) -> str:
    """What a cell says. Raises NotUnderstood for what has no reliable text: formulas, pictures, errors."""
    if cell.kind == "f":
        raise NotUnderstood("单元格里是公式，系统不采用公式的结果", "请复制该单元格，用“选择性粘贴—数值”贴回")
    if cell.kind == "i":
        raise NotUnderstood("单元格里是 WPS 嵌入图片，无法读取", "请把图片作为佐证材料在网页上传，单元格留空")
    if cell.kind == "e":
        raise NotUnderstood(f"单元格显示错误值 {cell.value}", "请改为正确的内容，或清空")
    if cell.kind == "d":
        day = serial_day(cell.value, date1904)
        return f"{day.year}年{day.month}月{day.day}日" if day else number_text(cell.value)
    if cell.kind in ("n", "p"):
        return number_text(cell.value)
    return normal(cell.value)


def number_text(raw: str) -> str:
    """A number without the traces of its storage: 13800000000, not 1.38E10."""
    try:
        number = float(raw)
    except ValueError:
        return normal(raw)
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(round(number, 10))


def half_width(text: str) -> str:
    """Full-width digits and signs as plain ones."""
    return unicodedata.normalize("NFKC", text)


def serial_day(raw: str, date1904: bool = False) -> dt.date | None:
    """The day of Excel's count, where it is a plausible one."""
    try:
        days = int(float(raw))
    except (ValueError, OverflowError):
        return None
    if not 0 < days < 80_000:
        return None
    day = (_EPOCH_1904 if date1904 else _EPOCH) + dt.timedelta(days=days)
    return day if EARLIEST <= day.year <= LATEST else None


def day_of(cell: SheetCell, date1904: bool = False) -> dt.date:
    """The day a cell names: a date, a day's number, or a text in one of the usual notations."""
    if cell.kind in ("d", "n"):
        day = serial_day(cell.value, date1904) or read_day(number_text(cell.value))
    else:
        day = read_day(text_of(cell))
    if day is None:
        raise NotUnderstood(
            "认不出是哪一天", "请填完整的年月日，例如 2022-06-30、2022/6/30、2022.6.30、2022年6月30日"
        )
    if not EARLIEST <= day.year <= LATEST:
        raise NotUnderstood(f"年份应在 {EARLIEST} 到 {LATEST} 之间", "请核对年份")
    return day


def read_day(text: str) -> dt.date | None:
    """A full day in one of the ways people write it, or nothing."""
    plain = half_width(text.translate(_DASHES)).strip()
    match = _DAY.fullmatch(plain) or _COMPACT_DAY.fullmatch(plain)
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def percent_of(cell: SheetCell) -> int:
    """0 to 100, with or without the sign, in a cell of percentages or not."""
    if cell.kind == "p":
        number = float(cell.value) * 100
    else:
        plain = half_width(text_of(cell)).replace(" ", "").rstrip("%")
        try:
            number = float(plain)
        except ValueError:
            raise NotUnderstood("完成比例应是 0 到 100 的整数", "请只填数字，例如 65") from None
    if not 0 <= number <= 100 or abs(number - round(number)) > 1e-6:
        raise NotUnderstood("完成比例应是 0 到 100 的整数", "请只填数字，例如 65")
    return round(number)


def names_of(text: str) -> list[str]:
    """甲、乙；丙 as three names."""
    return [name for part in _SEPARATORS.split(text) if (name := part.strip())]


def lines_of(text: str) -> list[str]:
    """One entry a line, without the numbers people put before them."""
    lines = (re.sub(r"^\s*(?:\d{1,2}[.、．]|[（(]\d{1,2}[)）])\s*", "", line) for line in text.split("\n"))
    return [line.strip() for line in lines if line.strip()]
