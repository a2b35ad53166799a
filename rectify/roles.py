"""The table of roles: what each sees, does and watches; the groups that rules name follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from rectify.choices import Role


class Sees(Enum):
    """How much of the business a role sees."""

    WHOLE = auto()  # every ledger of the subtree of its unit
    OWN = auto()  # the items of its unit or its leader; names as far as its county
    FACTS = auto()  # that something was done in its subtree, never the text of it


@dataclass(frozen=True)
class RoleFacts:
    sees: Sees
    called: str  # in a sentence
    reports: bool = False  # does the work of its unit
    signs: bool = False  # decides steps of applications
    reads_record: bool = False  # reads the audit entries of the ledgers in its subtree
    checks_health: bool = False
    watches: bool = False  # one of the three that watch each other
    sees_duties: bool = False  # knows where 三员分立 is switched off
    administers: bool = False  # opens the reference data


ROLES: dict[Role, RoleFacts] = {
    Role.OFFICE: RoleFacts(
        Sees.WHOLE,
        "整改办",
        signs=True,
        reads_record=True,
        checks_health=True,
        watches=True,
        sees_duties=True,
        administers=True,
    ),
    Role.LEADER: RoleFacts(Sees.OWN, "责任领导", signs=True),
    Role.UNIT_HEAD: RoleFacts(Sees.OWN, "单位负责人", reports=True, signs=True),
    Role.CLERK: RoleFacts(Sees.OWN, "经办人", reports=True),
    Role.INSPECTOR: RoleFacts(
        Sees.WHOLE, "督查检查人员", reads_record=True, checks_health=True, sees_duties=True
    ),
    Role.SYSADMIN: RoleFacts(
        Sees.FACTS, "系统管理员", checks_health=True, watches=True, sees_duties=True, administers=True
    ),
    Role.AUDITOR: RoleFacts(Sees.FACTS, "安全审计员", reads_record=True, watches=True, sees_duties=True),
}


def _those(test: Callable[[RoleFacts], bool]) -> tuple[Role, ...]:
    return tuple(role for role, facts in ROLES.items() if test(facts))


BUSINESS = _those(lambda facts: facts.sees is not Sees.FACTS)
OVERSEERS = _those(lambda facts: facts.sees is Sees.WHOLE)
HOLDERS = _those(lambda facts: facts.sees is Sees.OWN)
# Posts that reach over the subtree of their unit; the others reach as far as their county.
WIDE = _those(lambda facts: facts.sees is not Sees.OWN)
REPORTING = _those(lambda facts: facts.reports)
SIGNERS = _those(lambda facts: facts.signs)
# Who may sign for somebody who is away.
DEPUTIES = _those(lambda facts: facts.signs or facts.reports)
RECORD_READERS = _those(lambda facts: facts.reads_record)
HEALTH_CHECKERS = _those(lambda facts: facts.checks_health)
WATCHING = _those(lambda facts: facts.watches)
DUTY_READERS = _those(lambda facts: facts.sees_duties)
ADMINISTRATORS = _those(lambda facts: facts.administers)


def named(roles: tuple[Role, ...]) -> str:
    """整改办、督查检查人员和安全审计员."""
    *first, last = (ROLES[role].called for role in roles)
    return f"{'、'.join(first)}和{last}" if first else last
