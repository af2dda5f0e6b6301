"""消息: what has happened that concerns the person signed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from common.paging import keyset
from notifications import services
from notifications.models import Notice


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Unread first: that is what one comes for. All of them are one click away."""
    notices = Notice.objects.visible_to(request.user)
    wants_all = request.GET.get("show") == "all"
    page = keyset(notices if wants_all else notices.unread(), "created_at", request.GET)
    return render(request, "notifications/index.html", {"page": page, "wants_all": wants_all})


@require_safe
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Reading is noted, nothing else changes: a notice may be opened any number of times."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    if request.method == "GET":
        services.mark_read(notice)
    if not notice.link:
        return render(request, "notifications/detail.html", {"notice": notice})
    is_safe = url_has_allowed_host_and_scheme(notice.link, allowed_hosts=None)
    return redirect(notice.link if is_safe else "notifications:index")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    count = services.mark_all_read(request.user)
    messages.success(request, f"{count} 条消息已标为已读。" if count else "没有未读消息。")
    return redirect("notifications:index")


@require_POST
def set_mail(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("wanted") == "1"
    services.set_mail_wanted(request.user, wanted=wanted)
    messages.success(request, "以后的消息会同时发到您的邮箱。" if wanted else "不再发送邮件，消息仍在这里。")
    return redirect("notifications:index")
