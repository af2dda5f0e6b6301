"""Open to anyone, the same for everyone: published summaries of plans. Only publications are read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from common.caching import public_page
from common.paging import capped, keyset
from organizations.models import Organization
from pledges.forms.plans import PublicPlanFilterForm
from pledges.models import Publication
from pledges.views.requests import asked_place


@public_page
def index(request: HttpRequest) -> HttpResponse:
    form = PublicPlanFilterForm(request.GET)
    asked = asked_place(request, Organization.objects.public())
    count, rows = capped(form.filters(asked).narrow(Publication.objects.published().of_plans()))
    context = {
        "form": form,
        "asked": asked,
        "count": count,
        "page": keyset(rows.for_cards(), "published_at", request.GET),
        "is_filtered": any(request.GET.get(key) for key in ("q", "phase", "organization", "organization_q")),
    }
    return render(request, "pledges/plans/public_list.html", context)


@public_page
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    gone = Publication.objects.public().of_plans().taken_down().filter(pk=pk).select_related("plan").first()
    if gone is not None:
        now = Publication.objects.published().of_plans().filter(plan=gone.plan).first()
        context = {"withdrawn_at": gone.withdrawn_at, "now": now}
        return render(request, "pledges/plans/public_gone.html", context, status=410)
    rows = Publication.objects.published().of_plans().select_related("organization", "phase__campaign")
    return render(
        request, "pledges/plans/public_detail.html", {"publication": get_object_or_404(rows, pk=pk)}
    )
