"""What programs and people do to workbooks, each shown by a file that does it."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import openpyxl
import pytest

from rectify.errors import Incomplete
from rectify.models import WorkingCopy
from rectify.operations import problems
from rectify.xlsx.reader import read_book
from rectify.xlsx.structure import RETURNED
from rectify.xlsx.values import names_of, read_day
from tests.builders import Cast, cast
from tests.ledger.roundtrip.returned import (
    SHEET_PART,
    Opened,
    code_of,
    edited,
    in_cell,
    on_disk,
    plan_of,
    reworked,
    take,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NOTHING = {"new": 0, "changed": 0, "unchanged": 0, "conflicts": 0, "errors": 0}


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


WORLD = cast


def fault_of(data: bytes, made: Cast):
    found = plan_of(data, made["office"])
    assert len(found.all_faults) == 1, found.all_faults
    return found.all_faults[0]


def note_of(data: bytes, made: Cast) -> str:
    found = plan_of(data, made["office"])
    assert found.counts["new"] == 1, (found.counts, found.all_faults)
    return found.new[0].note[0]


def test_a_wrong_dimension_as_wps_writes_it_hides_no_row(made):
    data = edited(take(made), {(code_of(made, 3), "本次进展"): "写了"})
    wrong = reworked(
        data, SHEET_PART, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml)
    )
    assert b'ref="A1"' in zipfile.ZipFile(io.BytesIO(wrong)).read(SHEET_PART)
    assert note_of(wrong, made) == "写了"


def test_cells_without_references_are_counted_off(made):
    data = edited(take(made), {(code_of(made), "本次进展"): "写了"})
    bare = reworked(data, SHEET_PART, lambda xml: re.sub(rb'<(c|row) r="[A-Z]*\d+"', rb"<\1", xml))
    # Blank cells must then stand in the file themselves, and they do: openpyxl writes styled ones.
    assert note_of(bare, made) == "写了"


def test_names_with_another_prefix_and_strict_namespaces_read_the_same(made):
    data = edited(take(made), {(code_of(made), "本次进展"): "写了"})

    def prefixed(xml: bytes) -> bytes:
        text = xml.decode().replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )
        text = re.sub(r"<(/?)(?![?!])", r"<\1x:", text)
        return text.replace('xmlns="', 'xmlns:x="').encode()

    assert note_of(reworked(data, SHEET_PART, prefixed), made) == "写了"


@pytest.mark.parametrize("cached", ["", "<v>做完了</v>"])
def test_a_formula_is_an_error_calculated_or_not(made, cached):
    xml = f"<f>A1&amp;B1</f>{cached}"
    fault = fault_of(in_cell(take(made), code_of(made), "本次进展", xml, 't="str"'), made)
    assert "单元格里是公式" in fault.reason and fault.value == "=A1&B1"
    assert "选择性粘贴" in fault.remedy


def test_a_picture_in_a_cell_is_asked_for_as_an_attachment(made):
    xml = '<f>_xlfn.DISPIMG("ID_8B1F",1)</f><v>=DISPIMG("ID_8B1F",1)</v>'
    fault = fault_of(in_cell(take(made), code_of(made), "本次进展", xml, 't="str"'), made)
    assert "WPS 嵌入图片" in fault.reason and "佐证材料" in fault.remedy


def test_an_error_value_is_told(made):
    fault = fault_of(in_cell(take(made), code_of(made), "本次进展", "<v>#REF!</v>", 't="e"'), made)
    assert "错误值 #REF!" in fault.reason


def test_text_beginning_with_a_sign_stays_text(made):
    text = "=1+1 不是公式"
    xml = f"<is><t>{text}</t></is>"
    assert note_of(in_cell(take(made), code_of(made), "本次进展", xml, 't="inlineStr"'), made) == text


def test_rich_text_is_read_without_its_phonetic_runs(made):
    xml = "<is><r><t>印发</t></r><r><rPr><b/></rPr><t>方案</t></r><rPh sb='0' eb='1'><t>yin</t></rPh></is>"
    assert note_of(in_cell(take(made), code_of(made), "本次进展", xml, 't="inlineStr"'), made) == "印发方案"


def test_a_merged_cell_passes_its_value_on(made):
    opened = Opened(edited(take(made), {(code_of(made), "本次进展"): "两项一并推进"}))
    column = opened.cell(code_of(made), "本次进展").column_letter
    opened.sheet.merge_cells(f"{column}4:{column}5")
    found = plan_of(opened.saved(), made["office"])
    assert found.counts["new"] == 2
    assert {item.note[0] for item in found.new} == {"两项一并推进"}


@pytest.mark.ci
@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2098-06-05", dt.date(2098, 6, 5)),
        ("2098/6/5", dt.date(2098, 6, 5)),
        ("2098.6.5", dt.date(2098, 6, 5)),
        ("2098年6月5日", dt.date(2098, 6, 5)),
        ("20980605", dt.date(2098, 6, 5)),
        ("２０９８－０６－０５", dt.date(2098, 6, 5)),
        ("2098 年 6 月 5 号", dt.date(2098, 6, 5)),
        ("2098-06-05 00:00:00", dt.date(2098, 6, 5)),
        (20980605, dt.date(2098, 6, 5)),
        (72471, dt.date(2098, 5, 31)),
        (dt.datetime(2098, 6, 5, 12), dt.date(2098, 6, 5)),
    ],
)
def test_a_date_in_every_notation(made, typed, day):
    found = plan_of(edited(take(made), {(code_of(made, 2), "整改时限"): typed}), made["office"])
    assert [change.value for change in found.changed[0].changes] == [day]


def test_a_book_that_counts_from_1904_means_the_same_day(made):
    opened = Opened(take(made))
    opened.book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    opened.put(code_of(made, 2), "整改时限", dt.date(2098, 6, 5))
    found = plan_of(opened.saved(), made["office"])
    assert [change.value for change in found.changed[0].changes] == [dt.date(2098, 6, 5)]


@pytest.mark.ci
@pytest.mark.parametrize("typed", [65, 65.0, "65", "65%", "６５％", " 65 ％ "])
def test_a_percentage_however_it_is_typed(made, typed):
    cells = {(code_of(made), "本次进展"): "写了", (code_of(made), "完成比例（%）"): typed}
    assert plan_of(edited(take(made), cells), made["office"]).new[0].note == ("写了", 65)


def test_a_cell_formatted_as_a_percentage_means_the_percentage(made):
    opened = Opened(edited(take(made), {(code_of(made), "本次进展"): "写了"}))
    cell = opened.cell(code_of(made), "完成比例（%）")
    cell.value, cell.number_format = 0.65, "0%"
    assert plan_of(opened.saved(), made["office"]).new[0].note == ("写了", 65)


def test_a_phone_number_is_not_made_a_power_of_ten(made):
    found = plan_of(edited(take(made), {(code_of(made), "责任人"): 13800000000}), made["office"])
    assert found.changed[0].changes[0].new == "13800000000"


def test_control_characters_and_line_ends_are_cleaned(made):
    xml = "<is><t xml:space='preserve'>  甲_x000D_&#10;乙_x0007__x005F_x0041_&#13;&#10;丙\ufeff  </t></is>"
    data = in_cell(take(made), code_of(made), "本次进展", xml, 't="inlineStr"')
    assert note_of(data, made) == "甲\n乙_x0041_\n丙"


def test_a_cell_of_33000_characters_is_refused_not_cut(made):
    xml = f"<is><t>{'长' * 33_000}</t></is>"
    fault = fault_of(in_cell(take(made), code_of(made), "本次进展", xml, 't="inlineStr"'), made)
    assert "有 33,000 个字" in fault.reason


@pytest.mark.ci
def test_300000_blank_rows_are_read_past(made):
    data = edited(take(made), {(code_of(made), "本次进展"): "写了"})
    blank = "".join(
        f'<row r="{row}" spans="1:15">{"".join(f"""<c r="{c}{row}" s="1"/>""" for c in "DEFGHIJKLM")}</row>'
        for row in range(100, 300_100)
    ).encode()
    grown = reworked(data, SHEET_PART, lambda xml: xml.replace(b"</sheetData>", blank + b"</sheetData>"))
    assert note_of(grown, made) == "写了"


def test_rows_past_the_limit_are_not_read_but_told(made, monkeypatch):
    few = replace(RETURNED, rows=50)
    monkeypatch.setattr("tests.ledger.roundtrip.returned.RETURNED", few)
    rows = "".join(
        f'<row r="{row}"><c r="D{row}" t="inlineStr"><is><t>行</t></is></c></row>'
        for row in range(100, 101 + few.rows)
    ).encode()
    grown = reworked(take(made), SHEET_PART, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    with pytest.raises(Incomplete, match=r"超过 20,000 行.*请按单位拆成几份"):
        plan_of(grown, made["office"])


def test_a_literal_escape_survives_the_way_out_and_back(made):
    problems.edit(made.problem, by=made["office"], seen=made.problem.version, goal="_x000D_ 原样 _x0041_")
    assert plan_of(take(made), made["office"]).counts == NOTHING | {"unchanged": 3}
    assert plan_of(edited(take(made), {}), made["office"]).counts == NOTHING | {"unchanged": 3}


def test_very_hidden_made_hidden_and_lost_panes_change_nothing(made):
    opened = Opened(edited(take(made), {(code_of(made), "本次进展"): "写了"}))
    opened.book["选项"].sheet_state = "veryHidden"
    opened.sheet.freeze_panes = None
    opened.sheet.protection.sheet = False
    for column in "ABC":
        opened.sheet.column_dimensions[column].hidden = False
    opened.sheet.title = "改了名"
    assert note_of(opened.saved(), made) == "写了"


@pytest.mark.ci
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_saved_again_by_libreoffice_it_says_the_same(made, tmp_path):
    """One file shows both: nothing typed is nothing changed, and what was typed arrives."""
    problem = problems.edit(
        made.problem,
        by=made["office"],
        seen=made.problem.version,
        goal=" 一\n二 =1 _x000D_ <&> 𠮷 ",
        remark="'注",
    )
    data = edited(
        take(made),
        {(code_of(made, 2), "本次进展"): "第一行\n第二行", (code_of(made, 2), "完成比例（%）"): 40},
    )
    (tmp_path / "填报表.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, str(tmp_path / "填报表.xlsx")], check=True, capture_output=True, timeout=120)
    found = plan_of((tmp_path / "out" / "填报表.xlsx").read_bytes(), made["office"])
    assert found.counts == NOTHING | {"new": 1, "unchanged": 2}, (found.all_faults, problem.goal)
    assert found.new[0].note == ("第一行\n第二行", 40)
    assert not found.notices
    assert WorkingCopy.objects.count() == 1


def test_what_reads_as_a_number_of_rows_is_read_by_row_and_column(made):
    with on_disk(take(made)) as path:
        book = read_book(path)
    sheet = next(sheet for sheet in book.sheets if sheet.name == "填报")
    assert sheet.cell(3, 1).value == "校验编号" and sheet.cell(4, 1).value == code_of(made)
    assert next(one for one in book.sheets if one.name == "选项").hidden


def test_what_is_no_full_day_is_no_day():
    assert [read_day(text) for text in ("2022年6月", "6月30日", "22.6.30", "昨天", "")] == [None] * 5


def test_names_are_parted_by_any_sign():
    assert names_of("甲、乙，丙；丁\n戊 , 己") == ["甲", "乙", "丙", "丁", "戊", "己"]
