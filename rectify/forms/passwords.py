"""Signing in, and the rule on the length of passwords in words: Django's are not translated for this one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import MinimumLengthValidator
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


class MinimumLength(MinimumLengthValidator):
    """At least so many characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError that says how many are needed."""
        if len(password) < self.min_length:
            raise ValidationError(
                f"密码太短，至少 {self.min_length} 个字符，现在 {len(password)} 个。",
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return f"密码至少要有 {self.min_length} 个字符。"
