"""The audit as far as a person's reach: events that happened at organizations where they may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from common.models import Event
from organizations.access import EVERYTHING, may_anywhere, within_reach
from organizations.models import Organization

VIEW_AUDIT = "organizations.view_audit"


def events_in_reach(user: Any) -> QuerySet[Event]:
    """Events whose place is within reach. Those without a place are the administrator's to read."""
    if not may_anywhere(user, VIEW_AUDIT):
        return Event.objects.none()
    within = within_reach(user, VIEW_AUDIT, via="")
    if within == EVERYTHING:
        return Event.objects.exclude(place_id=None)  # the root sees every place
    return Event.objects.filter(place_id__in=Organization.objects.filter(within).values("pk"))


def places_of(events: Iterable[Event]) -> dict[int | None, Organization]:
    """The organizations where they happened, by ``place_id``. One query."""
    return {**Organization.objects.in_bulk({event.place_id for event in events if event.place_id})}


def on_days(events: QuerySet[Event], since: dt.date | None, until: dt.date | None) -> QuerySet[Event]:
    """From ``since`` to ``until``, both whole days here; moments are compared, so that an index serves."""
    if since is not None:
        events = events.filter(created_at__gte=_midnight(since))
    if until is not None and until < dt.date.max:
        events = events.filter(created_at__lt=_midnight(until + dt.timedelta(days=1)))
    return events


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
