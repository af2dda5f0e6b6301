"""What a browser shows when an address is opened that only takes forms."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portal.views import errors


class FormsOnlyMiddleware:
    """A person who opens the address of a button (reloaded, from the history) gets a page, not an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content or not request.accepts("text/html"):
            return response
        page = errors.forms_only(request)
        page["Allow"] = response["Allow"]
        return page
