"""What django-axes asks us: whom failures count for, and the page for too many of them."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse  # noqa: TID251 -- axes asks for a response
from django.shortcuts import render  # noqa: TID251
from django.utils import timezone

from common.middleware import client_address


def username(request: HttpRequest, credentials: Any) -> str:
    """The account that failures count for (AXES_USERNAME_CALLABLE)."""
    return (credentials or {}).get("username") or request.POST.get("login", "")


def locked(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """The same for accounts that exist and that do not (AXES_LOCKOUT_CALLABLE)."""
    minutes = _minutes_left(username(request, credentials), request)
    context = {"minutes": minutes, "limit": settings.AXES_FAILURE_LIMIT}
    return render(request, "accounts/locked.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)


def _minutes_left(account: str, request: HttpRequest) -> int:
    attempts = AccessAttempt.objects.filter(username=account, ip_address=client_address(request))
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    left = last + settings.AXES_COOLOFF_TIME - timezone.now()
    return max(1, math.ceil(left.total_seconds() / 60))
