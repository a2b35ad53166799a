"""Shape of a view that is kept: its name and, for an office, who sees it and whose default it is."""

from __future__ import annotations

from typing import Any

from rectify.choices import Role
from rectify.forms.checked import CheckedForm
from rectify.forms.fields import LineField, choose, pick
from rectify.models import SavedView, Unit, User
from rectify.roles import BUSINESS

ROLES = [("", "不作默认"), *((role.value, f"{role.label}的默认视图") for role in BUSINESS)]


class SavedViewForm(CheckedForm):
    """`view` is the one to be changed: whose it is stays."""

    name = LineField("名称", longest=30)
    unit = pick("谁能看到", required=False, empty_label="只有我自己")
    role = choose("默认", ROLES, required=False)

    def __init__(self, data: Any, *, user: User, view: SavedView | None = None) -> None:
        super().__init__(data, initial={"name": view.name, "role": view.role} if view else None)
        units = Unit.objects.filter(pk__in=user.unit_ids(Role.OFFICE))
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["unit"].label_from_instance = lambda unit: f"{unit}及下属单位"  # type: ignore[attr-defined]
        self.fields["role"].help_text = "担任这个角色的同志打开“整改事项”时，先看到这个视图"
        if view or not units:
            del self.fields["unit"]
        if not (view.unit if view else units):
            del self.fields["role"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "unit" in self.fields and given.get("role") and not given.get("unit"):
            self.add_error("role", "只有共享的视图才能作为默认，请在“谁能看到”里选择单位。")
        return given
