"""The session engine (SESSION_ENGINE): each session knows its owner, device, address and last activity.

Times are whole seconds since the epoch, because session data is JSON.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest  # noqa: TID251 -- a session begins with a request

from common.middleware import client_address

NOTED_EVERY = 60  # seconds; last activity is not written more often


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import UserSession  # noqa: PLC0415 -- settings name this module before models load

        return UserSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row


def begin(request: HttpRequest) -> None:
    """At sign-in: note where, with what and when."""
    now = int(time.time())
    request.session.update(
        {
            "agent": request.META.get("HTTP_USER_AGENT", "")[:300],
            "address": client_address(request),
            "began_at": now,
            "seen_at": now,
        }
    )


def note_activity(session: SessionBase) -> None:
    now = int(time.time())
    if now - session.get("seen_at", 0) >= NOTED_EVERY:
        session["seen_at"] = now


def has_ended(session: SessionBase) -> bool:
    """Idle for too long, or begun too long ago whatever was done since (等保 身份鉴别 b).

    Since activity is noted once a minute, a session may end up to a minute early, never late.
    """
    now = int(time.time())
    idle = now - session.get("seen_at", 0)
    age = now - session.get("began_at", 0)
    return idle >= settings.SESSION_IDLE_SECONDS or age >= settings.SESSION_COOKIE_AGE
