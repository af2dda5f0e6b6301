from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from organizations.access import Holding, holdings
from organizations.models import Organization
from organizations.posts import Post

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
        key = request.session.get(SESSION_KEY)
        if not key:
            return
        if any(holding.key == key for holding in holdings(request.user)):
            request.user.acting_key = key
        else:  # said once: from here on more may be seen and done than was chosen
            del request.session[SESSION_KEY]
            messages.warning(request, _ended(key, holdings(request.user)))


def _ended(key: str, held: list[Holding]) -> str:
    post, _, pk = key.partition("@")
    organization = Organization.objects.filter(pk=pk).first()
    said = f"您以“{organization or ''} {Post(post).label}”的身份办理，这项任职已经结束。"
    if not held:
        return f"{said}您现在没有其他职务。"
    return f"{said}现在以其余全部职务办理，需要时请在页首重新选择。"
