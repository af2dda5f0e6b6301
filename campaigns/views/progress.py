"""Signed in: how far the organizations of one's own subtree have come with what they owe (办理进度)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.expectations import expectation
from campaigns.forms import ExtensionForm, UrgeForm, WaiverForm
from campaigns.models import Assignment, Concession, Obligation, Phase
from campaigns.queries import current_phase, progress
from campaigns.services import concessions, urging
from common.paging import capped
from organizations.access import may, may_anywhere
from organizations.models import Organization

SHOWN = 100


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _place(request: HttpRequest) -> Organization | None:
    """The organization asked for, or the topmost of one's own; out of reach is 404."""
    asked = _number(request, "organization")
    mine = progress.places_of(request.user)
    if asked is None and not mine:
        return None
    pk = mine[0][0] if asked is None else asked
    place = get_object_or_404(Organization.objects.visible_to(request.user).select_related("parent"), pk=pk)
    if not may(request.user, progress.VIEW, place):
        raise Http404
    return place


def _phase(request: HttpRequest) -> Phase | None:
    asked = _number(request, "phase")
    if asked is None:
        return current_phase(timezone.localdate())
    begun = Phase.objects.visible_to(request.user).begun(timezone.localdate()).select_related("campaign")
    return get_object_or_404(begun, pk=asked)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One level: an organization and what hangs directly below it; a column for each obligation."""
    place, phase = _place(request), _phase(request)
    day = timezone.localdate()
    obligations = progress.tracked(phase) if phase else []
    lines = progress.level(place, obligations, day) if place else []
    reads_below = place is not None and progress.reads_below(request.user, place)
    if not reads_below:
        lines = [line for line in lines if line.organization_id is None]
    above = (
        place.parent if place and place.parent and may(request.user, progress.VIEW, place.parent) else None
    )
    context = {
        "place": place,
        "phase": phase,
        "phases": Phase.objects.visible_to(request.user)
        .begun(day)
        .select_related("campaign")
        .order_by("-starts_on")[:12],
        "places": progress.places_of(request.user),
        "reads_below": reads_below,
        "above": above,
        "obligations": obligations,
        "lines": [(line, [(each, line.of(each)) for each in obligations]) for line in lines],
        "total": [(each, progress.total(lines).of(each)) for each in obligations],
        "columns": "|".join(["党组织", *(each.name for each in obligations)]),
        "day": day,
    }
    return render(request, "campaigns/progress/index.html", context)


@require_safe
def owing(request: HttpRequest) -> HttpResponse:
    """未办名单: who in a subtree has not done one thing yet."""
    place = _place(request)
    obligation = get_object_or_404(
        Obligation.objects.visible_to(request.user)
        .tracked()
        .filter(phase__starts_on__lte=timezone.localdate())
        .select_related("phase"),
        pk=_number(request, "obligation"),
    )
    expected = expectation(obligation.expects)
    if place is None or expected is None:
        raise Http404
    rows = progress.owing(place, obligation)
    if not progress.reads_below(request.user, place):
        rows = rows.filter(organization=place)
    count, _ = capped(rows)
    context = {
        "place": place,
        "obligation": obligation,
        "expected": expected,
        "rows": rows[:SHOWN],
        "count": count,
        "shown": SHOWN,
        "may_urge": may_anywhere(request.user, urging.URGE),
        "day": timezone.localdate(),
    }
    return render(request, "campaigns/progress/owing.html", context)


def _assignment(request: HttpRequest, pk: int) -> Assignment:
    rows = Assignment.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("organization__parent", "obligation__phase__campaign"), pk=pk
    )


@require_safe
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """One organization and one thing it owes: how it stands, and who let it have more time."""
    return _show(request, _assignment(request, pk))


def _show(request: HttpRequest, row: Assignment, *, status: int = 200, **forms: Any) -> HttpResponse:
    history = row.obligation.concessions.filter(organization=row.organization).select_related(
        "granted_by", "revoked_by"
    )
    context = {
        "row": row,
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
    row = _assignment(request, pk)
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
        messages.success(request, "已撤销，恢复原来的截止日期。")
    rows = Assignment.objects.visible_to(request.user)
    row = rows.filter(obligation=found.obligation, organization=found.organization_id).first()
    return redirect("campaigns:assignment", pk=row.pk) if row else redirect("campaigns:progress")


@require_POST
def urge(request: HttpRequest) -> HttpResponse:
    """催办 of those ticked: first who would be told and in which words, then the sending."""
    obligation = get_object_or_404(
        Obligation.objects.visible_to(request.user).tracked().select_related("phase"),
        pk=_posted(request, "obligation"),
    )
    chosen = [
        int(pk) for pk in request.POST.getlist("assignment") if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    there = Assignment.objects.visible_to(request.user).filter(pk__in=chosen, obligation=obligation)
    chosen = list(there.values_list("pk", flat=True))
    back = f"{reverse('campaigns:owing')}?obligation={obligation.pk}"
    if not chosen:
        messages.error(request, "请先勾选要催办的党组织。")
        return redirect(back)
    is_sending = "text" in request.POST
    form = UrgeForm(request.POST if is_sending else None, initial={"text": urging.suggested(obligation)})
    found = urging.addressees(obligation, chosen, by=request.user)
    if is_sending and form.is_valid():
        count = urging.urge(obligation, chosen, text=form.cleaned_data["text"], by=request.user)
        messages.success(
            request, f"已催办 {count} 个党组织。" if count else "没有要催办的：都已办理或今天催办过。"
        )
        return redirect(back)
    context = {"obligation": obligation, "addressees": found, "form": form, "back": back}
    return render(request, "campaigns/progress/urge.html", context, status=422 if is_sending else 200)


def _posted(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
