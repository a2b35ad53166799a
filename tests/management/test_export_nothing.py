"""The export where there is no report yet."""

from __future__ import annotations

import pytest
from django.core.management.base import CommandError


@pytest.mark.django_db
def test_nothing_to_export_is_said(run, tmp_path):
    with pytest.raises(CommandError, match="还没有报告"):
        run("export_ledger", out=str(tmp_path / "台账.xlsx"))
