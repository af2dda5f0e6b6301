"""审诺: one pledge item by item, and all that waits for me in one list."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from common.paging import capped_count
from common.states import IllegalStep, StepRefused, Taken
from notifications.services import mark_seen
from organizations.access import may_anywhere
from pledges import queries, services
from pledges.flow import PledgeState
from pledges.forms.vetting import ReturnItemForm, Vetting, WordsForm, ticked
from pledges.models import Pledge, PledgeItem
from pledges.presentation.vetting import Outcome, Overtaken, VettingRow, outcomes
from pledges.views.requests import asked_place, go_on, in_dialog, posted_number, seen_pledge

PAGE = 40  # pledges; a member's has three items at most
MOST = 500  # items in one POST


def _pledge(request: HttpRequest, pk: int) -> Pledge:
    pledge = seen_pledge(request, pk)
    if not request.user.has_perm(pledge.flow["approve"].permission, pledge):
        raise PermissionDenied("您没有审定这份承诺的职务。")
    return pledge


@require_http_methods(["GET", "HEAD", "POST"])
def vet(request: HttpRequest, pk: int) -> HttpResponse:
    """逐项审定."""
    pledge = _pledge(request, pk)
    if request.method == "POST":
        return _decided(request, pledge)
    if pledge.state != PledgeState.SUBMITTED:
        messages.info(request, f"这份承诺现在是“{pledge.get_state_display()}”，不在审定中。")
        return redirect(pledge)
    mark_seen(request.user, pledge.get_absolute_url())
    return _page(request, pledge, Vetting(queries.with_hints(pledge, request.user)))


def _decided(request: HttpRequest, pledge: Pledge) -> HttpResponse:
    items = queries.with_hints(pledge, request.user)
    vetting = Vetting(items, request.POST)
    same, overtaken = Overtaken.among(items, request.POST)
    everything = request.POST.get("do") == "all"
    if not overtaken and not everything and same and not vetting.is_touched:
        return _on(pledge)  # the second of two clicks
    if not vetting.forms and not overtaken:
        last = queries.last_step(pledge)
        if last is not None and last.actor_id == request.user.pk:
            return _on(pledge)
    if overtaken or not vetting.forms:
        return _page(request, pledge, vetting, overtaken=overtaken, status=409)
    verdicts = vetting.verdicts(everything=everything)
    if not verdicts:
        return _page(request, pledge, vetting, status=422)
    try:
        pledge = services.vet(pledge, verdicts, by=request.user, version=posted_number(request))
    except StepRefused as refused:
        vetting.error = str(refused)
        return _page(request, pledge, vetting, status=409)
    except IllegalStep:
        items = queries.with_hints(pledge, request.user)
        _, overtaken = Overtaken.among(items, request.POST)
        pledge.refresh_from_db(fields=["state"])
        return _page(request, pledge, Vetting(items, request.POST), overtaken=overtaken, status=409)
    messages.success(request, _said(pledge, len(verdicts)))
    return _on(pledge)


def _said(pledge: Pledge, number: int) -> str:
    if pledge.state == PledgeState.APPROVED:
        return "各项都已通过，这份承诺已审定，可以申请公开了。"
    if pledge.state == PledgeState.RETURNED:
        return "已审定完毕，退回的项连同意见已交回修改。"
    return f"已审定 {number} 项，其余各项还在等您审定。"


def _on(pledge: Pledge) -> HttpResponse:
    return redirect("pledges:vet", pledge.pk) if pledge.state == PledgeState.SUBMITTED else redirect(pledge)


def _page(
    request: HttpRequest,
    pledge: Pledge,
    vetting: Vetting,
    *,
    overtaken: list[Overtaken] | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = pledge.flow["approve"]
    is_open = asked in pledge.flow.open_to(request.user, pledge)
    context = {
        "pledge": pledge,
        "vetting": vetting,
        "overtaken": overtaken,
        "is_open": is_open,
        "refusal": asked.refusal(request.user, pledge),
    }
    return render(request, "pledges/vetting/vet.html", context, status=status)


@require_POST
def again(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """重新审定 of one item, while its pledge is still being vetted."""
    pledge = _pledge(request, pk)
    item = get_object_or_404(pledge.items.with_what_guards_ask(), key=key)
    try:
        services.reconsider_item(item, by=request.user)
        messages.success(request, f"第{item.number}项已回到待审。")
    except StepRefused as refused:
        messages.error(request, str(refused))
    except IllegalStep:
        pass  # the first of two clicks has done it
    return redirect(f"{reverse('pledges:vet', args=[pledge.pk])}#item-{item.number}")


# -- all that waits --------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """待审定的承诺事项: members' of the own branch, organizations' and leaders' of the next level."""
    if not any(may_anywhere(request.user, permission) for permission in queries.VETTING):
        raise PermissionDenied("您没有审定承诺的职务。")
    if request.method == "GET":
        mark_seen(request.user, request.get_full_path())
        return _list(request)
    read = ticked(request.POST.getlist("item")[:MOST])
    if request.POST.get("do") == "tick":
        return _list(request, read, tick_clean=True)
    if not read:
        return _list(request, error="还没有勾选。请先勾选要通过的项，再办理。", status=422)
    taken, lost = _approve(request, read)
    if lost:
        undone = len(read) - len(taken.done)
        return _list(request, lost=lost, counts=(len(taken.done), undone), status=409)
    messages.success(request, f"已通过 {len(taken.done)} 项。")
    return redirect(request.get_full_path())


