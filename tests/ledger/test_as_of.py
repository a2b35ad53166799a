"""After a random history, the ledger as of each past day equals the one exported when that day ended, and two
days compared equal the two ledgers compared."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
from collections.abc import Callable

import pytest

from rectify import clock
from rectify.audit.verify import read_chains
from rectify.choices import Kind, LinkStatus, MeasureKind, MeasureStatus, Role, Status, Step
from rectify.errors import Refusal
from rectify.ledger.archive.compare import differences
from rectify.ledger.archive.two_days import TwoDays
from rectify.ledger.row_types import ProblemRow
from rectify.ledger.rows import ledger_rows, snapshot
from rectify.models import (
    Aspect,
    CloseOut,
    Extension,
    Manifestation,
    Measure,
    Problem,
    ProblemCause,
    ProgressNote,
    RootCause,
    Unit,
)
from rectify.operations import measures, people, problems, progress, reference, reports
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.policies.closing import kinds
from tests.builders import Cast, account, assign, cast, stream

pytestmark = pytest.mark.django_db

START = dt.datetime(2025, 3, 1, 1, tzinfo=dt.UTC)
DAYS = 12
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


DECIDERS = {Step.CONFIRM: "unit_head", Step.REVIEW: "second_office", Step.SIGN: "leader"}


class Story:
    """What an office may do in a day, drawn by lot; an act that is refused simply did not happen."""

    def __init__(self, made: Cast, chance: random.Random) -> None:
        self.made, self.chance = made, chance
        self.count = 0
        self.acts: list[Callable[[], object]] = [
            self.add, self.edit, self.assign, self.status, self.withdraw, self.restore, self.extend,
            self.apply, self.apply, self.apply,
            *[self.decide] * 6, self.reopen,
            self.add_measure, self.edit_measure, self.finish, self.drop,
            self.report, self.report, self.correct, self.link, self.link, self.reword, self.rename,
        ]  # fmt: skip

    def act(self) -> None:
        self.count += 1
        with contextlib.suppress(Refusal):
            self.chance.choice(self.acts)()

    @property
    def office(self):
        return self.made["office"]

    @property
    def word(self) -> str:
        return f"{self.chance.choice(['整改', '学习', '督办', '走访'])}{self.count}"

    def problem(self) -> Problem:
        found = Problem.objects.filter(report=self.made.report).select_related("report__unit")
        return self.chance.choice(list(found.order_by("pk")))

    def one(self, query):
        rows = list(query.order_by("pk"))
        if not rows:
            raise Refusal("nothing there")
        return self.chance.choice(rows)

    def day(self) -> dt.date:
        return clock.today() + dt.timedelta(days=self.chance.randrange(-5, 30))

    def add(self) -> None:
        aspect = self.made.report.aspects.first()
        problems.add(
            self.made.report, by=self.office, title=self.word, aspect=self.chance.choice([None, aspect])
        )

    def edit(self) -> None:
        one = self.problem()
        name = self.chance.choice(["title", "goal", "remark"])
        problems.edit(one, by=self.office, seen=one.version, reason="改", **{name: self.word})

    def assign(self) -> None:
        one = self.problem()
        units = [self.made.bureau, self.made.other_bureau, self.made.county]
        fields = {
            "leader": self.chance.choice([None, self.made.leader]),
            "lead_unit": self.chance.choice([None, *units]),
            "supporting_units": self.chance.sample(units, self.chance.randrange(3)),
            "clerk": self.chance.choice([None, self.made["clerk"]]),
            "responsible": self.chance.choice(["", "局长"]),
            "kind": self.chance.choice(Kind.values),
            "deadline": self.day(),
            "deadline_text": self.chance.choice(["", "月底前"]),
        }
        chosen = self.chance.sample(sorted(fields), 3)
        problems.assign(one, by=self.office, seen=one.version, **{name: fields[name] for name in chosen})

    def status(self) -> None:
        one = self.problem()
        target = self.chance.choice([Status.NOT_STARTED, Status.IN_PROGRESS, Status.MOSTLY_DONE])
        problems.set_status(one, by=self.office, seen=one.version, status=target)

    def withdraw(self) -> None:
        one = self.problem()
        problems.withdraw(one, by=self.office, seen=one.version, reason="重复")

    def restore(self) -> None:
        one = self.one(Problem.objects.filter(report=self.made.report, withdrawn=True))
        problems.restore(one, by=self.office, seen=one.version, reason="误撤")

    def apply(self) -> None:
        """Everything that a close-out asks for, then the application."""
        one, clerk = self.problem(), self.made["clerk"]
        fields = {"leader": self.made.leader, "lead_unit": self.made.bureau, "supporting_units": []}
        one = problems.assign(one, by=self.office, seen=one.version, **fields)
        measures.add(one, by=self.office, text=self.word)
        for step in one.measures.filter(status=MeasureStatus.OPEN):
            files = [stream(PDF, f"{self.word}.pdf")]
            measures.finish(
                step,
                by=self.office,
                seen=step.version,
                result=self.word,
                files=files,
                rule_name="制度",
                rule_number="无",
            )
        progress.add(one, by=clerk, text=self.word, files=[stream(PDF, "验收单.pdf")])
        one.refresh_from_db()
        if one.status == Status.NOT_STARTED:
            one = problems.set_status(one, by=clerk, seen=one.version, status=Status.IN_PROGRESS)
        kind = self.chance.choice(kinds(one))
        close_out.apply_close_out(one, by=clerk, seen=one.version, statement=self.word, kind=kind)

    def extend(self) -> None:
        one = self.problem()
        deadlines.apply_extension(
            one, by=self.office, seen=one.version, reason=self.word, progress=self.word,
            new_date=self.day() + dt.timedelta(days=40),
        )  # fmt: skip

    def decide(self) -> None:
        """Whoever is waited for agrees, or sends the application back."""
        model = self.chance.choice([CloseOut, Extension])
        one = self.one(model.objects.filter(ended_at__isnull=True))
        by = self.made[DECIDERS[one.waiting]]
        if self.chance.random() < 0.2:
            decisions.return_application(one, by=by, step=one.waiting, comment=self.word)
        else:
            decisions.decide(one, by=by, step=one.waiting)

    def reopen(self) -> None:
        one = self.one(Problem.objects.filter(status__in=[Status.CLOSED, Status.STANDING]))
        close_out.reopen(one, by=self.office, seen=one.version, reason="反弹", deadline=self.day())

    def add_measure(self) -> None:
        measures.add(
            self.problem(), by=self.office, text=self.word, kind=self.chance.choice(MeasureKind.values),
            standard=self.word, deadline=self.day(), unit=self.chance.choice([None, self.made.bureau]),
        )  # fmt: skip

    def measure(self) -> Measure:
        return self.one(Measure.objects.filter(status=MeasureStatus.OPEN))

    def edit_measure(self) -> None:
        one = self.measure()
        measures.edit(one, by=self.office, seen=one.version, reason="改", text=self.word)

    def finish(self) -> None:
        one = self.measure()
        measures.finish(
            one,
            by=self.office,
            seen=one.version,
            result=self.word,
            rule_name="制度",
            rule_number="无",
            files=[stream(PDF, f"{self.word}.pdf")],
        )

    def drop(self) -> None:
        one = self.measure()
        measures.drop(one, by=self.office, seen=one.version, reason="合并")

    def report(self) -> None:
        files = [stream(PDF, f"{self.word}.pdf")] if self.chance.random() < 0.4 else []
        percent = self.chance.choice([None, 10, 60])
        progress.add(self.problem(), by=self.made["clerk"], text=self.word, percent=percent, files=files)

    def correct(self) -> None:
        note = self.one(ProgressNote.objects.filter(correction__isnull=True))
        progress.correct(note, by=self.made["clerk"], text=self.word, reason="笔误")

    def link(self) -> None:
        link = self.one(ProblemCause.objects.all())
        problems.decide_link(link, by=self.office, confirm=link.status != LinkStatus.CONFIRMED)

    def reword(self) -> None:
        """The office corrects the report's own texts."""
        part, name = self.chance.choice([(Aspect, "title"), (RootCause, "title"), (Manifestation, "text")])
        reports.edit_part(self.one(part.objects.all()), by=self.office, reason="错字", **{name: self.word})

    def rename(self) -> None:
        """The administrator renames a unit, a leader's post or an account."""
        row, name = self.chance.choice(
            [
                (Unit.objects.get(pk=self.made.bureau.pk), "name"),
                (self.made.leader, "post"),
                (self.made["clerk"], "name"),
            ]
        )
        row.refresh_from_db()
        setattr(row, name, f"新称{self.count}")
        reference.store(row, by=self.made["sysadmin"], reason="机构改革")


