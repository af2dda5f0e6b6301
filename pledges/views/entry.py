"""The branch writes down its members' pledges: one screen, row by row, with script or without."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import Phase
from campaigns.queries import current_phase
from common.states import StepRefused
from organizations.access import may, within_reach
from organizations.models import Organization
from pledges import services
from pledges.forms.entry import ExemptionForm, categories_of
from pledges.models import Pledge
from pledges.presentation.entry import Line, told_at, words_of
from pledges.queries import rosters

NOT_THEIRS = "这一页是另一位同志登录时，或上一个时段打开的，没有保存。请把文字抄下，刷新页面再填。"
PAGE = 60  # a branch has fewer; what has grown beyond is turned over


def place_of(request: HttpRequest, pk: int) -> Organization:
    """Somewhere whose pledges this person sees (404), and may write (403)."""
    seen = Organization.objects.visible_to(request.user)
    organization = get_object_or_404(
        seen.filter(within_reach(request.user, "pledges.view_pledge", via="")), pk=pk
    )
    if not may(request.user, services.EDIT_MEMBER, organization):
        raise PermissionDenied(f"您没有在“{organization.name}”填写党员承诺的职务。")
    return organization


def written_in(request: HttpRequest, phase: Phase) -> str:
    """Whose page it is, and of which round: what is kept in a browser is sent for its writer alone."""
    return f"{request.user.pk}-{phase.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, organization: int) -> HttpResponse:
    here = place_of(request, organization)
    phase = current_phase(timezone.localdate())
    if phase is None:
        return render(request, "pledges/members/entry.html", {"organization": here, "phase": None})
    page = Paginator(rosters.roster(here, phase), PAGE).get_page(request.GET.get("page"))
    categories = categories_of(phase)
    lines = [Line(row, categories) for row in rosters.rows_of(list(page), phase)]
    if request.method == "POST":
        return _posted(request, here, phase, page, lines)
    return _page(request, here, phase, page, lines)


def _posted(
    request: HttpRequest, here: Organization, phase: Phase, page: Page, lines: list[Line]
) -> HttpResponse:
    """Without script: every row that was changed is saved, whichever button it was; then what it asks for."""
    verb, _, pk = request.POST.get("do", "save").partition(":")
    for line in lines:
        if line.form is not None and f"{line.member.pk}-version" in request.POST:
            _save_line(line.bind(request.POST), phase, request.user)
    if any(line.is_bad for line in lines):
        return _page(request, here, phase, page, lines, status=422)
    saved = sum(line.is_saved for line in lines)
    to = f"{request.path}?page={page.number}"
    if verb == "submit":
        _hand_in(request, here, phase)
        return redirect(f"{to}&check=1")
    if saved:
        messages.success(request, f"已保存 {saved} 名党员的承诺。")
    if verb == "exempt" and any(str(line.member.pk) == pk for line in lines):
        return redirect("pledges:exemption", here.pk, pk)
    return redirect(f"{to}#m-{pk}" if pk.isdecimal() else to)


def _hand_in(request: HttpRequest, here: Organization, phase: Phase) -> None:
    taken = services.hand_in(here, phase, by=request.user)
    if taken.done:
        messages.success(request, f"已提交 {len(taken.done)} 名党员的承诺，等待审定。")
    if taken.refused:
        names = "、".join(str(pledge.member) for pledge, _ in taken.refused)
        messages.warning(request, f"{len(taken.refused)} 名党员的承诺没有提交：{names}。原因见下面各行。")
    elif not taken.done:
        messages.info(request, "没有可以提交的承诺。")


def _save_line(line: Line, phase: Phase, user: Any) -> None:
    """Save one row if it was changed; what went wrong stays with the row."""
    form = line.form
    assert form is not None  # noqa: S101 -- asked before
    if not form.is_valid():
        line.is_bad = True
        return
    if not form.is_changed:
        return
    try:
        entry = services.Entry(line.member, form.text(), form.version_read)
        line.keep(services.save_entry(entry, phase, by=user))
    except services.Conflict as conflict:
        line.clash(conflict.pledge)
    except (StepRefused, PermissionDenied) as refused:
        line.refuse(str(refused))


def _page(
    request: HttpRequest,
    here: Organization,
    phase: Phase,
    page: Page,
    lines: list[Line],
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "organization": here,
        "phase": phase,
        "written_in": written_in(request, phase),
        "page": page,
        "lines": lines,
        "tally": rosters.tally(phase, Organization.objects.visible_to(request.user).filter(pk=here.pk)),
        "as_of": timezone.now(),
        "elsewhere": rosters.elsewhere(here, phase),
        "window": rosters.pledge_window(phase),
        "is_checked": "check" in request.GET,
    }
    return render(request, "pledges/members/entry.html", context, status=status)


@require_POST
def row(request: HttpRequest, organization: int, member: int) -> JsonResponse:
    """One row, sent by the script. Answers when it was saved, or what is wrong, or the other text."""
    try:
        here = place_of(request, organization)
    except PermissionDenied as refused:  # as data: the script tells it from a session that has ended
        return JsonResponse({"message": str(refused)}, status=403)
    phase = current_phase(timezone.localdate())
    if phase is None:
        return JsonResponse({"message": "目前没有进行中的时段。"}, status=409)
    if request.POST.get("entry", "") != written_in(request, phase):
        return JsonResponse({"message": NOT_THEIRS}, status=409)
    found = get_object_or_404(rosters.roster(here, phase), pk=member)
    line = Line(rosters.rows_of([found], phase)[0], categories_of(phase))
    if line.form is None:
        return JsonResponse({"message": line.why_closed}, status=409)
    _save_line(line.bind(request.POST), phase, request.user)
    return _told(line)


def _told(line: Line) -> JsonResponse:
    form = line.form
    assert form is not None  # noqa: S101 -- asked before
    if line.theirs is not None:
        theirs = words_of(line.theirs)
        return JsonResponse(
            {"conflict": theirs, "fields": line.fields_of(line.theirs), "version": line.theirs.version},
            status=409,
        )
    if line.refusal:
        return JsonResponse({"message": line.refusal}, status=409)
    if line.is_bad:
        errors = {f"{form.prefix}-{name}": " ".join(map(str, said)) for name, said in form.errors.items()}
        return JsonResponse({"errors": errors}, status=422)
    pledge: Pledge | None = line.row.pledge
    return JsonResponse(
        {
            "saved": told_at(pledge.changed_at) if pledge else "",
            "version": pledge.version if pledge else 0,
            "fields": line.fields_of(pledge) if pledge else {},
            "missing": line.row.missing,
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
def exemption(request: HttpRequest, organization: int, member: int) -> HttpResponse:
    """登记口头承诺或豁免, and its undoing."""
    here = place_of(request, organization)
    phase = current_phase(timezone.localdate())
    if phase is None:
        messages.error(request, "目前没有进行中的时段，不能登记。")
        return redirect("pledges:entry", here.pk)
    found = get_object_or_404(rosters.roster(here, phase), pk=member)
    there = rosters.rows_of([found], phase)[0]
    back = f"{resolve_url('pledges:entry', here.pk)}#m-{found.pk}"
    form = ExemptionForm(request.POST if request.POST.get("do") == "record" else None)
    context: dict[str, Any] = {
        "organization": here, "phase": phase, "row": there, "form": form, "back": back, "error": ""
    }  # fmt: skip
    try:
        if request.POST.get("do") == "lift" and there.exemption is not None:
            services.lift(there.exemption, by=request.user)
            messages.success(request, f"已撤销{found.name}同志的登记。")
            return redirect(back)
        if form.is_bound and form.is_valid():
            services.exempt(found, phase, **form.cleaned_data, by=request.user)
            messages.success(request, f"已登记{found.name}同志的情形。")
            return redirect(back)
    except StepRefused as refused:
        context["error"] = str(refused)
    status = 409 if context["error"] else 422 if form.errors else 200
    return render(request, "pledges/members/exemption.html", context, status=status)
