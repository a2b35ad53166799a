"""Shape of a hand-over and of a purge request or decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from rectify.choices import DutyKind, Role
from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField, PersonField, TextField, choose, pick
from rectify.models import Leader, Membership, Problem, Report, Unit, User
from rectify.models.people import within
from rectify.roles import DEPUTIES, WATCHING
from rectify.selectors.staffing.holdings import Holding, holdings, open_items


class HandOverForm(CheckedForm):
    """One receiver for all, or one of their own for each thing that is held."""

    giver = pick("移交人", field=PersonField, required=True, empty_label="请选择")
    taker = pick("接收人", field=PersonField, empty_label="请选择")
    reason = TextField("理由", longest=500)
    elsewhere = 0  # items in ledgers that another office runs, and hands over

    def __init__(self, *args: object, office: User, **kwargs: object) -> None:
        """Who gives may have left the post or the account already; who takes must be there to work."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        paths = office.paths(Role.OFFICE)
        posts = Membership.objects.filter(
            within("unit__path", paths), role__in=DEPUTIES, active=True, user__is_active=True
        )
        here = User.objects.filter(pk__in=posts.values("user"))
        held = Problem.objects.filter(report__in=Report.objects.run_by(office), clerk__isnull=False)
        led = Leader.objects.filter(within("unit__path", paths), user__isnull=False)
        holders = User.objects.filter(Q(pk__in=held.values("clerk")) | Q(pk__in=led.values("user")))
        for name, people in {"giver": (here | holders).exclude(pk=office.pk), "taker": here}.items():
            self.fields[name].queryset = _in_order(people)  # type: ignore[attr-defined]
        self.held = self._held(paths)
        for holding in self.held:
            if holding.fit is not None:
                self.fields[holding.key] = field = pick("接收人", field=PersonField, empty_label="同接收人")
                field.queryset = _in_order(User.objects.filter(pk__in=holding.fit))
        self.fields["reason"] = self.fields.pop("reason")

    def _held(self, paths: list[str]) -> list[Holding]:
        """What the chosen giver holds; nothing while nobody, or nobody of here, is chosen."""
        try:
            giver = self.fields["giver"].clean(self["giver"].value())
        except forms.ValidationError:
            return []
        outside = open_items().filter(clerk=giver).exclude(within("report__unit__path", paths))
        self.elsewhere = outside.count()
        return holdings(giver, paths)

    @property
    def rows(self) -> list[tuple[Holding, forms.BoundField | None]]:
        """Each thing with the choice of who takes it; none for what ends by itself."""
        return [(one, None if one.fit is None else self[one.key]) for one in self.held]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        keys = [one.key for one in self.held if one.fit is not None]
        data["takers"] = {key: data[key] for key in keys if data.get(key)}
        if not data.get("taker") and "taker" not in self.errors and len(data["takers"]) < max(1, len(keys)):
            self.add_error("taker", "请选择接收人。")
        return data


def _in_order(people: Any) -> Any:
    return people.order_by("name", "pk").prefetch_related("memberships")


class ReasonForm(forms.Form):
    reason = TextField("理由", longest=500)


class RosterForm(forms.Form):
    """The confirmation of a roster that was looked at."""

    digest = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    reason = LineField("理由", longest=200, initial="按建账表建立单位和人员")


class RelaxForm(forms.Form):
    unit = pick("单位", required=True, empty_label="请选择")
    reason = TextField("理由", longest=500, rows=2)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        units = Unit.objects.filter(pk__in=user.unit_ids(*WATCHING))
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class UnitChangeForm(CheckedForm):
    """Which unit goes where; without `reason` it is a question only."""

    kind = choose("怎样调整", [(DutyKind.MOVE, "移到另一个上级单位之下"), (DutyKind.MERGE, "并入另一个单位")])
    unit = pick("要调整的单位", required=True, empty_label="请选择")
    target = pick("目标单位", required=True, empty_label="请选择")
    reason = TextField("理由", longest=500, rows=2)

    def __init__(self, *args: object, user: User, asks: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        paths = user.paths(Role.OFFICE)
        units = Unit.objects.filter(within("path", paths), active=True)
        self.fields["unit"].queryset = units.exclude(path__in=paths)  # type: ignore[attr-defined]
        self.fields["target"].queryset = units  # type: ignore[attr-defined]
        self.fields["reason"].required = not asks
