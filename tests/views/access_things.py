"""The world of the access matrix: one of each thing at each place, by the names that its rows use."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from rectify import clock
from rectify.audit.chain import head_of
from rectify.choices import (
    Basis,
    Channel,
    DutyKind,
    ImportKind,
    LinkStatus,
    NoticeKind,
    NoticeState,
    ReviewPath,
    Role,
    Status,
    Step,
    SupervisionLevel,
    UploadKind,
)
from rectify.evidence import storage
from rectify.intake.plan import make_plan
from rectify.intake.reading import read_reports
from rectify.intake.review.assignment import Assignment
from rectify.intake.review.edited import PROBLEM, EditedOutline
from rectify.ledger.archive.issue import stamp_of, write_copy
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.reader import read_returned
from rectify.models import (
    AuditEntry,
    DeliverySettings,
    IntakeDraft,
    Leader,
    Measure,
    Notice,
    Problem,
    ProblemDirection,
    Report,
    Unit,
    User,
)
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory, Told
from rectify.operations import (
    delivery_settings,
    duties,
    instructions,
    measures,
    people,
    problems,
    progress,
    purging,
    reports,
    saved_views,
    supervision,
)
from rectify.operations.closing import close_out, deadlines, decisions
from rectify.operations.exchange import exports, import_export, intake_drafts, ledger_forms, uploads
from rectify.policies import may
from rectify.roster.reader import read_roster
from rectify.selectors.roster.plan import make_plan as plan_roster
from rectify.selectors.roster.rows import HOLIDAYS
from rectify.xlsx.reader import read_book
from tests import builders, filed
from tests.intake.invented import written
from tests.ledger.roundtrip.returned import edited
from tests.roster import workbooks

World = dict[str, dict[str, Any]]
FAR = dt.date(2099, 6, 30)
GOAL, NEW_GOAL = "原来的整改目标", "填报的整改目标"


@dataclass
class Place:
    """A ledger's problem and the people who work on it: all that `things` needs. The mark ends every text."""

    problem: Problem
    office: User
    second: User
    clerk: User
    absent: User
    stands_in: User
    sysadmin: User
    head: User
    giver: User
    taker: User
    code: str = "AAAA-AAAA"
    mark: str = ""

    @property
    def report(self) -> Report:
        return self.problem.report


def make_world(peopled: Callable[[], dict[str, Place]] | None = None) -> World:
    """One of each thing at each place, and the cast. Work began long ago, so that reports are missing."""
    with clock.pretend(clock.now() - dt.timedelta(days=100)):
        places = (peopled or _peopled)()
        made: World = {name: _long_ago(place) for name, place in places.items()}
    shared: dict[int, dict[str, Any]] = {}
    for name, place in places.items():
        if place.report.pk not in shared:
            shared[place.report.pk] = _of_ledger(place)
        there = shared[place.report.pk]
        made[name] |= there | _of_now(place) | _uploads(place, there["copy"])
    _tell_everybody(next(iter(places.values())).report)
    return made | {"people": {user.username: user for user in User.objects.all()}}


def _peopled() -> dict[str, Place]:
    cast = builders.cast()
    foreign = builders.another_ledger(cast)
    builders.account("successor", cast.bureau, Role.CLERK)
    homes = {
        "second_office": (cast.county, Role.OFFICE),
        "third_office": (foreign.unit, Role.OFFICE),
        "foreign_clerk": (foreign.unit, Role.CLERK),
        "other_leader": (cast.county, Role.LEADER),
        "foreign_leader": (foreign.unit, Role.LEADER),
    }
    for name, (unit, role) in homes.items():
        builders.account(name, unit, role)
    users = {user.username: user for user in User.objects.all()}
    other = Leader.objects.create(post="副县长", unit=cast.county, user=users["other_leader"])
    far_leader = Leader.objects.create(post="县长", unit=foreign.unit, user=users["foreign_leader"])
    second = Problem.objects.get(report=cast.report, number=2)
    builders.assign(
        cast, second, lead_unit=cast.other_bureau, clerk=users["stranger"], leader=other, deadline=None
    )
    far = Problem.objects.get(report=foreign, number=1)
    office = users["other_office"]
    held = {"lead_unit": foreign.unit, "clerk": users["foreign_clerk"], "leader": far_leader}
    problems.assign(far, by=office, seen=far.version, **held)
    for report, by in ((cast.report, users["office"]), (foreign, office)):
        assert report
        reports.edit_settings(report, by=by, reason="办理路径", review_path=ReviewPath.OFFICE)
    User.objects.filter(username__in=("office", "other_office")).update(email="office@example.org")
    shared = {"sysadmin": "sysadmin", "head": "unit_head", "giver": "clerk", "taker": "successor"}
    own = shared | {"office": "office", "second": "second_office"}
    fourth = {"clerk": "foreign_clerk", "absent": "foreign_leader", "stands_in": "foreign_clerk"}
    return {
        "own": place_of(cast.problem, **own, clerk="clerk", absent="unit_head", stands_in="clerk"),
        "other": place_of(second, **own, clerk="stranger", absent="other_leader", stands_in="stranger"),
        "foreign": replace(
            place_of(far, **shared, **fourth, office="other_office", second="third_office"), code="BBBB-BBBB"
        ),
    }


