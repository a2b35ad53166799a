"""Shape of a sign-in: who may not come in yet although the password is right."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from rectify.models import DutyRequest


class SignInForm(AuthenticationForm):
    """An account that waits for its second person does not come in."""

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if DutyRequest.objects.blocking().filter(user=user).exists():
            raise ValidationError(
                "这个账号由系统管理员新设、启用或重设了密码，须由整改办或安全审计员确认后才能登录。请联系他们。",
                code="waits",
            )