def _approve(request: HttpRequest, read: dict[int, int]) -> tuple[Taken[PledgeItem], list[Outcome]]:
    """Approve what was ticked as it was read; whatever was not is told, one by one."""
    seen = PledgeItem.objects.visible_to(request.user).filter(pk__in=read)
    rows = seen.filter(
        queries.within_vetting_reach(request.user, via="pledge__"),
        queries.as_read(read, field="pledge__version"),
    )
    taken = services.vet_all(rows, "approve", by=request.user)
    return taken, outcomes(read, seen.with_what_guards_ask(), taken)


def _list(
    request: HttpRequest,
    chosen: dict[int, int] | None = None,
    *,
    tick_clean: bool = False,
    lost: list[Outcome] | None = None,
    counts: tuple[int, int] = (0, 0),
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    form = WordsForm(request.GET)
    asked = asked_place(request)
    waiting = Pledge.objects.visible_to(request.user).filter(queries.pledges_to_vet(request.user))
    rows = form.narrow(waiting, asked)
    pledges, more = queries.vetting_page(rows, request.GET.get("after", ""), size=PAGE)
    queries.attach_hints(pledges, request.user)
    groups = groupby(
        (VettingRow(pledge, chosen or {}, tick_clean=tick_clean) for pledge in pledges),
        key=lambda row: row.pledge.organization,
    )
    query = request.GET.copy()
    query["after"] = more
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "groups": [(place, list(rows)) for place, rows in groups],
        "count": capped_count(rows),
        "more": f"?{query.urlencode()}" if more else "",
        "is_later": bool(request.GET.get("after")),
        "is_filtered": any(
            request.GET.get(name) for name in ("q", "whose", "organization", "organization_q")
        ),
        "lost": lost,
        "counts": counts,
        "error": error,
    }
    return render(request, "pledges/vetting/index.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def return_item(request: HttpRequest, pk: int) -> HttpResponse:
    """退回 of one item from the list, in a dialog or on a page of its own."""
    rows = PledgeItem.objects.visible_to(request.user).with_what_guards_ask()
    item = get_object_or_404(rows, pk=pk)
    if not request.user.has_perm(item.flow["return"].permission, item):
        raise PermissionDenied("您没有审定这一项的职务。")
    form = ReturnItemForm(request.POST if request.method == "POST" else None)
    back = f"{reverse('pledges:vetting')}?{request.GET.urlencode()}".removesuffix("?")
    if request.method == "POST" and form.is_valid():
        said = services.Verdict(False, form.cleaned_data["reason"], form.cleaned_data["grounds"])
        try:
            services.vet(item.pledge, {item.key: said}, by=request.user, version=posted_number(request))
        except StepRefused as refused:
            return _return_panel(request, item, form, back, error=str(refused), status=409)
        except IllegalStep:
            item.refresh_from_db(fields=["state", "remark"])
            if item.remark != said.reason:  # not the second of two clicks
                return _return_panel(request, item, form, back, status=409)
        messages.success(request, f"{item.pledge}第{item.number}项已退回。")
        return go_on(request, back)
    return _return_panel(request, item, form, back, status=422 if form.is_bound else 200)


def _return_panel(
    request: HttpRequest, item: PledgeItem, form: ReturnItemForm, back: str, *, error: str = "", status: int
) -> HttpResponse:
    is_open = item.flow["return"] in item.flow.open_to(request.user, item)
    context = {
        "item": item,
        "pledge": item.pledge,
        "form": form,
        "back": back,
        "here": request.get_full_path(),
        "is_open": is_open,
        "error": error or (item.flow["return"].refusal(request.user, item) if not is_open else ""),
        "in_dialog": in_dialog(request),
    }
    part = "#panel" if context["in_dialog"] else ""
    return render(request, f"pledges/vetting/return_item.html{part}", context, status=status)
