"""Where a request comes from, and who may keep its answer."""

from __future__ import annotations

import ipaddress
import logging
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.context import Origin, coming_from

logger = structlog.get_logger(__name__)
QUIET = {"/healthz", "/readyz"}
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Every request has a number; it stands in the log lines, the audit rows and the error page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        with (
            structlog.contextvars.bound_contextvars(request_id=request.id),  # type: ignore[attr-defined]
            coming_from(Origin(request.id, client_address(request))),  # type: ignore[attr-defined]
        ):
            began = time.perf_counter()
            response = self.get_response(request)
            _log(request, response, time.perf_counter() - began)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Where and how long; never the query or the body, which people have typed."""
    is_noise = request.path.startswith(settings.STATIC_URL) or request.path in QUIET
    user = request.__dict__.get("_cached_user")  # whoever was asked for; nobody is looked up for the log
    logger.log(
        logging.DEBUG if is_noise else logging.INFO,
        "request",
        method=request.method,
        path=_told_path(request),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        user_id=user.pk if user is not None else None,
    )


def _told_path(request: HttpRequest) -> str:
    """An address that is a key by itself (its ``token``) is not written whole."""
    token = request.resolver_match and request.resolver_match.kwargs.get("token")
    return request.path.replace(str(token), "…") if token else request.path


def client_address(request: HttpRequest) -> str | None:
    """The visitor's address: what the proxy in front says (CLIENT_ADDRESS_HEADER), else the peer's own."""
    said = request.META.get(settings.CLIENT_ADDRESS_HEADER or "REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(said.strip()))
    except ValueError:  # a socket of this machine has no address
        return None


class CacheLawMiddleware:
    """Pages behind sign-in are nobody's to keep; public pages say themselves how long (common.caching)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response
