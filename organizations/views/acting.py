"""Which of one's posts one acts from."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from organizations.access import holdings
from organizations.middleware import SESSION_KEY


@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    """以哪个职务办理: one of one's own, or all of them ("")."""
    chosen = request.POST.get("post", "")
    held = {holding.key: holding for holding in holdings(request.user)}
    if chosen and chosen not in held:
        raise PermissionDenied("您没有担任这个职务，或任职已经结束。请重新选择。")
    if chosen:
        request.session[SESSION_KEY] = chosen
        messages.success(request, f"现在以“{held[chosen]}”的身份办理。")
    else:
        request.session.pop(SESSION_KEY, None)
        messages.success(request, "现在以全部职务办理。")
    there = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(there, allowed_hosts=None) or not there.startswith("/"):
        there = resolve_url(settings.LOGIN_REDIRECT_URL)
    return redirect(there)
