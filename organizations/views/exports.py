"""Organizations and members within reach as spreadsheets. Posted, not linked: an export is an act on record."""

from __future__ import annotations

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from organizations.exports import export_members, export_organizations
from organizations.models import Organization
from organizations.views.imports import attached


def _under(request: HttpRequest) -> Organization | None:
    """``organization=14`` narrows to that subtree."""
    pk = request.POST.get("organization", "")
    if not pk:
        return None
    if not pk.isdecimal() or len(pk) > 18:
        raise Http404
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(pk))


@require_POST
def organizations(request: HttpRequest) -> StreamingHttpResponse:
    return attached(
        export_organizations(request.user, _under(request)), f"党组织-{timezone.localdate()}.xlsx"
    )


@require_POST
def members(request: HttpRequest) -> StreamingHttpResponse:
    return attached(export_members(request.user, _under(request)), f"党员名册-{timezone.localdate()}.xlsx")
