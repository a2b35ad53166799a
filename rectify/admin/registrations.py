"""Reference data only: every saving calls an operation with a reason; state is never edited here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from rectify.choices import Role
from rectify.models import (
    AllowedHost,
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
from rectify.models.office import years_not_known
from rectify.models.people import within
from rectify.operations import people, reference

NEW_PASSWORD_HELP = (
    "新增时必填；长度、字符种类不够，或含有本人用户名、姓名、单位、电话的，不能用。"
    "本人第一次登录须换成自己的密码。"
)


ACCOUNT_HELP = {
    "username": "登录时填写；用字母、数字和 @ . + - _，最多 150 个字符。",
    "is_active": "去掉勾选后不能登录；账号不删除，办理过的记录都在。",
}


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

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Its name, for which Django would say 选择 账号 来修改."""
        name = str(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": name} | (extra_context or {}))

    def changeform_view(
        self, request: Any, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """What is done to what, for which Django would say 增加 任职."""
        title = f"{'修改' if object_id else '新增'}{self.opts.verbose_name}"
        return super().changeform_view(request, object_id, form_url, {"title": title} | (extra_context or {}))

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
        words = reference.store(obj, by=request.user, reason=reason, report=self.report_of(obj))
        if words:
            messages.warning(request, words)

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


class NamesUnknownYears(admin.ModelAdmin):
    """Says which years' holidays nobody has entered, where holidays and counting are set."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        self._name_years(request)
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self, request: Any, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        if request.method != "POST":
            self._name_years(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _name_years(self, request: HttpRequest) -> None:
        if years := years_not_known():
            named = "、".join(f"{year} 年" for year in years)
            words = f"{named}的节假日和调休还没有录入，工作日只按周一到周五计算；请在“节假日”里录入。"
            messages.warning(request, words)


@admin.register(LedgerSettings)
class LedgerSettingsAdmin(NamesUnknownYears, OfLedger):
    list_display = ("report", "due_soon_days", "period", "cutoff_day")
    fields = (
        "due_soon_days",
        "period",
        "cutoff_day",
        "grace_days",
        "day_count",
        "remind_days",
        "repeat_days",
        "suggest_days",
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


class InSubtree(Audited):
    """What hangs in the tree of units: only the subtree of the administrator's post, in lists and choices."""

    unit_path = "unit__path"

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(within(self.unit_path, _subtrees(request)))

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.related_model is Unit:
            kwargs["queryset"] = Unit.objects.filter(within("path", _subtrees(request)))
        if db_field.related_model is User:
            kwargs["queryset"] = User.objects.administered_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _subtrees(request: Any) -> list[str]:
    return list(request.user.paths(Role.SYSADMIN))


class UnitForm(ReasonForm):
    parent = forms.ModelChoiceField(Unit.objects.none(), label="上级单位（新增时填）", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, parent = data.get("name"), data.get("parent")
        if name and (self.instance.pk is None or name != self.instance.name):
            siblings = self._siblings(parent).exclude(pk=self.instance.pk)
            if siblings.filter(name=name).exists():
                self.add_error("name", f"同一上级下已有“{name}”，请核对。")
        return data

    def _siblings(self, parent: Unit | None) -> Any:
        if self.instance.pk is not None:
            return Unit.objects.get_siblings(self.instance)
        return Unit.objects.get_children(parent) if parent else Unit.objects.get_root_nodes()


@admin.register(Unit)
class UnitAdmin(InSubtree):
    form = UnitForm
    unit_path = "path"
    list_display = ("indented", "short", "active")
    fields = ("name", "short", "active", "parent", "reason")

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        """A new unit is in use; an old one stays where it is in the tree."""
        left_out = "active" if obj is None else "parent"
        return [name for name in self.fields if name != left_out]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "parent" in form.base_fields:
            rows = Unit.objects.filter(within("path", _subtrees(request)))
            form.base_fields["parent"].queryset = rows  # type: ignore[attr-defined]
        return form

    search_fields = ("name", "short")

    @admin.display(description="单位")
    def indented(self, unit: Unit) -> str:
        return "　" * (unit.depth - 1) + unit.name

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made = people.add_unit(
            by=request.user,
            name=obj.name,
            parent=form.cleaned_data["parent"],
            short=obj.short,
            reason=form.cleaned_data["reason"],
        )
        obj.__dict__.update(made.__dict__)


@admin.register(Leader)
class LeaderAdmin(InSubtree):
    list_display = ("post", "unit", "user", "active")
    fields = ("post", "unit", "user", "rank", "active", "reason")


@admin.register(Membership)
class MembershipAdmin(InSubtree):
    list_display = ("user", "unit", "role", "active")
    list_filter = ("role", "active")
    fields = ("user", "unit", "role", "active", "reason")


@admin.register(Holiday)
class HolidayAdmin(NamesUnknownYears, Audited):
    list_display = ("day", "name", "is_workday")
    fields = ("day", "name", "is_workday", "reason")


@admin.register(AllowedHost)
class AllowedHostAdmin(Audited):
    list_display = ("host", "is_internal", "active")
    fields = ("host", "is_internal", "active", "reason")


class AccountForm(ReasonForm):
    new_password = forms.CharField(
        label="初始或重设密码",
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text=NEW_PASSWORD_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ACCOUNT_HELP.keys() & self.fields.keys():
            self.fields[name].help_text = ACCOUNT_HELP[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None and not data.get("new_password"):
            self.add_error("new_password", "新增账号须设置初始密码，其余内容没有丢失。")
        return data

    def _post_clean(self) -> None:
        """The password is judged beside the name it must not resemble."""
        super()._post_clean()  # type: ignore[misc]
        if password := self.cleaned_data.get("new_password"):
            try:
                validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("new_password", error)


class NewAccountForm(AccountForm):
    """A new account begins with its first post, so that it is known who administers it."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="任职单位")
    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *Role.choices])


@admin.register(User)
class UserAdmin(Audited):
    form = AccountForm
    list_display = ("username", "name", "phone", "is_active")
    search_fields = ("username", "name")
    fields = ("username", "name", "phone", "email", "is_active", "unit", "role", "new_password", "reason")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(pk__in=User.objects.administered_by(request.user))

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        """Further posts are kept under 任职."""
        left_out = ("is_active",) if obj is None else ("unit", "role")
        return [name for name in self.fields if name not in left_out]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewAccountForm
        form = super().get_form(request, obj, change, **kwargs)
        if "unit" in form.base_fields:
            rows = Unit.objects.filter(within("path", _subtrees(request)))
            form.base_fields["unit"].queryset = rows  # type: ignore[attr-defined]
        return form

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        password, reason = form.cleaned_data["new_password"], form.cleaned_data["reason"]
        if not change:
            made = people.add_account(
                by=request.user,
                username=obj.username,
                name=obj.name,
                phone=obj.phone,
                password=password,
                memberships=[(form.cleaned_data["unit"], form.cleaned_data["role"])],
                reason=reason,
            )
            email = obj.email
            obj.__dict__.update(made.__dict__)
            obj.email = email
            super().save_model(request, obj, form, change)
            return
        super().save_model(request, obj, form, change)
        if password:
            people.set_password(obj, by=request.user, password=password, reason=reason)
