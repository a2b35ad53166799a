"""The buttons of the preview: what each reads from its form, what it does to the outline, what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import QueryDict

from rectify.choices import Action
from rectify.errors import Difference, Incomplete, Stale
from rectify.forms.fields import clean_text
from rectify.forms.intake import NewPieceForm, PieceForm
from rectify.intake.names import choose, names_of_report
from rectify.intake.plan import ledgers, make_plan
from rectify.intake.reading import read_section
from rectify.intake.review import editing
from rectify.intake.review.edited import DIRECTION, KINDS, PROBLEM, EditedOutline
from rectify.intake.review.filled import filled, gap_groups
from rectify.intake.review.preview import Preview
from rectify.models import IntakeDraft, Report, User
from rectify.operations.exchange import intake_drafts
from rectify.policies import Decision, may
from rectify.xlsx.values import names_of


@dataclass(frozen=True)
class Done:
    """What was done, in words, and the piece the page goes back to."""

    words: str
    key: str = ""


Verb = Callable[[IntakeDraft, EditedOutline, QueryDict], Done]


def carry_out(draft: IntakeDraft, data: QueryDict, *, by: User, seen: int) -> Done:
    """Do what the button asks and keep the outline."""
    verb = data.get("verb", "")
    if verb == "target":
        return _target(draft, data, by, seen)
    verbs = VERBS | {"names": partial(_names, may_add=bool(may_add_names(by, draft)))}
    if verb not in verbs:
        raise Incomplete("没有看懂这一步操作，草稿没有改动。请重新打开本页再试。")
    outline = EditedOutline.from_json(draft.outline)
    done = verbs[verb](draft, outline, data)
    intake_drafts.change(draft, by=by, seen=seen, outline=outline.to_json())
    return done


def may_add_names(user: User, draft: IntakeDraft) -> Decision:
    """Whether the person may have a leader or a unit made of a name that nobody here goes by."""
    return may(user, Action.ADD_FROM_SHEET, Report(unit=draft.unit, year=draft.year))


def save_piece(draft: IntakeDraft, key: str, data: dict[str, Any], *, by: User) -> IntakeDraft:
    """Keep one piece's form; texts that were not touched keep their placeholders."""
    page = Preview.of(draft)
    outline, words = page.outline, page.unfilled_words(key)
    lines = [line.strip() for line in data["manifestations"].split("\n")]
    editing.turn(outline, key, kind=data["kind"])
    editing.move(outline, key, aspect=data["aspect"])
    outline.item(key).covers = data["covers"] and data["kind"] == DIRECTION
    editing.rename(
        outline,
        key,
        title=words.get(data["title"], data["title"]),
        text=words.get(data["text"], data["text"]),
        manifestations=[words.get(line, line) for line in lines],
    )
    if "leaders" in data:
        _save_assignment(
            page, key, {name: words.get(data[name], data[name]) for name in PieceForm.assignment}
        )
    try:
        return intake_drafts.change(draft, by=by, seen=data["version"], outline=outline.to_json())
    except Stale as refusal:
        theirs = Preview.of(IntakeDraft.objects.get(pk=draft.pk))
        raise Stale(refusal.message, _differences(theirs, key, data), refusal.version) from refusal


def _save_assignment(page: Preview, key: str, data: dict[str, Any]) -> None:
    editing.assign(
        page.outline,
        key,
        leaders=names_of(data["leaders"]),
        units=names_of(data["units"]),
        words=data["deadline_words"],
        day=data["deadline"],
        shown=page.day_of(key),
        is_begun_anew=data["is_begun_anew"],
    )


def _differences(page: Preview, key: str, data: dict[str, Any]) -> list[Difference]:
    """What was typed beside what another window saved."""
    if key not in page.numbers:
        return []
    now = page.piece_values(key)
    labels = {"title": "名称", "text": "内容", "manifestations": "具体表现"}
    labels |= {"leaders": "责任领导", "units": "责任单位", "deadline_words": "完成时限"}
    pairs = [
        (label, str(data[name]).strip(), str(now[name]).strip())
        for name, label in labels.items()
        if name in data
    ]
    return [Difference(label, mine, theirs) for label, mine, theirs in pairs if mine != theirs]


