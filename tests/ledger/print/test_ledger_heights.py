"""Rows are high enough for their text, never higher than Excel can show, and merged where a text goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rectify.ledger.columns import LEDGER
from rectify.ledger.print.layout import LINE, MAX_LINES, ROW_LIMIT, Merges, Pages, block_lines, row_points
from rectify.ledger.row_types import MeasureRow
from rectify.xlsx.cells import count_lines, units_of
from tests.ledger.conftest import FIRST

WIDTHS = {column.key: column.width for column in LEDGER.columns}
SENTENCE = "坚持问题导向，逐项对照检查，压实责任链条。"


def lines_needed(text: str, width: int) -> int:
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


def shown(made, key: str, row: int) -> float:
    """The height over which a cell is shown, with its merged rows."""
    cell = made.cell(key, row)
    for area in made.sheet.merged_cells.ranges:
        if cell.coordinate in area:
            return sum(made.sheet.row_dimensions[r].height for r in range(area.min_row, area.max_row + 1))
    return made.sheet.row_dimensions[row].height


@pytest.mark.parametrize("key", ["problem", "manifestations", "progress", "goal", "leader", "completion"])
@pytest.mark.parametrize("length", [1, 10, 80, 400, 3000])
def test_a_cell_shows_its_whole_text(ledger, problem, key, length):
    text = (SENTENCE * 200)[:length]
    field = {"problem": "title"}.get(key, key)
    made = ledger([problem(**{field: text})])
    assert made.cell(key, FIRST).value == text
    assert shown(made, key, FIRST) >= lines_needed(text, WIDTHS[key]) * LINE


def test_explicit_line_breaks_count(ledger, problem):
    made = ledger([problem(evidence="\n".join(f"{n}. 材料.pdf" for n in range(20)))])
    assert shown(made, "evidence", FIRST) >= 20 * LINE


def test_merged_cells_share_their_height_over_the_measures(ledger, problem):
    steps = tuple(MeasureRow(f"第{n}条") for n in range(4))
    made = ledger([problem(progress=SENTENCE * 20, measures=steps)])
    heights = [made.sheet.row_dimensions[row].height for row in range(FIRST, FIRST + 4)]
    assert max(heights) - min(heights) <= LINE
    assert sum(heights) >= lines_needed(SENTENCE * 20, WIDTHS["progress"]) * LINE


@pytest.mark.parametrize("field", ["progress", "measures"])
def test_a_text_too_high_for_a_row_goes_on_over_following_rows_of_its_cell(ledger, problem, field):
    text = SENTENCE * 300
    value = (MeasureRow(text),) if field == "measures" else text
    key = "measure" if field == "measures" else "progress"
    made = ledger([problem(1, **{field: value}), problem(2, aspect="乙方面")])
    assert max(made.heights().values()) <= ROW_LIMIT
    assert made.cell(key, FIRST).value == text
    assert shown(made, key, FIRST) >= lines_needed(text, WIDTHS[key]) * LINE
    second = next(row for row in range(FIRST + 1, made.sheet.max_row) if made.cell("number", row).value == 2)
    # Read from top to bottom, the block's column holds the text once, and every column is one cell.
    column = [made.cell(key, row).value or "" for row in range(FIRST, second)]
    assert "".join(column) == text
    for each in LEDGER.columns:
        letter = made.column(each.key)
        assert f"{letter}{FIRST}:{letter}{second - 1}" in made.merged()


def test_what_goes_over_several_pages_is_read_from_the_first(ledger, problem):
    made = ledger([problem(1, progress=SENTENCE * 300), problem(2, aspect="乙方面")])
    assert {made.cell(key, FIRST).alignment.vertical for key in WIDTHS} == {"top"}
    last = made.sheet.max_row - 3
    assert made.cell("number", last).value == 2
    assert made.cell("number", last).alignment.vertical == "center"


def test_an_aspect_longer_than_its_problems_gets_room(ledger, problem):
    aspect = "在带头深刻感悟" + SENTENCE * 10 + "方面"
    made = ledger([problem(1, aspect=aspect), problem(2, aspect=aspect), problem(3, aspect="乙方面")])
    assert shown(made, "aspect", FIRST) >= lines_needed(aspect, WIDTHS["aspect"]) * LINE
    alone = ledger([problem(1, aspect=aspect)])
    assert shown(alone, "aspect", FIRST) >= lines_needed(aspect, WIDTHS["aspect"]) * LINE


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=8), st.integers(1, 400), st.sampled_from([8, MAX_LINES])
)
def test_blocks_have_room_and_no_row_is_too_high(measures, own, cap):
    spans = block_lines(measures, own, cap)
    assert len(spans) == len(measures)
    for needed, span in zip(measures, spans, strict=True):
        assert sum(span) >= needed
        assert all(1 <= lines <= cap for lines in span)
    assert sum(map(sum, spans)) >= own
    assert sum(map(sum, spans)) <= max(own, sum(measures)) + cap  # and little more


def test_the_highest_row_is_one_excel_can_show():
    assert row_points(MAX_LINES) <= ROW_LIMIT < row_points(MAX_LINES + 1)


@given(st.text(st.sampled_from("整改台账，。abc 123"), max_size=300), st.integers(10, 50))
def test_lines_are_never_estimated_too_low(text, width):
    assert count_lines(text, units_of(text), width) >= lines_needed(text, width)


def test_a_break_comes_before_the_block_that_has_no_room():
    pages = Pages(capacity=100, repeated=10)
    pages.place([10, 50], 0)
    pages.place([30], 2)
    pages.place([20, 20], 3)  # 90 used: no room
    pages.place([60], 5)  # 10 + 40 used: no room
    assert pages.breaks == [3, 5]
    pages.place([50] * 7, 6)  # more than any page: it breaks by itself
    assert pages.breaks == [3, 5]


def test_spans_cost_eight_bytes_and_single_rows_none():
    merges = Merges(["A", "C"])
    merges.add(4, 4)
    merges.add(5, 7)
    assert len(merges) == 2
    assert list(merges.references()) == ['<mergeCell ref="A5:A7"/><mergeCell ref="C5:C7"/>']


def test_the_foot_takes_the_last_block_along_instead_of_standing_alone():
    pages = Pages(capacity=300, repeated=30)
    for row in (3, 4, 5):
        pages.place([90], row)  # 270 of 300
    pages.close([40], 6)
    assert pages.breaks == [5], "the last block and the foot stand on the next page"
    whole = Pages(capacity=300, repeated=30)
    whole.place([280], 3)
    whole.close([40], 4)
    assert whole.breaks == [4], "a block that fills its page cannot be taken along"
    single = Pages(capacity=300, repeated=30)
    single.place([70], 0)
    single.place([200], 3)
    single.close([40], 4)
    assert single.breaks == [4], "the title does not stay behind without a row"
    roomy = Pages(capacity=300, repeated=30)
    roomy.place([200], 3)
    roomy.close([40], 4)
    assert roomy.breaks == []
