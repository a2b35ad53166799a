"""Reference data (units, leaders, posts, holidays, settings, report texts): saved with reason and record."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from rectify.audit import chain, field_values
from rectify.choices import Action, DutyKind
from rectify.errors import Incomplete
from rectify.models import Leader, LedgerSettings, Manifestation, Membership, Report, Unit, User
from rectify.notifications import outbox
from rectify.operations import duties, recording
from rectify.operations.sign_in.sessions import end_sessions
from rectify.operations.staffing.left_behind import left_behind
from rectify.operations.staffing.post_notices import post_changed


def store(row: Any, *, by: User, reason: str, report: Report | None = None) -> str:
    """Store a new or changed reference row; the entry holds old and new values. Returns what a person whose
    post or account this switches off still holds, in words.

    Rows of a ledger go into its chain and need its office; the others go into the system's chain.
    """
    act = _act(row, report)
    with transaction.atomic():
        chain.lock([report])
        for subject in _subjects(row, report):
            recording.require(by, act, subject)
        changes = _changes(row)
        if row.pk and not changes:
            return ""
        if isinstance(row, Unit) and row.pk is None:
            raise Incomplete("新单位须指明上级。")
        held = _hold(row, changes, by)
        _save(row)
        words, notices = left_behind(row) if _is_switched_off(changes) else ("", [])
        notices = [*notices, *post_changed(row, changes)]
        entry = chain.append_entry(
            by=by, act=act, report=report, target=row, label=_label(row, report), reason=reason,
            payload={"changes": changes} | ({"notices": outbox.summary(notices)} if notices else {}),
        )  # fmt: skip
        outbox.post(notices, entry)
        _ask_second(row, held, by, reason)
        return words


def _ask_second(row: Any, held: bool, by: User, reason: str) -> None:
    """Put before a second person what waits for one."""
    if isinstance(row, Membership) and held:
        duties.ask(DutyKind.POST, unit=row.unit, by=by, reason=reason, user=row.user, membership=row)
    if first := _account_to_hold(row, held):
        duties.hold_account(first, by=by, kind=DutyKind.ACCOUNT, reason=reason)


def _label(row: Any, report: Report | None) -> str:
    return field_values.label_of(row) if report else f"{row._meta.verbose_name} {row}"[:120]


def _is_switched_off(changes: list[dict[str, Any]]) -> bool:
    return any(one["field"] in ("active", "is_active") and one["old"] for one in changes)


def _save(row: Any) -> None:
    """Whoever takes or leaves a post signs in again."""
    row.save()
    if isinstance(row, Membership):
        end_sessions(row.user)


def _account_to_hold(row: Any, held: bool) -> User | None:
    """The account that comes to life by this saving: switched on again, or with its first post in force."""
    if isinstance(row, User):
        return row if held else None
    if not isinstance(row, Membership) or not row.active:
        return None
    others = Membership.objects.filter(user=row.user_id, active=True).exclude(pk=row.pk)
    return None if others.exists() else row.user


def _hold(row: Any, changes: list[dict[str, Any]], by: User) -> bool:
    """Whether the saving waits for a second person; a post of the three is stored switched off until then."""
    if isinstance(row, User):
        return row.is_active and any(change["field"] == "is_active" for change in changes)
    if not isinstance(row, Membership):
        return False
    duties.check_post(row, by=by)
    waits = duties.needs_second(row, by=by)
    if waits:
        row.active = False
        for change in changes:
            if change["field"] == "active":
                off = field_values.describe(row, "active", False)
                change |= {"new": off["new"], "new_text": off["new_text"]}
    return waits


def _subjects(row: Any, report: Report | None) -> list[Any]:
    """What the policy is asked about: the row where it hangs in the tree, as it was and as it will be."""
    if report:
        return [row if isinstance(row, Manifestation) else report]
    if not isinstance(row, Membership | Leader):
        return [row if row.pk else None]
    before = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
    account = [row.user] if row.user_id else []
    return [*([before.unit] if before else []), row.unit, *account]


def _act(row: Any, report: Report | None) -> str:
    if report:
        return Action.EDIT_SETTINGS if isinstance(row, LedgerSettings) else Action.EDIT_REPORT
    return Action.EDIT_ACCOUNT if isinstance(row, User | Membership) else Action.EDIT_REFERENCE


def _changes(row: models.Model) -> list[dict[str, Any]]:
    old = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
    found = []
    for item in row._meta.concrete_fields:
        if item.primary_key or item.name == "password" or item.generated:
            continue
        new = getattr(row, item.name)
        base = old or row
        if old is None or field_values.plain(old, item.name) != field_values.as_plain(new):
            change = field_values.describe(base, item.name, new)
            found.append(change | ({"old": None, "old_text": ""} if old is None else {}))
    return found