def _merge(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    item = editing.merge(outline, data.get("key", ""))
    return Done(f"已与下一条合并为“{item.title}”，请核对文字。", item.key)


def _split(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    item = editing.split(outline, data.get("key", ""), at=_number(data.get("at")), source=draft.text)
    return Done(f"已拆出新的一条“{item.title}”，请核对名称。", item.key)


def _drop(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    item = outline.item(data.get("key", ""))
    editing.drop(outline, item.key)
    return Done(f"已删去“{item.title}”，需要时可在页末“删去的”里恢复。", "outline")


def _restore(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    item = outline.item(data.get("key", ""))
    editing.restore(outline, item.key)
    return Done(f"已恢复“{item.title}”。", item.key)


def _add(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    form = NewPieceForm(data, aspects=[(aspect.key, aspect.title) for aspect in outline.kept_aspects()])
    if not form.is_valid():
        words = [
            f"{form.fields[name].label}：{error}" for name, rows in form.errors.items() for error in rows
        ]
        raise Incomplete("没有新增，请改正后再试。", words)
    said = form.cleaned_data
    item = editing.add(
        outline, kind=said["kind"], title=said["title"], text=said["text"], aspect=said["aspect"]
    )
    return Done(f"已新增{KINDS[item.kind]}“{item.title}”。", item.key)


def _aspect(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    key, title = data.get("key", ""), clean_text(data.get("title", "")).replace("\n", " ")
    if not key:
        return Done(f"已新增方面“{title.strip()}”。", editing.add_aspect(outline, title=title).key)
    editing.rename_aspect(outline, key, title=title)
    return Done("已保存这个方面的名称。", key)


def _aspect_drop(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    editing.drop_aspect(outline, data.get("key", ""))
    return Done("已删去这个方面，其中的问题归入“未分类”。", "outline")


def _link(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    confirm = data.get("confirm") == "1"
    editing.decide(outline, data.get("problem", ""), data.get("other", ""), confirm=confirm)
    return Done("已确认这处对应。" if confirm else "已否定这处对应。", data.get("problem", ""))


def _tie(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    editing.tie(outline, data.get("problem", ""), data.get("other", ""))
    return Done("已补上这处对应。", data.get("problem", ""))


def _fill(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    """One value for all of a wording, unless a single place was given its own."""
    values: dict[int, str] = {}
    for index, group in enumerate(gap_groups(outline, draft.text)):
        whole = clean_text(data.get(f"all-{index}", "")).replace("\n", " ")
        for occurrence in group.occurrences:
            own = clean_text(data.get(f"gap-{occurrence.position}", "")).replace("\n", " ")
            values[occurrence.position] = own or whole
    count = editing.fill(outline, values)
    return Done(f"已填好 {count} 处空白，还有 {len(outline.gaps) - count} 处没有填。", "gaps")


def _names(draft: IntakeDraft, outline: EditedOutline, data: QueryDict, *, may_add: bool) -> Done:
    """Whom the names of the report are taken for, each once for all problems."""
    names = names_of_report(filled(outline, draft.text), draft.unit)
    taken = choose(outline, names, data, may_add=may_add)
    left = len([*names.leaders, *names.units]) - taken if names else 0
    words = f"还有 {left} 个没有对应，载入后写在备注里。" if left else "都已对应。"
    return Done(f"已保存，{taken} 个名称已对应，{words}", "names")


def _include(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    key = data.get("key", "")
    if not data.get("included"):
        editing.leave_out(outline, key)
        return Done("这一部分不再纳入。", "sections")
    came = editing.include(outline, key, partial(read_section, draft))
    return Done(f"已纳入这一部分，从中识别出 {came} 条，请在提纲里核对。", "sections")


def _carry(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    """Mark the ticked problems as carried over; whose number, the plan says and not the page."""
    ticked = set(data.getlist("carry"))
    for row in make_plan(draft).similar:
        carried = f"{row.problem.report.year} 年度 {row.problem.code}" if row.item.key in ticked else ""
        outline.item(row.item.key).carried = carried
    count = sum(bool(item.carried) for item in outline.kept(PROBLEM))
    return Done(f"已标明 {count} 项为上年结转。" if count else "没有标为上年结转的问题。", "similar")


def _apart(draft: IntakeDraft, outline: EditedOutline, data: QueryDict) -> Done:
    item = outline.item(data.get("key", ""))
    item.apart = data.get("apart") == "1"
    how = "将作为新问题载入" if item.apart else "重新与台账中的问题比对"
    return Done(f"“{item.title}”{how}。")


def _target(draft: IntakeDraft, data: QueryDict, by: User, seen: int) -> Done:
    """A new ledger, or one of the same unit and year that the report corrects."""
    asked = data.get("target", "")
    known = {str(report.pk): report for report in ledgers(draft, by)}
    if asked and asked not in known:
        raise Incomplete("所选台账不在可选范围内，请重新选择。")
    intake_drafts.change(draft, by=by, seen=seen, target=known.get(asked))
    words = (
        f"将更新《{known[asked]}》，只改文字、补新问题，责任、时限和进展不动。"
        if asked
        else "将新建一本台账。"
    )
    return Done(words)


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else -1


VERBS: dict[str, Verb] = {
    "merge": _merge,
    "split": _split,
    "drop": _drop,
    "restore": _restore,
    "add": _add,
    "aspect": _aspect,
    "aspect_drop": _aspect_drop,
    "link": _link,
    "tie": _tie,
    "fill": _fill,
    "include": _include,
    "carry": _carry,
    "apart": _apart,
}
