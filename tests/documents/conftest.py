"""What the tests of documents share: the document read back by another reader, and its text."""

from __future__ import annotations

import io

import docx
import pytest
from docx.document import Document
from docx.table import Table

from rectify import clock
from rectify.choices import DocumentKind
from rectify.documents.issue import Order, write_order
from rectify.models import Problem, Report, Supervision


@pytest.fixture(autouse=True)
def one_connection(monkeypatch):
    """A test's own transaction is not seen from the connection that reads snapshots."""
    monkeypatch.setattr("rectify.ledger.rows.SNAPSHOT", "default")


@pytest.fixture
def read():
    """read(report, kind, **order): the document as Word's own structure."""

    def written(report: Report, kind: DocumentKind = DocumentKind.REPORT, **order) -> Document:
        given = {
            "problems": Problem.objects.filter(report=report),
            "orders": Supervision.objects.all(),
            "day": clock.today(),
        }
        out = io.BytesIO()
        report = Report.objects.select_related("unit", "settings").get(pk=report.pk)
        write_order(Order(kind=kind, report=report, **given | order), "整改办", out)
        return docx.Document(io.BytesIO(out.getvalue()))

    return written


def text_of(document: Document) -> str:
    """Everything that stands in it, tables too, in lines."""
    lines = []
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            lines += [cell.text for row in part.rows for cell in row.cells]
        else:
            lines.append(part.text)
    return "\n".join(lines)
