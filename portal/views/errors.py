"""Refusals a person can act on: what happened, what to do next, and nothing typed is lost."""

from __future__ import annotations

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.cache import add_never_cache_headers

from accounts.services import worth_keeping
from portal.context import public_frame

SIGN_IN = {"login", "username"}


def _frame_template(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    at_desk = request.path.startswith("/desk/") and user is not None and user.is_authenticated
    return "base.html" if at_desk else "public_base.html"


def _page(request: HttpRequest, status: int, template: str, **context: Any) -> HttpResponse:
    context |= {"frame_template": _frame_template(request), "request_id": getattr(request, "id", "")}
    response = HttpResponse(loader.render_to_string(template, context, request), status=status)
    add_never_cache_headers(response)
    return response


def _reason(exception: BaseException | None) -> str:
    """The sentence a service gave with its refusal; Django's own English ones are not for readers."""
    text = str(exception.args[0]) if exception is not None and exception.args else ""
    return text if any("\u4e00" <= sign <= "\u9fff" for sign in text) else ""


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    """What was posted, readable, so that it can be copied out. Never a password."""
    try:
        posted = request.POST
    except Exception:  # the body itself may be what was refused
        return []
    fields = ((name, text) for name, texts in posted.lists() if name not in SIGN_IN for text in texts)
    return [{"name": name, "text": text} for name, text in worth_keeping(fields) if text.strip()]


def bad_request(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    return _page(request, 400, "400.html", reason=_reason(exception))


def permission_denied(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    return _page(request, 403, "403.html", reason=_reason(exception), typed=_typed(request))


def not_found(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    return _page(request, 404, "404.html", reason=_reason(exception))


def forms_only(request: HttpRequest) -> HttpResponse:
    """405: the address takes a form and shows nothing."""
    return _page(request, 405, "405.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or another person signed in meanwhile (CSRF_FAILURE_VIEW)."""
    return _page(request, 403, "403_csrf.html", typed=_typed(request), here=request.path)


def server_error(request: HttpRequest) -> HttpResponse:
    """Leans on nothing that may be broken: no database, no session, no context processor.

    Called while the exception is being handled: a database that is away is no fault of ours, and passes.
    """
    if _database_is_away(sys.exception()):
        response = _bare_page(request, 503, "503.html", typed=_typed(request))
        response["Retry-After"] = "30"
        return response
    return _bare_page(request, 500, "500.html")


def _bare_page(request: HttpRequest, status: int, template: str, **context: Any) -> HttpResponse:
    frame = public_frame(None)
    context |= {**frame, "frame": frame, "frame_template": "public_base.html"}
    context["request_id"] = getattr(request, "id", "")
    response = HttpResponse(loader.render_to_string(template, context), status=status)
    add_never_cache_headers(response)
    return response


def _database_is_away(exception: BaseException | None) -> bool:
    """Not reached, or gone in the middle. PostgreSQL's own code tells it from a deadlock or a time-out."""
    if not isinstance(exception, OperationalError | InterfaceError):
        return False
    code = getattr(exception.__cause__, "pgcode", None)
    return code is None or code.startswith(("08", "57P"))
