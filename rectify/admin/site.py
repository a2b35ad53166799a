"""The administration's frame: who enters, through which door; what it holds stands in registrations.py."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from rectify.roles import ADMINISTRATORS


class OfficeSite(AdminSite):
    """The administration as a part of the product: one sign-in, one change of password, one refusal page."""

    site_header = site_title = "整改台账 · 管理"
    index_title = "账号、单位与台账资料"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Our own models only: Django's groups and permissions play no part here."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in models if model._meta.app_label == "rectify"]
        super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_active and user.has_role(*ADMINISTRATORS))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return inner

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Signing in has one door; this one leads to it."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        inside = reverse("admin:index")
        if self.has_permission(request):
            return redirect(inside)
        # Not at the top: this module is loaded before the accounts' model.
        from django.contrib.auth.views import redirect_to_login

        return redirect_to_login(request.GET.get("next") or inside)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Django's own form would leave no entry and keep the duty to change a first password."""
        return redirect("password_change")
