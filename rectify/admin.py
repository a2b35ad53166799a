"""Reference data only: every saving calls an operation with a reason; state is never edited here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from .choices import Role
from .models import (
    Aspect,
    Holiday,
    ImprovementDirection,
    Leader,
    LedgerSettings,
    Manifestation,
    Membership,
    Report,
    RootCause,
    Unit,
    User,
)
from .operations import people, reference

admin.site.site_header = admin.site.site_title = "整改台账 · 管理"
admin.site.index_title = "账号、单位与台账资料"
admin.site.has_permission = lambda request: (  # type: ignore[method-assign]
    request.user.is_authenticated
    and request.user.is_active
    and request.user.has_role(Role.SYSADMIN, Role.OFFICE)
)


class ReasonForm(forms.ModelForm):
    """Every saving says why."""

    reason = forms.CharField(label="修改理由", max_length=200, widget=forms.TextInput(attrs={"size": 60}))


class Audited(admin.ModelAdmin):
    """Permission by role; saving through an operation; nothing is deleted."""

    form = ReasonForm
    roles: tuple[str, ...] = (Role.SYSADMIN,)
    may_add = True

    def _holds(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.has_role(*self.roles))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._holds(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._holds(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self._holds(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        reason = form.cleaned_data["reason"]
        reference.store(obj, by=request.user, reason=reason, report=self.report_of(obj))

    def report_of(self, obj: Any) -> Report | None:
        """The ledger whose chain records the saving; none for the system's."""
        return None

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Our own chain is the record."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Our own chain is the record."""


class OfLedger(Audited):
    """Texts and settings of a ledger: only its office, only its own ledgers, numbers fixed."""

    roles = (Role.OFFICE,)
    may_add = False
    report_path = "report"

    def report_of(self, obj: Any) -> Report | None:
        return obj.report

    def get_queryset(self, request: Any) -> Any:
        runs = Report.objects.run_by(request.user)
        return super().get_queryset(request).filter(**{f"{self.report_path}__in": runs})


@admin.register(Report)
class ReportAdmin(OfLedger):
    list_display = ("title", "unit", "year")
    fields = ("title", "meeting", "reason")
    report_path = "pk"

    def report_of(self, obj: Any) -> Report | None:
        return obj


@admin.register(Aspect)
class AspectAdmin(OfLedger):
    list_display = ("number", "short", "title", "report")
    fields = ("title", "short", "reason")


@admin.register(RootCause)
class RootCauseAdmin(OfLedger):
    list_display = ("number", "title", "report")
    fields = ("title", "text", "reason")


@admin.register(ImprovementDirection)
class ImprovementDirectionAdmin(OfLedger):
    list_display = ("number", "title", "covers_all", "report")
    fields = ("title", "text", "covers_all", "reason")


@admin.register(Manifestation)
class ManifestationAdmin(OfLedger):
    list_display = ("problem", "number", "text")
    fields = ("text", "reason")
    report_path = "problem__report"

    def report_of(self, obj: Any) -> Report | None:
        return obj.problem.report


@admin.register(LedgerSettings)
class LedgerSettingsAdmin(OfLedger):
    list_display = ("report", "due_soon_days", "period", "cutoff_day")
    fields = (
        "due_soon_days",
        "period",
        "cutoff_day",
        "grace_days",
        "review_path",
        "max_extensions",
        "follow_up_months",
        "standing_months",
        "ledger_title",
        "body_font",
        "header_font",
        "contact_phone",
        "reason",
    )


class UnitForm(ReasonForm):
    parent = forms.ModelChoiceField(Unit.objects.all(), label="上级单位（新增时填）", required=False)


@admin.register(Unit)
class UnitAdmin(Audited):
    form = UnitForm
    list_display = ("indented", "short", "active")
    fields = ("name", "short", "active", "parent", "reason")
    search_fields = ("name", "short")

    @admin.display(description="单位")
    def indented(self, unit: Unit) -> str:
        return "　" * (unit.depth - 1) + unit.name

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made = people.add_unit(
            by=request.user, name=obj.name, parent=form.cleaned_data["parent"], short=obj.short
        )
        obj.__dict__.update(made.__dict__)


@admin.register(Leader)
class LeaderAdmin(Audited):
    list_display = ("post", "unit", "user", "active")
    fields = ("post", "unit", "user", "rank", "active", "reason")


@admin.register(Membership)
class MembershipAdmin(Audited):
    list_display = ("user", "unit", "role", "active")
    list_filter = ("role", "active")
    fields = ("user", "unit", "role", "active", "reason")


@admin.register(Holiday)
class HolidayAdmin(Audited):
    list_display = ("day", "name", "is_workday")
    fields = ("day", "name", "is_workday", "reason")


class AccountForm(ReasonForm):
    new_password = forms.CharField(
        label="初始或重设密码",
        required=False,
        min_length=10,
        strip=False,
        widget=forms.PasswordInput(render_value=False),
        help_text="新增时必填；本人第一次登录须修改。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None and not data.get("new_password"):
            self.add_error("new_password", "新增账号须设置初始密码，其余内容没有丢失。")
        return data


@admin.register(User)
class UserAdmin(Audited):
    form = AccountForm
    list_display = ("username", "name", "phone", "is_active")
    search_fields = ("username", "name")
    fields = ("username", "name", "phone", "is_active", "new_password", "reason")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        password = form.cleaned_data["new_password"]
        if not change:
            made = people.add_account(
                by=request.user, username=obj.username, name=obj.name, password=password
            )
            obj.__dict__.update(made.__dict__)
            return
        super().save_model(request, obj, form, change)
        if password:
            people.set_password(obj, by=request.user, password=password)
