"""Names and texts as they were when a past day ended: what has no state rows is read back from the record.

The first entry after that day which changed a field says what the field held until then.
Thresholds and periods of a ledger are not read back: a past day's lights use today's settings.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from typing import Any

from django.db.models import Case, CharField, F, Value, When
from django.db.models.expressions import Combinable

from rectify.models import AuditEntry

# The kind of row and the field behind the last parts of a path such as problem__aspect__title.
NAMED = {
    "lead_unit__name": ("unit", "name"),
    "unit__name": ("unit", "name"),
    "leader__post": ("leader", "post"),
    "clerk__name": ("user", "name"),
    "clerk__phone": ("user", "phone"),
    "user__name": ("user", "name"),
    "user__phone": ("user", "phone"),
    "aspect__title": ("aspect", "title"),
    "aspect__short": ("aspect", "short"),
    "cause__title": ("rootcause", "title"),
    "cause__text": ("rootcause", "text"),
}
KINDS = ("unit", "leader", "user", "aspect", "rootcause", "manifestation", "problemcause")
NOW = object()  # unlike every value


class Earlier:
    """What changed since the moment a past day ended, in one query."""

    def __init__(self, end: dt.datetime, using: str) -> None:
        self._was: defaultdict[tuple[str, str], dict[int | None, Any]] = defaultdict(dict)
        later = AuditEntry.objects.using(using).filter(at__gte=end, target_kind__in=KINDS)
        rows = later.order_by("pk").values_list("target_kind", "target_id", "payload")
        for kind, pk, payload in rows.iterator(chunk_size=2000):
            for change in json.loads(payload).get("changes", ()):
                if change["old"] is not None:  # a row that was made later had nothing before
                    self._was[kind, change["field"]].setdefault(pk, change["old"])

    def was(self, kind: str, field: str, pk: int, now: Any) -> Any:
        """The value of a field when the day ended."""
        return self._was[kind, field].get(pk, now)

    def unlike(self, later: Earlier | None) -> dict[str, set[int]]:
        """By kind, the rows that were called otherwise than at a later moment; without one, than now."""
        found: dict[str, set[int]] = defaultdict(set)
        for (kind, field), values in self._was.items():
            then = later._was[kind, field] if later else {}
            found[kind].update(pk for pk, old in values.items() if pk and then.get(pk, NOW) != old)
        return found

    def read(self, *paths: str | F) -> list[str | Combinable]:
        """The paths of a `values_list`, each renamed thing by the name it had."""
        return [self._path(path) if isinstance(path, str) else path for path in paths]

    def _path(self, path: str) -> str | Combinable:
        for ending, key in NAMED.items():
            if path == ending or path.endswith(f"__{ending}"):
                owner = path.rpartition("__")[0]
                changed = [When(**{owner: pk}, then=Value(old)) for pk, old in self._was[key].items()]
                return Case(*changed, default=F(path), output_field=CharField()) if changed else path
        return path
