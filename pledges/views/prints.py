"""Signed in: 公开承诺书 and 公示栏 as Word files. Posted, not linked: each is on record."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from campaigns.models import Phase
from common.downloads import WORD, as_download
from common.states import StepRefused
from organizations.models import Organization
from pledges.exports import prints
from pledges.models import Matter, Pledge, Publication
from pledges.views.rounds import begun, place_today


def _word(content: bytes, name: str) -> HttpResponse:
    return as_download(HttpResponse(content, content_type=WORD), f"{name}.docx")


@require_POST
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Pledge.objects.visible_to(request.user, with_ones_own=True).select_related(
        "organization__parent", "phase__campaign", "category", "member", "vetted_by"
    )
    pledge = get_object_or_404(rows, pk=pk)
    owner = pledge.member.name if pledge.member else pledge.organization.label
    return _word(prints.letter(pledge, by=request.user), f"公开承诺书-{owner}")


@require_POST
def letters(request: HttpRequest, phase_pk: int, pk: int) -> HttpResponse:
    phase, organization = begun(phase_pk), _here(request, pk)
    try:
        made = prints.letters(organization, phase, by=request.user)
    except StepRefused as refused:
        return _back(request, phase, organization, refused)
    return _word(made, f"党员公开承诺书-{organization.label}")


@require_POST
def poster(request: HttpRequest, phase_pk: int, pk: int, matter: str) -> HttpResponse:
    phase, organization = begun(phase_pk), _here(request, pk)
    if matter not in Matter.values:
        raise Http404
    published = prints.shown_on(organization, phase, matter)
    url = _address(request, organization, phase, published)
    try:
        made = prints.poster(organization, phase, matter, published, url=url, by=request.user)
    except StepRefused as refused:
        return _back(request, phase, organization, refused)
    return _word(made, f"公示栏-{organization.label}")


def _here(request: HttpRequest, pk: int) -> Organization:
    place_today(request, pk)  # 404 out of reach
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)


def _back(
    request: HttpRequest, phase: Phase, organization: Organization, refused: StepRefused
) -> HttpResponse:
    messages.warning(request, str(refused))
    return redirect(f"{reverse('pledges:round', args=[phase.pk])}?organization={organization.pk}")


def _address(
    request: HttpRequest, organization: Organization, phase: Phase, published: list[Publication]
) -> str:
    """What the QR code opens: the pledge itself when it is the only one, else the organization's list of the round."""
    if len(published) == 1:
        path = published[0].get_absolute_url()
    elif published and published[0].matter == Matter.MEMBER:
        path = f"{reverse('pledges:public_members')}?{urlencode({'organization': organization.pk, 'phase': phase.pk})}"
    else:
        path = f"{reverse('pledges:public_list')}?{urlencode({'organization': organization.pk, 'phase': phase.pk})}"
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
