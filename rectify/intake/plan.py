"""What loading an outline would do, read only: compared with this year's ledger and the year before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rectify.choices import ENDED, LinkStatus, Source, Status
from rectify.intake.given import Given, otherwise
from rectify.intake.names import names_of_report
from rectify.intake.parser.links.text_similarity import best_pairs, plain, shared_words
from rectify.intake.review.edited import (
    CAUSE,
    DIRECTION,
    KINDS,
    PROBLEM,
    EditedAspect,
    EditedLink,
    EditedOutline,
    Item,
)
from rectify.intake.review.filled import filled, unfilled
from rectify.intake.review.understood import Understood, understand
from rectify.models import (
    Aspect,
    IntakeDraft,
    Problem,
    ProblemCause,
    ProblemDirection,
    Report,
    RootCause,
    User,
)
from rectify.papers.names import Names

NEW, CHANGED, SAME, LOCKED = "new", "changed", "same", "locked"
ALIKE = 0.5  # at least: the same problem in other words
LAST_YEAR = 0.4  # at least: worth pointing out
LONGEST = {PROBLEM: 200, CAUSE: 200, DIRECTION: 200}
TEXT_LONGEST = 10_000  # what the edit form of a problem takes
FINAL = (Status.IN_REVIEW, *ENDED)
FROM_REPORTS = (Source.SELF_CHECK, Source.CARRIED)
BLANK_LONGEST = 30
Blanks = frozenset[str]


@dataclass(frozen=True)
class Change:
    """One text of the ledger that the report words differently."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Step:
    """What becomes of one heading or item: the row of the ledger it is, if any, and what changes there."""

    number: int
    piece: Item | EditedAspect
    state: str
    row: Any = None
    changes: Sequence[Change] = ()
    more: Sequence[str] = ()
    note: str = ""
    given: Understood | None = None  # who answers for a new problem, and by when


@dataclass(frozen=True)
class Similar:
    """A problem of an earlier ledger that one of the report resembles."""

    item: Item
    number: int
    problem: Problem
    score: float
    shared: Sequence[str]

    @property
    def percent(self) -> int:
        return round(self.score * 100)


@dataclass
class Plan:
    """Everything that a confirmation would do."""

    outline: EditedOutline
    target: Report | None
    problems: list[Step] = field(default_factory=list)
    aspects: list[Step] = field(default_factory=list)
    causes: list[Step] = field(default_factory=list)
    directions: list[Step] = field(default_factory=list)
    gone: list[Problem] = field(default_factory=list)
    links: list[EditedLink] = field(default_factory=list)
    similar: list[Similar] = field(default_factory=list)
    unfilled: int = 0
    blanks: Blanks = frozenset()
    faults: list[str] = field(default_factory=list)
    names: Names | None = None
    year: int = 0
    digest: str = ""

    def count(self, state: str) -> int:
        return sum(step.state == state for step in self.problems)

    @property
    def pending(self) -> int:
        return sum(link.status == LinkStatus.PENDING for link in self.links)

    @property
    def counts(self) -> dict[str, int]:
        """Of problems: new, changed, same, locked, gone."""
        found = {state: self.count(state) for state in (NEW, CHANGED, SAME, LOCKED)}
        return found | {"gone": len(self.gone)}

    @property
    def news(self) -> dict[str, int]:
        """How many headings, causes and directions are new or change."""
        rows = {"aspects": self.aspects, "causes": self.causes, "directions": self.directions}
        return {name: sum(step.state != SAME for step in steps) for name, steps in rows.items()}

    @property
    def given(self) -> Given:
        return Given([(step.number, step.given) for step in self.problems if step.given])

    @property
    def idle(self) -> bool:
        """Nothing would change but the kept source."""
        steps = (*self.problems, *self.aspects, *self.causes, *self.directions)
        return not self.links and all(step.state in (SAME, LOCKED) for step in steps)


def ledgers(draft: IntakeDraft, user: User) -> list[Report]:
    """The ledgers of the same unit and year that the report may be a corrected version of."""
    return list(Report.objects.run_by(user).filter(unit=draft.unit_id, year=draft.year).order_by("-id"))


def likely_target(outline: EditedOutline, reports: Iterable[Report]) -> Report | None:
    """The ledger that shares at least half its problems with the report; a person decides."""
    titles = {item.key: item.title for item in outline.kept(PROBLEM)}
    problems = Problem.objects.filter(report__in=reports, source__in=FROM_REPORTS).select_related("report")
    held: dict[Report, dict[int, str]] = {}
    for problem in problems.live():
        held.setdefault(problem.report, {})[problem.pk] = problem.title
    best: tuple[int, Report] | None = None
    for report, old in held.items():
        found = len(best_pairs(titles, old, ALIKE))
        if 2 * found >= max(len(titles), len(old)) and (best is None or found > best[0]):
            best = (found, report)
    return best[1] if best else None


