"""Signed in: the rounds with their figures, the ledger, closing (归档) and what is closed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Phase
from common.downloads import as_download
from common.states import ReasonMissing, StepRefused
from organizations.access import may
from organizations.models import Organization
from organizations.views.imports import attached
from pledges import queries, services
from pledges.exports.archive import archive_files
from pledges.exports.ledger import export_ledger
from pledges.forms.rounds import CloseRoundForm, LedgerForm, ReopenForm
from pledges.models import RoundArchive
from pledges.presentation.rounds import RoundRow, checks, rates
from pledges.queries import archives, figures
from pledges.queries.figures import Place


def _asked_for(request: HttpRequest) -> int | None:
    """``organization=14`` in the address; what is no number is no organization."""
    text = request.GET.get("organization", "") or request.POST.get("organization", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def place_today(request: HttpRequest, pk: int | None) -> tuple[Place | None, list[Place]]:
    """The organization asked for, or the first of one's own; and one's own. Out of reach is 404."""
    mine = figures.places_of(request.user)
    if pk is None:
        return (mine[0] if mine else None), mine
    place = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    if not may(request.user, figures.VIEW, place):
        raise Http404
    wide = any(p.with_below and place.path.startswith(p.path) for p in mine)
    return Place(place.pk, place.name, place.path, wide), mine


def begun(pk: int) -> Phase:
    """A round that has begun; others are not there yet."""
    found = next((p for p in figures.begun_phases(timezone.localdate()) if p.pk == pk), None)
    if found is None:
        raise Http404
    return found


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    place, mine = place_today(request, _asked_for(request))
    chosen = place if _asked_for(request) is not None else None
    within = [chosen] if chosen else mine
    phases = figures.begun_phases(timezone.localdate())
    closed = {phase.pk: phase.pledge_archive for phase in phases if hasattr(phase, "pledge_archive")}
    then = figures.totals_by_archive(closed.values(), mine, chosen)
    today = figures.totals_by_phase([p for p in phases if p.pk not in closed], within)
    rows = [
        RoundRow(phase, closed[phase.pk], then.get(closed[phase.pk].pk))
        if phase.pk in closed
        else RoundRow(phase, None, today.get(phase.pk))
        for phase in phases
    ]
    context = {"rows": rows, "places": mine, "place": place, "is_narrowed": chosen is not None}
    return render(request, "pledges/rounds/index.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One round, one level: an organization and what hangs directly below it."""
    phase = begun(pk)
    if hasattr(phase, "pledge_archive"):
        return redirect(f"{phase.pledge_archive.get_absolute_url()}?{request.GET.urlencode()}".rstrip("?"))
    place, mine = place_today(request, _asked_for(request))
    lines = figures.level(phase, place) if place else []
    context = {
        "phase": phase,
        "may_close": may(request.user, services.CLOSE, phase.campaign.organization),
        "is_branch": len(lines) == 1,
    }
    return render(request, "pledges/rounds/detail.html", context | _table(place, mine, lines))


def _table(place: Place | None, mine: list[Place], lines: list[figures.Line]) -> dict[str, Any]:
    total = figures.total(lines)
    above = place.path.split(".")[:-2] if place else []
    return {
        "place": place,
        "places": mine,
        "lines": lines,
        "total": total,
        "rates": rates(total),
        # one level up, as long as that is still below where one's own posts are
        "above": above[-1] if place and above and _is_below_mine(place, mine) else None,
    }


