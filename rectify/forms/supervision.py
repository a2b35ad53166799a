"""Shape of a 督办单, its reply, an instruction, and of the delivery settings."""

from __future__ import annotations

from typing import Any

from django import forms

from rectify.choices import Robot, SupervisionLevel
from rectify.forms.checked import CheckedForm
from rectify.forms.evidence import EvidenceField
from rectify.forms.fields import (
    DayField,
    IdempotencyKeyField,
    LineField,
    TextField,
    VersionField,
    choose,
    pick_several,
)
from rectify.models import DeliverySettings

SHORT = 40


class IssueForm(CheckedForm):
    problems = pick_several("督办事项")
    level = choose("督办级别", SupervisionLevel.choices, initial=SupervisionLevel.NORMAL)
    reason = TextField("督办事由", longest=2000, rows=4, placeholder="为什么督办、要求做到什么程度")
    reply_by = DayField(label="回复期限")
    to_units = forms.BooleanField(label="发给各事项的责任单位", required=False, initial=True)
    to_leaders = forms.BooleanField(label="同时发给责任领导", required=False)
    idempotency_key = IdempotencyKeyField()

    def __init__(self, *args: Any, problems: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["problems"].queryset = problems  # type: ignore[attr-defined]
        self.fields["problems"].required = True
        self.fields["problems"].error_messages["required"] = "请至少选择一个督办事项。"
        self.fields["problems"].label_from_instance = item_words  # type: ignore[attr-defined]


class ReplyForm(CheckedForm):
    text = TextField("回复", longest=2000, rows=4, placeholder="办理情况、结果，没有完成的写明原因和完成时间")
    files = EvidenceField()  # type: ignore[assignment]
    idempotency_key = IdempotencyKeyField()


class InstructionForm(CheckedForm):
    text = TextField("批示", longest=2000, rows=4)
    idempotency_key = IdempotencyKeyField()


class DeliveryForm(forms.Form):
    """The robot's address and key are written but never shown: who has them writes to the group."""

    email_on = forms.BooleanField(
        label="每天发一封邮件给填了邮箱的同志",
        required=False,
        help_text="当天要办的、昨天以来没有读的消息，合成一封",
    )
    webhook_on = forms.BooleanField(label="发到群机器人", required=False)
    robot = forms.ChoiceField(label="机器人", choices=Robot.choices)
    webhook_url = LineField("机器人地址", longest=500, required=False)
    webhook_secret = LineField("加签密钥", longest=200, required=False)
    template = TextField("消息格式（JSON，只用于“其他”）", longest=4000, rows=4)
    reason = LineField("修改理由", longest=200)
    version = VersionField()

    def __init__(self, *args: Any, settings: DeliverySettings, shown: str, **kwargs: Any) -> None:
        names = ("email_on", "webhook_on", "robot", "template", "version")
        current = {name: getattr(settings, name) for name in names}
        kwargs["initial"] = current | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for name in ("webhook_url", "webhook_secret"):
            self.fields[name].widget = forms.PasswordInput(attrs={"autocomplete": "off"})
        self.fields["webhook_secret"].help_text = (
            "已填，不填则不变；换了机器人或地址要重填"
            if settings.webhook_secret
            else "钉钉选了“加签”、飞书选了“签名校验”时才填"
        )
        self.fields["webhook_url"].help_text = (
            f"现在是 {shown}；不填则不变" if settings.webhook_url else "地址含密钥，保存后不再显示"
        )


def item_words(problem: Any) -> str:
    """An item in a choice: code, title, unit."""
    title = problem.title if len(problem.title) <= SHORT else f"{problem.title[:SHORT]}…"
    unit = problem.lead_unit.short_name if problem.lead_unit else "责任单位未明确"
    return f"{problem.code} {title}（{unit}）"
