"""The verbs of an opinion (群众意见): the only place that writes one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from common.events import record
from common.privacy import conceal
from common.states import IllegalStep, StepRefused
from common.workdays import add_workdays, special_days
from organizations.models import Organization
from pledges.flow import CONTACT_KEPT_DAYS, OPINION_FLOW, TERM_WORKDAYS, OpinionState
from pledges.models import CloseReason, Opinion, OpinionContact, Publication
from pledges.models.opinion import digest_of, new_code
from pledges.services.handing_over import as_handed_over

DRAFT = "pledges.draft_answer"
UNSETTLED = frozenset({OpinionState.RECEIVED, OpinionState.ANSWERED})


class AnswerConflict(Exception):
    """Somebody else saved the answer meanwhile; ``theirs`` is the opinion as it is now."""

    def __init__(self, theirs: Opinion) -> None:
        super().__init__("answer conflict")
        self.theirs = theirs


@transaction.atomic
def receive(
    publication: Publication,
    *,
    text: str,
    item_number: int | None = None,
    view: str = "",
    name: str = "",
    reach: str = "",
) -> tuple[Opinion, str]:
    """Take an opinion in from anyone. Returns it with its query code, which is kept nowhere.

    Nothing is put on record here: the moment and the request of the event would tell who it was (``announce``).
    """
    live = Publication.objects.published().select_for_update(of=("self",)).filter(pk=publication.pk).first()
    if live is None:
        raise StepRefused("这份承诺刚刚撤下，不再受理意见。")
    today, code = timezone.localdate(), new_code()
    opinion = Opinion.objects.create(
        publication=live,
        item_number=item_number,
        organization=responsible(live.organization),
        text=text,
        view=view,
        is_signed=bool(name),
        code_digest=digest_of(code),
        received_on=today,
        due_on=add_workdays(today, TERM_WORKDAYS, special_days()),
    )
    if name or reach:
        OpinionContact.objects.create(opinion=opinion, name=name, reach=reach)
    return opinion, code


def responsible(organization: Organization) -> Organization:
    """Who answers for it today: itself, else whoever it was merged into, else the superior it had."""
    while organization.dissolved_on is not None:
        above = organization.merged_into or organization.parent
        if above is None:
            break
        organization = above
    return organization


@transaction.atomic
def save_draft(opinion: Opinion, answer: str, *, version: int, by: Any) -> Opinion:
    """起草: kept for whoever sends it. Raises AnswerConflict when somebody saved meanwhile."""
    current = _locked(opinion)
    if not by.has_perm(DRAFT, current):
        raise PermissionDenied(DRAFT)
    if not current.is_waiting:
        raise IllegalStep(f"draft: {current.state}")
    _same(current, version)
    current.answer, current.version = answer, current.version + 1
    current.drafted_at, current.drafted_by = timezone.now(), by
    current.save(update_fields=["answer", "version", "drafted_at", "drafted_by"])
    record(current, "draft", by=by, permission=DRAFT)
    return current


@transaction.atomic
def answer(opinion: Opinion, answer: str, *, version: int, by: Any) -> Opinion:
    """答复: whoever left the opinion finds it with the query code."""
    current = _locked(opinion)
    if current.is_waiting and by.has_perm("pledges.answer_opinion", current):
        _same(current, version)
    return OPINION_FLOW.take(
        "answer",
        opinion,
        by=by,
        changes={
            "answer": answer,
            "version": current.version + 1,
            "answered_at": timezone.now(),
            "answered_by": by,
            "settled_on": timezone.localdate(),
        },
        late=current.is_overdue(timezone.localdate()),
    )


@transaction.atomic
def close(opinion: Opinion, why: str, *, remark: str = "", by: Any) -> Opinion:
    """不予答复, for one of the known reasons. ``remark`` is for the record and the superior."""
    label = CloseReason(why).label
    return OPINION_FLOW.take(
        "close",
        opinion,
        by=by,
        reason=f"{label}：{remark}" if remark else label,
        changes={"close_reason": why, "settled_on": timezone.localdate()},
    )


@transaction.atomic
def forward(opinion: Opinion, to: Organization, *, reason: str, by: Any) -> Opinion:
    """转其他党组织 that has to do with it. The term goes on: nobody gains time by passing it on."""
    if to.pk == opinion.organization_id:
        raise StepRefused("这条意见本来就由本组织办理，请选择另一个党组织。")
    if to.dissolved_on is not None:
        raise StepRefused(f"“{to.name}”已撤销，不能转给它办理。")
    current = OPINION_FLOW.take(
        "forward", opinion, by=by, reason=reason,
        from_organization=opinion.organization_id, to_organization=to.pk, to_name=to.name,
    )  # fmt: skip
    return _given(current, to)


@transaction.atomic
def correct(opinion: Opinion, answer: str, *, reason: str, by: Any) -> Opinion:
    """更正答复, once. What was said before stands in the record."""
    return OPINION_FLOW.take(
        "correct",
        opinion,
        by=by,
        reason=reason,
        changes={"answer": answer, "corrected_at": timezone.now(), "corrected_by": by},
        earlier=_locked(opinion).answer,
    )


@transaction.atomic
def publish(opinion: Opinion, *, with_text: bool, by: Any) -> Opinion:
    """公布答复 on the pledge's public page, with numbers masked; the opinion itself only ``with_text``."""
    current = _locked(opinion)
    text, answer, masked = public_form(current, with_text=with_text)
    return OPINION_FLOW.take(
        "publish",
        opinion,
        by=by,
        changes={
            "published_at": timezone.now(),
            "published_by": by,
            "public_text": text,
            "public_answer": answer,
        },
        with_text=with_text,
        masked=masked,
    )


