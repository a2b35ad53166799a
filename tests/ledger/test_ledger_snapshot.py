"""The download reads one state from a connection of its own, beside people at work."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client

from rectify.models import Report
from tests import builders


@pytest.mark.django_db(transaction=True, databases=["default", "snapshot"])
def test_the_download_reads_from_the_snapshot():
    made = builders.cast()
    client = Client()
    client.force_login(made["office"])
    data = b"".join(client.get("/ledger/export/"))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    titles = [row[1] for row in sheet.iter_rows(min_row=4, values_only=True) if isinstance(row[0], int)]
    assert titles == ["学用结合不紧", "督办不够经常", "调研不深"]
    assert Report.objects.get().exports.count() == 1
