"""A subtree is what stands between two paths, whatever the database's order of letters."""

from __future__ import annotations

import pytest

from rectify.models import Unit
from rectify.models.people import within

pytestmark = pytest.mark.django_db
PATHS = (
    "0009",
    "00090001",
    "0009ZZZZ",
    "0009ZZZZ0001",
    "000A",
    "000Z",
    "000Z0001",
    "000ZZZZZ",
    "0010",
    "00100001",
)


def test_a_subtree_holds_what_begins_with_its_path_and_nothing_else() -> None:
    Unit.objects.bulk_create(
        Unit(path=path, depth=len(path) // Unit.steplen, numchild=0, name=path) for path in PATHS
    )
    for top in (*PATHS, "0009Z000", ""):
        found = Unit.objects.filter(within("path", [top])).values_list("path", flat=True)
        assert list(found) == sorted(path for path in PATHS if path.startswith(top)), top
    both = Unit.objects.filter(within("path", ["000A", "0010"])).values_list("path", flat=True)
    assert list(both) == ["000A", "0010", "00100001"]
    assert not Unit.objects.filter(within("path", [])).exists()
