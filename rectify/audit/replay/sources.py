"""Playing the entries of kept sources again: text, file and the place of each problem are as recorded."""

from __future__ import annotations

from collections.abc import Iterator

from rectify.audit.replay.reading import Break, chunks, details_of, entries_of, place, vanished
from rectify.choices import Action
from rectify.models import AuditEntry, Report, SourceText
from rectify.operations.exchange import sources


def disagreements(report: Report, using: str) -> Iterator[Break]:
    """The kept text, its file's digest and the place of each problem are what was recorded at the load."""
    rows = SourceText.objects.using(using).filter(report=report)
    for chunk in chunks(rows.prefetch_related("passages")):
        entries = entries_of(report, using, "sourcetext", chunk)
        for source in chunk:
            yield from _breaks(source, entries[source.pk])
    yield from vanished(report, using, "sourcetext", [Action.LOAD_SOURCE], rows)


def _breaks(source: SourceText, entries: list[AuditEntry]) -> Iterator[Break]:
    where = f"报告原文第 {source.edition} 稿"
    if not entries:
        yield Break(where, "没有对应的记录")
        return
    if entries[0].is_purged:
        return
    details = details_of(entries[0])
    places = {one.problem_id: (one.start, one.end) for one in source.passages.all()}
    if details.get("source") != sources.facts(source):
        yield Break(f"{place(entries[0])}，{where}", "文字、文件名或摘要与记录不符")
    elif details.get("places") != sources.places_of(places):
        yield Break(f"{place(entries[0])}，{where}", "问题在原文中的位置与记录不符")
