"""The audit as far as a person's reach: events that happened at organizations where they may see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from common.models import Event
from organizations.access import may_anywhere, within_reach
from organizations.models import Organization

VIEW_AUDIT = "organizations.view_audit"


def events_in_reach(user: Any) -> QuerySet[Event]:
    """Events whose place is within reach. Those without a place are the administrator's to read."""
    if not may_anywhere(user, VIEW_AUDIT):
        return Event.objects.none()
    within = within_reach(user, VIEW_AUDIT, via="")
    if not within:
        return Event.objects.exclude(place_id=None)  # the root sees every place
    return Event.objects.filter(place_id__in=Organization.objects.filter(within).values("pk"))


@dataclass(frozen=True, slots=True)
class EventPage:
    rows: list[Event]
    places: dict[int, Organization]
    newer: str
    older: str


def page_of(events: QuerySet[Event], parameters: Any, *, size: int = 50) -> EventPage:
    """Newest first, by key: ``before`` or ``after`` an event's number. Two queries."""
    before, after = _number(parameters.get("before")), _number(parameters.get("after"))
    events = events.select_related("actor")
    if after is not None:
        found = list(events.filter(pk__gt=after).order_by("pk")[: size + 1])
        rows, has_newer, has_older = found[:size][::-1], len(found) > size, True
    else:
        found = list((events.filter(pk__lt=before) if before else events).order_by("-pk")[: size + 1])
        rows, has_newer, has_older = found[:size], before is not None, len(found) > size
    newer = f"after={rows[0].pk}" if rows and has_newer else ""
    older = f"before={rows[-1].pk}" if rows and has_older else ""
    places = Organization.objects.in_bulk({row.place_id for row in rows if row.place_id})
    return EventPage(rows, places, newer, older)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def on_days(events: QuerySet[Event], since: dt.date | None, until: dt.date | None) -> QuerySet[Event]:
    if since is not None:
        events = events.filter(created_at__date__gte=since)
    return events.filter(created_at__date__lte=until) if until is not None else events
