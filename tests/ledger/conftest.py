"""Ledgers of invented rows, written to memory and read back by openpyxl in normal mode."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from rectify.ledger.columns import LEDGER, Column, ColumnSet
from rectify.ledger.print.row_spool import RowSpool
from rectify.ledger.print.sheet import Form
from rectify.ledger.print.writer import write_book
from rectify.ledger.row_types import Fonts, MeasureRow, ProblemRow, Stamp, Written

HEAD = "0123456789abcdef" * 4
STAMP = Stamp(
    title="某县委常委班子专题民主生活会整改台账",
    unit="中共某县委员会",
    as_of=dt.date(2022, 6, 30),
    exporter="县委办 整改办",
    exported_at=dt.datetime(2022, 7, 1, 1, 30, tzinfo=dt.UTC),
    audit_head=HEAD,
    selection="责任单位：县委宣传部",
)
FIRST = 5  # the first row of data, below the heading of its aspect


@dataclass
class Ledger:
    """A ledger as its reader finds it."""

    data: bytes
    written: Written
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(self.data))
        self.sheet: Worksheet = self.book.worksheets[0]

    def column(self, key: str) -> str:
        index = [column.key for column in self.columns].index(key)
        return openpyxl.utils.get_column_letter(index + 1)

    def cell(self, key: str, row: int):
        return self.sheet[f"{self.column(key)}{row}"]

    def merged(self) -> set[str]:
        return {str(area) for area in self.sheet.merged_cells.ranges}

    def heights(self) -> dict[int, float]:
        return {row: self.sheet.row_dimensions[row].height for row in range(1, self.sheet.max_row + 1)}

    def texts(self, first: int, last: int) -> str:
        rows = self.sheet.iter_rows(min_row=first, max_row=last, values_only=True)
        return "\n".join(str(value) for row in rows for value in row if value is not None)


Maker = Callable[..., Ledger]


def form_of(rows: Iterable[ProblemRow], chosen: ColumnSet, split: bool = True, **stamp: object) -> Form:
    return Form.of(chosen, replace(STAMP, **stamp), RowSpool(rows, chosen.columns), split)  # type: ignore[arg-type]


@pytest.fixture
def ledger() -> Maker:
    """ledger(rows, form=..., fonts=..., split=..., **changes of the stamp) writes and reads back."""

    def make(
        rows: Iterable[ProblemRow],
        chosen: ColumnSet = LEDGER,
        fonts: Fonts | None = None,
        split: bool = True,
        **stamp: object,
    ) -> Ledger:
        out = io.BytesIO()
        form = form_of(rows, chosen, split, **stamp)
        written = write_book([form], out, fonts)
        return Ledger(out.getvalue(), written, form.columns)

    return make


@pytest.fixture
def problem() -> Callable[..., ProblemRow]:
    """problem(number, **fields): one invented problem with one measure."""

    def make(number: int = 1, **fields: object) -> ProblemRow:
        values: dict[str, object] = {
            "number": number,
            "code": f"2022-{number:02}",
            "title": f"第{number}个问题抓得不够紧",
            "aspect": "带头践行以人民为中心的发展思想方面",
            "manifestations": "1. 督导不够经常\n2. 抓落实浮于表面",
            "causes": "为民情怀厚植不深",
            "cause_titles": "为民情怀厚植不深",
            "goal": "问题整改到位，形成长效机制。",
            "leader": "县长",
            "lead_unit": "县政府办公室",
            "supporting_units": "县住建局、县民政局",
            "responsible": "办公室主任",
            "kind": "限期整改",
            "deadline": "2022年7月2日",
            "due": "2022年7月2日",
            "progress": "2022年6月27日　县政府办公室 经办人：新增公共停车位 120 个。（完成 65%）",
            "completion": "整改中\n◆ 剩 2 天",
            "light": "due_soon",
            "evidence": "1. 验收单.pdf\n2. 现场照片.jpg",
            "close_out": "未销号",
            "measures": (MeasureRow("新增公共停车位 120 个。", "当下改", "验收单"),),
        }
        return ProblemRow(**{**values, **fields})  # type: ignore[arg-type]

    return make
