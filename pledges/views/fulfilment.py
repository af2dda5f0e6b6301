"""践诺: progress with one tap, results with three judgements side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Phase
from common.attachments import headers
from common.states import StepRefused
from notifications.services import mark_seen
from organizations.models import Organization
from pledges.flow.judging import judging_permission, judging_refusal
from pledges.forms.fulfilment import ProgressForm, judgement_form
from pledges.models import (
    Pledge,
    PledgeItem,
    ProgressAttachment,
    Source,
    quarter_label,
    quarter_of,
    source_label,
)
from pledges.presentation.fulfilment import ItemRow
from pledges.queries import fulfilment as queries
from pledges.services import fulfilment as services
from pledges.services.writing import edit_permission

PLEDGES_A_PAGE = 40
ITEMS_A_PAGE = 20


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Where one tells the progress, what is 到期未报, what waits to be judged."""
    day, user = timezone.localdate(), request.user
    items = PledgeItem.objects.visible_to(user).select_related(
        "pledge__organization", "pledge__phase__pledge_archive", "pledge__member"
    )
    lists = {"overdue": queries.overdue_items(items, day), "judge": queries.to_judge(items, user)}
    shown = "judge" if request.GET.get("list") == "judge" else "overdue"
    rows = lists[shown].order_by("due_on", "pledge__organization__order_path", "pk")
    context = {
        "shown": shown,
        "counts": {name: rows.count() for name, rows in lists.items()},
        "page": Paginator(rows, ITEMS_A_PAGE).get_page(request.GET.get("page")),
        "places": list(queries.places_to_report(user)[:20]),
        "has_own": queries.has_own(user),
    }
    return render(request, "pledges/fulfilment/index.html", context)


@require_safe
def at(request: HttpRequest, pk: int) -> HttpResponse:
    """践诺进展 of an organization: its own pledges' items and its members', one tap each."""
    place = get_object_or_404(
        queries.places_seen(Organization.objects.visible_to(request.user), request.user), pk=pk
    )
    mark_seen(request.user, request.path)
    kept = queries.pledges_at(Pledge.objects.visible_to(request.user), place)
    phases = queries.phases_with_pledges(kept)
    phase = chosen_phase(request, phases)
    context: dict[str, Any] = {"place": place, "phases": phases, "phase": phase, **_quarter()}
    if phase is not None:
        page = Paginator(kept.filter(phase=phase), PLEDGES_A_PAGE).get_page(request.GET.get("page"))
        context |= {
            "page": page,
            "pledges": _with_rows(request, page.object_list),
            "figures": queries.figures(place, phase),
        }
    return render(request, "pledges/fulfilment/at.html", context)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What one promised oneself as a member."""
    kept = queries.own_pledges(Pledge.objects.visible_to(request.user, with_ones_own=True), request.user)
    context = {"pledges": _with_rows(request, kept), **_quarter()}
    return render(request, "pledges/fulfilment/mine.html", context)


def chosen_phase(request: HttpRequest, phases: list[Phase]) -> Phase | None:
    """The round asked for in the address, else the newest."""
    asked = request.GET.get("phase", "")
    return next((phase for phase in phases if str(phase.pk) == asked), phases[0] if phases else None)


def _quarter() -> dict[str, str]:
    return {"quarter": quarter_label(quarter_of(timezone.localdate()))}


def _with_rows(request: HttpRequest, pledges: Any) -> list[tuple[Pledge, list[ItemRow]]]:
    """Each pledge with the rows of its items. Four queries, however many."""
    found = list(pledges.with_what_guards_ask())
    by_pk: dict[int, tuple[Pledge, list[ItemRow]]] = {pledge.pk: (pledge, []) for pledge in found}
    items = PledgeItem.objects.visible_to(request.user, with_ones_own=True).filter(
        queries.in_force(), pledge__in=list(by_pk)
    )
    for item in queries.with_what_was_said(items).order_by("number"):
        item.pledge = by_pk[item.pledge_id][0]
        by_pk[item.pledge_id][1].append(ItemRow(item, request.user, timezone.localdate()))
    return [pair for pair in by_pk.values() if pair[1]]


def _item(request: HttpRequest, pk: int) -> PledgeItem:
    rows = PledgeItem.objects.visible_to(request.user, with_ones_own=True).with_what_guards_ask()
    return get_object_or_404(queries.with_what_was_said(rows.filter(queries.in_force())), pk=pk)


@require_POST
def tap(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the three buttons, or taking the last tap back."""
    item = _item(request, pk)
    error = ""
    try:
        if request.POST.get("undo"):
            services.take_back_tap(item, by=request.user)
        else:
            services.tap(item, request.POST.get("status", ""), by=request.user)
    except StepRefused as refused:
        error = str(refused)
    if request.htmx:  # type: ignore[attr-defined]
        row = ItemRow(_item(request, pk), request.user, timezone.localdate())
        context = {"row": row, "error": error, "back": request.POST.get("back", ""), "is_fresh": True}
        return render(request, "pledges/fulfilment/_row.html", context, status=409 if error else 200)
    if error:
        messages.error(request, error)
    return redirect(_back(request, item))


