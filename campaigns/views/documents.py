"""Signed in: what is handed in of the progress of a subtree: 进度统计表, 未办名单, 通报, and the figures kept for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.exports import circular, owing, sheet
from campaigns.forms import SnapshotForm
from campaigns.models import Obligation, Phase, Snapshot
from campaigns.queries import current_phase, progress
from campaigns.queries.sheets import Sheet
from campaigns.queries.sheets import sheet as figures_of
from campaigns.services import snapshots as services
from common.downloads import WORD, as_download
from common.spreadsheets.writer import CONTENT_TYPE
from organizations.models import Organization

SHOWN = 50


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)


def _place(request: HttpRequest, asked: Any) -> Organization:
    """The organization asked for, or the topmost of one's own; whoever does not read all below it finds nothing."""
    pk = _number(asked.get("organization", ""))
    mine = progress.places_of(request.user)
    if pk is None and not mine:
        raise Http404
    rows = Organization.objects.visible_to(request.user)
    place = get_object_or_404(rows, pk=mine[0][0] if pk is None else pk)
    if not progress.reads_below(request.user, place):
        raise Http404
    return place


def _phase(request: HttpRequest, asked: Any) -> Phase:
    pk = _number(asked.get("phase", ""))
    found = current_phase(timezone.localdate()) if pk is None else None
    if found is not None:
        return found
    begun = Phase.objects.visible_to(request.user).begun(timezone.localdate()).select_related("campaign")
    return get_object_or_404(begun, pk=pk)


@require_safe
def progress_sheet(request: HttpRequest) -> HttpResponse:
    """进度统计表 on screen: the columns that have figures; the file has them all."""
    return _page(request, _place(request, request.GET), _phase(request, request.GET), SnapshotForm())


def _page(
    request: HttpRequest, place: Organization, phase: Phase, form: SnapshotForm, *, status: int = 200
) -> HttpResponse:
    table = figures_of(place, phase, timezone.localdate())
    context = {
        "place": place,
        "phase": phase,
        "table": table,
        "lines": _on_screen(table),
        "columns": "|".join(["单位", *(f"{group.label}#num" for group in table.filled)]),
        "form": form,
    }
    return render(request, "campaigns/progress/sheet.html", context, status=status)


def _on_screen(table: Sheet) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each line: its name, and for each group its values as the form has them, 3 / 2 / 1; the sums last."""
    return [
        (
            line.name,
            [
                (group.label, " / ".join(line.shown(column) for column in group.columns))
                for group in table.filled
            ],
        )
        for line in [*table.lines, table.total]
    ]


@require_safe
def sheet_file(request: HttpRequest) -> HttpResponse:
    """进度统计表 of this moment as Excel."""
    place, phase = _place(request, request.GET), _phase(request, request.GET)
    return _workbook(figures_of(place, phase, timezone.localdate()), place)


def _workbook(table: Sheet, place: Organization) -> HttpResponse:
    made = HttpResponse(sheet.workbook(table), content_type=CONTENT_TYPE)
    return as_download(made, f"进度统计表-{place.label}-{table.as_of:%Y%m%d}.xlsx")


@require_safe
def owing_file(request: HttpRequest) -> HttpResponseBase:
    """未办名单 as Excel: of one obligation, or of all of a phase that have opened."""
    place, day = _place(request, request.GET), timezone.localdate()
    pk = _number(request.GET.get("obligation", ""))
    if pk is None:
        phase = _phase(request, request.GET)
        asked = [each for each in progress.tracked(phase) if each.opens_on <= day]
    else:
        known = Obligation.objects.visible_to(request.user).tracked().filter(phase__starts_on__lte=day)
        asked = [get_object_or_404(known.select_related("phase__campaign"), pk=pk)]
        phase = asked[0].phase
    rows = StreamingHttpResponse(owing.workbook(place, asked, phase, day), content_type=CONTENT_TYPE)
    return as_download(rows, f"未办名单-{place.label}-{day:%Y%m%d}.xlsx")


@require_safe
def snapshots(request: HttpRequest) -> HttpResponse:
    """统计留存 of an organization, the newest first."""
    place = _place(request, request.GET)
    rows = Snapshot.objects.visible_to(request.user).filter(organization=place).newest_first()
    context = {
        "place": place,
        "rows": rows.select_related("made_by").defer("made_by__password")[:SHOWN],
        "shown": SHOWN,
    }
    return render(request, "campaigns/progress/snapshots.html", context)


@require_POST
def snapshot_take(request: HttpRequest) -> HttpResponse:
    """留存: what stands today, for a sheet and a 通报 that can be made again."""
    place, phase = _place(request, request.POST), _phase(request, request.POST)
    form = SnapshotForm(request.POST)
    if form.is_valid():
        try:
            services.take(place, phase, remedy_by=form.cleaned_data["remedy_by"], by=request.user)
        except services.SnapshotRefused as refusal:
            form.add_error("remedy_by", str(refusal))
        else:
            messages.success(request, "已留存今天的数字，可以下载统计表和通报。")
            return redirect(f"{reverse('campaigns:snapshots')}?organization={place.pk}")
    return _page(request, place, phase, form, status=422)


def _snapshot(request: HttpRequest, pk: int) -> Snapshot:
    return get_object_or_404(Snapshot.objects.visible_to(request.user).select_related("organization"), pk=pk)


@require_safe
def snapshot_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    kept = _snapshot(request, pk)
    return _workbook(Sheet.of_json(kept.figures["sheet"], kept.as_of), kept.organization)


@require_safe
def snapshot_circular(request: HttpRequest, pk: int) -> HttpResponse:
    """通报 as Word, a draft to go on with."""
    kept = _snapshot(request, pk)
    made = HttpResponse(circular.document(kept), content_type=WORD)
    return as_download(made, f"通报-{kept.organization.label}-{kept.as_of:%Y%m%d}.docx")
