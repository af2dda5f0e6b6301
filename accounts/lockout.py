"""What django-axes asks us: whom failures count for, when it is too many, and the page for it."""

from __future__ import annotations

import datetime as dt
import math
from http import HTTPStatus
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse  # noqa: TID251 -- axes asks for a response
from django.shortcuts import render  # noqa: TID251
from django.utils import timezone

from common.middleware import client_address
from common.models import Event

KNOWN_FOR = dt.timedelta(days=90)  # an address from which the person signed in is theirs for so long


def username(request: HttpRequest, credentials: Any) -> str:
    """The account that failures count for (AXES_USERNAME_CALLABLE), however it was typed."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(typed).strip().lower()


class Handler(AxesDatabaseHandler):
    """A second, higher limit for one account over all addresses: guesses may come from a thousand of them.

    Addresses from which the person has signed in lately are left to the first limit alone, or anybody could
    lock a secretary out on the day a pledge is due (reliability.md R25, 5.2 b).
    """

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        here: int = super().get_failures(request, credentials)
        if here >= settings.AXES_FAILURE_LIMIT:
            return here
        account = username(request, credentials)
        everywhere = sum(attempt.failures_since_start for attempt in _lately(account))
        if everywhere < settings.LOCKOUT_LIMIT_EVERYWHERE or _is_known(account, client_address(request)):
            return here
        return everywhere


def locked(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """The same for accounts that exist and that do not (AXES_LOCKOUT_CALLABLE)."""
    minutes = _minutes_left(username(request, credentials), client_address(request))
    context = {"minutes": minutes}
    return render(request, "accounts/locked.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)


def _lately(account: str) -> list[AccessAttempt]:
    """One row for each address and browser that failed, the oldest first."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    return list(
        AccessAttempt.objects.filter(username=account, attempt_time__gte=since).order_by("attempt_time")
    )


def _is_known(account: str, address: str | None) -> bool:
    signed_in = Event.objects.filter(kind="user.sign_in", actor__username__iexact=account, address=address)
    return signed_in.filter(created_at__gte=timezone.now() - KNOWN_FOR).exists()


def _minutes_left(account: str, address: str | None) -> int:
    """Until neither limit is reached any more, as failures fall out of the last minutes one by one."""
    attempts = _lately(account)
    here = [attempt for attempt in attempts if attempt.ip_address == address]
    ends = max(
        _falls_below(settings.AXES_FAILURE_LIMIT, here),
        _falls_below(settings.LOCKOUT_LIMIT_EVERYWHERE, attempts),
    )
    return max(1, math.ceil((ends - timezone.now()).total_seconds() / 60))


def _falls_below(limit: int, attempts: list[AccessAttempt]) -> dt.datetime:
    failures = sum(attempt.failures_since_start for attempt in attempts)
    ends = timezone.now()
    for attempt in attempts:
        if failures < limit:
            break
        failures -= attempt.failures_since_start
        ends = attempt.attempt_time + settings.AXES_COOLOFF_TIME
    return ends
