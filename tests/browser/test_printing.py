"""The dashboard and the briefing come out on one sheet of A4, however many units and leaders there are."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from rectify import clock
from rectify.choices import Basis, LinkStatus
from rectify.models import (
    Aspect,
    ImprovementDirection,
    Leader,
    Problem,
    ProblemCause,
    ProblemDirection,
    RootCause,
    Unit,
)
from rectify.operations import problems
from tests import builders

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "snapshot"]),
    pytest.mark.xdist_group("browser"),
    pytest.mark.ci,
]
MANY, KINDS = 26, ("at_once", "by_date", "standing")


@pytest.fixture
def cast(live_server: Any) -> builders.Cast:
    """Many units and leaders, each with something overdue."""
    with clock.pretend(clock.now() - dt.timedelta(days=60)):
        cast = builders.cast()
        report = cast.report
        for number in range(3, 8):
            tied = {"basis": Basis.INFERRED, "status": LinkStatus.PENDING, "problem": cast.problem}
            cause = RootCause.objects.create(report=report, number=number, title=f"根源 {number}")
            ProblemCause.objects.create(cause=cause, **tied)
            direction = ImprovementDirection.objects.create(
                report=report, number=number, title=f"方向 {number}"
            )
            ProblemDirection.objects.create(direction=direction, **tied)
            aspect = Aspect.objects.create(report=report, number=number, title=f"方面 {number}")
            problems.add(
                report,
                by=cast["office"],
                title=f"方面 {number} 的一项",
                source="public",
                kind=KINDS[number % 3],
                aspect=aspect,
            )
        county = Unit.objects.get(pk=cast.county.pk)
        for number in range(MANY):
            unit = Unit.objects.add_child(county, {"name": f"乙县第{number}办公室"})
            leader = Leader.objects.create(post=f"县委常委{number}", unit=county)
            one = problems.add(
                cast.report,
                by=cast["office"],
                title=f"第 {number} 项工作还有差距",
                source="public",
                kind="by_date",
            )
            builders.assign(
                cast, Problem.objects.get(pk=one.pk), lead_unit=unit, leader=leader, clerk=None,
                deadline=clock.today() + dt.timedelta(days=30 + number),
            )  # fmt: skip
    return cast


@pytest.mark.parametrize("path", ["dashboard/", "briefing/"])
def test_an_overview_fits_one_sheet(cast: builders.Cast, visit: Any, path: str, tmp_path: Any) -> None:
    page = visit("office")
    page.goto(page.url + path)
    page.wait_for_load_state("networkidle")
    file = tmp_path / "sheet.pdf"
    page.pdf(path=file, format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", file.read_bytes())) == 1
