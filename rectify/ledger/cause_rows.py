"""The causes of each problem that a person has confirmed, and where the report gives none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rectify.choices import LinkStatus, Source
from rectify.ledger.archive.earlier import Earlier
from rectify.ledger.row_words import numbered
from rectify.models import Problem, ProblemCause
from rectify.models.many import MANY, ManyQuery

UNWRITTEN = "报告未写明"


@dataclass
class Causes:
    """Of one problem: the names of its causes, and each with what the report says of it."""

    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    is_unwritten: bool = False

    @property
    def in_brief(self) -> str:
        return numbered(self.titles) or (UNWRITTEN if self.is_unwritten else "")

    @property
    def in_full(self) -> str:
        return numbered(self.texts) or (UNWRITTEN if self.is_unwritten else "")


class CauseReader:
    """`earlier` is what was different on a past day."""

    def __init__(self, earlier: Earlier | None, using: str) -> None:
        self.earlier = earlier
        paths: Sequence[Any] = ("pk", "status", "problem_id", "cause__title", "cause__text")
        links = ProblemCause.objects.using(using).filter(problem__in=MANY).order_by("cause__number")
        self._links = ManyQuery(links.values_list(*(earlier.read(*paths) if earlier else paths)))
        rows = Problem.objects.using(using).filter(pk__in=MANY, source=Source.SELF_CHECK)
        of_causes = rows.filter(report__causes__isnull=False).order_by()
        self._of_reports_with_causes = ManyQuery(of_causes.values_list("pk", flat=True).distinct())

    def confirmed(self, ids: list[int]) -> defaultdict[int, Causes]:
        """What nobody has confirmed yet says nothing; a problem without any cause of its report's says so."""
        found: defaultdict[int, Causes] = defaultdict(Causes)
        pending = set()
        for pk, now, problem, title, text in self._links.rows(ids):
            status = self.earlier.was("problemcause", "status", pk, now) if self.earlier else now
            if status == LinkStatus.CONFIRMED:
                found[problem].titles.append(title)
                found[problem].texts.append(f"{title}：{text}" if text else title)
            elif status == LinkStatus.PENDING:
                pending.add(problem)
        for pk in self._of_reports_with_causes.rows(ids):
            found[pk].is_unwritten = pk not in pending
        return found