def place_of(problem: Problem, **usernames: str) -> Place:
    related = ("report__unit", "report__settings", "lead_unit", "leader__user")
    there = {name: User.objects.get(username=username) for name, username in usernames.items()}
    return Place(Problem.objects.select_related(*related).get(pk=problem.pk), **there)


# -- what stands in a ledger -----------------------------------------------------------------------------


def _long_ago(place: Place) -> dict[str, Any]:
    one, office, mark = place.problem, place.office, place.mark
    note = progress.add(one, by=office, text=f"印发方案{mark}", files=[_pdf(place)])
    doomed = progress.add(one, by=office, text=f"误传的内容{mark}")
    measure = measures.add(one, by=office, text=f"建立制度{mark}")
    given_up = _another(place)
    given_up = problems.withdraw(given_up, by=office, seen=given_up.version, reason=f"重复{mark}")
    direction = ProblemDirection.objects.create(
        problem=one,
        direction=one.report.directions.get(number=2),
        basis=Basis.INFERRED,
        status=LinkStatus.PENDING,
    )
    return {
        "problem": one.pk,
        "pick": one.pk,
        "withdrawn": given_up.pk,
        "withdrawn_version": given_up.version,
        "report": one.report_id,
        "measure": measure.pk,
        "measure_version": measure.version,
        "lasting": (lasting := _lasting(place)).pk,
        "lasting_version": lasting.version,
        "note": note.pk,
        "evidence": note.evidence.get().pk,
        "first_page": 1,
        "direction": direction.pk,
        "free": one.report.causes.create(number=50 + one.number, title=f"新的根源{mark}").pk,
        "purge": purging.request(doomed, by=place.second, reason=f"误传个人信息{mark}").pk,
        "unit": one.lead_unit_id,
        "instruction": _instruction(place),
        **_procedures(place),
        **_chased(place),
        "bulk_act": filed.acted(office, _another(place)).number,
    }


def _another(place: Place, **fields: Any) -> Problem:
    """One more problem of the same people."""
    one, office = place.problem, place.office
    made = problems.add(
        one.report, by=office, title=f"另外的一项{place.mark}", source="other", kind="by_date"
    )
    held = {"lead_unit": one.lead_unit, "leader": one.leader, "deadline": FAR}
    return problems.assign(made, by=office, seen=made.version, **held | fields)


def _lasting(place: Place) -> Measure:
    """Finished before lasting measures had to name their rule."""
    measure = measures.add(place.problem, by=place.office, text=f"长期坚持{place.mark}")
    measure = measures.finish(measure, by=place.office, seen=measure.version, result=f"已印发{place.mark}")
    Measure.objects.filter(pk=measure.pk).update(kind="lasting")
    return measure


def _instruction(place: Place) -> int:
    leader = place.problem.leader
    assert leader and leader.user
    by = User.objects.get(pk=leader.user_id)
    return int(instructions.instruct(place.problem, by=by, text=f"请抓紧办理{place.mark}").pk)


def _pdf(place: Place) -> SimpleUploadedFile:
    """A file whose name and content bear the mark."""
    content = builders.PDF + f"%{place.mark}\n%%EOF\n".encode()
    return SimpleUploadedFile(f"验收单{place.mark}.pdf", content, content_type="application/pdf")


def _ready(place: Place) -> Problem:
    """Work is done and proven: a close-out may be applied for."""
    one, office = _another(place), place.office
    one = problems.set_status(one, by=office, seen=one.version, status=Status.IN_PROGRESS)
    measure = measures.add(one, by=office, text=f"印发方案{place.mark}")
    done = {"seen": measure.version, "result": f"已印发{place.mark}", "files": [_pdf(place)]}
    measures.finish(measure, by=office, **done)
    progress.add(one, by=office, text=f"全部完成{place.mark}", percent=100)
    return one


