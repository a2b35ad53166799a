"""Purge: content wrongly uploaded is removed everywhere, by two people, with its reason."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from rectify import clock
from rectify.audit import chain, field_values, written
from rectify.choices import Action, PurgeStatus
from rectify.digests import PURGED_PAYLOAD, canonical
from rectify.errors import WrongState
from rectify.evidence import storage as evidence_files
from rectify.models import (
    AuditEntry,
    CloseOut,
    Draft,
    Evidence,
    Extension,
    FollowUp,
    Instruction,
    Measure,
    Problem,
    ProgressNote,
    Purge,
    Reply,
    SourceText,
    Supervision,
    User,
    WorkingCopy,
)
from rectify.models.field_registry import EDITED, names_of
from rectify.models.progress import PURGED
from rectify.operations import recording
from rectify.operations.exchange import issue_ledger, sources, uploads

Target = (
    ProgressNote
    | Evidence
    | Measure
    | Problem
    | Supervision
    | Reply
    | Instruction
    | CloseOut
    | Extension
    | FollowUp
)
MODELS: dict[str, Any] = {
    "progressnote": ProgressNote,
    "evidence": Evidence,
    "measure": Measure,
    "problem": Problem,
    "supervision": Supervision,
    "reply": Reply,
    "instruction": Instruction,
    "closeout": CloseOut,
    "extension": Extension,
    "followup": FollowUp,
}
TEXTS = {
    "progressnote": ("text",),
    "evidence": ("name",),
    "measure": ("text", "standard", "result", "rule_name", "rule_number"),
    "problem": names_of(EDITED),
    "supervision": ("reason",),
    "reply": ("text",),
    "instruction": ("text",),
    "closeout": ("statement", "answers", "explanations"),
    "extension": ("reason", "progress"),
    "followup": ("finding",),
    "closeoutstep": ("comment",),
    "extensionstep": ("comment",),
}


def request(target: Target, *, by: User, reason: str) -> Purge:
    """Ask for a removal; nothing is removed until a second person agrees."""
    reason = recording.need_reason(reason)
    problem = target if isinstance(target, Problem) else target.problem
    kind = str(target._meta.model_name)
    with transaction.atomic():
        chain.lock([problem.report])
        recording.require(by, Action.REQUEST_PURGE, problem)
        if Purge.objects.waiting().filter(target_kind=kind, target_id=target.pk).exists():
            raise WrongState("这项内容已有人申请清除，正等待第二人确认。")
        label = f"{problem.code} {target._meta.verbose_name}"
        purge = Purge.objects.create(
            report=problem.report,
            problem=problem,
            target_kind=kind,
            target_id=target.pk,
            target_label=label,
            reason=reason,
            requested_by=by,
            requested_at=clock.now(),
        )
        _enter(purge, by, Action.REQUEST_PURGE, reason, {"purge": purge.pk})
        return purge


def confirm(purge: Purge, *, by: User) -> Purge:
    """Remove the content everywhere: row, history rows, audit texts, drafts and the file itself."""
    with transaction.atomic():
        current = _waiting(purge, by, Action.CONFIRM_PURGE)
        target = MODELS[current.target_kind].objects.get(pk=current.target_id)
        texts = sources.holding(target) if isinstance(target, Problem) else []
        doomed: list[Evidence | SourceText] = [*_files(target), *texts]
        filed = issue_ledger.quoting(current.problem, _texts(target, doomed), _opinions(target))
        issue_ledger.blank(filed)
        _blank(target)
        entries = _blank_entries(target, texts)
        sources.blank(texts)
        Draft.objects.filter(key__endswith=f":{current.problem_id}").delete()
        _blank_copies(current)
        _decide(current, by, PurgeStatus.DONE)
        payload = {"purge": current.pk, "purged_entries": entries, "files": [row.sha256 for row in doomed]}
        payload |= {"issued": [issued.code for issued in filed]} if filed else {}
        _enter(current, by, Action.CONFIRM_PURGE, current.reason, payload)
        transaction.on_commit(lambda: evidence_files.remove([*doomed, *filed]))
        uploads.drop_all()
        return current


def refuse(purge: Purge, *, by: User, reason: str) -> Purge:
    """Decline a removal, with the reason."""
    reason = recording.need_reason(reason)
    with transaction.atomic():
        current = _waiting(purge, by, Action.REFUSE_PURGE)
        _decide(current, by, PurgeStatus.REFUSED)
        _enter(current, by, Action.REFUSE_PURGE, reason, {"purge": current.pk})
        return current


def _waiting(purge: Purge, by: User, act: str) -> Purge:
    chain.lock([purge.report])
    current = Purge.objects.select_for_update().get(pk=purge.pk)
    recording.require(by, act, current)
    if current.status != PurgeStatus.REQUESTED:
        raise WrongState(f"这份清除申请{PurgeStatus(current.status).label}，不能再办理。")
    return current


def _decide(purge: Purge, by: User, status: str) -> None:
    purge.status, purge.decided_by, purge.decided_at = status, by, clock.now()
    purge.save(update_fields=["status", "decided_by", "decided_at"])


def _files(target: Target) -> list[Evidence]:
    """The files that go with the target, itself or what proves it and its steps."""
    if isinstance(target, Evidence):
        return [target]
    return list(Evidence.objects.proving(target, *_steps(target)))


def _steps(target: Target) -> list[Any]:
    return list(target.steps.all()) if isinstance(target, CloseOut | Extension) else []


def _texts(target: Target, files: Sequence[Evidence | SourceText]) -> set[str]:
    """Every text that goes, as it stands and as it stood: a filed ledger may quote any of them."""
    rows: list[Any] = [target, *(target.states.all() if isinstance(target, Problem | Measure) else ())]
    names = TEXTS[str(target._meta.model_name)]
    texts = {getattr(row, name) for row in rows for name in names} | {file.name for file in files}
    return (texts | _symptoms(target)) - {"", PURGED}


def _opinions(target: Target) -> set[str]:
    """What those who decided on an application for close-out said: forms print it."""
    if not isinstance(target, CloseOut):
        return set()
    return set(target.steps.values_list("comment", flat=True)) - {"", PURGED}


def _symptoms(target: Target) -> set[str]:
    """What the manifestations of a problem say, and what they said before they were edited."""
    if not isinstance(target, Problem):
        return set()
    entries = AuditEntry.objects.about("manifestation", _parts(target))
    changes = [change for entry in entries for change in entry.details.get("changes", [])]
    said = {change[side] for change in changes if change["field"] == "text" for side in ("old", "new")}
    return {row.text for row in target.manifestations.all()} | (said - {None})


def _parts(problem: Problem) -> list[int]:
    return list(problem.manifestations.values_list("pk", flat=True))


def _blank(target: Target) -> None:
    kind = str(target._meta.model_name)
    _replace(type(target).objects.filter(pk=target.pk), target, TEXTS[kind])
    if isinstance(target, Problem | Measure):
        for state in target.states.all():
            _replace(type(state).objects.filter(pk=state.pk), state, TEXTS[kind])
    if isinstance(target, Problem):
        _blanked(target.manifestations.all(), text=PURGED)
    for step in _steps(target):
        _replace(type(step)._default_manager.filter(pk=step.pk), step, TEXTS[field_values.kind_of(step)])
    _blanked(Evidence.objects.proving(target, *_steps(target)), name=PURGED)


def _replace(rows: Any, row: Any, names: tuple[str, ...]) -> None:
    """Put the marker where there was a text; what was empty stays empty."""
    filled = {name: PURGED for name in names if getattr(row, name)}
    if filled:
        _blanked(rows, **filled)


def _blanked(rows: Any, **markers: str) -> None:
    rows.update(**markers)
    written.wrote_all(rows)


def _blank_copies(purge: Purge) -> None:
    """What fillable copies held of the problem goes too, so that none of them can bring it back."""
    code = purge.problem.code
    for copy in WorkingCopy.objects.filter(export__report=purge.report).iterator():
        rows = json.loads(copy.rows)
        if code in rows:
            rows[code] = {"purged": True}
            copy.rows = canonical(rows)
            copy.save(update_fields=["rows"])


def _blank_entries(target: Target, texts: list[SourceText]) -> list[int]:
    """Blank the payload and reason of every entry that may quote the content; their digests stay."""
    holder: Any = target.holder if isinstance(target, Evidence) else target
    query = Q(target_kind=holder._meta.model_name, target_id=holder.pk)
    if isinstance(target, ProgressNote):
        query |= Q(target_kind="progressnote", target_id__in=_corrections(target))
    if isinstance(target, Problem):
        query |= Q(target_kind="manifestation", target_id__in=_parts(target))
    if not isinstance(holder, ProgressNote | Measure | Problem):
        query |= Q(pk__in=_spoken_of(holder))
    query |= Q(target_kind="sourcetext", target_id__in=[source.pk for source in texts])
    acts = [Action.REQUEST_PURGE, Action.CONFIRM_PURGE, Action.REFUSE_PURGE]
    entries = AuditEntry.objects.filter(query).exclude(act__in=acts)
    ids = list(entries.order_by("id").values_list("pk", flat=True))
    AuditEntry.objects.filter(pk__in=ids).update(payload=PURGED_PAYLOAD, salt="")
    AuditEntry.objects.filter(pk__in=ids).exclude(reason="").update(reason=PURGED)
    _name_anew(ids)
    return ids


def _name_anew(ids: list[int]) -> None:
    """Without its salt an entry vouches for no row any more: the entry of the purge names them again."""
    named: dict[str, set[int]] = defaultdict(set)
    for rows in AuditEntry.objects.filter(pk__in=ids).values_list("rows", flat=True):
        for kind, pk, digest in json.loads(rows):
            if digest:
                named[kind].add(pk)
    for kind, keys in named.items():
        written.wrote_all(apps.get_model("rectify", kind)._base_manager.filter(pk__in=keys))


def _corrections(note: ProgressNote) -> list[int]:
    """The entry of a correction quotes the note it corrects."""
    return list(ProgressNote.objects.filter(corrects=note).values_list("pk", flat=True))


def _spoken_of(holder: Any) -> list[int]:
    """The entries that quote an application, one of its steps, or a follow-up."""
    problem = getattr(holder, "application", holder).problem
    wanted = {(field_values.kind_of(row), row.pk) for row in (holder, *_steps(holder))}
    entries = AuditEntry.objects.filter(problem=problem)
    return [entry.pk for entry in entries if wanted & _quoted(entry)]


def _quoted(entry: AuditEntry) -> set[tuple[str, int]]:
    """The rows of the reviewed procedures whose texts an entry holds: (model, id)."""
    details = entry.details
    parts = [details[name] for name in ("application", "step") if "model" in details.get(name, {})]
    found = {(part["model"], part["id"]) for part in parts}
    return found | ({("followup", details["follow_up"]["id"])} if details.get("follow_up") else set())


def _enter(purge: Purge, by: User, act: str, reason: str, payload: dict[str, Any]) -> None:
    chain.append_entry(
        by=by,
        act=act,
        report=purge.report,
        target=purge,
        label=purge.target_label,
        payload=payload,
        reason=reason,
        problem=purge.problem,
    )
