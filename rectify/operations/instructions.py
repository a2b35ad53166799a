"""Instructions (批示): a leader writes one on an item; the unit takes note of it or answers it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from rectify import clock, hand_overs
from rectify.audit import chain
from rectify.choices import Action
from rectify.errors import Incomplete
from rectify.models import Handling, Instruction, Leader, Notice, Problem, ProgressNote, User
from rectify.notifications import outbox
from rectify.notifications.recipients import Directory, Owners, Told
from rectify.operations import recording


def instruct(
    problem: Problem, *, by: User, text: str, leader: Leader | None = None, idempotency_key: str | None = None
) -> Instruction:
    """Write a leader's instruction on an item; the office may write it down for one without an account."""
    said = recording.need_text(text, "批示", "text")
    with transaction.atomic():
        chain.lock([problem.report])
        current = Problem.objects.select_related("report__unit", "leader", "lead_unit").get(pk=problem.pk)
        recording.require(by, Action.INSTRUCT, current)
        if earlier := chain.find_duplicate(by, idempotency_key):
            return Instruction.objects.get(pk=earlier)
        author = _author(current, by, leader)
        row = Instruction.objects.create(
            problem=current, leader=author, by=by, by_label=by.label[:160], at=clock.now(), text=said
        )
        label = f"{current.code} 批示"
        outbox.enter(
            row, by, Action.INSTRUCT, current.report, label, _notices(row, current),
            problem=current, idempotency_key=idempotency_key,
        )  # fmt: skip
        return row


def _notices(row: Instruction, problem: Problem) -> list[Notice]:
    """For the clerks and heads who are to handle it."""
    directory = Directory()
    owners = Owners.of(problem)
    return outbox.compose(
        problem.report,
        kind=hand_overs.INSTRUCTED.kind,
        to=[*directory.clerks(owners), *directory.heads(owners)],
        text=hand_overs.INSTRUCTED.message.format(leader=row.leader, code=problem.code),
        url=row.get_absolute_url(),
        directory=directory,
        items=[{"problem": problem.pk, "words": ""}],
    )


def acknowledge(instruction: Instruction, *, by: User) -> Handling:
    """Take note of an instruction; the same person again gets what is there."""
    with transaction.atomic():
        chain.lock([instruction.problem.report])
        mine = Handling.objects.filter(instruction=instruction, by=by).first()
        if mine is not None:
            return mine
        return _handle(instruction, by, None)


def answer(note: ProgressNote, instructions: Sequence[Instruction], *, by: User) -> None:
    """Mark instructions as answered by a progress note; called inside the note's transaction."""
    for instruction in instructions:
        if instruction.problem_id != note.problem_id:
            raise Incomplete("所选批示不属于这一项，请重新选择。", field="answers")
        _handle(instruction, by, note)


def _author(problem: Problem, by: User, leader: Leader | None) -> Leader:
    """Whose instruction it is: the person's own, or that of a leader the office writes for."""
    own = Leader.objects.filter(user=by, active=True).first()
    concerned = [problem.leader_id, *problem.supporting_leaders.values_list("pk", flat=True)]
    if own is not None and own.pk in concerned:
        return own
    chosen = leader or problem.leader
    if chosen is None:
        raise Incomplete("这一项还没有明确责任领导，不能代录批示。", ["责任领导"], field="leader")
    if chosen.pk not in concerned:
        raise Incomplete("所选领导不负责这一项，请重新选择。", field="leader")
    if chosen.user_id is not None:
        raise Incomplete(f"{chosen}有账号，批示由本人填写，不能代录。", field="leader")
    return chosen


def _handle(instruction: Instruction, by: User, note: ProgressNote | None) -> Handling:
    current = Instruction.objects.select_related("problem__report__unit", "leader").get(pk=instruction.pk)
    recording.require(by, Action.ACKNOWLEDGE_INSTRUCTION, current)
    row = Handling.objects.create(
        instruction=current, by=by, by_label=by.label[:160], at=clock.now(), note=note
    )
    problem, leader = current.problem, current.leader
    directory = Directory()
    how = "已用进展回应" if note else "已签收"
    notices = outbox.compose(
        problem.report,
        kind=hand_overs.ANSWERED.kind,
        to=[Told(leader.user_id)] if leader.user_id in directory.active else [],
        text=hand_overs.ANSWERED.message.format(who=by.label, how=how, code=problem.code),
        url=current.get_absolute_url(),
        directory=directory,
        items=[{"problem": problem.pk, "words": ""}],
    )
    label = f"{problem.code} 批示"
    outbox.enter(row, by, Action.ACKNOWLEDGE_INSTRUCTION, problem.report, label, notices, problem=problem)
    return row
