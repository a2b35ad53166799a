"""What happens to each item of a large load, by chance and the same every time: plain values."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from rectify import clock
from rectify.choices import Kind, MeasureKind, Source, Status
from rectify.models import Aspect, Leader, Report, Unit, User

NOW = dt.datetime(2026, 6, 15, 2, tzinfo=dt.UTC)
TODAY = dt.date(2026, 6, 15)
NOTES = (0, 1, 2, 3, 4, 5, 6)
NOTE_WEIGHTS = (1, 2, 3, 4, 3, 2, 1)  # three on average
CLOSED_BY_YEAR = {2022: 0.97, 2023: 0.95, 2024: 0.9, 2025: 0.6, 2026: 0.12}
MEASURES_AFTER = dt.timedelta(days=12)
WORDS = [
    *("压实责任", "逐项对照", "明确时限", "跟踪问效", "完善制度", "回应关切", "深入一线", "专题调研"),
    *("调度会议", "印发办法", "排查隐患", "办结积案", "提升质效", "新增学位", "扩建车位", "整治窗口"),
    *("优化流程", "公开结果", "群众评议", "部门联动"),
]
KINDS = (Kind.BY_DATE, Kind.BY_DATE, Kind.AT_ONCE)
SOURCE_WEIGHTS = [20, *[1] * (len(Source) - 1)]  # nearly all as usual, a few of each other source
# Names of places: each of the 1,600 stands in few items, as what people search for does.
FIRST = "红东西南北金银玉石青黄白黑龙凤鹤鹿牛羊马松柏杨柳桃李梅兰竹菊云雷雨雪霞虹沙河湖海"
SECOND = "山岭坡岗坪坝湾塘沟坑桥亭庙寺堡寨营店铺集街巷口门井泉池洲岛港渡滩洼原川源田园林场"


@dataclass(frozen=True)
class County:
    """A county with its departments, people and leaders."""

    unit: Unit
    departments: list[Unit]
    clerks: list[User]
    office: User
    leaders: list[Leader]


@dataclass(frozen=True)
class Step:
    """A measure or a note that is entered, or a status that is reached."""

    at: dt.datetime
    text: str = ""
    kind: str = ""
    standard: str = ""
    percent: int | None = None
    status: str = ""
    closed_on: dt.date | None = None


@dataclass(frozen=True)
class Life:
    """An item as it is entered, and all that happens to it, in order of time."""

    at: dt.datetime
    fields: dict[str, Any]
    follow_up: dt.date | None
    measures: list[Step] = field(default_factory=list)
    notes: list[Step] = field(default_factory=list)
    ends: list[Step] = field(default_factory=list)


def some_life(
    chance: random.Random, county: County, report: Report, aspects: list[Aspect], number: int
) -> Life:
    """The life of one item of a ledger that began on the day the report was made."""
    at = report.created_at + dt.timedelta(seconds=number)
    place = chance.randrange(len(county.departments))
    status = _status(chance, report.year)
    due = _due(chance, report, status)
    fields = {
        "title": f"{prose(chance, 4)}（{chance.choice(FIRST)}{chance.choice(SECOND)}村）",
        "text": prose(chance, 10),
        "goal": prose(chance, 6),
        "aspect": chance.choice(aspects),
        "source": chance.choices(list(Source), SOURCE_WEIGHTS)[0],
        "kind": Kind.STANDING if status == Status.STANDING else chance.choice(KINDS),
        "leader": chance.choice(county.leaders),
        "lead_unit": county.departments[place],
        "clerk": county.clerks[place],
        "deadline": None if status == Status.STANDING or chance.random() < 0.02 else due,
        "supporting_units": _supporting(chance, county, place),
    }  # fmt: skip
    if status == Status.STANDING:
        life = Life(at, fields | {"status": status}, clock.months_after(clock.day_of(at), 12))
    else:
        life = Life(at, fields, None)
    if status != Status.NOT_STARTED:
        _live(chance, life, status, min(due + dt.timedelta(days=chance.randrange(-40, 20)), TODAY))
    return life


def _status(chance: random.Random, year: int) -> str:
    if chance.random() < CLOSED_BY_YEAR[year]:
        return Status.CLOSED
    if chance.random() < 0.15:
        return Status.STANDING
    return chance.choice([Status.NOT_STARTED, Status.IN_PROGRESS, Status.IN_PROGRESS, Status.MOSTLY_DONE])


def _due(chance: random.Random, report: Report, status: str) -> dt.date:
    due = clock.day_of(report.created_at) + dt.timedelta(days=chance.randrange(90, 400))
    if status != Status.CLOSED and due < TODAY and chance.random() < 0.7:
        return TODAY + dt.timedelta(days=chance.randrange(1, 200))
    return due


def _supporting(chance: random.Random, county: County, place: int) -> list[Unit]:
    other = chance.randrange(len(county.departments))
    return [county.departments[other]] if chance.random() < 0.2 and other != place else []


def _live(chance: random.Random, life: Life, status: str, closing: dt.date) -> None:
    """Two measures, the second a lasting one; notes; and the status that the item has reached."""
    begun = life.at + MEASURES_AFTER
    for n, kind in enumerate((MeasureKind.NOW, MeasureKind.LASTING)):
        at = begun + dt.timedelta(minutes=n)
        life.measures.append(Step(at, prose(chance, 7), kind=kind, standard=prose(chance, 3)))
    end = min(NOW, life.at + dt.timedelta(days=360))
    if status == Status.CLOSED:
        end = clock.start_of(closing) + dt.timedelta(hours=9)
    count = chance.choices(NOTES, NOTE_WEIGHTS)[0]
    span = end - begun - dt.timedelta(hours=1)
    for n in range(count):
        at = begun + dt.timedelta(minutes=5) + span * (n + chance.random()) / count
        percent = 100 * (n + 1) // (count + 1)
        life.notes.append(Step(at.replace(microsecond=0), prose(chance, 12), percent=percent))
    if status == Status.CLOSED:
        life.ends.append(Step(end, status=status, closed_on=closing))
    elif status == Status.MOSTLY_DONE:
        life.ends.append(Step(end, status=status))


def prose(chance: random.Random, words: int) -> str:
    return "，".join(chance.choices(WORDS, k=words))
