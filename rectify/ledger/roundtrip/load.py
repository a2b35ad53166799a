"""A confirmed plan to operations: one transaction, one batch, through the acts everybody else uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rectify.choices import Action, ImportKind
from rectify.ledger.roundtrip import merge
from rectify.ledger.roundtrip.decided import Confirmed, Decided, ItemRefused, Loaded
from rectify.ledger.roundtrip.reader import Returned
from rectify.models import User
from rectify.operations import recording
from rectify.operations.together import prepared
from rectify.operations.together.prepared import Nothing

__all__ = ["ItemRefused", "Loaded", "apply"]


def apply(
    returned: Returned,
    *,
    by: User,
    may: Any,
    name: str,
    sha256: str,
    digest: str = "",
    choices: Mapping[str, str] | None = None,
    refusals: Mapping[str, str] | None = None,
    upload: Any = None,
) -> Loaded:
    """Carry the plan out if it still is the one of `digest` (empty: any).

    It is planned and decided before the lock, where others wait; under it only what acts have touched since.
    """
    kept = {"kind": ImportKind.RETURNED, "name": name, "sha256": sha256, "upload": upload}
    confirmed = Confirmed(returned, by, may, name, digest, choices or {}, refusals or {}, kept)
    report = merge.report_of(returned, by)

    def prepare(by: User) -> Decided | Nothing:
        recording.require(by, Action.IMPORT, report)
        decided = Decided(replace(confirmed, by=by))
        return (
            decided.checked() if decided.plan.report == report else Nothing(Loaded(decided.plan, moved=True))
        )

    loaded: Loaded = prepared.stored([report], by, prepare)
    return loaded
