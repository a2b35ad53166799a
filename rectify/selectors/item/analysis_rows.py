"""The causes and directions of a problem, and whether a person may confirm or reject each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rectify.choices import Action, LinkStatus
from rectify.models import User
from rectify.models.analysis import Link
from rectify.policies import may


@dataclass(frozen=True)
class LinkRow:
    """A cause or a direction with its basis and whether it may be confirmed or rejected."""

    link: Link
    kind: str
    title: str
    may_confirm: bool
    may_reject: bool


def link_rows(user: User, kind: str, links: Sequence[Link]) -> dict[str, list[LinkRow]]:
    """The causes or directions of the problem; those rejected apart."""
    rows = [
        LinkRow(
            link,
            kind,
            link.title,  # type: ignore[attr-defined]
            bool(may(user, Action.CONFIRM_LINK, link)),
            bool(may(user, Action.REJECT_LINK, link)),
        )
        for link in links
    ]
    rejected = [row for row in rows if row.link.status == LinkStatus.REJECTED]
    return {"standing": [row for row in rows if row not in rejected], "rejected": rejected}
