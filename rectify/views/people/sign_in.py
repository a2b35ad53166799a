"""Signing in: the password, then the second factor where the person has one; what is refused says why."""

from __future__ import annotations

import math
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from rectify import clock
from rectify.choices import SignInOutcome
from rectify.errors import Busy
from rectify.forms.sign_in.entry import SignInForm
from rectify.forms.sign_in.second_factor import CodeForm
from rectify.middleware import client_address
from rectify.models import User
from rectify.operations.sign_in import attempts, second_factor
from rectify.selectors.last_sign_in import last_sign_in
from rectify.selectors.sign_in_limits import seconds_to_wait
from rectify.sessions import FACTOR_SHOWN, why_ended
from rectify.views.people.accounts import LAST_SIGN_IN, LAST_VISIT, LOOKED
from rectify.views.process_form import posted, submit

BACKEND = "django.contrib.auth.backends.ModelBackend"
# In the session: whose password was right, and since when the code is awaited.
AWAITED = "code_awaited"
CODE_SECONDS = 300


class SignIn(LoginView):
    """The password; whoever has a second factor is led on to it."""

    redirect_authenticated_user = True
    authentication_form = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A visitor who was led here from a page, and was here before, is told why."""
        led = self.request.method == "GET" and self.redirect_field_name in self.request.GET
        return super().get_context_data(why=why_ended(self.request) if led else "", **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        username, address = _typed_name(request), client_address(request)
        if wait := seconds_to_wait(username, address):
            attempts.note(SignInOutcome.LIMITED, user=_account(username), address=address)
            return _locked_page(request, username, math.ceil(wait / 60), many=True)
        try:
            return super().post(request, *args, **kwargs)
        except Busy as busy:
            return self._busy_page(busy)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: Any = form.get_user()
        if not second_factor.has_factor(user):
            return _let_in(self.request, user, self.get_success_url())
        self.request.session[AWAITED] = {
            "user": user.pk,
            "proof": user.get_session_auth_hash(),
            "since": int(time.time()),
            "next": self.get_success_url(),
        }
        return redirect("sign_in_code")

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if form.cleaned_data.get("username") and form.cleaned_data.get("password"):
            outcome = SignInOutcome.PASSWORD
            if getattr(self.request, "axes_locked_out", False):
                outcome = SignInOutcome.LIMITED
            elif form.has_error("__all__", "waits"):
                outcome = SignInOutcome.WAITING
            user = _account(form.cleaned_data["username"])
            attempts.note(outcome, user=user, address=client_address(self.request))
        return super().form_invalid(form)

    def _busy_page(self, busy: Busy) -> HttpResponse:
        """The name stays where it was typed; the password never comes back."""
        form = self.authentication_form(self.request, initial={"username": _typed_name(self.request)})
        context = self.get_context_data(form=form, busy=busy.message)
        page = render(self.request, "registration/login.html", context, status=busy.status)
        page["Retry-After"] = str(busy.retry_after)
        return page


@method_decorator([login_not_required, never_cache], name="dispatch")
class CodeEntry(View):
    """The second factor, within minutes of the right password."""

    def get(self, request: HttpRequest) -> HttpResponse:
        awaited = request.session.get(AWAITED)
        if request.user.is_authenticated or awaited is None:
            return redirect(settings.LOGIN_REDIRECT_URL if request.user.is_authenticated else "login")
        user = _awaited_user(awaited)
        if user is None:
            del request.session[AWAITED]
            return redirect("login")
        address = client_address(request)
        outcome = submit(
            CodeForm(posted(request)),
            lambda data: second_factor.verify(user, data["code"], address=address),
        )
        if outcome.done:
            del request.session[AWAITED]
            request.session[FACTOR_SHOWN] = True
            return _let_in(request, user, awaited["next"])
        context = {"form": outcome.form, "minutes": CODE_SECONDS // 60}
        return render(request, "registration/code.html", context, status=outcome.status)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)


def locked(request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any) -> HttpResponse:
    """Too many wrong passwords for one name from one address."""
    username = (credentials or {}).get("username") or request.POST.get("username", "")
    return _locked_page(request, username, 15)


def _locked_page(request: HttpRequest, username: str, minutes: int, many: bool = False) -> HttpResponse:
    context = {"username": username, "minutes": minutes, "many": many}
    return render(request, "registration/locked.html", context, status=429)


def _let_in(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """Sign in, and remember for the session when, from where and by whom it was tried before."""
    before = last_sign_in(user)
    login(request, user, backend=BACKEND)
    attempts.note(SignInOutcome.SUCCESS, user=user, address=client_address(request))
    request.session[LAST_SIGN_IN] = before.as_json()
    request.session[LAST_VISIT] = before.at.isoformat() if before.at else ""
    request.session[LOOKED] = clock.now().isoformat()
    return redirect(target)


def _awaited_user(awaited: dict[str, Any]) -> User | None:
    """Whose code is awaited: not for long, and not after another password."""
    if time.time() - awaited["since"] > CODE_SECONDS:
        return None
    user = User.objects.filter(pk=awaited["user"], is_active=True).first()
    return user if user and user.get_session_auth_hash() == awaited["proof"] else None


def _typed_name(request: HttpRequest) -> str:
    return request.POST.get("username", "").replace("\x00", "")  # PostgreSQL takes no NUL


def _account(username: str) -> User | None:
    return User.objects.filter(username=username).first()
