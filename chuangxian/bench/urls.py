"""The portal's addresses and one more: a view that does nothing, as the measure of everything."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse  # noqa: TID251 -- the bare view is a view
from django.urls import include, path

from chuangxian.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
BARE = "/bench/bare/"


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path(BARE.removeprefix("/"), bare), path("", include("chuangxian.urls"))]
