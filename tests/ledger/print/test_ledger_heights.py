"""Rows are high enough for their text and never higher than a quarter of the page; pages are full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectify.ledger.columns import COLUMN_SETS, LEDGER
from rectify.ledger.print.layout import LINE, MAX_LINES, ROW_LIMIT, Pages, lines_a_row, row_points
from rectify.ledger.print.paper import fitted, page_points
from rectify.ledger.print.splitting import highest, lines_of, pieces
from rectify.ledger.row_types import MeasureRow
from tests.ledger.conftest import FIRST

SENTENCE = "坚持问题导向，逐项对照检查，压实责任链条。"


def lines_needed(text: str, width: float) -> int:
    """By laying the characters out one after another: Chinese two units, Latin one."""
    lines = 0
    for part in text.split("\n"):
        lines += 1
        used = 0
        for character in part:
            size = 1 if character.isascii() else 2
            if used + size > width:
                lines, used = lines + 1, 0
            used += size
    return lines


def quarter(key: str) -> float:
    chosen = COLUMN_SETS[key]
    return page_points(fitted(chosen.columns, chosen.paper), chosen.paper) / 4


@given(st.text(st.sampled_from("整改台账，。abc 123\n"), max_size=300), st.integers(10, 50))
def test_lines_are_never_estimated_too_low(text, width):
    assert lines_of(text, width) >= lines_needed(text, width)


@given(
    st.lists(st.tuples(st.text(st.sampled_from("整é𠮷，a1\n"), max_size=300), st.floats(4, 60)), min_size=1)
)
def test_the_highest_is_told_without_measuring_all(cells):
    texts, widths = zip(*cells, strict=True)
    assert highest(texts, widths) == max(map(lines_of, texts, widths))


@given(
    st.text(st.sampled_from("整改台账，。；abc 123\n"), max_size=900),
    st.floats(6, 60),
    st.integers(2, 12),
    st.integers(1, 12),
)
def test_pieces_hold_the_whole_text_and_none_is_too_high(text, width, most, first):
    cut = pieces(text, width, most, first)
    assert "".join(cut).replace("\n", "") == text.replace("\n", "")
    assert lines_of(cut[0], width) <= max(first, 1) or len(cut) == 1
    assert all(lines_of(piece, width) <= most for piece in cut[1:])


def test_a_piece_ends_behind_a_stop_or_a_paragraph():
    assert pieces("一。\n二。\n三。\n四。", 20, 2) == ["一。\n二。", "三。\n四。"]
    for piece in pieces(SENTENCE * 12, 40, 4)[:-1]:
        assert piece[-1] in "，。"


@pytest.mark.parametrize("key", ["problem", "manifestations", "progress", "goal", "leader", "completion"])
@pytest.mark.parametrize("length", [1, 80, 3000])
def test_a_cell_shows_its_whole_text_over_its_rows(ledger, problem, key, length):
    text = (SENTENCE * 200)[:length]
    made = ledger([problem(**{{"problem": "title"}.get(key, key): text, "responsible": ""})])
    rows = range(FIRST, made.sheet.max_row - 2)
    shown = [made.cell(key, row).value or "" for row in rows]
    width = next(column.width for column in made.columns if column.key == key)
    for row, piece in zip(rows, shown, strict=True):
        assert made.sheet.row_dimensions[row].height >= lines_needed(piece, width) * LINE
        assert made.sheet.row_dimensions[row].height <= quarter("A") + 1
        assert made.cell("number", row).value == 1
    assert "".join(shown).startswith(text)


def test_what_is_too_high_goes_on_below_with_its_number_and_title(ledger, problem):
    steps = tuple(MeasureRow(f"{n}：{SENTENCE * 6}") for n in range(6))
    made = ledger([problem(1, measures=steps), problem(2, title="名" * 50, progress=SENTENCE * 60)])
    numbers = [made.cell("number", row).value for row in range(FIRST, made.sheet.max_row - 2)]
    assert numbers.count(1) >= 2 and numbers.count(2) >= 2
    titles = [made.cell("problem", row).value for row in range(FIRST, made.sheet.max_row - 2)]
    assert titles[1] == "第1个问题抓得不够紧（续）"
    assert titles[numbers.index(2) + 1] == f"{'名' * 39}…（续）"
    assert made.cell("leader", FIRST + 1).value is None
    assert made.cell("completion", FIRST + 1).fill.fill_type, "its colour goes on"


def test_a_form_of_measures_has_a_row_for_each(ledger, problem):
    steps = (
        MeasureRow("甲", "当下改", "验收单"),
        MeasureRow("乙", "长久立", "办法", deadline="2022年9月1日"),
    )
    made = ledger([problem(1, measures=steps), problem(2, measures=())], COLUMN_SETS["C"])
    rows = [[cell.value for cell in made.sheet[row]] for row in (4, 5, 6)]
    title, goal = "第1个问题抓得不够紧", "问题整改到位，形成长效机制。"
    assert rows == [
        [1, title, goal, "【当下改】甲", "验收单", "2022年7月2日"],
        [1, title, None, "【长久立】乙", "办法", "2022年9月1日"],
        [2, "第2个问题抓得不够紧", goal, None, None, "2022年7月2日"],
    ]


@pytest.mark.parametrize("key", COLUMN_SETS)
def test_pages_of_real_lengths_are_full(ledger, problem, key):
    """As planned; LibreOffice is asked in `test_ledger_libreoffice`."""
    rows = [
        problem(
            n,
            aspect=f"第{n // 7}个方面",
            manifestations="\n".join(f"{m}. {SENTENCE}" for m in range(1, 2 + n % 5)),
            progress=SENTENCE * (1 + n % 7),
            measures=tuple(MeasureRow(SENTENCE * (1 + n % 2), "当下改", "办法") for _ in range(1 + n % 6)),
            evidence="\n".join(f"{m}. 材料.pdf" for m in range(1, 2 + n % 9)),
        )
        for n in range(1, 61)
    ]
    made = ledger(rows, COLUMN_SETS[key])
    heights, breaks = made.heights(), [each.id for each in made.sheet.row_breaks.brk]
    page = page_points(made.columns, COLUMN_SETS[key].paper)
    starts = [1, *(row + 1 for row in breaks)]
    used = [
        (sum(heights[row] for row in range(start, end + 1)) + (heights[3] if start > 1 else 0)) / page
        for start, end in zip(starts, breaks, strict=False)
    ]
    assert min(used) > 0.68 and max(used) <= 1
    assert sorted(used)[len(used) // 2] > 0.83


def test_the_highest_row_is_one_excel_can_show():
    assert row_points(MAX_LINES) <= ROW_LIMIT < row_points(MAX_LINES + 1)
    assert all(row_points(lines_a_row(quarter(key) * 4)) <= quarter(key) for key in COLUMN_SETS)
    assert len(LEDGER.columns) == 13


def test_a_break_comes_before_what_has_no_room():
    pages = Pages(capacity=100, repeated=10)
    pages.place([10, 50], 0)
    pages.place([30], 2)
    pages.place([20, 20], 3)  # 90 used: no room
    pages.place([60], 5)  # 10 + 40 used: no room
    assert pages.breaks == [3, 5]
    assert pages.room == 30
    pages.place([50] * 7, 6)  # more than any page: it breaks by itself
    assert pages.breaks == [3, 5]


def test_the_foot_takes_the_last_row_along_instead_of_standing_alone():
    pages = Pages(capacity=300, repeated=30)
    for row in (3, 4, 5):
        pages.place([90], row)  # 270 of 300
    pages.close([40], 6)
    assert pages.breaks == [5], "the last row and the foot stand on the next page"
    whole = Pages(capacity=300, repeated=30)
    whole.place([280], 3)
    whole.close([40], 4)
    assert whole.breaks == [4], "a row that fills its page cannot be taken along"
    single = Pages(capacity=300, repeated=30)
    single.place([70], 0)
    single.place([200], 3)
    single.close([40], 4)
    assert single.breaks == [4], "the title does not stay behind without a row"
    roomy = Pages(capacity=300, repeated=30)
    roomy.place([200], 3)
    roomy.close([40], 4)
    assert roomy.breaks == []
