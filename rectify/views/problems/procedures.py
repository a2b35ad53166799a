"""The decisions in the reviewed procedures that wait for the person, each with its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rectify.choices import Step
from rectify.forms.closing import DecideForm
from rectify.models import CloseOut, Evidence, User
from rectify.policies import taking
from rectify.policies.closing import NOUNS, STEP_ACTS
from rectify.policies.offers import Offer
from rectify.selectors.item.checklist import StepMark, marks_of
from rectify.selectors.item.procedures import summary, texts_of
from rectify.views.drafts import draft_token


@dataclass(frozen=True)
class Waiting:
    """A decision that waits for this person, with its form."""

    application: Any
    label: str
    intro: str
    form: DecideForm
    url_name: str
    key: str
    draft_token: str
    texts: Sequence[tuple[str, str]] = ()
    files: Sequence[Evidence] = ()
    steps: Sequence[StepMark] = ()


def decisions(user: User, open_applications: Sequence[Any], offers: Sequence[Offer]) -> list[Waiting]:
    """The decisions on these applications that this person may take now."""
    deciding = {offer.act: offer for offer in offers if offer.allowed}
    return [
        _waiting(user, application, deciding[act])
        for application in open_applications
        if (act := STEP_ACTS[type(application)][application.waiting]) in deciding
    ]


def decide_form(user: User, application: Any, **given: Any) -> tuple[DecideForm, str]:
    """The form of the step that waits, and its title; for a paper with date and scan."""
    as_what = taking(user, application) if application.is_open else None
    on_paper = as_what is not None and as_what.on_paper
    signer = as_what.signer if as_what else ""
    step = Step(application.waiting).label if application.is_open else "办理"
    label = f"代录{signer}{step}" if on_paper else f"{step}{NOUNS[type(application)]}"
    form = DecideForm(**given, application=application, on_paper=on_paper, signer=signer)
    return form, label


def _waiting(user: User, application: Any, offer: Offer) -> Waiting:
    form, label = decide_form(user, application, auto_id=f"decide{application.pk}_%s")
    key = f"decide-{application.pk}:{application.problem_id}"
    texts = texts_of(application)
    files = [file for step in application.steps.all() for file in step.files]
    proof = draft_token(user, key)
    intro = summary(application, False)
    steps = marks_of(application) if isinstance(application, CloseOut) else ()
    return Waiting(application, label, intro, form, offer.url_name, key, proof, texts, files, steps)
