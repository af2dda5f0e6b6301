"""操作记录: who did what, when, through which post, within one's reach."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.paging import keyset
from common.sentences import label_of, sentence
from organizations.access import may_anywhere
from organizations.forms.audit import AuditFilter
from organizations.queries import audit as queries


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    if not may_anywhere(request.user, queries.VIEW_AUDIT):
        raise PermissionDenied("操作记录由领导小组办公室主任和纪检委员查看。")
    form = AuditFilter(request.user, request.GET)
    events = queries.events_in_reach(request.user)
    events = form.narrow(events) if form.is_valid() else events.none()
    page = keyset(events.select_related("actor"), "created_at", request.GET, size=50)
    places = queries.places_of(page.rows)
    rows = [
        {
            "event": event,
            "label": label_of(event.kind),
            "what": sentence(event),
            "place": places.get(event.place_id),
        }
        for event in page.rows
    ]
    context = {"form": form, "rows": rows, "page": page}
    return render(request, "organizations/audit.html", context, status=422 if form.errors else 200)
