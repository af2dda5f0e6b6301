"""Signed in: one phase, how it stands, its closing (时段归档), the archives, and opening it again."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.forms import ClosePhaseForm, ReopenPhaseForm
from campaigns.models import Phase, PhaseClosing
from campaigns.presentation import PhaseView
from campaigns.queries.closing import check_list, missing, reads_everything
from campaigns.services import closing as services


def _phase(request: HttpRequest, pk: int) -> Phase:
    return get_object_or_404(Phase.objects.visible_to(request.user).select_related("campaign"), pk=pk)


def _closing(request: HttpRequest, pk: int) -> PhaseClosing:
    rows = PhaseClosing.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("phase__campaign"), pk=pk)


@require_safe
def phase(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _phase(request, pk), None)


def _page(request: HttpRequest, found: Phase, form: ReopenPhaseForm | None) -> HttpResponse:
    closings = PhaseClosing.objects.visible_to(request.user).filter(phase=found)
    context = {
        "view": PhaseView(found, timezone.localdate()),
        "closings": closings.select_related("closed_by", "reopened_by").newest_first(),
        "may_close": services.may_close(request.user),
        "may_download": reads_everything(request.user),
        "form": form or ReopenPhaseForm(),
    }
    return render(request, "campaigns/phase.html", context, status=422 if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The check-list of what is missing, then the closing."""
    found = _phase(request, pk)
    if not services.may_close(request.user):
        raise PermissionDenied("时段的归档由全市活动领导小组办公室主任办理。")
    findings = check_list(found, timezone.localdate())
    form = ClosePhaseForm(request.POST or None, needs_reason=bool(missing(findings)))
    if request.method == "POST" and form.is_valid():
        try:
            services.close_phase(found, reason=form.cleaned_data["reason"], by=request.user)
        except services.ClosingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"“{found.name}”已归档，办理情况不再变动。归档文件几秒后可以下载。")
            return redirect("campaigns:phase", pk=found.pk)
    context = {
        "view": PhaseView(found, timezone.localdate()),
        "missing": missing(findings),
        "done": [each for each in findings if not each.count],
        "blocking": [each for each in missing(findings) if each.blocks],
        "form": form,
    }
    return render(request, "campaigns/close_phase.html", context, status=422 if form.errors else 200)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    found = _closing(request, pk)
    if not services.may_close(request.user):
        raise PermissionDenied("时段的重新开启由全市活动领导小组办公室主任办理。")
    form = ReopenPhaseForm(request.POST)
    if not form.is_valid():
        return _page(request, found.phase, form)
    try:
        services.reopen_phase(found, reason=form.cleaned_data["reason"], by=request.user)
    except services.ClosingRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, "已重新开启，办理情况已按现在的记录重新计算。承诺需要更正的，另行重新开启承诺归档。"
        )
    return redirect(found)


@require_POST
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Of the whole tree, so for those who read all of it; on record."""
    found = _closing(request, pk)
    if not reads_everything(request.user):
        raise PermissionDenied("整份归档由全市一级下载；本级和下级的办理情况可以在页面上查看。")
    if not found.file:
        raise Http404
    services.note_download(found, by=request.user)
    return FileResponse(
        found.file.open("rb"), as_attachment=True, filename=f"{found}.zip", content_type="application/zip"
    )
