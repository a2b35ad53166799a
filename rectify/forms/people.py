"""Shape of a hand-over and of a purge request or decision."""

from __future__ import annotations

from django import forms

from ..choices import Role
from ..models import Membership, User
from ..models.people import within


class HandOverForm(forms.Form):
    giver = forms.ModelChoiceField(User.objects.none(), label="移交人", empty_label="请选择")
    taker = forms.ModelChoiceField(User.objects.none(), label="接收人", empty_label="请选择")
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: object, office: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        held = Membership.objects.filter(
            within("unit__path", office.paths(Role.OFFICE)),
            role__in=[Role.CLERK, Role.UNIT_HEAD],
            active=True,
        )
        people = User.objects.filter(pk__in=held.values("user")).order_by("name")
        for name in ("giver", "taker"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda user: user.label  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
