"""Search finds what a scan of the texts finds, in every kind of row, of what a person may see."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rectify.models import Evidence, Problem, SearchText, User
from rectify.models.search import lookup as searching
from rectify.models.search.tables import TABLE, pairs
from rectify.models.search.texts import Searched, fold, id_of
from rectify.operations import measures, problems, progress, purging, search_index
from rectify.selectors.search_hits import hits_of, parts_of
from tests.builders import Cast, pdf
from tests.builders import cast as build

pytestmark = pytest.mark.django_db
WORLD = build
WORDS = st.text(alphabet="压实责任12１Ａa'\"\\\\%_， é\t", max_size=6)


def found(text: str, user: User) -> set[int]:
    items = Problem.objects.visible_to(user)
    looked = searching.look_up(text, items, user)
    return set((items if looked is None else items.filter(pk__in=looked.ids)).values_list("pk", flat=True))


def scanned(text: str, user: User) -> set[int]:
    """Every visible item of which each word stands in a row, or in the name of one of its people."""
    rows = dict(SearchText.objects.values_list("pk", "text"))
    hits = set()
    for item in Problem.objects.visible_to(user):
        said = list(SearchText.objects.filter(problem=item).values_list("text", flat=True))
        people = [("unit", item.lead_unit_id), ("leader", item.leader_id), ("user", item.clerk_id)]
        people += [("unit", unit.pk) for unit in item.supporting_units.all()]
        people += [("leader", leader.pk) for leader in item.supporting_leaders.all()]
        said += [rows[id_of(kind, pk)] for kind, pk in people if pk]
        if all(any(word in text for text in said) for word in fold(text).split()):
            hits.add(item.pk)
    return hits


def test_every_text_of_an_item_and_its_people_is_found(cast: Cast) -> None:
    problem, clerk = cast.problem, cast["clerk"]
    problems.edit(problem, by=cast["office"], seen=problem.version, goal="年底前新增学位２００个")
    measure = measures.add(problem, by=clerk, text="印发ＡＢＣ办法")
    progress.add(problem, by=clerk, text="已排查隐患，完成100%", files=[pdf("验收单.pdf")])
    mine = {problem.pk}
    texts = [
        "学用",
        "学得多",
        "用得少。",
        "新增学位200",
        "abc",
        "１００%",
        "隐患 验收",
        "联系实际",
        "丙局",
        "副县长",
    ]
    for text in [*texts, problem.code, "办法 学位 隐患 经办", "% 隐", "研"]:
        assert found(text, clerk) == mine, text
        assert mine <= found(text, cast["office"]) == scanned(text, cast["office"]), text
        assert found(text, cast["stranger"]) == set(), text
    for text in ["隐完", "办法印发", "学位201", "县长副", "学用 没有", "_"]:
        assert found(text, clerk) == set(), text
    assert found(" ", clerk) == mine
    measures.edit(measure, by=clerk, seen=1, text="改为专题调研")
    assert (found("abc", clerk), found("专题调研", clerk)) == (set(), mine)
    assert list(search_index.mismatches()) == []


def test_what_is_purged_leaves_the_index(cast: Cast) -> None:
    note = progress.add(cast.problem, by=cast["clerk"], text="误传张三家庭住址", files=[pdf("住址.pdf")])
    file = Evidence.objects.get(note=note)
    for target in (file, note):
        asked = purging.request(target, by=cast["office"], reason="误传")
        purging.confirm(asked, by=cast["sysadmin"])
    assert found("住址", cast["clerk"]) == found("清除", cast["clerk"]) == set()
    assert not SearchText.objects.filter(text__contains="住址").exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', '{TABLE}', 'row')")
            cursor.execute(
                "SELECT count(*) FROM temp.terms WHERE term = %s", [pairs("住址", None).split()[0]]
            )
            assert cursor.fetchone() == (0,)
            cursor.execute("DROP TABLE temp.terms")


def test_made_anew_it_is_the_same(cast: Cast, run: Any) -> None:
    before = list(SearchText.objects.order_by("pk").values())
    SearchText.objects.filter(problem=cast.problem).update(text="别的", report=None)
    assert id_of("problem", cast.problem.pk) in list(search_index.mismatches())
    assert f"共 {len(before)} 条" in run("rebuild_search")
    assert list(SearchText.objects.order_by("pk").values()) == before
    assert found("别的", cast["office"]) == set()
    assert found("学用", cast["office"]) == {cast.problem.pk}


def test_what_was_searched_is_marked_as_it_was_written(cast: Cast) -> None:
    parts = [("完成", False), ("１００％", True), ("，见", False), ("Ａb", True), (" 办法", False)]
    assert parts_of("完成１００％，见Ａb 办法", ["100%", "ab"]) == parts
    text = f"{'前' * 40}见《ＡＢＣ办法》，{'后' * 40}"
    progress.add(cast.problem, by=cast["clerk"], text=text)
    hit = hits_of([cast.problem.pk], ["abc", "学用"], {cast.problem.pk: cast.problem.title})[cast.problem.pk]
    assert (hit.label, [part for part, is_hit in hit.parts if is_hit]) == ("进展", ["ＡＢＣ"])
    assert hit.parts[0][0].startswith("…前") and hit.parts[-1][0].endswith("后…")


@given(said=st.lists(WORDS, max_size=6), asked=WORDS, most=st.integers(1, 5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_a_scan_finds(
    cast: Cast, monkeypatch: Any, said: list[str], asked: str, most: int
) -> None:
    """Where a word is everywhere, some of it for whoever sees all, and all of it for a clerk."""
    monkeypatch.setattr(searching, "MOST", most)
    items = list(Problem.objects.order_by("pk"))
    rows = [
        Searched(10_000_000 + n * 16 + 2, items[n % 3].pk, items[n % 3].report_id, fold(text))
        for n, text in enumerate(said)
    ]
    with transaction.atomic():
        SearchText.objects.keep(rows)
        for role in ("office", "inspector"):
            looked = searching.look_up(asked, Problem.objects.visible_to(cast[role]), cast[role])
            expected = scanned(asked, cast[role])
            whole = searching.holding(asked, Problem.objects.visible_to(cast[role]))
            assert set(whole.values_list("pk", flat=True)) == expected
            assert found(asked, cast[role]) <= expected
            assert (looked is not None and looked.more) or found(asked, cast[role]) == expected
        assert found(asked, cast["clerk"]) == scanned(asked, cast["clerk"])
        SearchText.objects.keep([row._replace(text="空") for row in rows])
        assert found(asked, cast["clerk"]) == scanned(asked, cast["clerk"])
        transaction.set_rollback(True)


@given(st.text(st.sampled_from("，；：（）,。Ａ１ 　é\u0301\u0338<=가ᄀ\u1161责任") | st.characters()))
def test_a_text_is_folded_as_unicode_says(text: str) -> None:
    plain = unicodedata.normalize("NFKC", text)
    capitals = {letter: letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    assert fold(text) == " ".join(plain.translate(str.maketrans(capitals)).split())
