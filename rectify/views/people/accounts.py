"""One's own password, and what the session remembers of the visit before."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from rectify import clock
from rectify.operations import people
from rectify.selectors.last_sign_in import LastSignIn
from rectify.views.process_form import posted
from rectify.views.request import AuthenticatedRequest

# In the session: when the person was here before, and since when they look today.
LAST_VISIT, LOOKED = "last_visit", "looked"
# And all that is known of the sign-in before this one.
LAST_SIGN_IN = "last_sign_in"


@sensitive_post_parameters()
def password_change(request: AuthenticatedRequest) -> HttpResponse:
    """Change one's own password; a first or reset one must be changed before anything else."""
    form = PasswordChangeForm(request.user, posted(request))
    if form.is_valid():
        user = people.set_password(request.user, by=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "密码已修改，下次登录请用新密码。")
        return redirect("home")
    status = 422 if form.errors else 200
    return render(request, "registration/password_change.html", {"form": form}, status=status)


def known_sign_in(request: AuthenticatedRequest) -> LastSignIn | None:
    """The sign-in before this one, as it was kept when this one began."""
    kept = request.session.get(LAST_SIGN_IN)
    return LastSignIn.from_json(kept) if kept else None


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
