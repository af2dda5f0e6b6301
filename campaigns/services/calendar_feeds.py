"""日历订阅: a person makes, renews and revokes the secret address at which their own last days are read."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import CalendarFeed
from campaigns.queries.calendar_feeds import hash_of
from common.events import record

TOKEN_BYTES = 32


@transaction.atomic
def make(*, by: Any) -> str:
    """Returns the secret, which is told this once; the address made before is good no longer."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    said = {"token_hash": hash_of(token), "made_at": timezone.now()}
    CalendarFeed.objects.update_or_create(user=by, defaults=said)
    feed = CalendarFeed.objects.get(user=by)
    record(feed, "make", by=by)
    return token


@transaction.atomic
def revoke(*, by: Any) -> bool:
    """False when there was none."""
    feed = CalendarFeed.objects.visible_to(by).select_for_update().first()
    if feed is None:
        return False
    record(feed, "revoke", by=by)
    feed.delete()
    return True
