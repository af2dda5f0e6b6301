from __future__ import annotations

from typing import Any

from notifications.models import Notice


def unread_count(user: Any) -> int:
    """For the bell in the frame of every page: one look into the partial index."""
    return Notice.objects.visible_to(user).unread().count()
