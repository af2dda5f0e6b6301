"""Signed in: how far the organizations of one's own subtree have come with what they owe (办理进度)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.expectations import expectation
from campaigns.models import Obligation, Phase
from campaigns.queries import current_phase, progress
from common.paging import capped
from organizations.access import may
from organizations.models import Organization

SHOWN = 100


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _place(request: HttpRequest) -> Organization | None:
    """The organization asked for, or the topmost of one's own; out of reach is 404."""
    asked = _number(request, "organization")
    mine = progress.places_of(request.user)
    if asked is None and not mine:
        return None
    pk = mine[0][0] if asked is None else asked
    place = get_object_or_404(Organization.objects.visible_to(request.user).select_related("parent"), pk=pk)
    if not may(request.user, progress.VIEW, place):
        raise Http404
    return place


def _phase(request: HttpRequest) -> Phase | None:
    asked = _number(request, "phase")
    if asked is None:
        return current_phase(timezone.localdate())
    begun = Phase.objects.filter(starts_on__lte=timezone.localdate()).select_related("campaign")
    return get_object_or_404(begun, pk=asked)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One level: an organization and what hangs directly below it; a column for each obligation."""
    place, phase = _place(request), _phase(request)
    day = timezone.localdate()
    obligations = progress.tracked(phase) if phase else []
    lines = progress.level(place, obligations, day) if place else []
    if place and not progress.reads_below(request.user, place):
        lines = [line for line in lines if line.organization_id is None]
    above = (
        place.parent if place and place.parent and may(request.user, progress.VIEW, place.parent) else None
    )
    context = {
        "place": place,
        "phase": phase,
        "phases": Phase.objects.filter(starts_on__lte=day)
        .select_related("campaign")
        .order_by("-starts_on")[:12],
        "places": progress.places_of(request.user),
        "above": above,
        "obligations": obligations,
        "lines": [(line, [(each, line.of(each)) for each in obligations]) for line in lines],
        "total": [(each, progress.total(lines).of(each)) for each in obligations],
        "columns": "|".join(["党组织", *(each.name for each in obligations)]),
        "day": day,
    }
    return render(request, "campaigns/progress/index.html", context)


@require_safe
def owing(request: HttpRequest) -> HttpResponse:
    """未办名单: who in a subtree has not done one thing yet."""
    place = _place(request)
    obligation = get_object_or_404(
        Obligation.objects.tracked()
        .filter(phase__starts_on__lte=timezone.localdate())
        .select_related("phase"),
        pk=_number(request, "obligation"),
    )
    expected = expectation(obligation.expects)
    if place is None or expected is None:
        raise Http404
    rows = progress.owing(place, obligation)
    if not progress.reads_below(request.user, place):
        rows = rows.filter(organization=place)
    count, _ = capped(rows)
    context = {
        "place": place,
        "obligation": obligation,
        "expected": expected,
        "rows": rows[:SHOWN],
        "count": count,
        "shown": SHOWN,
        "day": timezone.localdate(),
    }
    return render(request, "campaigns/progress/owing.html", context)