def exported(made: Cast, today: dt.date, on: dt.date | None = None) -> list[ProblemRow]:
    query = Problem.objects.filter(report=made.report)
    with snapshot("default") as using:  # a test's own transaction is not seen from another connection
        return list(ledger_rows(query, today=today, on=on, using=using))


def assert_compared_as_whole(made: Cast, old: dt.date, new: dt.date, kept: dict) -> None:
    """The comparison reads only what may differ, and finds what reading everything finds."""
    with snapshot("default") as using:
        found = TwoDays(Problem.objects.filter(report=made.report), old, new, using).outline()
        lines = found.told(found.lines)
    whole = differences(kept[old], kept[new])
    assert (lines, found.unchanged) == (whole.lines, whole.unchanged), f"{old} and {new}"


def end_of_day(number: int) -> dt.datetime:
    return dt.datetime(2025, 3, number, 15, 59, tzinfo=dt.UTC)  # one minute to midnight in Shanghai


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(3))
def test_every_past_day_is_what_was_exported_that_day(seed):
    chance = random.Random(seed)
    with clock.pretend(START):
        made = cast(assigned=False)
        assign(made, made.problem, deadline=dt.date(2025, 3, 20))
        made.people["second_office"] = account("second_office", made.county, Role.OFFICE)
    story = Story(made, chance)
    kept = {}
    for number in range(1, DAYS + 1):
        for minute in range(chance.randrange(12)):
            moment = dt.datetime(2025, 3, number, 2 + minute, chance.randrange(60), tzinfo=dt.UTC)
            with clock.pretend(moment):
                story.act()
        with clock.pretend(end_of_day(number)):
            kept[clock.today()] = exported(made, clock.today())
    with clock.pretend(end_of_day(DAYS) + dt.timedelta(days=40)):
        for day, rows in kept.items():
            assert exported(made, clock.today(), on=day) == rows, f"seed {seed}, {day}"
        kept[clock.today()] = exported(made, clock.today())
        pairs = list(itertools.combinations(kept, 2))
        for old, new in [*chance.sample(pairs, 20), *pairs[-2:]]:
            assert_compared_as_whole(made, old, new, kept)
        assert not [fault for chain in read_chains("default") for fault in chain.breaks]


