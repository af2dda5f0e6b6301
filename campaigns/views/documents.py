"""Signed in: what is handed in of the progress of a subtree: 进度统计表, 未办名单, 通报, and the figures kept for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.exports import circular, owing, sheet
from campaigns.forms import SnapshotForm
from campaigns.models import Phase, Snapshot
from campaigns.queries import progress
from campaigns.queries.sheets import Sheet
from campaigns.queries.sheets import sheet as figures_of
from campaigns.services import snapshots as services
from campaigns.views import asked
from common.downloads import WORD, as_download
from common.spreadsheets.writer import CONTENT_TYPE
from organizations.models import Organization

SHOWN = 50


def _asked(request: HttpRequest) -> tuple[Organization, Phase]:
    place, phase = asked.whole_place_of(request), asked.phase_of(request)
    if phase is None:
        raise Http404
    return place, phase


@require_safe
def progress_sheet(request: HttpRequest) -> HttpResponse:
    """进度统计表 on screen: the columns that have figures; the file has them all."""
    return _page(request, *_asked(request), SnapshotForm())


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
    place, phase = _asked(request)
    return _workbook(figures_of(place, phase, timezone.localdate()), place)


def _workbook(table: Sheet, place: Organization) -> HttpResponse:
    made = HttpResponse(sheet.workbook(table), content_type=CONTENT_TYPE)
    return as_download(made, f"进度统计表-{place.label}-{table.as_of:%Y%m%d}.xlsx")


@require_safe
def owing_file(request: HttpRequest) -> HttpResponseBase:
    """未办名单 as Excel: of one obligation, or of all of a phase that have opened."""
    day = timezone.localdate()
    if chosen := asked.obligation_of(request):
        place, phase, listed = asked.whole_place_of(request), chosen.phase, [chosen]
    else:
        place, phase = _asked(request)
        listed = [each for each in progress.tracked(phase) if each.opens_on <= day]
    rows = StreamingHttpResponse(owing.workbook(place, listed, phase, day), content_type=CONTENT_TYPE)
    return as_download(rows, f"未办名单-{place.label}-{day:%Y%m%d}.xlsx")


@require_safe
def snapshots(request: HttpRequest) -> HttpResponse:
    """统计留存 of an organization, the newest first."""
    place = asked.whole_place_of(request)
    rows = Snapshot.objects.visible_to(request.user).filter(organization=place).newest_first()
    context = {
        "place": place,
        "phase": asked.phase_of(request),
        "rows": rows.select_related("made_by").defer("made_by__password")[:SHOWN],
        "shown": SHOWN,
    }
    return render(request, "campaigns/progress/snapshots.html", context)


@require_POST
def snapshot_take(request: HttpRequest) -> HttpResponse:
    """留存: what stands today, for a sheet and a 通报 that can be made again."""
    place, phase = _asked(request)
    form = SnapshotForm(request.POST)
    if form.is_valid():
        try:
            services.take(place, phase, remedy_by=form.cleaned_data["remedy_by"], by=request.user)
        except services.SnapshotRefused as refusal:
            form.add_error("remedy_by", str(refusal))
        else:
            messages.success(request, "已留存今天的数字，可以下载统计表和通报。")
            return redirect(f"{reverse('campaigns:snapshots')}?organization={place.pk}&phase={phase.pk}")
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
