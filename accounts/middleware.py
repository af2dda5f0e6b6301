"""Closed by default, for as long as somebody is there; and what was typed survives all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts import services, sessions
from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]
POLL = "X-Poll"  # sent by pieces of a page that refresh themselves (hx-headers): nobody is there for that


def _is_public(view: View) -> bool:
    """Public views are left alone: they read no cookie, so that their pages are the same for everyone."""
    return not getattr(view, "login_required", True)


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if "HX-Request" in request.headers else HttpResponseRedirect(url)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Django's, but a form sent after the session ended does not lose its text.

    And a public view is recognised before anybody asks who is there: Django asks first, which costs two
    queries and makes every public page vary by cookie.
    """

    def process_view(self, request: HttpRequest, view_func: Any, *rest: Any) -> Any:
        return None if _is_public(view_func) else super().process_view(request, view_func, *rest)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        return ask_to_sign_in(request, _former_user(request))


class IdleTimeoutMiddleware:
    """30 minutes without a person, or 12 hours in all, and the session is over."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if _is_public(view) or not request.user.is_authenticated:
            return None
        if sessions.has_ended(request.session):
            user = request.user
            logout(request)
            return ask_to_sign_in(request, user)
        if POLL not in request.headers:
            sessions.note_activity(request.session)
        return None


class FirstPasswordMiddleware:
    """A password that somebody else has chosen opens nothing but the page to change it."""

    OPEN = {"account_change_password", "account_logout", "portal:keepalive"}

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if _is_public(view) or not getattr(request.user, "must_change_password", False):
            return None
        where = request.resolver_match
        if where is not None and where.view_name in self.OPEN:
            return None
        return _go(request, reverse("account_change_password"))


def ask_to_sign_in(request: HttpRequest, former: User | None) -> HttpResponse:
    """To the sign-in page, and from there back; through the page with the kept text if there is any."""
    there = request.get_full_path() if request.method in ("GET", "HEAD") else _page_of(request)
    if request.method == "POST":
        if former is None and (typed := services.worth_keeping(_posted(request))):
            return _give_back(request, typed)
        if former is not None and (token := _put_away(request, former)):
            there = reverse("accounts:kept", args=[token])
    return _go(request, f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': there, 'ended': 1})}")


def _former_user(request: HttpRequest) -> User | None:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return services.owner_of_ended_session(key) if key and request.method == "POST" else None


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in request.POST.lists() for text in texts]


def _put_away(request: HttpRequest, user: User) -> str:
    action = "" if "HX-Request" in request.headers else request.get_full_path()
    kept = services.keep_text(user, _posted(request), action=action, page=_page_of(request))
    return str(kept.pk) if kept else ""


def _page_of(request: HttpRequest) -> str:
    """The page of this site that the form stood on."""
    source = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(source, {request.get_host()}):
        return reverse(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(source)
    path = escape_leading_slashes(parts.path)  # "//elsewhere/" would be another site's page
    return f"{path}?{parts.query}" if parts.query else path


def _give_back(request: HttpRequest, typed: list[tuple[str, str]]) -> HttpResponse:
    """Nobody knows whose text this is: it is stored nowhere and goes straight back to where it came from."""
    fields = [{"name": name, "text": text} for name, text in typed if text.strip()]
    response = render(request, "accounts/signed_out.html", {"typed": fields}, status=403)
    add_never_cache_headers(response)
    return response
