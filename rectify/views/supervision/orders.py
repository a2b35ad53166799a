"""督办: what is chased and by when; issue a 督办单, sign for it, answer it; chase who has not reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rectify import clock, wording
from rectify.choices import ENDED, Action, Role, SupervisionState
from rectify.forms.supervision import IssueForm, ReplyForm
from rectify.models import Addressee, Problem, Report, Supervision, User
from rectify.operations import chasing
from rectify.operations import supervision as acts
from rectify.operations.exchange import drafts as unsent
from rectify.operations.recording import require
from rectify.policies import may
from rectify.roles import BUSINESS, OVERSEERS
from rectify.selectors.inbox.addressed import addressed_to
from rectify.selectors.problem_filter import ProblemFilter
from rectify.selectors.unreported_units import silence
from rectify.selectors.visible import read_visible
from rectify.views.action_form import ActionFormView
from rectify.views.chosen_files import chosen_files, drop_chosen
from rectify.views.drafts import keeps_text
from rectify.views.ledger_choice import ledgers_of
from rectify.views.process_form import key_of, submit
from rectify.views.request import AuthenticatedRequest
from rectify.views.supervision.order_page import paper_page

PER_PAGE = 25
ITEMS = 200
LONGEST_ID = 18
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def supervisions(request: AuthenticatedRequest) -> HttpResponse:
    """What was issued to me and what my ledgers issued, each with what is still owed."""
    user = request.user
    if not user.has_role(*BUSINESS):
        return render(request, "supervision/list.html", {"is_business": False})
    state = request.GET.get("state", "")
    if state and state not in SupervisionState.values:
        messages.warning(request, "网址中的状态条件无法识别，已忽略，下面是全部督办单。")
        state = ""
    context = _papers(request, state) | {
        "is_business": True,
        "state": state,
        "states": SupervisionState.choices,
        "may_issue": bool(may(user, Action.ISSUE_SUPERVISION)),
    }
    return render(request, "supervision/list.html", context)


def _papers(request: AuthenticatedRequest, state: str) -> dict[str, Any]:
    """What is addressed to the person, what their ledgers issued and who is silent, in these ledgers."""
    user, ledgers = request.user, ledgers_of(request)
    mine, issued, runs = addressed_to(user, state), _issued(user, state), Report.objects.run_by(user)
    if ledgers.value:
        mine = mine.filter(supervision__report__in=ledgers.looked_at)
        issued = issued.filter(report__in=ledgers.looked_at)
        runs = runs.filter(pk__in=[report.pk for report in ledgers.looked_at])
    pages = Paginator(issued, PER_PAGE) if user.has_role(*OVERSEERS) else None
    return {
        "mine": Paginator(mine, PER_PAGE).get_page(request.GET.get("mine")),
        "issued": pages.get_page(request.GET.get("page")) if pages else None,
        "silence": silence(runs) if user.has_role(Role.OFFICE) else [],
    }


@require_safe
def supervision(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One 督办单, as a sheet that can be printed."""
    return paper_page(request, pk)


class Supervise(ActionFormView):
    """A 督办单 for one item, from its page."""

    action = Action.ISSUE_SUPERVISION
    form_class = IssueForm
    draft = "supervise"
    title, button = "签发督办单", "签发"
    intro = "每张督办单自动编号，签发后不能修改；对方签收和回复都会记录在案。"
    report: Report
    problem_ids: list[int]

    def get_object(self) -> Any:
        problem = read_visible(Problem, self.request.user, self.kwargs["pk"])
        self.report, self.problem_ids = problem.report, [problem.pk]
        return problem

    def get_initial(self) -> dict[str, Any]:
        return {"problems": self.problem_ids}

    def get_form_kwargs(self) -> dict[str, Any]:
        ids = {*self.problem_ids, *_ticked(self.request)}
        items = Problem.objects.live().filter(report=self.report, pk__in=ids).exclude(status__in=ENDED)
        items = items.select_related("lead_unit", "leader", "report__unit").order_by("number")
        return super().get_form_kwargs() | {"problems": items}

    def perform(self, data: dict[str, Any]) -> Supervision:
        return _carry_out(self.request.user, self.report, data)

    def get_success_message(self, result: Supervision) -> str:
        addressees = result.addressees.select_related("unit", "leader")
        return f"已签发{result}，发给{wording.listed(map(str, addressees))}。"

    def get_context_data(self) -> dict[str, Any]:
        return {"report": self.report}


class Issue(Supervise):
    """A 督办单 for the items a list shows: the query string is the list's own."""

    draft = "issue"

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(request.user, self.action)
        if "where" in request.GET and not request.GET.getlist("pick"):  # the list's button for ticked rows
            messages.warning(request, "还没有勾选事项。请先勾选要督办的，再点“督办勾选的事项”。")
            return redirect("problems")
        listed = _listed(request)
        reports = Report.objects.filter(pk__in=listed.values("report")).select_related("unit").newest_first()
        report = reports.first()
        if report is None:
            messages.warning(request, "没有可以督办的事项。请换一个条件，再点“督办所列事项”。")
            return redirect("problems")
        if request.method != "POST" and reports.count() > 1:
            messages.info(request, f"所列事项不止一本台账，一张督办单只督办一本，这里是“{report}”。")
        ids = listed.filter(report=report).order_by("number").values_list("pk", flat=True)[:ITEMS]
        self.report, self.problem_ids = report, list(ids)
        return super().get(request)

    def get_object(self) -> Report:
        return self.report

    def check_permission(self) -> None:
        """Asked before the list is read; the items are those of ledgers the person runs."""


