"""The calendar that a phone or a mail program reads: whoever has the address has what is in it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.calendars import calendar
from campaigns.queries.calendar_feeds import own_deadlines, reader_of
from common.challenge import Throttle
from common.middleware import client_address

HOURLY = Throttle("calendar", 1200, 3600)  # an office behind one address reads every few minutes


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """No session is read; an address that was renewed or revoked is as unknown as one that never was."""
    if not HOURLY.allow(client_address(request)):
        return HttpResponse("请过一会儿再试。", status=429, headers={"Retry-After": "3600"})
    reader = reader_of(token)
    if reader is None:
        raise Http404
    site = settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
    rows = own_deadlines(reader, timezone.localdate())
    name = f"{settings.SITE['short_name']}：应办事项"
    body = calendar(rows, name=name, site=site, now=timezone.now())
    headers = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
