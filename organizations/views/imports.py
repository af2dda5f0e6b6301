"""Roster import (名册导入): upload, watch, look through the preview, confirm or give up."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.downloads import as_download
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.writer import CONTENT_TYPE
from common.states import StepRefused
from organizations.access import may_anywhere
from organizations.forms.imports import ImportForm
from organizations.imports import wording
from organizations.models import RosterImport, RosterImportRow
from organizations.queries.imports import PreviewFilter, first_view, preview_rows
from organizations.services.imports import IMPORT, cancel_import, confirm_import, start_import

PAGE = 50


def attached(content: Any, filename: str) -> StreamingHttpResponse:
    """A workbook to download under a Chinese name."""
    return as_download(StreamingHttpResponse(content, content_type=CONTENT_TYPE), filename)


@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    rows = RosterImport.objects.visible_to(request.user).select_related("organization", "uploaded_by")
    context = {
        "page": Paginator(rows.order_by("-pk"), 20).get_page(request.GET.get("page")),
        "may_import": may_anywhere(request.user, IMPORT),
        "may_export": may_anywhere(request.user, "organizations.export_roster"),
    }
    return render(request, "organizations/imports/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if not may_anywhere(request.user, IMPORT):
        raise PermissionDenied("您的职务不能导入名册。")
    form = ImportForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            started = start_import(
                asked["organization"],
                asked["file"],
                mode=asked["mode"],
                effective_on=asked["effective_on"],
                by=request.user,
            )
        except WorkbookRefused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect(started)
    status = 422 if form.errors else 200
    return render(request, "organizations/imports/new.html", {"form": form}, status=status)


def _import(request: HttpRequest, pk: int) -> RosterImport:
    visible = RosterImport.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organization", "uploaded_by"), pk=pk)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    found = _import(request, pk)
    chosen = PreviewFilter.of(request.GET, found.summary)
    if not any((chosen.outcome, chosen.kind, chosen.sheet)) and "all" not in request.GET:
        chosen = PreviewFilter(first_view(found.summary))
    page = Paginator(preview_rows(found, chosen), PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "chosen": chosen,
        "page": page,
        "rows": [wording.worded(row, found.summary) for row in page],
        "outcomes": _outcomes(found),
        "is_own": found.uploaded_by_id == request.user.pk,
    }
    return render(request, "organizations/imports/detail.html", context)


def _outcomes(found: RosterImport) -> list[tuple[str, str, int]]:
    return [
        (str(outcome.value), str(outcome.label), sum(sheet[outcome] for sheet in found.sheets))
        for outcome in RosterImportRow.Outcome
    ]


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Polled once a second; when the work is done the page loads anew."""
    found = _import(request, pk)
    response = render(request, "organizations/imports/detail.html#progress", {"found": found})
    if not found.is_waiting:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(
        request,
        pk,
        lambda found: confirm_import(found, digest=request.POST.get("digest", ""), by=request.user),
    )


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, lambda found: cancel_import(found, by=request.user))


def _step(request: HttpRequest, pk: int, take: Any) -> HttpResponse:
    found = _import(request, pk)
    try:
        take(found)
    except StepRefused as refused:
        messages.error(request, str(refused))
    return redirect(found)


@require_safe
def problems(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    found = _import(request, pk)
    return attached(wording.problem_list(found), f"问题清单-{found.filename}")


@require_safe
def template(request: HttpRequest) -> StreamingHttpResponse:
    return attached([wording.template()], "名册导入模板.xlsx")
