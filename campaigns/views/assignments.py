"""办理情况: who still owes one thing, how one organization stands with it, and 延期 and 免办."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.expectations import expectation
from campaigns.forms import ExtensionForm, WaiverForm
from campaigns.models import Assignment, Concession, Urging
from campaigns.queries import progress
from campaigns.queries.rules import in_force
from campaigns.services import concessions, urging
from campaigns.views import asked
from common.paging import capped, in_order
from organizations.access import may

SHOWN = 100


@require_safe
def owing(request: HttpRequest) -> HttpResponse:
    """未办名单: who in a subtree has not done one thing yet."""
    place, obligation, day = asked.place_of(request), asked.obligation_of(request), timezone.localdate()
    if place is None or obligation is None or expectation(obligation.expects) is None:
        raise Http404
    is_overdue, words = request.GET.get("overdue") == "1", request.GET.get("words", "").strip()
    rows = progress.named(progress.owing(place, obligation), words)
    if is_overdue:
        rows = rows.overdue(day)
    if not progress.reads_below(request.user, place):
        rows = rows.filter(organization=place)
    count, rows = capped(rows)
    rows = rows.select_related("organization__parent")
    page = in_order(rows, "organization__order_path", request.GET, size=SHOWN)
    asks = urging.is_possible(obligation.phase, day)
    context = {
        "place": place,
        "chain": progress.chain(place, request.user),
        "obligation": obligation,
        "expected": expectation(obligation.expects),
        "page": page,
        "to_urge": {row.pk for row in page.rows if asks and may(request.user, urging.URGE, row.organization)},
        "count": count,
        "is_overdue": is_overdue,
        "words": words,
        "day": day,
    }
    return render(request, "campaigns/progress/owing.html", context)


def _row(request: HttpRequest, pk: int) -> Assignment:
    rows = Assignment.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("organization__parent", "obligation__phase__campaign"), pk=pk
    )


@require_safe
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """One organization and one thing it owes: how it stands, and who let it have more time."""
    return _show(request, _row(request, pk))


def _show(request: HttpRequest, row: Assignment, *, status: int = 200, **forms: Any) -> HttpResponse:
    history = row.obligation.concessions.filter(organization=row.organization).select_related(
        "granted_by", "revoked_by"
    )
    urged = Urging.objects.visible_to(request.user).filter(
        obligation=row.obligation, organization=row.organization
    )
    context = {
        "row": row,
        "rule": in_force([row])[row.pk],
        "chain": progress.chain(row.organization, request.user),
        "urgings": urged.select_related("sent_by").order_by("-sent_at")[:5],
        "expected": expectation(row.obligation.expects),
        "is_late": row.is_late(timezone.localdate()),
        "history": history.order_by("-granted_at", "-pk"),
        "may_concede": may(request.user, concessions.CONCEDE, row.organization)
        and row.obligation.phase.frozen_at is None,
        "extension": forms.get("extension") or ExtensionForm(),
        "waiver": forms.get("waiver") or WaiverForm(),
        "day": timezone.localdate(),
    }
    return render(request, "campaigns/progress/assignment.html", context, status=status)


@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    return _concede(request, pk, "extension", ExtensionForm(request.POST))


@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    return _concede(request, pk, "waiver", WaiverForm(request.POST))


def _concede(request: HttpRequest, pk: int, name: str, form: ExtensionForm | WaiverForm) -> HttpResponse:
    row = _row(request, pk)
    if not may(request.user, concessions.CONCEDE, row.organization):
        raise PermissionDenied("准予延期或免办由上级党组织办理。")
    if form.is_valid():
        said = form.cleaned_data
        try:
            concessions.concede(
                row.obligation,
                row.organization,
                until=said.get("until"),
                reason=said["reason"],
                by=request.user,
            )
        except concessions.ConcessionRefused as refusal:
            form.add_error("until" if "until" in said else "reason", str(refusal))
        else:
            messages.success(
                request, f"已准予“{row.organization.name}”{'延期' if 'until' in said else '免办'}。"
            )
            return redirect("campaigns:assignment", pk=row.pk)
    return _show(request, row, status=422, **{name: form})


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        Concession.objects.visible_to(request.user).select_related("obligation__phase"), pk=pk
    )
    try:
        concessions.revoke(found, by=request.user)
    except concessions.ConcessionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, "已撤销，恢复为应办。" if found.is_waiver else "已撤销，恢复原来的截止日期。"
        )
    rows = Assignment.objects.visible_to(request.user)
    row = rows.filter(obligation=found.obligation, organization=found.organization_id).first()
    return redirect("campaigns:assignment", pk=row.pk) if row else redirect("campaigns:progress")