def _is_below_mine(place: Place, mine: list[Place]) -> bool:
    return any(own.with_below and own.path != place.path and place.path.startswith(own.path) for own in mine)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The check-list of what is unfinished, then the closing."""
    phase = begun(pk)
    if not may(request.user, services.CLOSE, phase.campaign.organization):
        raise PermissionDenied("承诺的归档由全市活动领导小组办公室主任办理。")
    form = CloseRoundForm(request.POST or None, initial={"as_of": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            archive = services.close_round(phase, as_of=form.cleaned_data["as_of"], by=request.user)
        except StepRefused as refused:
            form.add_error("as_of", str(refused))
        else:
            messages.success(request, f"已归档，编号{archive.label}。")
            return redirect(archive)
    root = phase.campaign.organization
    counts = figures.totals_by_phase([phase], [Place(root.pk, root.name, root.path, True)]).get(phase.pk)
    context = {
        "phase": phase,
        "form": form,
        "checks": checks(counts),
        "total": counts,
        "rates": rates(counts) if counts else [],
        "is_closed": hasattr(phase, "pledge_archive"),
    }
    return render(request, "pledges/rounds/close.html", context, status=422 if form.errors else 200)


@require_safe
def archive_list(request: HttpRequest) -> HttpResponse:
    rows = RoundArchive.objects.visible_to(request.user).select_related("phase__campaign", "closed_by")
    return render(request, "pledges/rounds/archives.html", {"archives": rows.newest_first()})


def _archive(request: HttpRequest, pk: int) -> RoundArchive:
    rows = RoundArchive.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("phase__campaign", "closed_by", "reopened_by"), pk=pk)


@require_safe
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    return _archive_page(request, _archive(request, pk))


def _archive_page(
    request: HttpRequest, found: RoundArchive, form: ReopenForm | None = None, faults: Any = None
) -> HttpResponse:
    """The tree of its date: who was the superior then sees what was below it then."""
    mine = archives.places_then(found, request.user)
    pk = _asked_for(request)
    place = archives.place_in(found, pk, mine) if pk else next(iter(mine), None)
    if pk and place is None:
        raise Http404
    lines = figures.level_of_archive(found, place) if place else []
    context = {
        "archive": found,
        "may_close": may(request.user, services.CLOSE, found.organization),
        "may_download": figures.reads_everything(request.user),
        "form": form or ReopenForm(),
        "faults": faults,
    }
    status = 422 if form is not None else 200
    return render(request, "pledges/rounds/archive.html", context | _table(place, mine, lines), status=status)


@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """重算核对, for whoever may read the archive: it writes nothing."""
    found = _archive(request, pk)
    if not figures.reads_everything(request.user):
        raise PermissionDenied("整份归档由全市一级核对。")
    return _archive_page(request, found, faults=archives.verify(found))


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    found = _archive(request, pk)
    if not may(request.user, services.CLOSE, found.organization):
        raise PermissionDenied("承诺的重新开启由全市活动领导小组办公室主任办理。")
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _archive_page(request, found, form)
    try:
        services.reopen_round(found, by=request.user, reason=form.cleaned_data["reason"])
    except (StepRefused, ReasonMissing) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已重新开启。更正后请再次归档，会有新的编号；{found.label}保留备查。")
    return redirect(found)


@require_POST
def download(request: HttpRequest, pk: int) -> HttpResponse:
    found = _archive(request, pk)
    response = HttpResponse(archive_files(found, by=request.user), content_type="application/zip")
    return as_download(response, f"承诺归档{found.label}.zip")


@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """公开承诺台账: asked for on a page, posted as an act on record."""
    said = request.POST if request.method == "POST" else request.GET
    places = Organization.objects.visible_to(request.user)
    asked = queries.asked_for(places, said.get("organization", ""), said.get("organization_q", ""))
    form = LedgerForm(said)
    context = {"form": form, "asked": asked, "may_export": bool(figures.places_of(request.user))}
    if request.method != "POST" or not form.is_valid() or asked.is_open:
        status = 422 if request.method == "POST" else 200
        return render(request, "pledges/rounds/ledger.html", context, status=status)
    chosen = form.cleaned_data
    made = export_ledger(request.user, under=asked.chosen, phase=chosen["phase"], subject=chosen["subject"])
    return attached(made, f"公开承诺台账-{timezone.localdate()}.xlsx")
