"""Signed in: summaries (小结、总结) of phases: the list, one of them, writing it, its steps, its Word file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.exports.summary import summary_document
from campaigns.flow import SUMMARY_FLOW
from campaigns.forms import SummaryForm, SummaryReasonForm
from campaigns.models import Assignment, Summary
from campaigns.presentation import SummaryEntry
from campaigns.queries import summaries as reads
from campaigns.services import summaries as services
from campaigns.views import asked
from common.downloads import WORD, as_download
from common.paging import capped_counts, keyset
from common.states import IllegalStep, StepRefused
from notifications.services import mark_seen

DONE = {
    "submit": "已报送，等待上级党组织审阅。",
    "return": "已退回，报送单位会看到您的意见。",
    "accept": "已审阅同意。",
    "recall": "已收回，可以修改。",
}
TODO = "todo"
LARGEST = 64 * 1024  # of what is typed in one field, many times what it can hold


def _found(request: HttpRequest, pk: int) -> Summary:
    rows = Summary.objects.visible_to(request.user).with_what_guards_ask()
    return get_object_or_404(rows.select_related("submitted_by", "decided_by"), pk=pk)


def _writable(request: HttpRequest, pk: int) -> Summary:
    """Seen but not to be edited by this person: 403, with the reason."""
    summary = _found(request, pk)
    if not request.user.has_perm(reads.EDIT, summary):
        raise PermissionDenied("您没有修改这份小结的职务。")
    return summary


def _version(request: HttpRequest) -> int:
    return asked.number(request.POST, "version") or 0


def _sequence(request: HttpRequest) -> int:
    return asked.number(request.POST, "sequence") or 0


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for me, or everything I may read; above it what my organizations still owe."""
    day = timezone.localdate()
    seen = Summary.objects.visible_to(request.user)
    lists = {TODO: seen.filter(reads.waiting_for(request.user, day)), "": seen}
    counts = capped_counts(lists)
    state = request.GET.get("state", TODO if counts[TODO] else "")
    state = state if state in lists else ""
    context = {
        "owed": reads.to_begin(request.user, day)[:20],
        "day": day,
        "state": state,
        "waiting": counts[TODO],
        "total": counts[""],
        "count": counts[state],
        "page": keyset(lists[state].select_related("organization", "phase"), "changed_at", request.GET),
    }
    return render(request, "campaigns/summaries/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """起草: for which organization and phase. What has been begun already is opened."""
    place, phase = (asked.number(asked.given(request), name) for name in ("organization", "phase"))
    begun = Summary.objects.visible_to(request.user)
    if place and phase and (found := begun.filter(organization=place, phase=phase).first()):
        return redirect(found)
    owed = list(reads.to_begin(request.user, timezone.localdate())[:50])
    chosen = _chosen(owed, place, phase)
    error = ""
    if request.method == "POST" and chosen is None:
        error = "请选择要写的小结。"
    elif request.method == "POST":
        try:
            made = services.create(chosen.organization, chosen.obligation.phase, by=request.user)
        except StepRefused as refused:
            error = str(refused)
        else:
            return redirect("campaigns:summary_edit", made.pk)
    context = {"owed": owed, "chosen": chosen or (owed[0] if len(owed) == 1 else None), "error": error}
    return render(request, "campaigns/summaries/new.html", context, status=422 if error else 200)


def _chosen(owed: list[Assignment], place: int | None, phase: int | None) -> Assignment | None:
    found = (row for row in owed if (row.organization_id, row.obligation.phase_id) == (place, phase))
    return next(found, None)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    summary = _found(request, pk)
    if request.method == "GET":
        mark_seen(request.user, summary.get_absolute_url())
    return _show(request, summary)


def _show(
    request: HttpRequest, summary: Summary, *, form: SummaryReasonForm | None = None, status: int = 200
) -> HttpResponse:
    may_edit = request.user.has_perm(reads.EDIT, summary)
    context: dict[str, Any] = {
        "summary": summary,
        "figures": _figures(summary),
        "steps": SUMMARY_FLOW.open_to(request.user, summary),
        "refused": SUMMARY_FLOW.refused_to(request.user, summary),
        "waits": reads.next_hands(summary),
        "may_edit": may_edit and summary.is_editable,
        "entries": [SummaryEntry(event) for event in reads.history(summary)],
        "form": form or SummaryReasonForm(),
    }
    return render(request, "campaigns/summaries/detail.html", context, status=status)


def _figures(summary: Summary) -> list[dict[str, str]]:
    """Those of the day it was filed; as long as it is written, today's."""
    return reads.figures(summary.organization, summary.phase) if summary.is_editable else summary.figures


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    summary = _writable(request, pk)
    if request.method == "POST":
        return _posted(request, summary)
    if not summary.is_editable:
        messages.info(request, f"现在是“{summary.get_state_display()}”，不能修改。")
        return redirect(summary)
    saved = {name: getattr(summary, name) for name in services.TEXTS}
    kept = summary.buffers.pending().filter(user=request.user).first()
    if kept is None or kept.payload == saved:
        return _page(request, summary, SummaryForm(initial=saved), summary.version)
    return _page(request, summary, SummaryForm(initial=kept.payload), kept.base_version, restored=kept)


def _posted(request: HttpRequest, summary: Summary) -> HttpResponse:
    if request.POST.get("do") == "drop":
        services.settle(summary, by=request.user)
        return redirect("campaigns:summary_edit", summary.pk)
    form, version = SummaryForm(request.POST), _version(request)
    if not form.is_valid():
        return _page(request, summary, form, version, status=422)
    try:
        saved = services.save(summary, form.cleaned_data, version=version, by=request.user)
        services.settle(saved, sequence=_sequence(request), by=request.user)
    except services.SummaryConflict as conflict:
        theirs = conflict.summary
        return _page(request, theirs, form, theirs.version, status=409, theirs=theirs)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, summary, form, version, status=409)
    if request.POST.get("do") != "submit":
        messages.success(request, "已保存。")
        return redirect("campaigns:summary_edit", saved.pk)
    return _file(request, saved, form)


