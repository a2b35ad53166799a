"""Fields that every form shares: clean text, Chinese dates, percent, the version of a page and its key."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from rectify.models import User

TEXT_MAX = 10_000
LONGEST_ID = 18
EARLIEST, LATEST = 1990, 2100
DAY_FORMATS = ["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y.%m.%d"]
# Control characters other than tab and line feed, and code points that no XML file may hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean_text(value: str) -> str:
    """Browsers send CRLF and pasted text carries control characters: neither is what was typed."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return FORBIDDEN.sub("", value)


def refusals(label: str, longest: int) -> dict[str, str]:
    """What a text field says when it is empty or too long."""
    return {
        "required": f"请填写{label}。",
        "max_length": f"最多 {longest} 个字，现在 %(show_value)d 个字，请精简。",
    }


class LineField(forms.CharField):
    """One line of text."""

    def __init__(self, label: str, *, longest: int = 200, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", refusals(label, longest))
        super().__init__(label=label, max_length=longest, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(clean_text(str(value or "")).replace("\n", " ")))


class TextField(forms.CharField):
    """Running text of several lines."""

    def __init__(
        self, label: str, *, longest: int = TEXT_MAX, rows: int = 3, placeholder: str = "", **kwargs: Any
    ) -> None:
        attrs = {"rows": rows, "data-counter": ""} | ({"placeholder": placeholder} if placeholder else {})
        kwargs.setdefault("error_messages", refusals(label, longest))
        super().__init__(label=label, max_length=longest, widget=forms.Textarea(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(clean_text(str(value or ""))))


def read_day(value: str) -> dt.date | None:
    """A date in one of the ways people write it, or nothing."""
    compact = re.sub(r"\s+", "", value)
    for pattern in DAY_FORMATS:
        try:
            return dt.datetime.strptime(compact, pattern).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return None


class DayInput(forms.DateInput):
    """A date picker; what the picker cannot show is shown as it was typed."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        if isinstance(value, str):
            day = read_day(value)
            value = day or value
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if isinstance(value, str) and value:
            context["widget"]["attrs"]["type"] = "text"
        return context


class DayField(forms.DateField):
    """A calendar day."""

    widget = DayInput
    default_error_messages = {
        "required": "请填写日期。",
        "invalid": "日期无法识别，请写成 2026-12-31 或 2026年12月31日。",
        "year": f"年份应在 {EARLIEST} 到 {LATEST} 之间，请核对。",
    }

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str) and value.strip():
            day = read_day(value)
            if day is None:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            if not EARLIEST <= day.year <= LATEST:
                raise ValidationError(self.error_messages["year"], code="year")
            return day
        return super().to_python(value)


class PercentField(forms.IntegerField):
    """0 to 100, with or without the sign."""

    def __init__(self) -> None:
        words = "完成比例应是 0 到 100 的整数。"
        super().__init__(
            label="完成比例（%）",
            required=False,
            min_value=0,
            max_value=100,
            error_messages={"invalid": words, "min_value": words, "max_value": words},
        )

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = value.strip().rstrip("%％").strip()
        return super().to_python(value)


class PersonField(forms.ModelChoiceField):
    """A choice of accounts, named with their unit."""

    def label_from_instance(self, obj: Any) -> str:
        return obj.label if isinstance(obj, User) else str(obj)


class ClerkSelect(forms.Select):
    """The clerks of the units chosen; `static/js/clerks.js` offers others when other units are chosen."""

    def people(self, workers: str, units: Iterable[int] = ()) -> None:
        """All whom the page may offer, and the units meant where none is chosen on it."""
        self.attrs["data-people"] = workers
        self.attrs["data-units"] = " ".join(map(str, sorted(units)))


def ids_of(values: Iterable[Any]) -> set[int]:
    """The numbers among values that were sent, or the keys of rows."""
    texts = (str(getattr(value, "pk", value)) for value in values)
    return {int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID}


def pick(label: str, *, field: type[forms.ModelChoiceField] = forms.ModelChoiceField, **kwargs: Any) -> Any:
    """A choice of rows whose queryset the form sets; a forged id is an error of the form."""
    words = {"invalid_choice": f"所选{label}不在可选范围内，请重新选择。", "required": f"请选择{label}。"}
    kwargs.setdefault("required", False)
    kwargs.setdefault("empty_label", "未定")
    return field(queryset=None, label=label, error_messages=words, **kwargs)


class SeveralField(forms.ModelMultipleChoiceField):
    """Several rows, as a list; a number that no database holds is a wrong choice, not an accident."""

    def clean(self, value: Any) -> list[Any]:  # type: ignore[override]
        return list(super().clean(value))

    def _check_values(self, value: Any) -> Any:
        for given in value:
            if not str(given).isdecimal() or len(str(given)) > LONGEST_ID:
                raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super()._check_values(value)  # type: ignore[misc]


def pick_several(label: str) -> SeveralField:
    words = f"所选{label}不在可选范围内，请重新选择。"
    return SeveralField(
        queryset=None,
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": words, "invalid_pk_value": words, "invalid_list": words},
    )


def choose(label: str, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    words = {"invalid_choice": f"所选{label}不在可选范围内，请重新选择。", "required": f"请选择{label}。"}
    return forms.ChoiceField(label=label, choices=choices, error_messages=words, **kwargs)


class IdempotencyKeyField(forms.CharField):
    """One value for one page: the same submit twice makes one row. An unreadable one is nobody's fault."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, initial=lambda: str(uuid.uuid4()))

    def clean(self, value: Any) -> str:
        try:
            return str(uuid.UUID(str(value)))
        except ValueError:
            return ""


class VersionField(forms.IntegerField):
    """The version of the row that the page showed."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        words = "页面缺少版本信息，请重新打开本页后再提交。"
        super().__init__(
            min_value=0,
            max_value=2**31 - 1,
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), words),
        )
