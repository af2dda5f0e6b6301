"""变更 of a published pledge: asked for, decided, listed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.paging import keyset
from common.states import IllegalStep, ReasonMissing, StepRefused
from notifications.services import mark_seen
from pledges import queries, services
from pledges.differences import parts
from pledges.forms.changes import ChangeEditor
from pledges.forms.editor import blank_item, typed_text
from pledges.models import LIVE, Change, Pledge, Publication
from pledges.presentation import ChangeButton
from pledges.publishing import frozen_text
from pledges.texts import text_of
from pledges.views.requests import posted_number, posted_reason, seen_pledge

DONE = {
    "approve": "已批准变更，公开页面已是新的内容。",
    "refuse": "已答复不批准，公开的内容不变。",
    "recall": "已收回变更申请。",
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for me first, then everything asked for within reach."""
    waiting = queries.changes_waiting_for(request.user).with_what_guards_ask()
    rows = Change.objects.visible_to(request.user).with_what_guards_ask()
    context = {
        "waiting": waiting.order_by("requested_at", "pk")[:20] if "before" not in request.GET else [],
        "page": keyset(rows, "requested_at", request.GET),
    }
    return render(request, "pledges/changes/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """申请变更, on the text that is public now."""
    pledge = seen_pledge(request, pk)
    publication = pledge.publications.filter(LIVE).first()
    change = Change(pledge=pledge, publication=publication)
    step = change.flow["request"]
    if not request.user.has_perm(step.permission, change):
        raise PermissionDenied("您没有申请变更这份承诺的职务。")
    why = step.refusal(request.user, change) or queries.why_not_asked(pledge, publication)
    if why and request.method != "POST":
        messages.info(request, why)
        return redirect(pledge)
    if request.method == "POST":
        return _posted(request, pledge, publication)
    return _form(request, pledge, publication, ChangeEditor(pledge, text_of(pledge)))


def _posted(request: HttpRequest, pledge: Pledge, publication: Publication | None) -> HttpResponse:
    typed = typed_text(request.POST, pledge)
    if request.POST.get("do") == "add":
        if len(typed["items"]) < pledge.max_items:
            typed["items"] = [*typed["items"], blank_item()]
        editor = ChangeEditor(pledge, typed, request.POST)
        editor.items[-1].fields["content"].widget.attrs["autofocus"] = True
        return _form(request, pledge, publication, editor, is_asked=False)
    editor = ChangeEditor(pledge, typed, request.POST)
    if not editor.is_valid():
        return _form(request, pledge, publication, editor, status=422)
    read = pledge.publications.filter(pk=posted_number(request, "publication")).first() or publication
    if read is None:
        return _form(request, pledge, publication, editor, error=services.NOT_PUBLIC, status=409)
    try:
        change = services.request_change(
            read, editor.wanted(), by=request.user, reason=editor.reason.cleaned_data["reason"]
        )
    except services.Unfit as unfit:
        editor.mark(unfit.problems)
        return _form(request, pledge, publication, editor, status=422)
    except StepRefused as refused:
        return _form(request, pledge, publication, editor, error=str(refused), status=409)
    messages.success(request, "已申请变更，等待批准；批准前公开的内容不变。")
    return redirect(change)


def _form(
    request: HttpRequest,
    pledge: Pledge,
    publication: Publication | None,
    editor: ChangeEditor,
    *,
    error: str = "",
    is_asked: bool = True,
    status: int = 200,
) -> HttpResponse:
    """``publication`` is the one the text was read from: the page keeps saying so until it is read anew."""
    context = {
        "pledge": pledge,
        "read": posted_number(request, "publication") or (publication.pk if publication else ""),
        "editor": editor,
        "error": error,
        "is_asked": is_asked and request.method == "POST",
    }
    return render(request, "pledges/changes/request.html", context, status=status)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    change = _change(request, pk)
    if request.method == "GET":
        mark_seen(request.user, change.get_absolute_url())
    return _page(request, change)


def _change(request: HttpRequest, pk: int) -> Change:
    rows = Change.objects.visible_to(request.user, with_ones_own=True).with_what_guards_ask()
    return get_object_or_404(
        rows.select_related("publication", "requested_by", "decided_by", "pledge__category"), pk=pk
    )


@require_POST
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    change = _change(request, pk)
    if verb not in services.CHANGE_VERBS:
        raise Http404
    if not request.user.has_perm(change.flow[verb].permission, change):
        raise PermissionDenied(f"您没有{change.flow[verb].label}的职务。")
    said = {"reason": posted_reason(request)} if change.flow[verb].needs_reason else {}
    try:
        services.CHANGE_VERBS[verb](change, by=request.user, **said)
    except ReasonMissing:
        return _page(request, change, verb=verb, error=f"请写明{change.flow[verb].label}的理由。", status=422)
    except StepRefused as refused:
        return _page(request, change, error=str(refused), status=409)
    except IllegalStep:
        return _too_late(request, change, verb)
    messages.success(request, DONE[verb])
    return redirect(change)


def _too_late(request: HttpRequest, change: Change, verb: str) -> HttpResponse:
    """Somebody was faster, or the same person clicked twice: the second click changes nothing."""
    change.refresh_from_db()
    if change.decided_by_id == request.user.pk and change.state == change.flow[verb].target:
        return redirect(change)
    error = f"这一步没有办成：这份申请现在是“{change.get_state_display()}”。"
    return _page(request, change, error=error, status=409)


def _page(
    request: HttpRequest, change: Change, *, verb: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    frozen, masked = frozen_text(change.pledge, change.text)
    context: dict[str, Any] = {
        "change": change,
        "pledge": change.pledge,
        "parts": parts(change.publication.text, frozen),
        "masked": masked,
        "buttons": [ChangeButton(step, change) for step in change.flow.open_to(request.user, change)],
        "refused": [
            pair
            for pair in change.flow.refused_to(request.user, change)
            if pair[0].name in services.CHANGE_VERBS
        ],
        "deciders": queries.deciders(change) if change.is_open else [],
        "failed": verb,
        "error": error,
        "typed": request.POST.get("reason", ""),
    }
    return render(request, "pledges/changes/detail.html", context, status=status)