def public_form(opinion: Opinion, *, with_text: bool) -> tuple[str, str, list[str]]:
    """(the opinion, the answer, what was masked in them) as the public page shows them."""
    text, in_text = conceal(opinion.text) if with_text else ("", [])
    answer, in_answer = conceal(opinion.answer)
    return text, answer, [*in_text, *in_answer]


@transaction.atomic
def withdraw(opinion: Opinion, *, reason: str, by: Any) -> Opinion:
    """撤下公布的答复; whoever left the opinion still finds it."""
    changes = {"published_at": None, "published_by": None, "public_text": "", "public_answer": ""}
    return OPINION_FLOW.take("withdraw", opinion, by=by, reason=reason, changes=changes)


@transaction.atomic
def reopen(opinion: Opinion, *, reason: str, by: Any) -> Opinion:
    """恢复办理 what was closed, from above. The term is the one it always had."""
    return OPINION_FLOW.take(
        "reopen", opinion, by=by, reason=reason, changes={"close_reason": "", "settled_on": None}
    )


@transaction.atomic
def hand_over(organization: Organization, into: Organization, *, by: Any, reason: str) -> list[Opinion]:
    """After a merger or the end of ``organization``: ``into`` answers what waits, and stands for what was answered.

    Returns those handed over; called again it finds none.
    """
    rows = Opinion.objects.filter(organization=organization, state__in=UNSETTLED)
    handed = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for opinion in handed:
        _given(opinion, into)
        record(opinion, "hand_over", by=by, reason=reason, **as_handed_over(organization, into))
    return handed


@transaction.atomic
def announce(day: dt.date) -> int:
    """Put on record what has come in, for the audit and for whoever must answer: some minutes later, all at once."""
    rows = Opinion.objects.filter(announced_on=None)
    fresh = list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:500])
    for opinion in fresh:
        opinion.announced_on = day
        opinion.save(update_fields=["announced_on"])
        _on_record(opinion, "receive")
    return len(fresh)


@transaction.atomic
def note_overdue(day: dt.date) -> int:
    """Put on record what nobody has answered in time; the superior is told of it (receivers). Once for each."""
    rows = Opinion.objects.overdue(day).filter(late_told_on=None)
    late = list(rows.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:500])
    for opinion in late:
        opinion.late_told_on = day
        opinion.save(update_fields=["late_told_on"])
        _on_record(opinion, "lapse")
    return len(late)


@transaction.atomic
def erase_contacts(day: dt.date) -> int:
    """Names and phones go 90 days after the matter was settled (domain.md 10). Due on or before ``day``."""
    settled = day - dt.timedelta(days=CONTACT_KEPT_DAYS)
    rows = OpinionContact.objects.filter(opinion__settled_on__lte=settled)
    due = list(rows.select_for_update(of=("self",), skip_locked=True).select_related("opinion")[:500])
    for contact in due:
        _on_record(contact.opinion, "erase_contact")
        contact.delete()
    return len(due)


def _on_record(opinion: Opinion, verb: str) -> None:
    """What the clock does."""
    record(opinion, verb, by=None)


def _given(opinion: Opinion, to: Organization) -> Opinion:
    """Whoever has it now has no draft of the others, and their superior is told by himself if it is late."""
    opinion.organization, opinion.late_told_on = to, None
    changed = ["organization", "late_told_on"]
    if opinion.is_waiting:
        opinion.answer, opinion.drafted_at, opinion.drafted_by = "", None, None
        opinion.version += 1
        changed += ["answer", "drafted_at", "drafted_by", "version"]
    opinion.save(update_fields=changed)
    return opinion


def _locked(opinion: Opinion) -> Opinion:
    return Opinion.objects.select_for_update(of=("self",)).get(pk=opinion.pk)


def _same(opinion: Opinion, version: int) -> None:
    if opinion.version != version:
        raise AnswerConflict(opinion)
