"""Sign-in, lock-out and change of password."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from rectify import clock
from rectify.forms.passwords import SignInForm
from rectify.middleware import client_address
from rectify.operations import people
from rectify.selectors.sign_in_limits import seconds_to_wait
from rectify.views.process_form import posted
from rectify.views.request import AuthenticatedRequest

# In the session: when the person was here before, and since when they look today.
LAST_VISIT, LOOKED = "last_visit", "looked"


class SignIn(LoginView):
    """Sign in, and remember for the session when the person was here before."""

    redirect_authenticated_user = True
    authentication_form = SignInForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        username = request.POST.get("username", "").replace("\x00", "")  # PostgreSQL takes no NUL
        if wait := seconds_to_wait(username, client_address(request)):
            return _locked_page(request, username, math.ceil(wait / 60), many=True)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        before = form.get_user().last_login
        response = super().form_valid(form)
        self.request.session[LAST_VISIT] = before.isoformat() if before else ""
        self.request.session[LOOKED] = clock.now().isoformat()
        return response


def locked(request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any) -> HttpResponse:
    """Too many wrong passwords for one name from one address."""
    username = (credentials or {}).get("username") or request.POST.get("username", "")
    return _locked_page(request, username, 15)


def _locked_page(request: HttpRequest, username: str, minutes: int, many: bool = False) -> HttpResponse:
    context = {"username": username, "minutes": minutes, "many": many}
    return render(request, "registration/locked.html", context, status=429)


@sensitive_post_parameters()
def password_change(request: AuthenticatedRequest) -> HttpResponse:
    """Change one's own password; a first or reset one must be changed before anything else."""
    form = PasswordChangeForm(request.user, posted(request))
    if form.is_valid():
        user = people.set_password(request.user, by=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "密码已修改，下次登录请用新密码。")
        return redirect("home")
    return render(
        request, "registration/password_change.html", {"form": form}, status=422 if form.errors else 200
    )


def last_visit(request: AuthenticatedRequest) -> dt.date | None:
    """The day before today on which the person last looked: in this session, or at the sign-in before it."""
    looked, today = _day_of(request.session.get(LOOKED, "")), clock.today()
    if looked and looked < today:
        request.session[LAST_VISIT] = request.session[LOOKED]
        request.session[LOOKED] = clock.now().isoformat()
    return _day_of(request.session.get(LAST_VISIT, ""))


def _day_of(moment: str) -> dt.date | None:
    try:
        return clock.day_of(dt.datetime.fromisoformat(moment))
    except ValueError:
        return None
