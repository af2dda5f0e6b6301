"""What happened, written in the same transaction as the change itself.

``record`` writes the audit row (``Event``) and its place in the outbox (``Delivery``); ``record_each`` does so
for the rows of a query, however many, in one statement.
``relay`` runs in the worker after commit and hands each event to the apps that subscribed.
Nothing here speaks to a broker: beat pokes the relay every two seconds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from common import context
from common.models import Delivery, Event

logger = structlog.get_logger(__name__)

Receiver = Callable[[Event], None]
_receivers: dict[str, list[Receiver]] = defaultdict(list)
Counter = Callable[[str, Sequence[models.Model]], None]
_counters: list[Counter] = []


def subscribe(*kinds: str) -> Callable[[Receiver], Receiver]:
    """Register a receiver for event kinds. It may run more than once for one event: make it idempotent."""

    def register(receiver: Receiver) -> Receiver:
        for kind in kinds:
            _receivers[kind].append(receiver)
        return receiver

    return register


def counted_at_once(counter: Counter) -> Counter:
    """Register what is called with (kind, subjects) in the transaction of the event itself: for figures alone, that
    must never differ from the facts. Everything else subscribes.
    """
    _counters.append(counter)
    return counter


def _count(kind: str, subjects: Sequence[models.Model]) -> None:
    for counter in _counters:
        counter(kind, subjects)


@transaction.atomic(savepoint=False)
def record(
    subject: models.Model,
    verb: str,
    *,
    by: Any,
    permission: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    **detail: Any,
) -> Event:
    """Write one event about ``subject``. ``by`` is the person, or None when the clock acted."""
    origin = context.current()
    event = Event.objects.create(
        kind=f"{subject._meta.model_name}.{verb}",
        subject_label=subject._meta.label_lower,
        subject_id=str(subject.pk),
        # what is not yet for others to read has another name in the audit (a draft's title)
        subject_name=str(getattr(subject, "audit_name", subject))[:200],
        place_id=_place_of(subject),
        actor=by,
        post=_acted_as(by, permission, subject),
        request_id=origin.request_id,
        address=origin.address,
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        detail=detail,
    )
    Delivery.objects.create(event=event)
    _count(event.kind, [subject])
    return event


def record_all(
    subjects: Sequence[models.Model],
    verb: str,
    *,
    by: Any,
    permission: str = "",
    before: Sequence[Mapping[str, Any]] = (),
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    each: Mapping[Any, Mapping[str, Any]] | None = None,
    **detail: Any,
) -> list[Event]:
    """One event about each of ``subjects``, in two statements. ``before``: one for each, or none at all;
    ``each``: further details of single ones, by primary key.

    What nobody subscribed to takes no place in the outbox, as in ``record_each``.
    """
    origin, now = context.current(), timezone.now()
    events = [
        Event(
            kind=f"{subject._meta.model_name}.{verb}",
            subject_label=subject._meta.label_lower,
            subject_id=str(subject.pk),
            subject_name=str(getattr(subject, "audit_name", subject))[:200],
            place_id=_place_of(subject),
            actor=by,
            post=_acted_as(by, permission, subject),
            request_id=origin.request_id,
            address=origin.address,
            before=dict(before[at]) if before else {},
            after=dict(after or {}),
            reason=reason,
            detail=detail | dict((each or {}).get(subject.pk, {})),
            created_at=now,
        )
        for at, subject in enumerate(subjects)
    ]
    Event.objects.bulk_create(events)
    Delivery.objects.bulk_create(Delivery(event=event) for event in events if _receivers.get(event.kind))
    if subjects:
        _count(events[0].kind, subjects)
    return events


def _place_of(subject: Any) -> int | None:
    return getattr(subject, "place_id", None) or getattr(subject, "organization_id", None)


def record_each(
    model: type[models.Model],
    verb: str,
    query: str,
    params: Sequence[Any] = (),
    *,
    by: Any,
    permission: str,
    within: models.Model,
    reason: str = "",
    **detail: Any,
) -> int:
    """One event per row of ``query``: (subject id, subject name, place id, before, after). Returns how many.

    For work done set by set. The post acted from is the one that gives ``permission`` at ``within``. What
    nobody subscribed to takes no place in the outbox: 60,000 rows there would hold up what somebody waits for.
    """
    origin, kind, now = context.current(), f"{model._meta.model_name}.{verb}", timezone.now()
    written = f"""
        INSERT INTO {Event._meta.db_table}
            (kind, subject_label, subject_id, subject_name, place_id, actor_id, post, request_id, address,
             before, after, reason, detail, created_at)
        SELECT %s, %s, said.id::text, left(said.name, 200), said.place, %s, %s, %s, %s::inet,
               said.before, said.after, %s, %s::jsonb, %s
        FROM ({query}) AS said(id, name, place, before, after)
    """  # noqa: S608 -- the caller's own constant
    if _receivers.get(kind):
        written = f"""
            WITH written AS ({written} RETURNING id, created_at)
            INSERT INTO {Delivery._meta.db_table} (event_id, attempts, retry_at, error, is_dead)
            SELECT id, 0, created_at, '', false FROM written
        """  # noqa: S608
    said = json.dumps(detail, cls=DjangoJSONEncoder, ensure_ascii=False)
    who = [by and by.pk, _acted_as(by, permission, within), origin.request_id, origin.address]
    with connection.cursor() as cursor:
        cursor.execute(written, [kind, model._meta.label_lower, *who, reason, said, now, *params])
        return cursor.rowcount


def _acted_as(user: Any, permission: str, subject: models.Model) -> str:
    """The post acted from, in words; answered by the app that knows posts."""
    return import_string(settings.ACTED_AS)(user, permission, subject) if user is not None else ""


def relay(limit: int = 500) -> int:
    """Deliver what is due, oldest first; returns how many. Several workers may run it at once."""
    delivered = 0
    for _ in range(limit):
        outcome = _relay_one()
        if outcome is None:
            break
        delivered += outcome
    return delivered


@transaction.atomic
def _relay_one() -> bool | None:
    """True: delivered. False: postponed. None: nothing is due."""
    due = Delivery.objects.due().select_related("event")
    delivery = due.select_for_update(skip_locked=True, of=("self",)).first()
    if delivery is None:
        return None
    event = delivery.event
    try:
        with transaction.atomic():
            for receiver in _receivers[event.kind]:
                receiver(event)
            delivery.mark_delivered()
    except Exception as error:
        logger.exception(
            "event_not_delivered", event_id=event.pk, kind=event.kind, attempts=delivery.attempts
        )
        delivery.postpone(error)
        return False
    return True


@transaction.atomic
def revive(delivery: Delivery, *, by: Any) -> None:
    """The administrator asks for one more round of a dead letter (死信)."""
    if (
        Delivery.objects.dead()
        .filter(pk=delivery.pk)
        .update(is_dead=False, attempts=0, retry_at=timezone.now())
    ):
        record(delivery, "revive", by=by, reason=delivery.error)


@transaction.atomic
def dismiss(delivery: Delivery, *, by: Any) -> None:
    """The administrator gives a dead letter up: what would have followed from the event never will."""
    if Delivery.objects.dead().filter(pk=delivery.pk).update(is_dead=False, delivered_at=timezone.now()):
        record(delivery, "dismiss", by=by, reason=delivery.error)
