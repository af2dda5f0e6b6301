"""变更: a published text changes by a request with a reason that is approved above (domain.md 1.4).

Whatever is decided holds the pledge's row first: a withdrawal comes before it, or after it and takes every
version down.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from common.events import record
from common.states import ReasonMissing, StepRefused
from pledges import texts
from pledges.completeness import Problem, problems_in
from pledges.differences import parts
from pledges.flow import ITEM_FLOWS, ItemState, PledgeState
from pledges.models import Change, Pledge, Publication
from pledges.publishing import Mask, frozen_text
from pledges.queries.changes import NOT_PUBLIC, why_not_asked
from pledges.services.hints import sketch
from pledges.services.open_rounds import ensure_open
from pledges.services.publications import replace
from pledges.services.writing import locked, write
from pledges.texts import Text


class Unfit(Exception):
    """The text cannot be asked for; ``problems`` name each field and say what is missing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems


@transaction.atomic
def request_change(publication: Publication, text: Text, *, by: Any, reason: str) -> Change:
    """申请变更: ask that ``text`` stand in the place of ``publication``. Items keep their keys.

    Raises PermissionDenied, StepRefused, ReasonMissing, and Unfit with every problem of the text.
    """
    if publication.pledge is None:
        raise StepRefused("只有承诺可以申请变更。")
    pledge = locked(publication.pledge)
    text = {**text, "items": [item for item in text["items"] if not texts.is_blank(item)]}
    ensure_open(pledge.phase)
    change = Change(pledge=pledge, publication=publication, text=text, reason=reason.strip(), requested_by=by)
    step = change.flow["request"]
    if not by.has_perm(step.permission, change):
        raise PermissionDenied(step.permission)
    if why := step.refusal(by, change) or why_not_asked(pledge, publication):
        raise StepRefused(why)
    _check(change)
    change.save(force_insert=True)
    record(
        change,
        "request",
        by=by,
        permission=step.permission,
        after={"state": change.state},
        reason=change.reason,
    )
    return change


def _check(change: Change) -> None:
    pledge, items = change.pledge, change.text["items"]
    if not change.reason:
        raise ReasonMissing("request needs a reason")
    if len(items) > pledge.max_items:
        raise StepRefused(f"承诺事项有 {len(items)} 项，最多 {pledge.max_items} 项。")
    if problems := problems_in(change.text, pledge):
        raise Unfit(problems)
    if not any(
        part.is_changed for part in parts(change.publication.text, frozen_text(pledge, change.text)[0])
    ):
        raise StepRefused("公开的内容没有改动，不需要申请变更。")


@transaction.atomic
def approve_change(change: Change, *, by: Any, reason: str = "") -> Publication:
    """批准变更: the new text is public at once, the one before stays readable beside it.

    New items are settled with it. Raises StepRefused when the publication was taken down meanwhile.
    """
    pledge = locked(change.pledge)
    if change.is_open and pledge.state != PledgeState.PUBLISHED:
        raise StepRefused(NOT_PUBLIC)
    taken = change.flow.take("approve", change, by=by, reason=reason, changes=_decided(by, reason))
    before, after = texts.changed(texts.text_of(pledge), taken.text)
    pledge.version += 1
    pledge.hands = sorted({*pledge.hands, taken.requested_by_id})
    _write(pledge, taken.text, by)
    return _put_in_place(pledge, taken, by, before=before, after=after)


def _put_in_place(pledge: Pledge, change: Change, by: Any, **what: Any) -> Publication:
    frozen, masked = frozen_text(pledge)
    mask = Mask(pledge)
    why = mask("变更理由", change.reason)
    record(
        pledge,
        "change",
        by=by,
        permission=change.flow["approve"].permission,
        **what,
        reason=change.reason,
        version=pledge.version,
        change=change.pk,
        masked=[*masked, *mask.found],
    )
    return replace(change.publication, pledge, frozen, at=timezone.now(), by=by, reason=why)


def _write(pledge: Pledge, text: Text, by: Any) -> None:
    write(pledge, text)
    new = pledge.items.filter(state=ItemState.DRAFT).with_what_guards_ask()
    ITEM_FLOWS[pledge.flow].take_all("settle", new, by=by)
    sketch(list(pledge.items.all()))


@transaction.atomic
def refuse_change(change: Change, *, by: Any, reason: str) -> Change:
    """不批准变更: what is public stays as it is; whoever asked reads why."""
    return change.flow.take("refuse", change, by=by, reason=reason, changes=_decided(by, reason))


@transaction.atomic
def recall_change(change: Change, *, by: Any) -> Change:
    """收回变更申请: by whoever may ask for it, as long as nothing is decided."""
    return change.flow.take("recall", change, by=by, changes=_decided(by, ""))


def lapse_changes(pledge: Pledge, *, by: Any) -> None:
    """What was asked of a publication that is taken down can be granted no more."""
    for change in pledge.changes.open():
        change.flow.take("lapse", change, by=by, changes=_decided(by, ""))


def _decided(by: Any, reason: str) -> dict[str, Any]:
    return {"decided_by": by, "decided_at": timezone.now(), "decision_reason": reason.strip()}


CHANGE_VERBS = {"approve": approve_change, "refuse": refuse_change, "recall": recall_change}
