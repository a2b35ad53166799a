"""Shape of the verbs on a problem: add, edit, assign, set status, withdraw and restore."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from rectify.choices import Kind, Source, Status
from rectify.forms.checked import CheckedForm
from rectify.forms.fields import (
    ClerkSelect,
    DayField,
    IdempotencyKeyField,
    LineField,
    PersonField,
    TextField,
    VersionField,
    choose,
    ids_of,
    pick,
    pick_several,
)
from rectify.models import Leader, Problem, Report, Unit, User
from rectify.models.field_registry import ASSIGNED, BY_NAME, EDITED, LABELS, Field, Shape, names_of
from rectify.selectors.staffing.clerks import workers_within


class ProblemForm(CheckedForm):
    title = LineField(LABELS["title"])
    text = TextField(LABELS["text"], rows=5, required=False)
    aspect = pick("查摆方面", empty_label="不归入查摆方面")
    source = choose("问题来源", Source.choices, initial=Source.OTHER)
    kind = choose(LABELS["kind"], Kind.choices, initial=Kind.BY_DATE)
    reason = TextField("新增理由", longest=500, rows=2, required=False)
    looked = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)  # at what it resembles
    idempotency_key = IdempotencyKeyField()

    folded = ("aspect", "reason")

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aspect"].queryset = report.aspects.all()  # type: ignore[attr-defined]


class VersionedForm(CheckedForm):
    """A form that starts from the row as it stands and carries the version that was shown."""

    version = VersionField()
    shown: tuple[str, ...] = ()

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        current = {name: getattr(problem, name) for name in (*self.shown, "version")}
        kwargs["initial"] = current | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)


class ProblemEditForm(VersionedForm):
    """The words of a problem, one box for each field of text."""

    reason = TextField("修改理由", longest=500, rows=2)

    shown = names_of(EDITED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boxes = {field.name: _box(field) for field in EDITED}
        self.fields = {"version": self.fields.pop("version"), **boxes, **self.fields}


def _box(field: Field) -> forms.Field:
    if field.shape == Shape.LINE:
        return LineField(field.label, longest=field.longest)
    return TextField(field.label, longest=field.longest, rows=field.lines, required=False)


class ReasonForm(VersionedForm):
    reason = TextField("理由", longest=500)


class StatusForm(VersionedForm):
    status = choose("变更为", ())
    reason = TextField("理由", longest=500, rows=2, required=False)

    folded = ("reason",)

    def __init__(self, *args: Any, targets: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [(target, str(Status(target).label)) for target in targets]
        self.fields["status"].choices = options  # type: ignore[attr-defined]


def _line(name: str) -> LineField:
    field = BY_NAME[name]
    return LineField(field.label, longest=field.longest, required=False)


class AssignForm(VersionedForm):
    leader = pick(LABELS["leader"])
    lead_unit = pick(LABELS["lead_unit"])
    responsible = _line("responsible")
    clerk = pick(LABELS["clerk"], field=PersonField, widget=ClerkSelect)
    kind = choose(LABELS["kind"], Kind.choices)
    also_standing = forms.BooleanField(label="完成后长期坚持", required=False)
    deadline = DayField(label=LABELS["deadline"], required=False)
    deadline_text = _line("deadline_text")
    supporting_units = pick_several(LABELS["supporting_units"])
    supporting_leaders = pick_several(LABELS["supporting_leaders"])
    reason = TextField("理由", longest=500, rows=2, required=False)

    shown = tuple(field.name for field in ASSIGNED if field.shape != Shape.ROWS)
    folded = ("responsible", "deadline_text", "supporting_units", "supporting_leaders")

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        sets = {
            name: list(getattr(problem, name).all()) for name in ("supporting_units", "supporting_leaders")
        }
        kwargs["initial"] = sets | (kwargs.get("initial") or {})
        super().__init__(*args, problem=problem, **kwargs)
        self._offer(problem, sets)
        if problem.deadline is not None:
            # A date once set moves by an extension or a correction, each with its reason.
            del self.fields["deadline"]
            del self.fields["deadline_text"]
        else:
            self.fields["deadline_text"].help_text = "台账上照此显示，例如：2022年6月底前；不填则显示日期"
        self.fields["reason"].help_text = "改动时限或责任时请写明，留在记录里"

    def _offer(self, problem: Problem, sets: dict[str, list[Any]]) -> None:
        """Units and leaders of the ledger; as clerk, who works in the units chosen."""
        unit = problem.report.unit
        units = unit.subtree().filter(
            Q(active=True) | Q(pk=problem.lead_unit_id) | _held(sets, "supporting_units")
        )
        able = Leader.objects.able().filter(unit__path__startswith=unit.path).order_by().values("pk")
        leaders = Leader.objects.filter(
            Q(pk__in=able) | Q(pk=problem.leader_id) | _held(sets, "supporting_leaders")
        )
        for name, rows in {
            "leader": leaders,
            "supporting_leaders": leaders,
            "lead_unit": units,
            "supporting_units": units,
            "clerk": _clerks(unit.subtree().filter(pk__in=self._units()), problem.clerk_id),
        }.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        clerk = self.fields["clerk"]
        clerk.widget.people(workers_within([unit.path]))
        clerk.help_text = "只能选责任单位、配合单位的经办人或负责人"
        clerk.error_messages["invalid_choice"] = (
            "所选经办人不是责任单位、配合单位的经办人或负责人，打不开这一项。请改选或留空。"
        )

    def _units(self) -> set[int]:
        """The units that would answer for the item or support it, as chosen on the page."""
        return ids_of([self["lead_unit"].value(), *(self["supporting_units"].value() or ())])


def _held(sets: dict[str, list[Any]], name: str) -> Q:
    return Q(pk__in=[row.pk for row in sets[name]])


def _clerks(units: QuerySet[Unit], current: int | None) -> Any:
    """Who works in these units: a unit of another county, though it be sent, names nobody."""
    chosen = User.objects.working_at(units.values_list("pk", flat=True)) | User.objects.filter(pk=current)
    return chosen.order_by("name", "pk").prefetch_related("memberships")
