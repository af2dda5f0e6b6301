"""Open to anyone, the same for everyone."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from common.caching import public_page
from portal import queries

YEAR = 365 * 24 * 3600


@public_page
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home.html", {"home": queries.home(timezone.localdate())})


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@login_not_required
@require_safe
def size(request: HttpRequest) -> HttpResponse:
    """大字版 without script: remember the choice in the cookie that size.js also writes, and go back."""
    there = request.GET.get("next", "/")
    if not there.startswith("/") or not url_has_allowed_host_and_scheme(there, allowed_hosts=None):
        there = "/"
    response = HttpResponseRedirect(there)
    if request.GET.get("to") == "lg":
        response.set_cookie("size", "lg", max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("size", samesite="Lax")
    return response