def make_plan(draft: IntakeDraft) -> Plan:
    """Compare the outline with the ledger it would change, if any, and with the year before."""
    edited = EditedOutline.from_json(draft.outline)
    outline = filled(edited, draft.text)
    blanks = frozenset(gap.text for gap in edited.gaps if not gap.value)
    plan = Plan(outline, draft.target, unfilled=unfilled(edited), blanks=blanks, year=draft.year)
    plan.names = names_of_report(outline, draft.unit)
    kinds = {kind: outline.kept(kind) for kind in KINDS}
    if draft.target is None:
        plan.problems = _all_new(kinds[PROBLEM])
        plan.causes, plan.directions = _all_new(kinds[CAUSE]), _all_new(kinds[DIRECTION])
        plan.aspects = _all_new(outline.kept_aspects())
        plan.links = outline.standing_links()
    else:
        _against(plan, draft.target, kinds)
    plan.problems = [_with_assignment(step, plan) for step in plan.problems]
    plan.similar = _last_year(draft, plan)
    plan.faults = _faults(plan)
    plan.digest = _digest(draft, plan)
    return plan


def _all_new(pieces: Sequence[Any]) -> list[Step]:
    return [Step(number, piece, NEW) for number, piece in enumerate(pieces, start=1)]


def _with_assignment(step: Step, plan: Plan) -> Step:
    """A new problem gets what the report says of it; one that is there keeps what people decided."""
    said = step.piece.assignment if isinstance(step.piece, Item) else None
    if said is None or not said.is_named:
        return step
    given = understand(said, plan.names, plan.year)
    if step.row is None:
        return replace(step, given=given)
    return replace(step, note=step.note + otherwise(step.row, given))


def _against(plan: Plan, target: Report, kinds: dict[str, list[Item]]) -> None:
    rows = list(target.problems.prefetch_related("manifestations", "measures").order_by("number"))
    matched = _match(kinds[PROBLEM], rows)
    plan.problems = [
        _problem_step(number, item, matched.get(item.key), plan.blanks)
        for number, item in enumerate(kinds[PROBLEM], start=1)
    ]
    held = {row.pk for row in matched.values()}
    left = [row for row in rows if row.pk not in held and not row.withdrawn]
    plan.gone = [row for row in left if row.source in FROM_REPORTS]
    plan.aspects = _part_steps(plan.outline.kept_aspects(), list(target.aspects.all()), plan.blanks)
    plan.causes = _part_steps(kinds[CAUSE], list(target.causes.all()), plan.blanks)
    plan.directions = _part_steps(kinds[DIRECTION], list(target.directions.all()), plan.blanks)
    plan.links = _new_links(plan, target)


def _match(pieces: Sequence[Any], rows: Sequence[Any]) -> dict[str, Any]:
    """Which row each piece is: by the same title, then by the most alike texts, then by alike titles."""
    left = {piece.key: piece for piece in pieces if not getattr(piece, "apart", False)}
    free = {row.pk: row for row in rows}
    found: dict[str, Any] = {}
    by_title: dict[str, list[Any]] = {}
    for row in rows:
        by_title.setdefault(plain(row.title), []).append(row)
    for key, piece in list(left.items()):
        twins = by_title.get(plain(piece.title), [])
        if twins:
            found[key] = twins.pop(0)
            del left[key], free[found[key].pk]
    for with_text in (True, False):
        new = {key: _words(piece, with_text) for key, piece in left.items()}
        old = {pk: _words(row, with_text) for pk, row in free.items()}
        for key, (pk, _) in best_pairs(new, old, ALIKE).items():
            found[key] = free.pop(pk)
            del left[key]
    return found


def _words(piece: Any, with_text: bool) -> str:
    return f"{piece.title}\n{getattr(piece, 'text', '')}" if with_text else str(piece.title)


def _problem_step(number: int, item: Item, row: Problem | None, blanks: Blanks) -> Step:
    if row is None:
        return Step(number, item, NEW)
    changes = _changes(row, item, ("title", "text"), blanks)
    known = [manifestation.text for manifestation in row.manifestations.all()]
    more = [
        part.text for part in item.manifestations if not any(_says(part.text, old, blanks) for old in known)
    ]
    note = ""
    steps = {plain(measure.text) for measure in row.measures.all()}
    if any(plain(part.text) not in steps for part in item.measures):
        note = "新稿里写的措施不自动加入，请在事项页新增。"
    if not changes and not more:
        return Step(number, item, SAME, row, note=note)
    if row.withdrawn or row.status in FINAL:
        why = "已撤回" if row.withdrawn else str(Status(row.status).label)
        return Step(number, item, LOCKED, row, changes, more, f"{why}，内容已锁定，台账里保持原样。")
    return Step(number, item, CHANGED, row, changes, more, note)


def _part_steps(pieces: Sequence[Any], rows: Sequence[Any], blanks: Blanks) -> list[Step]:
    matched, steps = _match(pieces, rows), []
    for number, piece in enumerate(pieces, start=1):
        row = matched.get(piece.key)
        names = ("title",) if isinstance(piece, EditedAspect) else ("title", "text")
        changes = _changes(row, piece, names, blanks) if row else []
        steps.append(Step(number, piece, NEW if row is None else CHANGED if changes else SAME, row, changes))
    return steps


