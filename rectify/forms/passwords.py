"""The rule on the length of passwords, in words: Django's own are not translated for this one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError


class MinimumLength(MinimumLengthValidator):
    """At least so many characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError that says how many are needed."""
        if len(password) < self.min_length:
            raise ValidationError(
                f"密码太短，至少 {self.min_length} 个字符，现在 {len(password)} 个。",
                code="password_too_short",
            )
