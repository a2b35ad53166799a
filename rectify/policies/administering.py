"""Who keeps accounts, units and leaders: the system administrator, in the subtree of the post."""

from __future__ import annotations

from typing import Any

from rectify.choices import Action, Role
from rectify.models import Leader, Membership, Unit, User
from rectify.policies.decision import YES, Decision


def reaches(user: User, path: str) -> bool:
    """Whether a unit lies in a subtree that the person administers."""
    return any(path.startswith(mine) for mine in user.paths(Role.SYSADMIN))


def decide(user: User, act: str, obj: Any = None) -> Decision:
    """Whether the person may keep this thing; none: a thing of the house, or one still to be placed."""
    if not user.has_role(Role.SYSADMIN):
        return Decision(False, f"{Action(act).label}由系统管理员办理。")
    if isinstance(obj, User):
        inside = User.objects.administered_by(user).filter(pk=obj.pk).exists()
        why = "这个账号的任职不全在您管理的单位里，由上级的系统管理员办理。"
        return YES if inside else Decision(False, why)
    unit = obj if isinstance(obj, Unit) else obj.unit if isinstance(obj, Leader | Membership) else None
    if unit is None or reaches(user, unit.path):
        return YES
    return Decision(False, f"{unit}不在您管理的单位里，由那里的系统管理员办理。")
