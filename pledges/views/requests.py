"""What several pages read from a request, and where they send it on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from organizations.models import Organization
from organizations.models.organization import OrganizationQuerySet
from pledges import queries
from pledges.models import Pledge


def seen_pledge(request: HttpRequest, pk: int) -> Pledge:
    """The pledge this person may see, or 404."""
    rows = Pledge.objects.visible_to(request.user, with_ones_own=True).with_what_guards_ask()
    return get_object_or_404(rows.select_related("category"), pk=pk)


def asked_place(request: HttpRequest, places: OrganizationQuerySet | None = None) -> queries.Asked:
    """The organization a list is narrowed to, out of ``places`` (those this person sees)."""
    if places is None:
        places = Organization.objects.visible_to(request.user)
    return queries.asked_for(
        places, request.GET.get("organization", ""), request.GET.get("organization_q", "")
    )


def posted_number(request: HttpRequest, name: str = "version") -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def posted_reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").replace("\0", "")[:500]


def in_dialog(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def go_on(request: HttpRequest, to: Any) -> HttpResponse:
    """On to the next page: a dialog leaves the page it stands on."""
    return HttpResponseClientRedirect(resolve_url(to)) if in_dialog(request) else redirect(to)
