"""The ledger in LibreOffice: saved again it holds the same, and ten problems print on three A3 pages."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from rectify.ledger.archive.alteration import alterations
from rectify.ledger.row_types import MeasureRow
from rectify.xlsx.foreign import read_cells
from tests.ledger.roundtrip.returned import reworked

pytestmark = [
    pytest.mark.ci,
    pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed"),
]

LONG = "坚持问题导向，逐项对照检查，压实责任链条，形成闭环管理。"


def convert(source: Path, kind: str, folder: Path) -> Path:
    folder.mkdir()
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{source.stem}.{kind.partition(':')[0]}"


def widths(sheet) -> list[float]:
    """Of every column; LibreOffice writes neighbours of one width as a group."""
    found = {}
    for dimension in sheet.column_dimensions.values():
        found |= dict.fromkeys(range(dimension.min, dimension.max + 1), dimension.width)
    return [found[index] for index in range(1, sheet.max_column + 1)]


@pytest.fixture
def ten(ledger, problem, tmp_path):
    """Ten problems under five aspects, as a county has them: two or three measures, some prose each."""
    rows = []
    for number in range(1, 11):
        steps = tuple(
            MeasureRow(
                f"第{step}条：{LONG}",
                "长久立" if step == 3 else "当下改",
                "印发文件",
                deadline="2022年9月30日",
            )
            for step in range(1, 3 + number % 2)
        )
        rows.append(
            problem(
                number,
                aspect=f"在带头牢记第{(number + 1) // 2}个方面，{LONG}方面",
                manifestations="\n".join(f"{n}. {LONG}" for n in range(1, 4)),
                progress="2022年6月27日　县政府办公室 经办人：" + LONG * 4,
                measures=steps,
            )
        )
    rows[0].goal = "=1+1"
    rows[1].goal = " _x000D_ <b>&𠮷😀\n第二行 "
    made = ledger(rows)
    path = tmp_path / "台账.xlsx"
    path.write_bytes(made.data)
    return made, path


def test_saved_again_every_cell_is_the_same(ten, tmp_path):
    made, path = ten
    saved = convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "out")
    again = openpyxl.load_workbook(saved).worksheets[0]
    for row in made.sheet.iter_rows():
        for cell in row:
            assert again[cell.coordinate].value == cell.value, cell.coordinate
    assert {str(area) for area in again.merged_cells.ranges} == made.merged()
    assert again.auto_filter.ref == made.sheet.auto_filter.ref
    assert widths(again) == pytest.approx(widths(made.sheet), abs=0.3)
    for row, height in made.heights().items():
        assert again.row_dimensions[row].height == pytest.approx(height, abs=0.5)


def test_ten_problems_print_on_at_most_three_a3_pages(ten, tmp_path):
    _, path = ten
    pdf = convert(path, "pdf", tmp_path / "out").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page[^s]", pdf))
    assert 1 <= pages <= 3
    width, height = map(float, re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf).groups())
    assert (round(width), round(height)) == (1191, 842)


def test_saved_again_it_is_verified_as_the_same_ledger(ten, tmp_path):
    made, path = ten
    saved = convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "out")
    ours, theirs = read_cells(made.data), read_cells(saved.read_bytes())
    assert alterations(ours, theirs).first == []
    was, now = "个问题抓得不够紧".encode(), "个问题改过了".encode()  # LibreOffice cuts texts at digits
    altered = reworked(saved.read_bytes(), "xl/sharedStrings.xml", lambda body: body.replace(was, now, 1))
    (one,) = alterations(ours, read_cells(altered)).first
    assert (one.where, one.heading, one.found) == ("C4", "存在问题", "第1个问题改过了")
