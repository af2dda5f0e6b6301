"""What a person may do about their own account."""

from __future__ import annotations

from allauth.account.views import LogoutView, PasswordChangeView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.models import KeptText, UserSession

change_password = sensitive_variables()(PasswordChangeView.as_view())
_leave = LogoutView.as_view()


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """等保 剩余信息保护: nothing of the session stays behind in the browser."""
    response = _leave(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    mine = UserSession.objects.visible_to(request.user)
    here = request.session.session_key
    found = sorted(mine, key=lambda s: (s.session_key != here, -s.data["seen_at"]))
    return render(request, "accounts/sessions.html", {"sessions": found, "here": here})


@require_POST
def revoke(request: HttpRequest, handle: str) -> HttpResponse:
    mine = UserSession.objects.visible_to(request.user).exclude(session_key=request.session.session_key)
    if session := next((s for s in mine if s.handle == handle), None):
        services.revoke_session(session, by=request.user)
        messages.success(request, f"已下线：{session.device}。")
    else:
        messages.info(request, "这台设备已经下线。")
    return redirect("accounts:sessions")


@require_POST
def revoke_others(request: HttpRequest) -> HttpResponse:
    ended = services.revoke_other_sessions(request.user, keep=request.session.session_key, by=request.user)
    messages.success(request, f"已下线其他 {ended} 台设备。" if ended else "没有其他设备在登录。")
    return redirect("accounts:sessions")


@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: HttpRequest, token: str) -> HttpResponse:
    """Typed text that the end of a session has not lost. POST: no longer needed."""
    text = get_object_or_404(KeptText.objects.visible_to(request.user), pk=token)
    if request.method == "POST":
        services.drop_text(text)
        return redirect(text.page or "portal:desk")
    return render(request, "accounts/kept.html", {"kept": text})
