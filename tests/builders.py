"""Plain builders of a fixed cast: a county with two bureaus, one person per role, and one ledger."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from rectify.choices import Role, Step
from rectify.demo.samples import make_pdf
from rectify.errors import Incomplete
from rectify.evidence import storage
from rectify.models import (
    CloseOut,
    Extension,
    IntakeDraft,
    Leader,
    Measure,
    Problem,
    Report,
    SourceText,
    Unit,
    User,
)
from rectify.notifications import telling
from rectify.operations import measures, people, problems, progress, reports
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.operations.closing.application import Answer
from rectify.operations.exchange import intake_drafts, sources
from rectify.policies.points import points_to_answer

PDF = make_pdf("验收单")
OUTLINE: dict[str, Any] = {
    "aspects": [{"number": 1, "title": "在带头学习方面", "short": "带头学习"}],
    "problems": [
        {
            "number": 1,
            "aspect": 1,
            "title": "学用结合不紧",
            "text": "学得多，用得少。",
            "manifestations": ["研讨联系实际少"],
            "kind": "by_date",
        },
        {
            "number": 2,
            "aspect": 1,
            "title": "督办不够经常",
            "text": "",
            "manifestations": [],
            "kind": "by_date",
        },
        {
            "number": 3,
            "aspect": None,
            "title": "调研不深",
            "text": "",
            "manifestations": [],
            "kind": "standing",
        },
    ],
    "causes": [{"number": 1, "title": "理论学习不系统"}],
    "directions": [
        {"number": 1, "title": "完善学习制度"},
        {"number": 2, "title": "抓好整改", "covers_all": True},
    ],
    "links": [
        {"problem": 1, "cause": 1, "basis": "explicit"},
        {"problem": 1, "direction": 1, "basis": "inferred"},
    ],
}


@dataclass
class Cast:
    """Everybody and everything a test may need, by name."""

    city: Unit
    county: Unit
    bureau: Unit
    other_bureau: Unit
    people: dict[str, User] = field(default_factory=dict)
    leader: Leader | None = None
    report: Report | None = None

    def __getitem__(self, role: str) -> User:
        """A fresh copy of the person, so that cached roles never go stale."""
        return User.objects.get(pk=self.people[role].pk)

    @property
    def problem(self) -> Problem:
        """The first problem: led by the bureau, owned by the leader."""
        assert self.report
        return Problem.objects.get(report=self.report, number=1)


def account(username: str, unit: Unit, role: str) -> User:
    return people.add_account(
        by=None,
        username=username,
        name=f"{unit.name}{Role(role).label}",
        password="ce-shi-mi-ma-1",
        memberships=[(unit, role)],
        must_change=False,
    )


def cast(assigned: bool = True) -> Cast:
    """A county with its ledger; problem 1 belongs to the bureau and its leader."""
    city = people.add_unit(by=None, name="甲市")
    county = people.add_unit(by=None, name="乙县", parent=city)
    bureau = people.add_unit(by=None, name="乙县丙局", parent=county)
    other = people.add_unit(by=None, name="乙县丁局", parent=county)
    made = Cast(city, county, bureau, other)
    homes = {
        Role.OFFICE: county,
        Role.LEADER: county,
        Role.UNIT_HEAD: bureau,
        Role.CLERK: bureau,
        Role.INSPECTOR: city,
        Role.SYSADMIN: county,
        Role.AUDITOR: county,
    }
    made.people = {str(role): account(str(role), unit, role) for role, unit in homes.items()}
    made.people["stranger"] = account("stranger", other, Role.CLERK)
    made.leader = people.add_leader(by=None, post="常务副县长", unit=county, user=made["leader"])
    made.report = reports.load(
        reports.Outline.from_dict(OUTLINE),
        by=made["office"],
        unit=county,
        year=2025,
        title="2025年度对照检查报告",
    )
    if assigned:
        assign(made, made.problem)
    return made


def assign(made: Cast, problem: Problem, **fields: Any) -> Problem:
    """Give a problem to the bureau, its clerk and the leader; a date already set is corrected.

    Nobody is told: the tests begin without messages.
    """
    with telling.gathered():
        return _assign(made, problem, **fields)


def _assign(made: Cast, problem: Problem, **fields: Any) -> Problem:
    values = {"leader": made.leader, "lead_unit": made.bureau} | fields
    if values["lead_unit"] == made.bureau:
        values = {"clerk": made["clerk"]} | values
    if problem.deadline is None:
        values = {"deadline": dt.date(2099, 6, 30)} | values
        return problems.assign(problem, by=made["office"], seen=problem.version, **values)
    dated = {name: values.pop(name) for name in ("deadline", "deadline_text") if name in values}
    problem = problems.assign(problem, by=made["office"], seen=problem.version, **values)
    if not dated:
        return problem
    given = {"deadline": problem.deadline, "deadline_text": problem.deadline_text} | dated
    try:
        return deadlines.correct(problem, by=made["office"], seen=problem.version, reason="录入有误", **given)
    except Incomplete:  # on file too long to be a typing error
        return extended(made, problem, new_date=given["deadline"])


def ready(made: Cast, problem: Problem | None = None, **fields: Any) -> Problem:
    """A problem of the bureau on which the work is done and proven: a close-out may be applied for."""
    problem = problem or made.problem
    finish_measure(made, problem, **fields)
    progress.add(problem, by=made["clerk"], text="全部完成", percent=100)
    return Problem.objects.get(pk=problem.pk)


def finish_measure(made: Cast, problem: Problem, **fields: Any) -> Measure:
    """A measure of the bureau, added and finished with its proof."""
    rule = {name: fields.pop(name) for name in ("rule_name", "rule_number") if name in fields}
    measure = measures.add(problem, by=made["clerk"], **({"text": "印发方案"} | fields))
    return measures.finish(
        measure, by=made["clerk"], seen=measure.version, result="已印发", files=[pdf()], **rule
    )


def applied(made: Cast, problem: Problem | None = None, **fields: Any) -> CloseOut:
    """A close-out the clerk applied for."""
    problem = problem or ready(made)
    points = points_to_answer(problem)
    answers = {point.number: Answer("已补充", [pdf()] if point.wants_file else ()) for point in points}
    values = {"statement": "措施全部完成，成效明显。", "answers": answers} | fields
    return close_out.apply_close_out(problem, by=made["clerk"], seen=problem.version, **values)


def closed(made: Cast, problem: Problem | None = None, **fields: Any) -> Problem:
    """A problem that went the whole reviewed path."""
    application = applied(made, problem, **fields)
    application = decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=made["office"])
    application = decisions.decide(application, step=Step.SIGN, by=made["leader"])
    return Problem.objects.get(pk=application.problem_id)


def asked_later(made: Cast, problem: Problem | None = None, **fields: Any) -> Extension:
    """An extension the clerk applied for."""
    problem = problem or made.problem
    values = {"new_date": dt.date(2099, 12, 31), "reason": "雨季停工", "progress": "完成一半"} | fields
    return deadlines.apply_extension(problem, by=made["clerk"], seen=problem.version, **values)


def extended(made: Cast, problem: Problem | None = None, **fields: Any) -> Problem:
    """A problem whose deadline was put later by the reviewed path."""
    application = asked_later(made, problem, **fields)
    application = decisions.decide(application, step=Step.CONFIRM, by=made["unit_head"])
    application = decisions.decide(application, step=Step.REVIEW, by=made["office"])
    application = decisions.decide(application, step=Step.SIGN, by=made["leader"])
    return Problem.objects.get(pk=application.problem_id)


def another_ledger(made: Cast) -> Report:
    """A ledger of another county, which nobody of the cast but the inspector may see."""
    county = people.add_unit(by=None, name="戊县", parent=Unit.objects.get(pk=made.city.pk))
    account("other_office", county, Role.OFFICE)
    office = User.objects.get(username="other_office")
    return reports.load(reports.Outline.from_dict(OUTLINE), by=office, unit=county, year=2025)


def uploaded(by: User, unit: Unit, text: str = "一份报告") -> IntakeDraft:
    """A report that somebody has uploaded and not yet looked over."""
    kept = storage.keep(stream(text.encode(), "报告.txt"))
    return intake_drafts.start(
        kept, [intake_drafts.NewDraft(text, "对照检查报告")], by=by, unit=unit, year=2026
    )[0]


def with_source(report: Report, text: str = "原文：学用结合不紧。") -> SourceText:
    """A ledger's kept source, in which its first problem stands."""
    problem = Problem.objects.get(report=report, number=1)
    draft = uploaded(report.created_by, report.unit, text)
    return sources.keep(report, draft, by=report.created_by, places={problem.pk: (3, len(text))})


def pdf(name: str = "验收单.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def stream(content: bytes, name: str) -> io.BytesIO:
    """A file-like thing with a name, as the operations take it."""
    file = io.BytesIO(content)
    file.name = name
    return file