def _procedures(place: Place) -> dict[str, Any]:
    """Problems before, in and after the reviewed close-out, and one whose extension is asked for."""
    ready, in_review, closed, extending = (*(_ready(place) for _ in range(3)), _another(place))
    waiting, passed = (
        close_out.apply_close_out(
            one, by=place.clerk, seen=one.version, statement=f"措施全部完成。{place.mark}"
        )
        for one in (in_review, closed)
    )
    decisions.decide(passed, step=Step.REVIEW, by=place.office)
    asked = deadlines.apply_extension(
        extending,
        by=place.clerk,
        seen=extending.version,
        new_date=FAR + dt.timedelta(days=90),
        reason=f"雨季停工{place.mark}",
        progress=f"完成一半{place.mark}",
    )
    return {
        "ready": ready.pk,
        "ready_version": ready.version,
        "in_review": in_review.pk,
        "in_review_application": waiting.pk,
        "closed": closed.pk,
        "closed_version": Problem.objects.get(pk=closed.pk).version,
        "extending": extending.pk,
        "extending_application": asked.pk,
    }


def _chased(place: Place) -> dict[str, Any]:
    """A 督办单 not yet signed for, and one that waits for its reply."""
    one = place.problem
    given: dict[str, Any] = {
        "by": place.office,
        "level": SupervisionLevel.NORMAL,
        "reason": f"请说明滞后原因{place.mark}",
        "reply_by": FAR,
        "units": [one.lead_unit],
    }
    papers = [supervision.issue([one], **given) for _ in range(2)]
    fresh, signed = (paper.addressees.get() for paper in papers)
    supervision.acknowledge(signed, by=place.clerk)
    return {"paper": papers[0].pk, "addressee": fresh.pk, "signed": signed.pk}


# -- what belongs to a whole ledger ----------------------------------------------------------------------


def _of_ledger(place: Place) -> dict[str, Any]:
    report, office, code = place.report, place.office, place.code
    one = Problem.objects.get(pk=place.problem.pk)
    problems.edit(one, by=office, seen=one.version, reason=f"补充{place.mark}", goal=GOAL + place.mark)
    settings = DeliverySettings(report=report)
    settings = delivery_settings.edit_delivery(
        report,
        by=office,
        seen=settings.version,
        email_on=True,
        webhook_on=False,
        template=settings.template,
        reason="发邮件",
    )
    # A message that was given up, for the office to send again.
    delivery_settings.send_test(report, by=office)
    failed = Notice.objects.filter(report=report, channel=Channel.EMAIL)
    failed.update(state=NoticeState.FAILED, next_try_at=None)
    copy = _returned(place)
    return {
        "code": code,
        "issued": filed.filed(one, office, code, number=one.number).pk,
        "own_form": ledger_forms.keep(
            report, by=office, name="旧表", base="A", title="", columns=[["number", 4], ["problem", 40]]
        ).pk,
        "saved_view": saved_views.keep(
            by=office, name=f"逾期{place.mark}", query="light=overdue", unit=report.unit
        ).pk,
        "edition": builders.with_source(report, f"原文：学用结合不紧。{place.mark}").edition,
        "delivery_version": settings.version,
        "delivery_template": settings.template,
        "county": report.unit_id,
        "copy": copy,
        "batch": _batch(place),
        **_intake(place),
    }


def _returned(place: Place) -> bytes:
    """A fillable copy of the ledger, filled in and not yet brought back."""
    report, office = place.report, place.office
    stamp = stamp_of(report, as_of=clock.today(), exporter=office.label, head=head_of(report), selection="")
    code = import_export.free_code()
    with tempfile.TemporaryFile() as file:
        listed = Problem.objects.filter(report=report)
        rows = write_copy(report, listed, lambda one, act: may(office, act, one), stamp, code, file)
        file.seek(0)
        data = file.read()
    facts = {"as_of": clock.today(), "columns": "W", "selection": "", "problems": len(rows)}
    export = exports.record(report, by=office, sha256="0" * 64, head=head_of(report), **facts)
    import_export.keep_base(export, code, rows)
    return edited(data, {(place.problem.code, "整改目标"): NEW_GOAL + place.mark})


def _batch(place: Place) -> int:
    kept = {"kind": ImportKind.RETURNED, "name": f"填好的{place.mark}.xlsx", "sha256": "0" * 64}
    with import_export.batch(place.report, by=place.office, **kept) as batch:
        progress.add(place.problem, by=place.office, text=f"导入的进展{place.mark}")
    return int(batch.pk)


