"""Open to anyone, the same for everyone: the current campaign, and those before it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from campaigns import queries
from campaigns.models import Campaign
from campaigns.presentation import CampaignView
from common.caching import public_page


@public_page
def current(request: HttpRequest) -> HttpResponse:
    """The campaign that runs today; between two campaigns the one that began last."""
    day = timezone.localdate()
    campaign = queries.current_campaign(day) or Campaign.objects.public(day).newest_first().first()
    return _page(request, campaign)


@public_page
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, get_object_or_404(Campaign.objects.public(timezone.localdate()), code=code))


def _page(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    day = timezone.localdate()
    found = list(queries.with_arrangement(Campaign.objects.public(day).newest_first()))
    shown = next((CampaignView(c, day) for c in found if campaign and c.pk == campaign.pk), None)
    others = [CampaignView(c, day) for c in found if campaign is None or c.pk != campaign.pk]
    return render(request, "campaigns/public.html", {"view": shown, "others": others})