def _changes(row: Any, piece: Any, names: Sequence[str], blanks: Blanks) -> list[Change]:
    """Spaces and punctuation alone are no change; nor is a text that the report does not give."""
    changes = []
    for name in names:
        old, new = getattr(row, name), getattr(piece, name).strip()
        if new and not _says(new, old, blanks):
            changes.append(Change(name, str(row._meta.get_field(name).verbose_name), old, new))
    return changes


def _says(new: str, old: str, blanks: Blanks) -> bool:
    """The same words; a placeholder nobody filled agrees with the words the ledger has there."""
    if plain(new) == plain(old):
        return True
    if not any(blank in new for blank in blanks):
        return False
    cut = "|".join(re.escape(blank) for blank in sorted(blanks, key=len, reverse=True))
    pattern = f".{{0,{BLANK_LONGEST}}}?".join(re.escape(plain(part)) for part in re.split(cut, new))
    return bool(re.fullmatch(pattern, plain(old)))


def _new_links(plan: Plan, target: Report) -> list[EditedLink]:
    """Ties the ledger does not have; those it has stay as a person decided them."""
    rows = {step.piece.key: step.row for step in (*plan.problems, *plan.causes, *plan.directions) if step.row}
    known: set[tuple[str, int, int]] = set()
    for kind, model in ((CAUSE, ProblemCause), (DIRECTION, ProblemDirection)):
        pairs = model.objects.filter(problem__report=target).values_list("problem", kind)
        known |= {(kind, problem, other) for problem, other in pairs}
    fresh = []
    for link in plan.outline.standing_links():
        problem, other = rows.get(link.problem), rows.get(link.other)
        kind = CAUSE if isinstance(other, RootCause) else DIRECTION
        if not (problem and other and (kind, problem.pk, other.pk) in known):
            fresh.append(link)
    return fresh


def _last_year(draft: IntakeDraft, plan: Plan) -> list[Similar]:
    """Problems of the year before that ones of this report resemble."""
    old = {
        problem.pk: problem
        for problem in Problem.objects.filter(report__unit=draft.unit_id, report__year=draft.year - 1)
        .live()
        .select_related("report")
    }
    new = {step.piece.key: step for step in plan.problems if step.state == NEW}
    if not old or not new:
        return []
    found: dict[str, tuple[int, float]] = {}
    for with_text in (False, True):
        texts = {key: _words(step.piece, with_text) for key, step in new.items()}
        others = {pk: _words(problem, with_text) for pk, problem in old.items()}
        for key, pair in best_pairs(texts, others, LAST_YEAR).items():
            if key not in found or pair[1] > found[key][1]:
                found[key] = pair
    rows = []
    for key, (pk, score) in found.items():
        item = new[key].piece
        if isinstance(item, Item):
            words = shared_words(item.title, old[pk].title)
            rows.append(Similar(item, new[key].number, old[pk], score, words))
    return sorted(rows, key=lambda row: row.number)


def _faults(plan: Plan) -> list[str]:
    """What stands in the way of loading, each with what to do."""
    faults = []
    if not plan.problems:
        faults.append("还没有一条问题。请在核对页把问题找出来，或新增一条，再载入。")
    for kind, steps in ((PROBLEM, plan.problems), (CAUSE, plan.causes), (DIRECTION, plan.directions)):
        for step in steps:
            title = step.piece.title.strip()
            if not title or len(title) > LONGEST[kind]:
                what = f"有 {len(title)} 个字，最多 {LONGEST[kind]} 个" if title else "没有名称"
                faults.append(f"第 {step.number} 条{KINDS[kind]}的名称{what}，请在核对页修改。")
            if isinstance(step.piece, Item) and len(step.piece.text) > TEXT_LONGEST:
                what = f"有 {len(step.piece.text)} 个字，最多 {TEXT_LONGEST} 个"
                faults.append(f"第 {step.number} 条{KINDS[kind]}的内容{what}，请在核对页拆分或精简。")
    for step in plan.aspects:
        longest = Aspect._meta.get_field("title").max_length or 0
        if not 0 < len(step.piece.title.strip()) <= longest:
            faults.append(f"第 {step.number} 个查摆方面没有名称或超过 {longest} 个字，请在核对页修改。")
    return faults


def _digest(draft: IntakeDraft, plan: Plan) -> str:
    """Changes whenever what was shown no longer is what would be done."""
    rows = [f"{step.row.pk if step.row else 0}:{step.state}" for step in (*plan.problems, *plan.aspects)]
    rows += [f"{step.row.pk if step.row else 0}:{step.state}" for step in (*plan.causes, *plan.directions)]
    rows += [f"{c.field}:{c.old}>{c.new}" for step in plan.problems for c in step.changes]
    rows += [f"{step.number}:{step.given.key}" for step in plan.problems if step.given]
    facts = [draft.unit_id, draft.year, draft.title, draft.meeting, draft.target_id, draft.sha256]
    said = [*map(str, facts), *rows, *(str(row.pk) for row in plan.gone), plan.outline.canonical()]
    return hashlib.sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()
