"""销号单, 督办单 and 通报: a sheet each, room to sign, and units without a ranking."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify import clock
from rectify.choices import DocumentKind, Kind, SupervisionLevel
from rectify.documents.bulletin import read_bulletin
from rectify.documents.close_out import size_of
from rectify.docx.blocks import Cell
from rectify.errors import Incomplete
from rectify.models import Problem
from rectify.operations import problems, supervision
from rectify.selectors.dashboard.overview import overview
from tests import builders
from tests.documents.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> builders.Cast:
    made = builders.cast()
    builders.closed(made)
    late = problems.add(made.report, by=made["office"], title="项目进展偏慢", kind=Kind.BY_DATE)
    builders.assign(made, late, deadline=clock.today() - dt.timedelta(days=6))
    return made


def test_a_close_out_sheet_shows_each_step_or_room_to_sign(cast, read):
    document = read(cast.report, DocumentKind.CLOSE_OUT)
    done, *_, still_open = (
        "\n".join(cell.text for row in table.rows for cell in row.cells) for table in document.tables
    )
    for words in ("整改措施和完成标志", "责任单位负责人意见", "整改办审核意见", "责任领导验收意见"):
        assert words in done
    assert "签字：" not in done and cast["leader"].label in done
    assert still_open.count("签字：　") >= 4 and "项目进展偏慢" in still_open


def test_a_sheet_is_printed_as_large_as_one_page_allows():
    def size(length: int) -> float:
        return size_of([[Cell("整改措施", is_label=True), Cell("逐项明确责任，" * length, span=3)]])

    assert [size(length) for length in (1, 140, 230, 2000)] == [12, 10.5, 9, 9]


def test_one_item_alone(cast, read):
    document = read(cast.report, DocumentKind.CLOSE_OUT, problem=cast.problem)
    assert len(document.tables) == 1 and cast.problem.title in text_of(document)


def test_an_order_carries_its_slips(cast, read):
    late = Problem.objects.get(title="项目进展偏慢")
    given = {
        "level": SupervisionLevel.KEY,
        "reason": "逾期六天",
        "reply_by": clock.today() + dt.timedelta(days=5),
    }
    order = supervision.issue([late], by=cast["office"], units=[cast.bureau], **given)
    text = text_of(read(cast.report, DocumentKind.SUPERVISION))
    for words in (
        order.code,
        "重点督办",
        "逾期六天",
        "乙县（盖章）",
        "督办单签收回执",
        "督办单回复单",
        late.code,
    ):
        assert words in text, words
    supervision.acknowledge(order.addressees.get(), by=cast["clerk"])
    supervision.reply(order.addressees.get(), by=cast["clerk"], text="已倒排工期。", files=[])
    assert "已倒排工期。" in text_of(read(cast.report, DocumentKind.SUPERVISION, problem=late))


def test_without_an_order_there_is_nothing_to_print(cast, read):
    with pytest.raises(Incomplete, match="还没有签发过督办单"):
        read(cast.report, DocumentKind.SUPERVISION)


def test_the_bulletin_counts_as_the_dashboard_does(cast, read):
    seen = Problem.objects.filter(report=cast.report)
    report = cast.report.__class__.objects.select_related("unit", "settings").get(pk=cast.report.pk)
    bulletin = read_bulletin(report, seen, clock.today())
    numbers = overview(seen, clock.today())
    assert bulletin.numbers.all.lights == numbers.all.lights
    assert (bulletin.closed.total(), bulletin.slipped.total()) == (1, 1)
    text = text_of(read(cast.report, DocumentKind.BULLETIN))
    assert "乙县丙局对逾期事项逐项说明原因" in text
    for person in cast.people.values():
        assert person.name not in text or person.name in (cast.bureau.name, cast.county.name)
