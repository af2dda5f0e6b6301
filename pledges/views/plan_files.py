"""Files of a plan: 方案 (Word) and 任务推进表 (Excel) out, the filled-in sheet back in, shown before it is written.

Files out are posted, not linked: an export is an act on record.
"""

from __future__ import annotations

import tempfile
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.downloads import WORD, as_download
from common.spreadsheets import limits
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.writer import CONTENT_TYPE
from common.states import StepRefused
from pledges.documents import plan_document
from pledges.flow import PLAN_EDITABLE, PlanState
from pledges.forms.plans import SheetForm
from pledges.models import Plan
from pledges.plans.printed import plan_facts
from pledges.plans.sheet import build_sheet
from pledges.plans.sheet_reading import Reading, read_sheet
from pledges.services import plans as services
from pledges.services.plans.steps import leadership_of
from pledges.views.plan_editor import writable
from pledges.views.plans import found

SALT = "pledges.plan-sheet"
LASTS = 24 * 3600  # of a preview; after that the file is looked at again


@require_POST
def document(request: HttpRequest, pk: int) -> HttpResponse:
    plan = found(request, pk)
    services.note_export(plan, "document", by=request.user)
    leadership = leadership_of(plan.organization) if plan.state in PLAN_EDITABLE else plan.leadership
    made = plan_document(plan_facts(plan, leadership))
    return as_download(HttpResponse(made, content_type=WORD), f"{plan}.docx")


@require_POST
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    plan, day = found(request, pk), timezone.localdate()
    services.note_export(plan, "sheet", by=request.user)
    name = f"{plan.organization.label}任务推进表-{day}.xlsx"
    return as_download(HttpResponse(build_sheet(plan, day), content_type=CONTENT_TYPE), name)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """The filled-in sheet: what it would change, cell by cell. Nothing is written yet."""
    plan = writable(request, pk)
    if plan.state == PlanState.ARCHIVED:
        messages.info(request, "这份方案已归档，不再导入。")
        return redirect(plan)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    context: dict[str, Any] = {"plan": plan, "form": form}
    if request.method == "POST":
        try:
            if form.is_valid():
                reading = _read(form.cleaned_data["file"], plan)
                context |= {"reading": reading, "signed": _signed(plan, reading, request.user)}
        except WorkbookRefused as refused:
            form.add_error("file", str(refused))
    bad = request.method == "POST" and (form.errors or context["reading"].problems)
    return render(request, "pledges/plans/upload.html", context, status=422 if bad else 200)


def _read(file: Any, plan: Plan) -> Reading:
    if file.size > limits.FILE_BYTES:
        most = limits.FILE_BYTES // limits.MIB
        raise WorkbookRefused("size", f"文件超过 {most} MB 的上限；推进表没有这么大，请检查是否选错了文件。")
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        return read_sheet(kept.name, file.name, plan)


def _signed(plan: Plan, reading: Reading, user: Any) -> str:
    """What was shown goes along in the page, signed: exactly that is written, by this person, on this version."""
    said = {"plan": plan.pk, "user": user.pk, "version": plan.version}
    return signing.dumps(said | {"text": reading.text, "tracked": reading.tracked}, salt=SALT, compress=True)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    plan = writable(request, pk)
    try:
        said = signing.loads(request.POST.get("signed", ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        said = {}
    if (said.get("plan"), said.get("user")) != (plan.pk, request.user.pk):
        messages.error(request, "核对的结果已经失效，没有导入，请重新上传推进表。")
        return redirect("pledges:plan_upload", plan.pk)
    try:
        services.apply_sheet(plan, said["text"], said["tracked"], version=said["version"], by=request.user)
    except services.PlanConflict:
        messages.error(request, "核对期间，别的同志保存过这份方案，没有导入；请重新上传，核对最新的改动。")
        return redirect("pledges:plan_upload", plan.pk)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return redirect("pledges:plan_upload", plan.pk)
    messages.success(request, "已按推进表更新。")
    return redirect(plan)
