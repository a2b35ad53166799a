"""What is searched: one folded text for each row that says something, of items and of people.

An index beside the table holds its pairs of characters (`tables`), for most searches are of two
Chinese characters. A word is found where the folded text holds it, no more and no less.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connections, models

from rectify.models.progress import PURGED
from rectify.models.report import Problem

# Which fields of a row are searched. The place of a kind is part of its ids: new ones go to the end.
FIELDS: dict[str, tuple[str, ...]] = {
    "problem": ("code", "title", "text", "goal", "remark", "responsible"),
    "measure": ("text", "standard", "result", "rule_name", "rule_number"),
    "progressnote": ("text",),
    "evidence": ("name",),
    "manifestation": ("text",),
    "unit": ("name", "short"),
    "leader": ("post",),
    "user": ("name",),
}
PEOPLE = ("unit", "leader", "user")
KINDS = tuple(FIELDS)
PLACES = 16  # of kinds in an id
BETWEEN = "\n"  # no word crosses it
CAPITALS = re.compile("[A-Z]+")
# Plain already, a text is not taken apart letter by letter: these are what is not plain in most of them.
FULL_WIDTH = (("，", ","), ("；", ";"), ("：", ":"), ("（", "("), ("）", ")"))


def fold(text: str) -> str:
    """As texts are compared: full-width digits and letters are the plain ones, small, and blanks are one."""
    for wide, narrow in FULL_WIDTH:
        text = text.replace(wide, narrow)
    plain = unicodedata.normalize("NFKC", text)
    return " ".join(CAPITALS.sub(lambda found: found[0].lower(), plain).split())


def folded(kind: str, values: dict[str, Any]) -> str:
    """The text of a row; what was purged says nothing."""
    said = (values.get(name) or "" for name in FIELDS[kind])
    return BETWEEN.join(fold(text) for text in said if text and text != PURGED)


def id_of(kind: str, pk: int) -> int:
    return pk * PLACES + KINDS.index(kind)


class Searched(NamedTuple):
    """A row as it is kept for searching."""

    id: int
    problem_id: int | None
    report_id: int | None
    text: str


class SearchTextQuerySet(models.QuerySet["SearchText"]):
    def keep(self, rows: Iterable[Searched]) -> None:
        """Put these rows in place of what is kept of them, in one statement."""
        values = [value for row in rows for value in row]
        if not values:
            return
        connection = connections[self.db]
        places = ", ".join(["(%s, %s, %s, %s)"] * (len(values) // len(Searched._fields)))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO rectify_searchtext ({', '.join(Searched._fields)}) VALUES {places}"
                " ON CONFLICT (id) DO UPDATE SET text = excluded.text"
                " WHERE rectify_searchtext.text <> excluded.text",
                values,
            )


class SearchText(models.Model):
    """The folded text of one row; of people where it names no item."""

    id = models.BigIntegerField(primary_key=True)
    problem = models.ForeignKey(Problem, models.PROTECT, null=True, related_name="+")
    report = models.ForeignKey("rectify.Report", models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.TextField()

    objects = SearchTextQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检索文本"

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def kind(self) -> str:
        return KINDS[self.pk % PLACES]

    @property
    def row(self) -> int:
        return int(self.pk // PLACES)
