"""Acts on a measure: result, stored rows, entry, refusals."""

from __future__ import annotations

import datetime as dt

import pytest

from rectify.choices import MeasureStatus
from rectify.errors import Incomplete, NotAllowed, Stale
from rectify.models import Measure
from rectify.operations import measures
from tests import builders

pytestmark = pytest.mark.django_db


WORLD = builders.cast


@pytest.fixture
def measure(cast) -> Measure:
    return measures.add(cast.problem, by=cast["clerk"], text="建立季度督办制度", standard="印发文件")


def test_a_measure_starts_open_with_its_first_state(cast, measure):
    assert measure.unit == cast.bureau and measure.status == MeasureStatus.OPEN
    assert measure.states.get().text == "建立季度督办制度"


def test_one_token_one_measure(cast):
    made = {
        measures.add(cast.problem, by=cast["clerk"], text="同一条", idempotency_key="x").pk for _ in range(2)
    }
    assert len(made) == 1 and Measure.objects.count() == 1


def test_finishing_needs_a_result_and_closes_the_measure(cast, measure):
    with pytest.raises(Incomplete):
        measures.finish(measure, by=cast["clerk"], seen=measure.version, result=" ")
    done = measures.finish(
        measure, by=cast["clerk"], seen=measure.version, result="已印发", files=[builders.pdf()]
    )
    assert done.status == MeasureStatus.DONE and done.evidence.count() == 1
    with pytest.raises(NotAllowed, match="已完成"):
        measures.edit(done, by=cast["clerk"], seen=done.version, text="改写")


def test_a_future_finish_is_refused(cast, measure):
    with pytest.raises(Incomplete, match="不能晚于今天"):
        measures.finish(
            measure, by=cast["clerk"], seen=measure.version, result="已印发", finished_on=dt.date(2099, 1, 1)
        )


def test_a_stale_edit_shows_both_texts(cast, measure):
    measures.edit(measure, by=cast["unit_head"], seen=measure.version, text="建立月度督办制度")
    with pytest.raises(Stale) as refusal:
        measures.edit(measure, by=cast["clerk"], seen=measure.version, text="建立周督办制度")
    assert refusal.value.differences[0].theirs == "建立月度督办制度"


def test_dropping_needs_a_reason_and_keeps_the_row(cast, measure):
    with pytest.raises(Incomplete):
        measures.drop(measure, by=cast["clerk"], seen=measure.version, reason="")
    gone = measures.drop(measure, by=cast["clerk"], seen=measure.version, reason="并入上一条")
    assert gone.status == MeasureStatus.DROPPED and not Measure.objects.kept().exists()


def test_a_unit_outside_the_problem_is_refused(cast):
    with pytest.raises(Incomplete, match="责任单位或配合单位"):
        measures.add(cast.problem, by=cast["office"], text="新增泊位", unit=cast.other_bureau)


@pytest.mark.parametrize("role", ["stranger", "leader", "inspector", "sysadmin", "auditor"])
def test_outsiders_are_refused(cast, role):
    with pytest.raises(NotAllowed):
        measures.add(cast.problem, by=cast[role], text="新增泊位")
