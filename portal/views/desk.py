"""Signed in."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from organizations import access
from portal import queries, stylebook


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "held": access.acting(request.user),
        "desk": queries.desk(request.user, timezone.localdate()),
    }
    return render(request, "portal/desk.html", context)


@require_POST
def keepalive(request: HttpRequest) -> HttpResponse:
    """Being asked is enough: the session's clock starts again."""
    return HttpResponse(status=204)


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages. Exists in the demo only."""
    if not settings.DEMO:
        raise Http404
    return render(request, "portal/style.html", stylebook.samples(request))
