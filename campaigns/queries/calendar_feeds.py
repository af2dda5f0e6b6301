"""日历订阅: what one person has to do at home, as their posts of today let them."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from campaigns.expectations import expectation, known, owner_posts
from campaigns.models import Assignment, CalendarFeed, Campaign, Obligation
from campaigns.queries.rules import in_force
from organizations.access import holdings


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def reader_of(token: str) -> Any | None:
    """Whose calendar it is. Found by the hash: how long the search takes tells nothing of the secret."""
    feeds = CalendarFeed.objects.filter(token_hash=hash_of(token), user__is_active=True)
    feed = feeds.select_related("user").first()
    return feed.user if feed else None


def own_deadlines(user: Any, day: dt.date) -> list[Assignment]:
    """Everything open that ``user`` may do where they hold a post, the first due first. Three queries."""
    held = {(held.organization_id, held.post.value) for held in holdings(user)}
    rows = list(
        Assignment.objects.open()
        .filter(
            organization__in={place for place, _ in held},
            obligation__expects__in=known(),
            obligation__phase__frozen_at=None,
            obligation__phase__campaign__in=Campaign.objects.running_on(day),
        )
        .select_related("obligation__phase", "organization")
        .order_by("due_on", "organization__order_path", "pk")
    )
    rules = in_force(rows)
    return [row for row in rows if _is_theirs(row, rules[row.pk], held)]


def _is_theirs(row: Assignment, rule: Obligation, held: set[tuple[int, str]]) -> bool:
    expected = expectation(rule.expects)
    if expected is None:
        return False
    posts = owner_posts(expected, rule.posts)
    return any((row.organization_id, post) in held for post in posts)
