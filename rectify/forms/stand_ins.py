"""Shape of naming a stand-in."""

from __future__ import annotations

from typing import Any

from rectify import clock
from rectify.choices import Role
from rectify.forms.checked import CheckedForm
from rectify.forms.fields import DayField, PersonField, TextField, ids_of, pick
from rectify.models import Membership, User
from rectify.models.people import within
from rectify.roles import SIGNERS
from rectify.selectors.staffing.fitness import StandInRules


class StandInForm(CheckedForm):
    absent = pick("外出人员", field=PersonField, required=True, empty_label="请选择")
    substitute = pick("代办人", field=PersonField, required=True, empty_label="请选择")
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="结束日期")
    reason = TextField("理由", longest=200, rows=2)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"starts_on": clock.today()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        posts = Membership.objects.filter(active=True, user__is_active=True)
        run = posts.filter(within("unit__path", user.paths(Role.OFFICE)), role__in=SIGNERS)
        mine = posts.filter(user=user, role__in=SIGNERS)
        absent = User.objects.filter(pk__in=(run | mine).values("user"))
        self.fields["absent"].queryset = absent.order_by("name", "pk")  # type: ignore[attr-defined]
        if absent.count() == 1:
            self.fields["absent"].initial = absent.first()
        people = User.objects.filter(pk__in=StandInRules(self._away()).fit()).order_by("name", "pk")
        self.fields["substitute"].queryset = people  # type: ignore[attr-defined]
        self.fields["substitute"].help_text = "只列在同一个县里办理业务、任职不冲突的同志"
        self.fields["ends_on"].help_text = "到期自动结束；回来得早，可以提前结束"

    def _away(self) -> list[User]:
        """The person chosen; while nobody is, all who could be."""
        rows = self.fields["absent"].queryset  # type: ignore[attr-defined]
        chosen = ids_of([self["absent"].value() or ""])
        return list(rows.filter(pk__in=chosen) or rows)
