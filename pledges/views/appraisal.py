"""评诺: a branch's roster on one page, and one pledge with its way back. For oneself, the branch and its chain only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common.states import IllegalStep, ReasonMissing, StepRefused
from notifications.services import mark_seen
from organizations.models import Organization
from pledges.flow import IN_FORCE
from pledges.forms.appraisal import STEPS, MeetingForm, Roster, RosterRow, StepForm, appraisal_of
from pledges.models import Pledge
from pledges.queries import fulfilment as queries
from pledges.services import appraisal as services
from pledges.views.fulfilment import chosen_phase
from pledges.views.requests import posted_reason

MEMBERS_A_PAGE = 60


@require_http_methods(["GET", "HEAD", "POST"])
def at(request: HttpRequest, pk: int) -> HttpResponse:
    """评诺 of a branch: the roster down the side, 自评, 互评 and 组织评 beside each name."""
    place = get_object_or_404(
        queries.places_seen(Organization.objects.visible_to(request.user), request.user), pk=pk
    )
    mark_seen(request.user, request.path)
    kept = queries.pledges_at(Pledge.objects.visible_to(request.user), place)
    phases = queries.phases_with_pledges(kept)
    phase = chosen_phase(request, phases)
    context: dict[str, Any] = {"place": place, "phases": phases, "phase": phase}
    if phase is None:
        return render(request, "pledges/fulfilment/appraisals.html", context)
    rows = kept.filter(phase=phase).select_related("organization", "phase__campaign", "member", "appraisal")
    page = Paginator(rows.of_members(), MEMBERS_A_PAGE).get_page(request.GET.get("page"))
    pledges, bands = list(page.object_list), services.bands_of(phase.campaign, services.SCALE)
    roster, status, faults = Roster(pledges, request.user, bands), 200, []
    if request.method == "POST":
        roster = Roster(pledges, request.user, bands, request.POST)
        if not roster.is_open:
            raise PermissionDenied("这一页没有由您办理的评诺。")
        given = roster.given()
        faults = _give(request, given) if given is not None else []
        if given is not None and not faults:
            return redirect(request.get_full_path())
        status = 409 if faults else 422
    context |= {
        "page": page,
        "roster": roster,
        "bands": bands,
        "faults": faults,
        "is_faulty": status != 200,
        "own": rows.of_organizations(),
    }
    return render(request, "pledges/fulfilment/appraisals.html", context, status=status)


def _give(request: HttpRequest, given: dict[str, Any]) -> list[str]:
    try:
        taken = services.give_roster(given, by=request.user)
    except StepRefused as refused:
        return [str(refused)]
    if taken.done:
        messages.success(request, f"已登记 {len(taken.done)} 名党员的评诺。")
    elif not taken.refused:
        messages.info(request, "没有填写新的内容。")
    return [f"{row.pledge.member.name}：{why}" for row, why in taken.refused]


def _pledge(request: HttpRequest, pk: int) -> Pledge:
    rows = Pledge.objects.visible_to(request.user, with_ones_own=True).filter(state__in=IN_FORCE)
    rows = rows.select_related("organization", "phase__campaign", "member", "appraisal")
    return get_object_or_404(rows, pk=pk)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    pledge = _pledge(request, pk)
    return render(request, "pledges/fulfilment/appraisal.html", _page_of(request, pledge))


def _page_of(request: HttpRequest, pledge: Pledge) -> dict[str, Any]:
    appraisal, bands = appraisal_of(pledge), services.bands_for(pledge)
    steps = appraisal.flow.open_to(request.user, appraisal)
    forward = next((step for step in steps if step.name in STEPS), None)
    return {
        "pledge": pledge,
        "appraisal": appraisal,
        "row": RosterRow(pledge, request.user, bands),
        "bands": bands,
        "forward": forward,
        "backward": [step for step in steps if step.name in services.BACK],
        "refused": appraisal.flow.refused_to(request.user, appraisal),
        "form": StepForm([forward.name] if forward else [], bands, alone=True),
        "meeting": MeetingForm(alone=True),
        "has_peers": "peer_appraise" in appraisal.flow,
    }


@require_http_methods(["POST"])
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Forward with what was given, or one back with a reason."""
    pledge = _pledge(request, pk)
    flow = appraisal_of(pledge).flow
    if step not in flow:
        raise Http404
    if not request.user.has_perm(flow[step].permission, pledge):
        raise PermissionDenied(f"您没有{flow[step].label}的职务。")
    bands = services.bands_for(pledge)
    form = StepForm([step], bands, request.POST, alone=True)
    meeting = MeetingForm(request.POST, alone=step == "peer_appraise")
    fault = (
        _back(request, pledge, step)
        if step in services.BACK
        else _forward(request, pledge, step, form, meeting)
    )
    if not fault:
        messages.success(request, "已登记。")
        return redirect("pledges:appraisal", pledge.pk)
    context = _page_of(request, _pledge(request, pk)) | {
        "fault": fault,
        "typed": request.POST.get("reason", ""),
    }
    if step not in services.BACK:
        context |= {"form": form, "meeting": meeting, "forward": flow[step]}
    return render(request, "pledges/fulfilment/appraisal.html", context, status=422)


def _back(request: HttpRequest, pledge: Pledge, step: str) -> str:
    try:
        services.go_back(pledge, step, by=request.user, reason=posted_reason(request))
    except ReasonMissing:
        return "请写明更正的理由。"
    except StepRefused as refused:
        return str(refused)
    except IllegalStep:
        return "这一步刚才已经办过，请看最新情况。"
    return ""


def _forward(request: HttpRequest, pledge: Pledge, step: str, form: StepForm, meeting: MeetingForm) -> str:
    if not (form.is_valid() & meeting.is_valid()):
        return "有填写不对的地方，请按提示修改。"
    said = form.given(meeting.cleaned_data).get(step, {})
    try:
        services.give(pledge, step, said, by=request.user)
    except StepRefused as refused:
        return str(refused)
    except IllegalStep:
        return "这一步刚才已经办过，请看最新情况。"
    return ""
