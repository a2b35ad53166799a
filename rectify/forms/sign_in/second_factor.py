"""Shape of what is typed for the second factor: a code, the first code of a new telephone, a lost one."""

from __future__ import annotations

from typing import Any

from django import forms

from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField, PersonField, TextField, pick
from rectify.models import User

DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none"}
# A recovery code has letters too, so that the keyboard stays the whole one.
ANY = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}


class CodeForm(forms.Form):
    """A code of the telephone, or one from paper."""

    code = LineField("动态口令", longest=40, widget=forms.TextInput(attrs=ANY))


class EnrolForm(forms.Form):
    """The first code of a new telephone, and one of the old factor where there is one."""

    code = LineField("新手机上显示的 6 位数字", longest=40, widget=forms.TextInput(attrs=DIGITS))
    present = LineField("现在的动态口令或一个恢复码", longest=40, widget=forms.TextInput(attrs=ANY))

    def __init__(self, *args: Any, replaces: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not replaces:
            del self.fields["present"]


class ResetFactorForm(CheckedForm):
    user = pick("谁的动态口令", field=PersonField, required=True, empty_label="请选择")
    reason = TextField("理由", longest=500, rows=2)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = User.objects.filter(pk__in=User.objects.administered_by(by), second_factor__isnull=False)
        rows = rows.order_by("name", "pk").prefetch_related("memberships")
        self.fields["user"].queryset = rows  # type: ignore[attr-defined]