def _uploads(place: Place, copy: bytes) -> dict[str, Any]:
    """Sheets that were brought and not yet confirmed; a confirmed one's file is gone for good."""
    office = place.office
    upload = uploads.keep(office, kind=ImportKind.RETURNED, file=sheet(copy, f"台账{place.mark}.xlsx"))
    old = uploads.keep(office, kind=ImportKind.OLD, file=sheet(old_sheet(), f"旧台账{place.mark}.xlsx"))
    plan = merge.plan(read_returned(read_book(upload.path)), office, may=may)
    return {"upload": upload.key, "upload_digest": plan.digest, "old_upload": old.key} | _roster(place)


def roster_sheet() -> bytes:
    """One more holiday."""
    return workbooks.written({HOLIDAYS: [["2031-10-01", "国庆节", ""]]})


def _roster(place: Place) -> dict[str, Any]:
    """A sheet of the administrator's, looked at and not yet confirmed."""
    kept = uploads.keep(place.sysadmin, kind=UploadKind.ROSTER, file=sheet(roster_sheet(), "建账表.xlsx"))
    plan = plan_roster(read_roster(read_book(kept.path)), place.sysadmin)
    return {"roster_upload": kept.key, "roster_digest": plan.digest}


def _intake(place: Place) -> dict[str, Any]:
    """Reports that were uploaded and not yet loaded: one to look over, one to load."""
    text = written() + place.mark
    kept = storage.keep(builders.stream(text.encode(), f"报告{place.mark}.txt"))
    new = intake_drafts.NewDraft(text, f"对照检查报告{place.mark}", _outline())
    draft = intake_drafts.start(kept, [new], by=place.office, unit=place.report.unit, year=2031)[0]
    outline = EditedOutline.from_json(draft.outline)
    return {
        "intake": draft.pk,
        "intake_version": draft.version,
        "intake_digest": make_plan(IntakeDraft.objects.get(pk=draft.pk)).digest,
        "piece": outline.kept(PROBLEM)[0].key,
    }


@cache
def _read() -> Any:
    """With who answers for its first problem, and by when."""
    outline = read_reports("报告.txt", written().encode(), title="", year=2031)[0].outline
    outline.kept(PROBLEM)[0].assignment = Assignment(["常务副县长"], ["乙县丙局", "各科室"], "2031年6月底")
    return outline.to_json()


def _outline() -> dict[str, Any]:
    return dict(_read())


@cache
def old_sheet() -> bytes:
    """A sheet of an office's own making."""
    book = openpyxl.Workbook()
    for row in (["序号", "存在问题", "责任单位", "整改措施"], ["1", "记录不规范", "丙局", "修订"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(data: bytes, name: str = "台账.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


# -- what is of today ------------------------------------------------------------------------------------


def _of_now(place: Place) -> dict[str, Any]:
    today = clock.today()
    own = Unit.objects.get(pk=place.head.posts[0].unit_id)
    others = Unit.objects.filter(path__startswith=place.report.unit.path).exclude(pk=own.pk)
    beside = others.order_by("-depth", "path")[0]  # a bureau where there is another, else the county itself
    stand_in = people.name_stand_in(
        place.absent,
        by=place.office,
        substitute=place.stands_in,
        starts_on=today + dt.timedelta(days=1),
        ends_on=today + dt.timedelta(days=5),
        reason=f"外出学习{place.mark}",
    )
    return {
        "problem_version": Problem.objects.get(pk=place.problem.pk).version,
        "stand_in": stand_in.pk,
        "duty": duties.ask(
            DutyKind.ACCOUNT,
            unit=place.report.unit,
            by=place.sysadmin,
            user=place.clerk,
            reason=f"新到岗{place.mark}",
        ).pk,
        "giver": place.giver.pk,
        "clerk": place.clerk.pk,
        "taker": place.taker.pk,
        "head": place.head.pk,
        "small_unit": own.pk,
        "large_unit": beside.pk,
    }


def _tell_everybody(report: Report) -> None:
    """An unread message for each person."""
    to = [Told(user.pk) for user in User.objects.all()]
    given = {"kind": NoticeKind.TEST, "text": "测试", "url": "/", "directory": Directory()}
    written_now = outbox.compose(report, to=to, **given)
    outbox.post(written_now, AuditEntry.objects.filter(report=report).latest("id"))
