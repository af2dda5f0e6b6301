"""What an address, or a form that is posted, asks for, read through the scope of whoever asks."""

from __future__ import annotations

from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from campaigns.models import Obligation, Phase
from campaigns.queries import phase_to_show, progress
from organizations.access import may
from organizations.models import Organization


def given(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def number(given: QueryDict, name: str) -> int | None:
    """None where nothing is asked for; what is no number cannot exist: 404."""
    text = given.get(name, "")
    if not text:
        return None
    if not _is_number(text):
        raise Http404
    return int(text)


def numbers(given: QueryDict, name: str) -> list[int]:
    """Those ticked in a list; what is no number is nothing ticked."""
    return [int(text) for text in given.getlist(name) if _is_number(text)]


def place_of(request: HttpRequest) -> Organization | None:
    """The organization asked for, or the topmost of one's own; out of reach is 404."""
    return _place(request, progress.places_of(request.user))


def _place(request: HttpRequest, mine: list[tuple[int, str]]) -> Organization | None:
    asked = number(given(request), "organization")
    if asked is None and not mine:
        return None
    pk = mine[0][0] if asked is None else asked
    place = get_object_or_404(Organization.objects.visible_to(request.user).select_related("parent"), pk=pk)
    if not may(request.user, progress.VIEW, place):
        raise Http404
    return place


def whole_place_of(request: HttpRequest) -> Organization:
    """As ``place_of``, of the organizations all of whose subtree one reads; of the others nothing is found."""
    place = _place(request, progress.places_of(request.user, whole=True))
    if place is None or not progress.reads_below(request.user, place):
        raise Http404
    return place


def phase_of(request: HttpRequest) -> Phase | None:
    """The phase asked for, or the one to show today; None before the first has begun."""
    asked = number(given(request), "phase")
    if asked is None:
        return phase_to_show(timezone.localdate())
    begun = Phase.objects.visible_to(request.user).begun(timezone.localdate()).select_related("campaign")
    return get_object_or_404(begun, pk=asked)


def obligation_of(request: HttpRequest) -> Obligation | None:
    """The obligation asked for, of a phase that has begun."""
    asked = number(given(request), "obligation")
    if asked is None:
        return None
    counted = Obligation.objects.visible_to(request.user).tracked().select_related("phase__campaign")
    return get_object_or_404(counted.filter(phase__starts_on__lte=timezone.localdate()), pk=asked)
