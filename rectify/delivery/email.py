"""One message by e-mail, through Django's backends."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from rectify.delivery.outcome import Outcome

CONSOLE = "django.core.mail.backends.console.EmailBackend"


def is_set_up() -> bool:
    """Whether there is a mail server; without one mail would only be printed."""
    return bool(settings.EMAIL_BACKEND != CONSOLE)


def send(address: str, subject: str, body: str) -> Outcome:
    """One attempt; an address the server refuses for good is not tried again."""
    if not is_set_up():
        return Outcome(False, "没有配置邮件服务器（EMAIL_URL）", again=False)
    if not address:
        return Outcome(False, "收件人没有邮箱地址", again=False)
    try:
        EmailMessage(subject=" ".join(subject.split()), body=body, to=[address]).send()
    except smtplib.SMTPRecipientsRefused:
        return Outcome(False, "邮件服务器不接受这个收件地址", again=False)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Outcome(False, f"邮件服务器没有接收（{type(error).__name__}）")
    return Outcome(True, "邮件已交给邮件服务器")
