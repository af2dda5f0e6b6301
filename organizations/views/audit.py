"""操作记录: who did what, when, through which post, within one's reach."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

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
    page = queries.page_of(events, request.GET)
    rows = [
        {
            "event": event,
            "label": label_of(event.kind),
            "what": sentence(event),
            "place": page.places.get(event.place_id or 0),
        }
        for event in page.rows
    ]
    query = request.GET.copy()
    for key in ("before", "after"):
        query.pop(key, None)
    kept = query.urlencode()
    context = {"form": form, "rows": rows}
    for side in ("newer", "older"):
        cursor = getattr(page, side)
        context[side] = f"?{kept}{'&' if kept else ''}{cursor}" if cursor else ""
    return render(request, "organizations/audit.html", context, status=422 if form.errors else 200)
