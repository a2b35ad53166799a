"""What users typed arrives in the ledger as they typed it, and as text."""

import re
import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rectify.errors import TooLong
from rectify.ledger.columns import FULL
from rectify.ledger.row_types import MeasureRow
from rectify.xlsx.cells import CELL_LIMIT, clean_text, excel_length
from tests.ledger.conftest import FIRST

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "整改台账，。“”《》123 =+-@'\"&<>_x005F\n\r\t\x00\x0b\x1f\x7f\ufffe\uffff\ud800\udfff𠀀😀￥"
        ),
    ),
    max_size=60,
)


@pytest.mark.ci
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=4, max_size=4))
@example(texts=["=1+1", "+2", "@SUM(A1)", "-3"])
@example(texts=["_x000D_", "a_x0041_b", "\x00", "\r\n\r"])
@example(texts=["&amp;<b>", " 前后有空格 ", "\n", "'=1"])
def test_any_text_reads_back_without_what_xml_cannot_carry(ledger, problem, texts):
    title, goal, progress, step = texts
    row = problem(title=title, goal=goal, progress=progress, measures=(MeasureRow("措施：" + step),))
    made = ledger([row, problem(2)], FULL, split=False)
    read = [made.cell(key, 4).value or "" for key in ("problem", "goal", "progress", "measure")]
    # openpyxl itself drops this sequence from any shared string it reads.
    expected = [clean_text(text).replace("x005F_", "") for text in (title, goal, progress, "措施：" + step)]
    assert [text.replace("x005F_", "") for text in read] == expected


@given(ANY_TEXT)
def test_clean_text_removes_the_illegal_and_nothing_else(text):
    cleaned = clean_text(text)
    assert not ILLEGAL.search(cleaned)
    assert "\r" not in cleaned
    assert clean_text(cleaned) == cleaned
    assert cleaned == ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x")', "+86 0000", "@全体", "-5", "=", "2022-06-30", "00123"]
)
def test_text_that_looks_like_a_formula_or_a_number_stays_text(ledger, problem, text):
    cell = ledger([problem(goal=text)]).cell("goal", FIRST)
    assert (cell.value, cell.data_type) == (text, "s")


def test_no_formula_is_anywhere_in_the_file(ledger, problem):
    made = ledger([problem(title="=A1", remark="=cmd|' /C calc'!A0")], unit="=1+1", title="=2", exporter="@x")
    xml = zipfile.ZipFile(BytesIO(made.data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "<f " not in xml


def test_excels_own_escape_is_written_so_that_excel_shows_it_literally(ledger, problem):
    made = ledger([problem(goal="换行写作 _x000D_ 的文件")])
    strings = zipfile.ZipFile(BytesIO(made.data)).read("xl/sharedStrings.xml").decode()
    assert "换行写作 _x005F_x000D_ 的文件" in strings
    assert made.cell("goal", FIRST).value == "换行写作 _x000D_ 的文件"


def test_rare_characters_and_emoji_survive(ledger, problem):
    text = "𠮷𡈽㐂 鎔 é ☑ 👨‍👩‍👧 　全角空格"
    assert ledger([problem(goal=text)]).cell("goal", FIRST).value == text


def test_line_ends_from_a_browser_become_excels(ledger, problem):
    assert ledger([problem(goal="一\r\n二\r三\n四")]).cell("goal", FIRST).value == "一\n二\n三\n四"


def test_the_stamp_is_cleaned_too(ledger, problem):
    made = ledger(
        [problem()],
        unit="某\x00县\ufffe & <乡>",
        title="台\x0b账",
        exporter="甲\ud800",
        sheet_name="A/B[1]*?:\\",
    )
    assert made.sheet["A1"].value == "台账"
    assert made.sheet["A2"].value == "填报单位（盖章）：某县 & <乡>"
    assert made.sheet.title == "AB1"
    assert "某县 && <乡>" in made.sheet.oddFooter.left.text
    assert made.book.properties.creator == "甲"


@pytest.mark.ci
def test_a_cell_may_be_full_to_the_last_character(ledger, problem):
    text = "责" * CELL_LIMIT
    made = ledger([problem(progress=text)], FULL, split=False)
    assert made.cell("progress", 4).value == text


@pytest.mark.parametrize(
    "text", ["责" * (CELL_LIMIT + 1), "𠮷" * 16_384], ids=["basic plane", "pairs count twice"]
)
def test_a_longer_text_is_refused_with_the_item_and_the_column_named(ledger, problem, text):
    with pytest.raises(TooLong) as refusal:
        ledger([problem(1), problem(2, progress=text)])
    message = refusal.value.message
    for part in (
        "2022-02“",
        "第2个问题抓得不够紧",
        "整改进展",
        "32,767",
        f"{excel_length(text):,}",
    ):
        assert part in message
    assert "整改进展" in refusal.value.missing[0]


@pytest.mark.ci
def test_what_is_removed_does_not_count_towards_the_limit(ledger, problem):
    text = "责" * CELL_LIMIT + "\x00" * 10
    assert len(ledger([problem(goal=text)], FULL, split=False).cell("goal", 4).value) == CELL_LIMIT


def test_a_measure_too_long_is_refused_too(ledger, problem):
    with pytest.raises(TooLong, match="整改措施"):
        ledger([problem(measures=(MeasureRow("责" * 32_767, "当下改"),))])
