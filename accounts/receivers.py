"""Django tells of every sign-in, whatever led to it: the session then learns its device and its clock starts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest  # noqa: TID251 -- the signal brings the request

from accounts import sessions


@receiver(user_logged_in, dispatch_uid="accounts.begin_session")
def begin_session(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    sessions.begin(request)