def test_two_acts_in_one_moment_leave_the_last_one_standing():
    with clock.pretend(START):
        made = cast(assigned=False)
        one = made.problem
        for title in ("甲", "乙", "丙"):
            one = problems.edit(one, by=made["office"], seen=one.version, reason="改", title=title)
        before = exported(made, clock.today())
    assert before[0].title == "丙"
    assert exported(made, dt.date(2025, 5, 1), on=dt.date(2025, 3, 1)) == before


def test_a_minute_after_midnight_belongs_to_the_next_day():
    with clock.pretend(START):
        made = cast(assigned=False)
    with clock.pretend(dt.datetime(2025, 3, 4, 16, 0, tzinfo=dt.UTC)):  # midnight in Shanghai
        one = made.problem
        problems.edit(one, by=made["office"], seen=one.version, reason="改", title="次日的标题")
    today = dt.date(2025, 5, 1)
    assert exported(made, today, on=dt.date(2025, 3, 4))[0].title == "学用结合不紧"
    assert exported(made, today, on=dt.date(2025, 3, 5))[0].title == "次日的标题"


def test_a_name_changed_twice_is_read_back_for_each_day():
    with clock.pretend(START):
        made = cast()
    for number, name in ((5, "乙县新局"), (9, "乙县大局")):
        with clock.pretend(dt.datetime(2025, 3, number, 2, tzinfo=dt.UTC)):
            people_unit = Unit.objects.get(pk=made.bureau.pk)
            people_unit.name = name
            reference.store(people_unit, by=made["sysadmin"], reason="机构改革")
    today = dt.date(2025, 5, 1)
    names = [exported(made, today, on=dt.date(2025, 3, day))[0].lead_unit for day in (4, 5, 8, 9)]
    assert names == ["乙县丙局", "乙县新局", "乙县新局", "乙县大局"]
    assert people.Unit.objects.get(pk=made.bureau.pk).name == "乙县大局"