def _file(request: HttpRequest, saved: Summary, form: SummaryForm) -> HttpResponse:
    """保存并报送: what was typed is saved by now, whether it can be filed or not."""
    try:
        services.submit(saved, by=request.user, version=saved.version)
    except StepRefused as refused:
        form.add_error(None, f"已保存，没有报送：{refused}")
        return _page(request, saved, form, saved.version, status=422)
    except IllegalStep:
        pass  # the first of two clicks has filed it
    messages.success(request, DONE["submit"])
    return redirect(saved)


def _page(
    request: HttpRequest, summary: Summary, form: SummaryForm, version: int, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "summary": summary,
        "form": form,
        "version": version,
        "sequence": summary.buffers.filter(user=request.user).values_list("sequence", flat=True).first() or 0,
        "figures": reads.figures(summary.organization, summary.phase),
        "may_submit": request.user.has_perm(SUMMARY_FLOW["submit"].permission, summary),
    }
    return render(request, "campaigns/summaries/edit.html", context | more, status=status)


@require_POST
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is being typed. Answers when it was kept, and whether somebody else has saved meanwhile."""
    summary = _found(request, pk)
    typed = {name: request.POST.get(name, "").replace("\0", "")[:LARGEST] for name in services.TEXTS}
    version, sequence = min(_version(request), summary.version), _sequence(request)
    try:
        kept = services.buffer(summary, typed, base_version=version, sequence=sequence, by=request.user)
    except PermissionDenied as refused:  # as data: the script tells it from a session that has ended
        return JsonResponse({"message": str(refused)}, status=403)
    except StepRefused as refused:
        return JsonResponse({"message": str(refused)}, status=409)
    saved_at = timezone.localtime(kept.saved_at)
    behind = kept.base_version != summary.version
    return JsonResponse({"saved": f"{saved_at:%H:%M}", "sequence": kept.sequence, "behind": behind})


@require_POST
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    summary = _found(request, pk)
    if verb not in services.VERBS:
        raise Http404
    if not request.user.has_perm(SUMMARY_FLOW[verb].permission, summary):
        raise PermissionDenied(f"您没有{SUMMARY_FLOW[verb].label}的职务。")
    said: dict[str, Any] = {}
    if SUMMARY_FLOW[verb].needs_reason:
        form = SummaryReasonForm(request.POST)
        if not form.is_valid():
            return _show(request, summary, form=form, status=422)
        said = {"reason": form.cleaned_data["reason"]}
    try:
        services.VERBS[verb](summary, by=request.user, version=_version(request), **said)
    except StepRefused as refused:
        messages.error(request, str(refused))
    except IllegalStep:
        summary.refresh_from_db(fields=["state"])
        messages.error(request, f"没有办成：现在是“{summary.get_state_display()}”，请看办理记录。")
    else:
        messages.success(request, DONE[verb])
    return redirect(summary)


@require_POST
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """The Word file. Posted, not linked: an export is an act on record."""
    summary = _found(request, pk)
    services.note_export(summary, by=request.user)
    made = HttpResponse(summary_document(summary, _figures(summary)), content_type=WORD)
    return as_download(made, f"{summary}.docx")
