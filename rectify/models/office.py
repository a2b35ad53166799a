"""Settings of a ledger (thresholds, periods), the editable table of holidays, and the calendar they give."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import chinese_calendar
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Cast, Concat

from rectify import clock
from rectify.choices import DayCount, Period, ReviewPath
from rectify.models.compiled import compiled

DUE_SOON_DAYS = 15
GRACE_DAYS = 10
REMIND_DAYS = 7
REPEAT_DAYS = 7
SUGGEST_DAYS = 30


MONTHS = re.compile(r"\d+")
LONGEST_WAIT = 36


def months_listed(value: str) -> None:
    """3,6: months from 1 to 36; any comma will do."""
    parts = [part.strip() for part in re.split("[,，、]", value)]
    if len(parts) > 6 or not all(part.isdecimal() and 1 <= int(part) <= LONGEST_WAIT for part in parts):
        raise ValidationError(f"请填 1 到 {LONGEST_WAIT} 之间的月数，用逗号分开，最多 6 个，例如 3,6。")


@dataclass(frozen=True)
class LedgerRule:
    """The settings that decide a light; ledgers with equal ones share a rule."""

    due_soon_days: int = DUE_SOON_DAYS
    period: str = Period.MONTHLY
    cutoff_day: int = 31
    grace_days: int = GRACE_DAYS
    day_count: str = DayCount.CALENDAR
    suggest_days: int = SUGGEST_DAYS
    calendar: clock.WorkCalendar | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        return f"{self.period}/{self.cutoff_day}/{self.grace_days}"

    def due_soon_until(self, today: dt.date) -> dt.date:
        """The last deadline that is soon, counted as the office counts."""
        if self.day_count == DayCount.WORKING and self.calendar:
            return self.calendar.after(today, self.due_soon_days)
        return today + dt.timedelta(days=self.due_soon_days)

    def on(self, today: dt.date) -> tuple[Hashable, ...]:
        """What a query of this day is made of, as part of its key: the calendar is no part of equality."""
        return self, self.due_soon_until(today)

    def last_cutoff(self, today: dt.date) -> dt.date:
        """The last day of the period before."""
        return clock.period_start(today, self.period, self.cutoff_day) - dt.timedelta(days=1)

    def reporting_since(self, today: dt.date) -> dt.date:
        """The day from which a note counts as reported in the period.

        In the first `grace_days` of a period a report of the period before still counts, so that
        not everything turns yellow on the first of the month.
        """
        start = clock.period_start(today, self.period, self.cutoff_day)
        if (today - start).days < self.grace_days:
            return clock.period_start(start - dt.timedelta(days=1), self.period, self.cutoff_day)
        return start


class LedgerSettingsQuerySet(models.QuerySet["LedgerSettings"]):
    def rules(self) -> list[LedgerRule]:
        """The distinct rules in use: few, however many ledgers there are."""
        names = ("due_soon_days", "period", "cutoff_day", "grace_days", "day_count", "suggest_days")
        rows = compiled(("rules", self.db), lambda: self.order_by().values_list(*names).distinct())
        rules = [LedgerRule(*row) for row in rows]
        by_working_days = any(rule.day_count == DayCount.WORKING for rule in rules)
        calendar = Holiday.objects.using(self.db).calendar() if by_working_days else None
        return [replace(rule, calendar=calendar) for rule in rules] or [LedgerRule()]


class LedgerSettings(models.Model):
    """Thresholds and wording of one ledger; offices differ."""

    report = models.OneToOneField(
        "rectify.Report", models.PROTECT, related_name="settings", verbose_name="台账"
    )
    due_soon_days = models.PositiveSmallIntegerField(
        "临期天数",
        default=DUE_SOON_DAYS,
        validators=[MaxValueValidator(365)],
        help_text="到期前多少天起亮黄灯",
    )
    period = models.CharField("填报周期", max_length=10, choices=Period, default=Period.MONTHLY)
    cutoff_day = models.PositiveSmallIntegerField(
        "截止日",
        default=31,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="每周填 1 到 7（周一为 1）；每月、每季度填日期，31 表示月末",
    )
    grace_days = models.PositiveSmallIntegerField(
        "新周期宽限天数",
        default=GRACE_DAYS,
        validators=[MaxValueValidator(31)],
        help_text="新周期开始后多少天内，上一周期报过的不算未报",
    )
    day_count = models.CharField(
        "剩余天数按",
        max_length=10,
        choices=DayCount,
        default=DayCount.CALENDAR,
        help_text="选工作日时，剩余天数旁边同时显示工作日，临期和提前提醒的天数也按工作日算",
    )
    remind_days = models.PositiveSmallIntegerField(
        "提前提醒天数",
        default=REMIND_DAYS,
        validators=[MaxValueValidator(365)],
        help_text="到期前多少天提醒经办人；到期当天提醒经办人和单位负责人，逾期后责任领导也会收到",
    )
    repeat_days = models.PositiveSmallIntegerField(
        "逾期后每隔几天再提醒",
        default=REPEAT_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="逾期次日提醒，以后每隔这么多天再提醒一次，直到办结",
    )
    suggest_days = models.PositiveSmallIntegerField(
        "逾期多少天建议签发督办单",
        default=SUGGEST_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    rule_key = models.GeneratedField(
        expression=Concat(
            models.F("period"),
            models.Value("/"),
            Cast("cutoff_day", models.CharField()),
            models.Value("/"),
            Cast("grace_days", models.CharField()),
        ),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    review_path = models.CharField(
        "审核环节",
        max_length=30,
        choices=ReviewPath,
        default=ReviewPath.FULL,
        help_text="销号和延期的申请依次由谁办理；申请人不能办理自己的申请",
    )
    max_extensions = models.PositiveSmallIntegerField(
        "最多延期次数", default=2, validators=[MaxValueValidator(10)], help_text="每一轮整改最多延期几次"
    )
    follow_up_months = models.CharField(
        "销号后回头看",
        max_length=30,
        default="3,6",
        blank=True,
        validators=[months_listed],
        help_text="销号后第几个月回头看，用逗号分开；留空则不自动安排",
    )
    standing_months = models.PositiveSmallIntegerField(
        "长期坚持检查间隔（月）",
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(36)],
        help_text="长期坚持的事项每隔几个月回头看一次",
    )
    ledger_title = models.CharField(
        "台账标题", max_length=100, blank=True, help_text="留空则按单位和年度生成"
    )
    body_font = models.CharField("正文字体", max_length=30, default="仿宋")
    header_font = models.CharField("表头字体", max_length=30, default="黑体")
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)

    objects = LedgerSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账设置"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cutoff_day__gte=1, cutoff_day__lte=31), name="settings_cutoff_is_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(period__in=Period.values), name="settings_period_known"
            ),
            models.CheckConstraint(
                condition=models.Q(day_count__in=DayCount.values), name="settings_day_count_known"
            ),
            models.CheckConstraint(condition=models.Q(repeat_days__gte=1), name="settings_repeats"),
            models.CheckConstraint(
                condition=models.Q(review_path__in=ReviewPath.values), name="settings_path_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}的设置"

    @property
    def follow_ups(self) -> list[int]:
        """How many months after closing somebody looks again."""
        return sorted({int(part) for part in MONTHS.findall(self.follow_up_months)})

    @property
    def rule(self) -> LedgerRule:
        """Without a calendar, which a single row does not read."""
        names = ("due_soon_days", "period", "cutoff_day", "grace_days", "day_count", "suggest_days")
        return LedgerRule(*(getattr(self, name) for name in names))

    def rule_with(self, calendar: clock.WorkCalendar | None) -> LedgerRule:
        """The rule, counting by the calendar given."""
        return replace(self.rule, calendar=calendar)

    @property
    def by_working_days(self) -> bool:
        return self.day_count == DayCount.WORKING


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def calendar(self) -> clock.WorkCalendar:
        """The published holidays of the years the library knows, overridden and continued by this table."""
        rows = dict(self.order_by().values_list("day", "is_workday"))
        published, years = _published()
        return clock.WorkCalendar.of(published | rows, years | {day.year for day in rows})


def _published() -> tuple[dict[dt.date, bool], frozenset[int]]:
    """Days off and days made up, as published by the State Council, and the years they cover."""
    off, made_up = chinese_calendar.holidays, chinese_calendar.workdays
    days = dict.fromkeys(off, False) | dict.fromkeys(made_up, True)
    return days, frozenset(day.year for day in off)


def years_not_known(until: int = 0) -> list[int]:
    """From this year to the next, or to `until`: years in which only weekends are known."""
    this_year = clock.today().year
    return Holiday.objects.calendar().unknown(this_year, max(this_year + 1, until))


def published_years() -> tuple[int, int]:
    """The first and the last year whose holidays come with the software."""
    years = {day.year for day in chinese_calendar.holidays}
    return min(years), max(years)


class Holiday(models.Model):
    """A public holiday, or a weekend day worked instead (调休)."""

    day = models.DateField("日期", unique=True)
    name = models.CharField("名称", max_length=50)
    is_workday = models.BooleanField("调休上班", default=False)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"
