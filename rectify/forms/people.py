"""Shape of a hand-over and of a purge request or decision."""

from __future__ import annotations

from django import forms

from rectify.choices import Role
from rectify.forms.fields import PersonField, TextField, pick
from rectify.models import Membership, Problem, Report, Unit, User
from rectify.models.people import within
from rectify.roles import REPORTING, WATCHING


class HandOverForm(forms.Form):
    giver = pick("移交人", field=PersonField, required=True, empty_label="请选择")
    taker = pick("接收人", field=PersonField, required=True, empty_label="请选择")
    reason = TextField("理由", longest=500)

    def __init__(self, *args: object, office: User, **kwargs: object) -> None:
        """Who gives may have left the post or the account already; who takes must be there to work."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        posts = Membership.objects.filter(
            within("unit__path", office.paths(Role.OFFICE)),
            role__in=REPORTING,
            active=True,
        )
        here = User.objects.filter(pk__in=posts.values("user"), is_active=True)
        held = Problem.objects.filter(report__in=Report.objects.run_by(office), clerk__isnull=False)
        holders = User.objects.filter(pk__in=held.values("clerk"))
        for name, people in {"giver": here | holders, "taker": here}.items():
            rows = people.order_by("name", "pk").prefetch_related("memberships")
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = TextField("理由", longest=500)


class RelaxForm(forms.Form):
    unit = pick("单位", required=True, empty_label="请选择")
    reason = TextField("理由", longest=500, rows=2)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        units = Unit.objects.filter(pk__in=user.unit_ids(*WATCHING))
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
