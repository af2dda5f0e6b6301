"""Signed in: the list of plans, one plan with its history and versions, a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.queries import current_phase
from common.paging import few_first, keyset
from common.states import StepRefused
from notifications.services import mark_seen
from organizations.models import Organization
from pledges.flow import PLAN_FLOW, WITHOUT_BUTTON, PlanState
from pledges.forms.plans import PlanFilterForm
from pledges.models import LIVE, Plan, Publication
from pledges.plans.difference import differences
from pledges.plans.summary import rubric_names
from pledges.presentation.plan import PlanEntry, PlanTab, plan_buttons
from pledges.queries import plan as reads
from pledges.services import plans as services
from pledges.services.plans.steps import leadership_of
from pledges.views.requests import asked_place


def found(request: HttpRequest, pk: int) -> Plan:
    """The plan this person may see, or 404."""
    return get_object_or_404(Plan.objects.visible_to(request.user).with_what_guards_ask(), pk=pk)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    form, asked = PlanFilterForm(request.GET), asked_place(request)
    lists = reads.plan_tabs(form.filters(asked).narrow(Plan.objects.visible_to(request.user)), request.user)
    counts = reads.plan_tab_counts(lists)
    state = request.GET.get("state", reads.PLAN_TODO if counts[reads.PLAN_TODO] else "")
    state = state if state in lists else ""
    rows = few_first(lists[state], counts[state]).select_related("organization", "phase")
    phase = current_phase(timezone.localdate())
    context = {
        "form": form,
        "asked": asked,
        "state": state,
        "tabs": [PlanTab.of(name, count, state, request.GET) for name, count in counts.items()],
        "count": counts[state],
        "page": keyset(rows, "changed_at", request.GET),
        "may_draft": phase is not None and reads.places_to_plan(request.user, phase).exists(),
        "is_filtered": any(value for key, value in request.GET.items() if key != "state"),
    }
    return render(request, "pledges/plans/index.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = found(request, pk)
    if request.method == "GET":  # every step leads back here, so that what is done is read too
        mark_seen(request.user, plan.get_absolute_url())
    return render(request, "pledges/plans/detail.html", page_of(request, plan))


def page_of(request: HttpRequest, plan: Plan) -> dict[str, Any]:
    """Everything the page of one plan shows."""
    may_edit = request.user.has_perm(services.EDIT, plan)
    is_filed = plan.state not in {PlanState.DRAFT, PlanState.RETURNED}
    return {
        "plan": plan,
        "tasks": list(plan.tasks.select_related("rubric")),
        "leadership": plan.leadership if is_filed else leadership_of(plan.organization),
        "buttons": plan_buttons(request.user, plan),
        "refused": [
            pair for pair in PLAN_FLOW.refused_to(request.user, plan) if pair[0].name not in WITHOUT_BUTTON
        ],
        "entries": [PlanEntry(event) for event in reads.plan_history(plan)],
        "waits": reads.plan_next_hands(plan),
        "may_edit": may_edit and plan.is_editable,
        "may_track": may_edit and plan.state != PlanState.ARCHIVED,
        "may_discard": may_edit and plan.state == PlanState.DRAFT,
        "versions": plan.versions.count(),
        "publication": plan.publications.filter(LIVE).first(),
    }


@require_safe
def summary(request: HttpRequest, pk: int) -> HttpResponse:
    """党内公开 and 向社会公开: the published summary, for everyone who signs in."""
    rows = (
        Publication.objects.visible_to(request.user)
        .of_plans()
        .select_related("organization", "phase__campaign")
    )
    return render(request, "pledges/plans/summary.html", {"publication": get_object_or_404(rows, pk=pk)})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """起草: for which organization, and from what. Chosen already when there is only one."""
    phase = current_phase(timezone.localdate())
    places = list(reads.places_to_plan(request.user, phase).select_related("parent")[:50])
    asked = request.POST.get("organization") or request.GET.get("organization", "")
    place = next((p for p in places if str(p.pk) == asked), places[0] if len(places) == 1 else None)
    context: dict[str, Any] = {"phase": phase, "places": places, "place": place}
    if request.method == "POST" and phase is not None:
        if place is None:
            context["error"] = "请选择为哪个党组织起草。"
        else:
            try:
                plan = _begin(request, place, phase)
            except StepRefused as refused:
                context["error"] = str(refused)
            else:
                return redirect("pledges:plan_edit", plan.pk)
    if place is not None and phase is not None:
        context["earlier"] = list(reads.earlier_plans(place, phase))
        context["superiors"], context["why_not"] = services.adoptable(place, phase)
    return render(request, "pledges/plans/new.html", context, status=422 if "error" in context else 200)


def _begin(request: HttpRequest, place: Organization, phase: Any) -> Plan:
    way, _, pk = request.POST.get("way", "").partition(":")
    match way:
        case "copy":
            source = next((plan for plan in reads.earlier_plans(place, phase) if str(plan.pk) == pk), None)
            if source is None:
                raise StepRefused("要复制的方案没有找到，请重新选择。")
            return services.copy(source, phase, by=request.user)
        case "adopt":
            return services.adopt(place, phase, by=request.user)
        case _:
            return services.create(place, phase, by=request.user, from_template=way == "template")


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    plan = found(request, pk)
    try:
        services.discard(plan, by=request.user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return redirect(plan)
    messages.success(request, "草稿已删除。")
    return redirect("pledges:plans")


@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every text as it was filed, and any two of them side by side; the last two to begin with."""
    plan = found(request, pk)
    rows = list(plan.versions.select_related("by"))
    by_number = {str(row.number): row for row in rows}
    old = by_number.get(request.GET.get("old", ""), rows[-2] if len(rows) > 1 else None)
    new = by_number.get(request.GET.get("new", ""), rows[-1] if rows else None)
    context: dict[str, Any] = {"plan": plan, "versions": rows, "old": old, "new": new}
    if old is not None and new is not None:
        context["sections"] = differences(old.text, new.text, rubric_names(plan))
    return render(request, "pledges/plans/versions.html", context)
