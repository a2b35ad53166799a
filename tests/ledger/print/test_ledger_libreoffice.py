"""The ledger in LibreOffice: saved again it holds the same, and its forms print on full pages."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from statistics import median

import openpyxl
import pypdfium2
import pytest

from rectify.ledger.archive.alteration import alterations
from rectify.ledger.columns import COLUMN_SETS, LEDGER
from rectify.ledger.print.paper import BOTTOM, LEAST_SIZE, TOP
from rectify.ledger.print.row_spool import RowSpool
from rectify.ledger.print.sheet import Form
from rectify.ledger.print.writer import write_book
from rectify.ledger.row_types import MeasureRow
from rectify.xlsx.foreign import read_cells
from tests.ledger.conftest import STAMP
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


TITLES = (*(f"表式{key}" for key in COLUMN_SETS), "前十项")
WIDE = ("表式A", "表式F", "前十项")


def printed(pdf: Path) -> dict[str, list[tuple[int, float, float]]]:
    """By the title over a form its pages: width, lowest ink by printable height, size of the body's text."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    title = ""
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        title = next((name for name in TITLES if name in text.get_text_range()), title)
        height = page.get_height()
        picture = page.render(scale=1, grayscale=True)
        top, bottom = round(TOP * 72), round(height - BOTTOM * 72)
        rows = [bytes(picture.buffer)[y * picture.stride :][: picture.width] for y in range(top, bottom)]
        lowest = max(y for y, row in enumerate(rows, 1) if min(row) < 160)
        sizes = [text.get_charbox(i, loose=True) for i in range(text.count_chars())]
        body = [right - left for left, _, right, _ in sizes if right - left > 6.5]
        found.setdefault(title, []).append((round(page.get_width()), lowest / (bottom - top), median(body)))
    return found


def long_problem(problem, number: int):
    """As a county has them: some prose, one to five measures, up to twelve files."""
    steps = tuple(
        MeasureRow(
            f"第{step}条：{LONG}", "长久立" if step == 3 else "当下改", "印发文件", when="2022年9月30日"
        )
        for step in range(1, 2 + number % 5)
    )
    return problem(
        number,
        aspect=f"在带头牢记第{(number + 1) // 2}个方面，{LONG}方面",
        manifestations="\n".join(f"{n}. {LONG}" for n in range(1, 2 + number % 4)),
        progress="2022年6月27日　县政府办公室 经办人：" + LONG * (1 + number % 4),
        evidence="\n".join(f"{n}. 材料之{n}.pdf" for n in range(1, 2 + number % 12)),
        measures=steps,
    )


@pytest.fixture
def ten(ledger, problem, tmp_path):
    """Ten problems under five aspects, two of them with what sheets stumble over."""
    rows = [long_problem(problem, number) for number in range(1, 11)]
    rows[0] = rows[0]._replace(goal="=1+1")
    rows[1] = rows[1]._replace(goal=" _x000D_ <b>&𠮷😀\n第二行 ")
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


def test_every_form_prints_on_full_pages_in_a_readable_size(problem, tmp_path):
    """Thirty problems in every form, as LibreOffice prints them; the first ten on three pages of A3."""
    rows = [long_problem(problem, number) for number in range(1, 31)]
    spool = RowSpool(rows, [column for one in COLUMN_SETS.values() for column in one.columns])
    first = RowSpool(rows[:10], LEDGER.columns)
    forms = [
        Form.of(one, replace(STAMP, title=f"表式{key}", sheet_name=key), spool)
        for key, one in COLUMN_SETS.items()
    ]
    forms.append(Form.of(LEDGER, replace(STAMP, title="前十项", sheet_name="前十项"), first))
    path = tmp_path / "台账.xlsx"
    with path.open("wb") as out:
        write_book(forms, out)
    pages = printed(convert(path, "pdf", tmp_path / "out"))
    assert set(pages) == set(TITLES)
    for name, printed_pages in pages.items():
        fills = [fill for _, fill, _ in printed_pages[:-1]]
        assert min(fills) >= 0.65 and sorted(fills)[len(fills) // 2] >= 0.8, (name, fills)
        assert min(size for _, _, size in printed_pages) >= LEAST_SIZE, name
        assert {width for width, _, _ in printed_pages} == {1191 if name in WIDE else 842}
    assert len(pages["前十项"]) <= 3


def test_saved_again_it_is_verified_as_the_same_ledger(ten, tmp_path):
    made, path = ten
    saved = convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / "out")
    ours, theirs = read_cells(made.data), read_cells(saved.read_bytes())
    assert alterations(ours, theirs).first == []
    was, now = "个问题抓得不够紧".encode(), "个问题改过了".encode()  # LibreOffice cuts texts at digits
    altered = reworked(saved.read_bytes(), "xl/sharedStrings.xml", lambda body: body.replace(was, now, 1))
    (one,) = alterations(ours, read_cells(altered)).first
    assert (one.where, one.heading, one.found) == ("B5", "存在问题", "第1个问题改过了")