def _back(request: HttpRequest, item: PledgeItem) -> str:
    """To the page that was tapped on, at the same item; always one of ours."""
    if request.POST.get("back") == "at":
        page = f"{reverse('pledges:fulfilment_at', args=[item.place_id])}?phase={item.pledge.phase_id}"
        number = request.POST.get("page", "")
        page += f"&page={number}" if number.isascii() and number.isdigit() else ""
    elif request.POST.get("back") == "mine":
        page = reverse("pledges:fulfilment_mine")
    else:
        page = reverse("pledges:fulfilment_item", args=[item.pk])
    return f"{page}#item-{item.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: this quarter's progress with a note, the three judgements, what was told before."""
    found = _item(request, pk)
    row = ItemRow(found, request.user, timezone.localdate())
    status = 200
    form = ProgressForm.of(row.current)
    if request.method == "POST":
        form = ProgressForm.of(row.current, request.POST, request.FILES)
        if not request.user.has_perm(edit_permission(found.pledge), found):
            raise PermissionDenied("您没有填报这项承诺进展的职务。")
        if form.is_valid() and _told(request, found, form):
            messages.success(request, "已保存本季度的进展。")
            return redirect("pledges:fulfilment_item", found.pk)
        status = 422
    context = {"row": row, "item": found, "pledge": found.pledge, "form": form, **_quarter()}
    return render(request, "pledges/fulfilment/item.html", context, status=status)


def _told(request: HttpRequest, found: PledgeItem, form: ProgressForm) -> bool:
    try:
        services.tell_progress(found, form.cleaned_data["status"], form.said(), by=request.user)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, pk: int, source: str) -> HttpResponse:
    found = _item(request, pk)
    if source not in Source.values:
        raise Http404
    if not request.user.has_perm(judging_permission(source, found.pledge), found):
        raise PermissionDenied("您没有登记这项结果的职务。")
    row = ItemRow(found, request.user, timezone.localdate())
    given = next(said.judgement for said in row.said if said.source == source)
    last = queries.last_meeting(found.organization) if source == Source.MASSES and given is None else None
    if request.method == "POST" and request.POST.get("take_back"):
        return _take_back(request, found, source)
    form = judgement_form(source, given, last, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _judged(request, found, source, form):
            messages.success(request, f"已登记{source_label(source, found.pledge)}。")
            return redirect("pledges:fulfilment_item", found.pk)
        status = 422
    context = {
        "row": row,
        "item": found,
        "pledge": found.pledge,
        "form": form,
        "given": given,
        "source": source,
        "label": source_label(source, found.pledge),
        "refusal": judging_refusal(request.user, source, found.pledge),
    }
    return render(request, "pledges/fulfilment/judge.html", context, status=status)


def _judged(request: HttpRequest, found: PledgeItem, source: str, form: Any) -> bool:
    try:
        services.judge(found, source, form.given(), by=request.user)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _take_back(request: HttpRequest, found: PledgeItem, source: str) -> HttpResponse:
    try:
        services.take_back_judgement(found, source, by=request.user)
        messages.success(request, f"已撤销{source_label(source, found.pledge)}。")
    except StepRefused as refused:
        messages.error(request, str(refused))
    return redirect("pledges:fulfilment_item", found.pk)


@require_safe
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    """附件, to those who read the pledge at the desk; saved as a file, never shown as a page."""
    found = get_object_or_404(ProgressAttachment.objects.visible_to(request.user), pk=pk)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(content)
    for name, value in headers(found).items():
        response[name] = value
    return response
