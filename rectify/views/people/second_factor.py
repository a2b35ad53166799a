"""One's own second factor: enrolled, replaced, given up; and a lost one, reset by the administrator."""

from __future__ import annotations

import pyotp
import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from rectify import wording
from rectify.choices import Action
from rectify.forms.sign_in.second_factor import CodeForm, EnrolForm, ResetFactorForm
from rectify.middleware import client_address
from rectify.models import RecoveryCode, SecondFactor, User
from rectify.operations import duties
from rectify.operations.recording import require
from rectify.operations.sign_in import second_factor as operations
from rectify.sessions import FACTOR_SHOWN
from rectify.views.process_form import FormResult, posted, submit
from rectify.views.request import AuthenticatedRequest

# In the session: a key that was shown and is not yet proven.
PROPOSED = "proposed_secret"
ISSUER = "整改台账"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: AuthenticatedRequest) -> HttpResponse:
    """The key as a picture and as text; its first code switches it on and brings the codes on paper."""
    user, replaces = request.user, operations.has_factor(request.user)
    secret = request.session.get(PROPOSED)
    if secret is None:
        if request.method == "POST":
            messages.warning(request, "页面已经过期，动态口令没有改动。请用下面新的二维码重新扫描。")
            return redirect("second_factor")
        secret = request.session[PROPOSED] = pyotp.random_base32()
    address = client_address(request)
    outcome = submit(
        EnrolForm(posted(request), replaces=replaces),
        lambda data: operations.enrol(user, secret=secret, address=address, **data),
    )
    if not outcome.done:
        return _enrol_page(request, outcome, secret, replaces)
    del request.session[PROPOSED]
    request.session[FACTOR_SHOWN] = True
    update_session_auth_hash(request, User.objects.get(pk=user.pk))
    return render(request, "registration/recovery_codes.html", {"codes": outcome.result})


def _enrol_page(
    request: AuthenticatedRequest, outcome: FormResult, secret: str, replaces: bool
) -> HttpResponse:
    user = request.user
    context = {
        "form": outcome.form,
        "qr": _qr(user, secret),
        "key": " ".join(wording.groups_of(secret, 4)),
        "factor": SecondFactor.objects.filter(user=user).first() if replaces else None,
        "left": RecoveryCode.objects.filter(user=user, used_at__isnull=True).count() if replaces else 0,
        "drop_form": CodeForm(),
        "required": operations.is_required(user),
    }
    return render(request, "registration/second_factor.html", context, status=outcome.status)


def _qr(user: User, secret: str) -> SafeString:
    """The key as authenticators read it, drawn in the page itself: no other server sees it."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    drawn = segno.make(uri, error="m").svg_inline(scale=5, dark="#000", light="#fff", omitsize=True)
    return mark_safe(drawn)  # made of squares alone


@sensitive_post_parameters()
@require_POST
def drop(request: AuthenticatedRequest) -> HttpResponse:
    """Give one's own factor up."""
    form = CodeForm(request.POST)
    address = client_address(request)
    outcome = submit(form, lambda data: operations.drop(request.user, code=data["code"], address=address))
    if not outcome.done:
        return render(request, "registration/factor_kept.html", {"form": form}, status=outcome.status)
    request.session.pop(FACTOR_SHOWN, None)
    update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
    messages.success(request, "动态口令已停用，以后登录只用密码；原来的恢复码都已作废。")
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: AuthenticatedRequest) -> HttpResponse:
    """A lost telephone: the administrator asks, another of the three agrees."""
    require(request.user, Action.RESET_FACTOR)
    form = ResetFactorForm(posted(request), by=request.user)
    outcome = submit(
        form, lambda data: (data["user"], duties.reset_factor(data.pop("user"), by=request.user, **data))
    )
    if outcome.done:
        person, waits = outcome.result
        words = (
            "已提请重设，等整改办或安全审计员确认后生效。" if waits else "已重设，本人登录后可以重新启用。"
        )
        messages.success(request, f"{person.label}的动态口令{words}")
        return redirect("factor_reset")
    return render(request, "people/factor_reset.html", {"form": form}, status=outcome.status)
