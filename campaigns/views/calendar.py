"""Signed in: the address of one's own calendar (日历订阅)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import CalendarFeed
from campaigns.services import calendar_feeds


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """POST makes the address, or a new one; it stands in this answer and nowhere else."""
    address = ""
    if request.method == "POST":
        token = calendar_feeds.make(by=request.user)
        path = reverse("campaigns:calendar_feed", args=[token])
        address = f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
    feed = CalendarFeed.objects.visible_to(request.user).first()
    return render(request, "campaigns/calendar.html", {"feed": feed, "address": address})


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    if calendar_feeds.revoke(by=request.user):
        messages.success(request, "已停用，原来的地址读不到任何内容了。")
    return redirect("campaigns:calendar")
