"""Signed in: the list of what waits for me, one pledge with its history, a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.queries import current_phase
from common.paging import capped, few_first, keyset
from common.states import StepRefused
from notifications.services import mark_seen
from organizations.access import may_anywhere
from pledges import queries, services
from pledges.flow import PledgeState
from pledges.forms.lists import FilterForm
from pledges.models import LIVE, Change, Matter, Pledge, Publication
from pledges.presentation import StepButton, TabLink, Timeline, matter_tabs
from pledges.views.requests import asked_place, seen_pledge

ONCE_PUBLIC = frozenset({PledgeState.PUBLISHED, PledgeState.WITHDRAWN})


def narrowed(
    request: HttpRequest, matter: Matter = Matter.ORGANIZATION
) -> tuple[FilterForm, queries.Asked, queries.Filters]:
    """The filters of a list as asked for in the address."""
    form = FilterForm(request.GET, matter=matter)
    asked = asked_place(request)
    return form, asked, form.filters(asked)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    form, asked, filters = narrowed(request)
    lists = queries.tabs(
        filters.narrow(Pledge.objects.visible_to(request.user).of_organizations()), request.user
    )
    counts = queries.tab_counts(lists)
    state = request.GET.get("state", queries.TODO if counts[queries.TODO] else "")
    state = state if state in lists else ""
    rows = few_first(lists[state], counts[state]).select_related("organization", "phase", "category")
    context = {
        "form": form,
        "asked": asked,
        "state": state,
        "tabs": [TabLink.of(name, count, state, request.GET) for name, count in counts.items()],
        "count": counts[state],
        "page": keyset(rows, "changed_at", request.GET),
        "may_draft": queries.places_to_draft(request.user).exists(),
        "may_vet": any(may_anywhere(request.user, permission) for permission in queries.VETTING),
        "may_publish_members": any(may_anywhere(request.user, p) for p in queries.BATCH_PERMISSIONS),
        "is_filtered": any(value for key, value in request.GET.items() if key != "state"),
    }
    return render(request, "pledges/index.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    pledge = seen_pledge(request, pk)
    if request.method == "GET":  # every step leads back here, so that what is done is read too
        mark_seen(request.user, pledge.get_absolute_url())
    return render(request, "pledges/detail.html", page_of(request, pledge))


def page_of(request: HttpRequest, pledge: Pledge) -> dict[str, Any]:
    """Everything the page of one pledge shows."""
    may_edit = request.user.has_perm(services.edit_permission(pledge), pledge)
    steps = pledge.flow.open_to(request.user, pledge)
    closed = getattr(pledge.phase, "pledge_archive", None)
    return {
        "closed": closed,
        "pledge": pledge,
        "items": queries.with_hints(pledge, request.user),
        "buttons": [StepButton(step, pledge) for step in steps],
        "may_vet": pledge.flow["approve"] in steps,
        "refused": pledge.flow.refused_to(request.user, pledge),
        "timeline": Timeline(queries.history(pledge)),
        "waits": queries.next_hands(pledge),
        "may_edit": may_edit and pledge.is_editable and closed is None,
        "may_copy": may_edit,
        "may_discard": may_edit and pledge.state == PledgeState.DRAFT and closed is None,
        "publication": (publication := pledge.publications.filter(LIVE).first()),
        "changes": queries.changes_of(pledge) if pledge.state in ONCE_PUBLIC else [],
        "may_ask_change": _may_ask_change(request, pledge, publication),
    }


def _may_ask_change(request: HttpRequest, pledge: Pledge, publication: Publication | None) -> bool:
    change = Change(pledge=pledge, publication=publication)
    asked = change.flow["request"]
    may = request.user.has_perm(asked.permission, change) and asked.refusal(request.user, change) is None
    return may and not queries.why_not_asked(pledge, publication)


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """党内公开 and 向社会公开 together, for everyone who signs in."""
    return _published(request, Matter.ORGANIZATION)


@require_safe
def published_members(request: HttpRequest) -> HttpResponse:
    return _published(request, Matter.MEMBER)


def _published(request: HttpRequest, matter: Matter) -> HttpResponse:
    form, asked, filters = narrowed(request, matter)
    found = Publication.objects.visible_to(request.user).filter(matter=matter)
    count, rows = capped(filters.narrow(found))
    rows = rows.select_related("phase", "category")
    context = {
        "form": form,
        "asked": asked,
        "count": count,
        "page": keyset(rows, "published_at", request.GET),
        "is_filtered": any(request.GET.values()),
        "is_members": matter == Matter.MEMBER,
        "tabs": matter_tabs(matter, request.GET, "pledges:published", "pledges:published_members"),
    }
    return render(request, "pledges/published.html", context)


@require_safe
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Publication.objects.visible_to(request.user, with_replaced=True)
        .of_pledges()
        .select_related("organization", "phase__campaign", "category"),
        pk=pk,
    )
    later = queries.versions_after(found) if found.replaced_at else []
    theirs = Pledge.objects.visible_to(request.user, with_ones_own=True).filter(pk=found.pledge_id)
    context = {
        "publication": found,
        "pledge": theirs.first(),  # where it is changed or withdrawn, for those who may open it
        "versions": queries.versions_before(found),
        "now": later[-1] if later else None,
        "version": queries.Version(found, later[0]) if later else None,
    }
    return render(request, "pledges/publication.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """起草: which organization, from scratch or from an earlier one. Chosen already when there is only one."""
    phase = current_phase(timezone.localdate())
    places = list(queries.places_to_draft(request.user))
    chosen = next((p for p in places if str(p.pk) == request.POST.get("organization", "")), None)
    context: dict[str, Any] = {"phase": phase, "places": places}
    if request.method == "POST" and phase is not None:
        if chosen is not None:
            try:
                return redirect("pledges:edit", services.create_draft(chosen, phase, by=request.user).pk)
            except StepRefused as refused:
                context["error"] = str(refused)
        else:
            context["error"] = "请选择为哪个党组织起草。"
    context["earlier"] = [(place, queries.earlier(place)) for place in places[:5]]
    context["has_earlier"] = any(rows for _, rows in context["earlier"])
    return render(request, "pledges/new.html", context, status=422 if "error" in context else 200)


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    source = get_object_or_404(
        Pledge.objects.visible_to(request.user, with_ones_own=True).select_related(
            "organization", "category", "member"
        ),
        pk=pk,
    )
    phase = current_phase(timezone.localdate())
    if phase is None:
        messages.error(request, "目前没有进行中的时段，不能起草承诺。")
        return redirect(source)
    try:
        draft = services.copy(source, phase, by=request.user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return redirect(source)
    messages.success(request, "已复制为新的草稿。完成时限没有复制，请逐项重新填写。")
    return redirect("pledges:edit", draft.pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    pledge = get_object_or_404(Pledge.objects.visible_to(request.user, with_ones_own=True), pk=pk)
    try:
        services.discard(pledge, by=request.user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return redirect(pledge)
    messages.success(request, "草稿已删除。")
    if pledge.member_id is None:
        return redirect("pledges:index")
    if pledge.person_id == request.user.pk:
        return redirect("pledges:my_pledge")
    return redirect("pledges:entry", pledge.organization_id)
