"""How far the members' pledges have come, branch by branch, for whoever is above them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.queries import current_phase
from organizations.access import may, within_reach
from organizations.kinds import HOLDS_MEMBERS
from organizations.models import Organization
from pledges import services
from pledges.forms.entry import BranchFilter
from pledges.queries import rosters
from pledges.queries.rosters import Tally

PAGE = 30


@require_safe
def branches(request: HttpRequest) -> HttpResponse:
    phase = current_phase(timezone.localdate())
    if phase is None:
        return render(request, "pledges/members/branches.html", {"phase": None})
    reach = within_reach(request.user, "pledges.view_pledge", via="")
    places = Organization.objects.visible_to(request.user).filter(reach)
    form = BranchFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = places.living().filter(kind__in=HOLDS_MEMBERS)
    if words := asked.get("q"):
        rows = rows.filter(pk__in=rows.search(words).order_by().values("pk"))
    if asked.get("only"):
        rows = rosters.with_outstanding(phase, rows)
    page = Paginator(rows.select_related("parent").order_by("order_path"), PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page)
    found = rosters.tallies(
        phase, Organization.objects.visible_to(request.user).filter(pk__in=[o.pk for o in shown])
    )
    context = {
        "phase": phase,
        "form": form,
        "page": page,
        "rows": [(o, found.get(o.pk, Tally()), may(request.user, services.EDIT_MEMBER, o)) for o in shown],
        "tally": rosters.tally(phase, places),
        "window": rosters.pledge_window(phase),
        "as_of": timezone.now(),
    }
    return render(request, "pledges/members/branches.html", context)
