"""Members' pledges by workbook: download, upload with a dry run, confirm what was previewed."""

from __future__ import annotations

import tempfile
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import Phase
from campaigns.queries import current_phase
from common.downloads import as_download
from common.spreadsheets import limits
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.writer import CONTENT_TYPE
from organizations.models import Organization
from pledges import services
from pledges.forms.entry import WorkbookForm
from pledges.imports import members as workbooks
from pledges.queries import rosters
from pledges.queries.rosters import Row
from pledges.services import Entry
from pledges.views.entry import place_of

SALT = "pledges.member-workbook"
PREVIEW_SECONDS = 2 * 3600


def _round(request: HttpRequest, pk: int) -> tuple[Organization, Phase | None]:
    return place_of(request, pk), current_phase(timezone.localdate())


def _rows(here: Organization, phase: Phase) -> list[Row]:
    return rosters.rows_of(list(rosters.roster(here, phase)[: workbooks.MOST_ROWS]), phase)


@require_POST
def download(request: HttpRequest, organization: int) -> HttpResponse:
    """Posted, not linked: that names and texts left the portal is on record."""
    here, phase = _round(request, organization)
    if phase is None:
        messages.error(request, "目前没有进行中的时段，没有可以下载的内容。")
        return redirect("pledges:entry", here.pk)
    rows = _rows(here, phase)
    services.record_export(here, len(rows), by=request.user)
    response = StreamingHttpResponse(workbooks.workbook_of(rows, phase), content_type=CONTENT_TYPE)
    name = f"党员承诺-{here.label}-{timezone.localdate()}.xlsx"
    return as_download(response, name)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, organization: int) -> HttpResponse:
    """Nothing is written here: problems by cell, or the preview with what to confirm."""
    here, phase = _round(request, organization)
    form = (
        WorkbookForm(request.POST or None, request.FILES or None)
        if request.method == "POST"
        else WorkbookForm()
    )
    context: dict[str, Any] = {"organization": here, "phase": phase, "form": form}
    if phase is not None and form.is_valid():
        try:
            preview = _read(form.cleaned_data["file"], _rows(here, phase), phase)
        except WorkbookRefused as refused:
            form.add_error("file", str(refused))
        else:
            context |= {"preview": preview, "packed": _pack(preview, here, phase)}
    is_bad = bool(form.errors) or bool(context.get("preview") and context["preview"].problems)
    return render(request, "pledges/members/workbook.html", context, status=422 if is_bad else 200)


def _read(file: Any, rows: list[Row], phase: Phase) -> workbooks.Preview:
    if file.size > limits.FILE_BYTES:
        raise WorkbookRefused("size", f"文件超过 {limits.FILE_BYTES // limits.MIB} MB 的上限。")
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        return workbooks.read(kept.name, file.name, rows, phase)


def _pack(preview: workbooks.Preview, here: Organization, phase: Phase) -> str:
    """What was previewed, signed: exactly that is confirmed. Versions in it are looked at again then."""
    if preview.problems or not preview.changes:
        return ""
    rows = [(c.member.pk, c.entry.text, c.entry.version) for c in preview.changes]
    return signing.dumps({"at": here.pk, "phase": phase.pk, "rows": rows}, salt=SALT, compress=True)


@require_POST
def confirm(request: HttpRequest, organization: int) -> HttpResponse:
    here, phase = _round(request, organization)
    try:
        packed = signing.loads(request.POST.get("packed", ""), salt=SALT, max_age=PREVIEW_SECONDS)
    except signing.BadSignature:
        packed = None
    if packed is None or phase is None or (packed["at"], packed["phase"]) != (here.pk, phase.pk):
        messages.error(request, "预览已经过期，没有写入。请重新上传工作簿。")
        return redirect("pledges:entry_workbook", here.pk)
    members = {member.pk: member for member in rosters.roster(here, phase)}
    gone = [pk for pk, _, _ in packed["rows"] if pk not in members]
    entries = [Entry(members[pk], text, version) for pk, text, version in packed["rows"] if pk in members]
    try:
        if gone:
            raise services.EntriesRefused([])
        saved = services.save_entries(entries, phase, by=request.user)
    except services.EntriesRefused as refused:
        why = str(refused) or "名册在这期间有变动。"
        messages.error(request, f"没有写入任何一行：{why}请重新下载、上传。")
        return redirect("pledges:entry_workbook", here.pk)
    messages.success(request, f"已写入 {len(saved)} 名党员的承诺。看过以后，请在这一页提交。")
    return redirect("pledges:entry", here.pk)
