from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

SESSION_KEY = "acting_key"


class ActingPostMiddleware:
    """The post chosen in the header narrows what the person may see and do (``access.acting``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *args: Any) -> None:
        """Public views are left alone: they read no cookie, so that their pages are the same for everyone."""
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return
        if key := request.session.get(SESSION_KEY):
            request.user.acting_key = key