def _listed(request: AuthenticatedRequest) -> QuerySet[Problem]:
    """The items ticked on the form; before that, those of the list: what was typed outlives the list."""
    runs = Report.objects.run_by(request.user)
    if ticked := _ticked(request):
        chosen = Problem.objects.filter(pk__in=ticked, report__in=runs).exclude(status__in=ENDED)
        if chosen.exists() or "pick" in request.GET:
            return chosen.order_by()
    listed = ProblemFilter.of(request.user, request.GET).qs
    return listed.filter(report__in=runs).exclude(status__in=ENDED).order_by()


def _ticked(request: AuthenticatedRequest) -> list[int]:
    given = request.POST.getlist("problems") or request.GET.getlist("pick")
    return [int(value) for value in given if value.isdecimal() and len(value) <= LONGEST_ID]


def _carry_out(user: User, report: Report, data: dict[str, Any]) -> Supervision:
    chosen = data["problems"]
    units = {one.lead_unit for one in chosen if one.lead_unit} if data["to_units"] else set()
    leaders = {one.leader for one in chosen if one.leader} if data["to_leaders"] else set()
    said = {**data, "problems": [one.pk for one in chosen]}
    return acts.issue(
        chosen,
        by=user,
        level=data["level"],
        reason=data["reason"],
        reply_by=data["reply_by"],
        units=sorted(units, key=lambda unit: unit.path),
        leaders=sorted(leaders, key=lambda leader: (leader.rank, leader.pk)),
        idempotency_key=key_of(Action.ISSUE_SUPERVISION, report.pk, said),
    )


@require_POST
def acknowledge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Sign for a 督办单."""
    addressee = _addressee(request, pk)
    acts.acknowledge(addressee, by=request.user)
    due = wording.date(addressee.supervision.reply_by)
    messages.success(request, f"已签收{addressee.supervision}，请在{due}前回复。")
    return redirect(addressee.supervision)


@keeps_text
@form_methods
def reply(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Answer a 督办单; the form stands on its sheet."""
    addressee = _addressee(request, pk)
    paper = addressee.supervision
    if request.method != "POST":
        kept = request.GET.get("kept")
        return redirect(f"{paper.get_absolute_url()}{f'?kept={kept}' if kept in ('1', 'part') else ''}")

    def act(data: dict[str, Any]) -> Any:
        key = key_of(Action.REPLY_SUPERVISION, pk, data)
        text, files = data["text"], data["files"]
        return acts.reply(addressee, by=request.user, text=text, files=files, idempotency_key=key)

    outcome = submit(ReplyForm(request.POST, chosen_files(request)), act)
    if not outcome.done:
        return paper_page(request, paper.pk, outcome, addressee.pk)
    draft = f"reply-{pk}:{outcome.result.problem_id}"
    unsent.drop(request.user, draft)
    drop_chosen(request)
    messages.success(request, f"已回复{paper}，签发人会收到消息。")
    return redirect(paper)


@require_POST
def chase(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Chase everybody of a ledger who has not reported in the period."""
    report = read_visible(Report, request.user, pk)
    key = key_of(
        Action.CHASE_UNREPORTED, pk, {"idempotency_key": request.POST.get("idempotency_key", "")[:64]}
    )
    persons, items = chasing.chase_unreported(report, by=request.user, idempotency_key=key)
    messages.success(request, f"已催报 {items} 项，发给 {persons} 位同志；消息在各人的“消息”里。")
    return redirect("supervisions")


@require_POST
def urge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Chase one item."""
    problem = read_visible(Problem, request.user, pk)
    persons = chasing.urge(problem, by=request.user)
    messages.success(request, f"已催办 {problem.code}，发给 {persons} 位同志；消息在各人的“消息”里。")
    return redirect("home" if request.POST.get("back") == "home" else problem)


def _issued(user: User, state: str) -> Any:
    rows: Any = Supervision.objects.filter(report__in=Report.objects.auditable_by(user))
    rows = rows.with_state(clock.today())
    rows = rows.filter(state=state) if state else rows
    rows = rows.select_related("report__unit").prefetch_related("addressees__unit", "addressees__leader")
    return rows.order_by("-pk")


def _addressee(request: AuthenticatedRequest, pk: int) -> Addressee:
    seen = Supervision.objects.visible_to(request.user)
    related = ("supervision__report__unit", "unit", "leader", "receipt", "reply")
    return get_object_or_404(Addressee.objects.filter(supervision__in=seen).select_related(*related), pk=pk)
