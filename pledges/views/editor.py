"""Writing a pledge: save, autosave, two people's texts side by side."""

from __future__ import annotations

import json
import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from common.states import IllegalStep, StepRefused
from pledges import queries, services
from pledges.completeness import problems_of
from pledges.forms.editor import Editor, blank_item, is_filled, removed_items, typed_text
from pledges.models import DraftBuffer, Pledge
from pledges.presentation import shown
from pledges.texts import Text, text_of
from pledges.views.requests import posted_number, seen_pledge

LARGEST = 64 * 1024  # of a typed text, many times what the fields can hold


def _pledge(request: HttpRequest, pk: int) -> Pledge:
    """Seen but not to be edited by this person: 403, with the reason."""
    pledge = seen_pledge(request, pk)
    if not request.user.has_perm(services.edit_permission(pledge), pledge):
        raise PermissionDenied("您没有修改这份承诺的职务。")
    return pledge


def _written_on(request: HttpRequest, pledge: Pledge, name: str = "version") -> int:
    """The version the text was written on; no page can have shown a later one than there is."""
    number = posted_number(request, name)
    return pledge.version if number is None else min(number, pledge.version)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    pledge = _pledge(request, pk)
    if request.method == "POST":
        return _posted(request, pledge)
    if not pledge.is_editable:
        messages.info(request, f"这份承诺现在是“{pledge.get_state_display()}”，不能修改。")
        return redirect(pledge)
    kept = pledge.buffers.pending().filter(user=request.user).first()
    saved = text_of(pledge)
    if kept is None or kept.payload == saved:
        return _page(
            request, pledge, saved, editor=_checked(pledge, saved) if "check" in request.GET else None
        )
    return _page(request, pledge, kept.payload, version=kept.base_version, restored=kept)


def _checked(pledge: Pledge, text: Text) -> Editor:
    """With what is still missing marked: the person wanted to file it."""
    editor = Editor(pledge, text)
    editor.mark(problems_of(pledge))
    return editor


def _posted(request: HttpRequest, pledge: Pledge) -> HttpResponse:
    """The form came back: keep it, change its rows, or save it (and file it)."""
    typed, version = typed_text(request.POST, pledge), _written_on(request, pledge)
    action, _, key = request.POST.get("do", "save").partition(":")
    match action:
        case "drop":
            services.settle(pledge, by=request.user)
            return redirect("pledges:edit", pledge.pk)
        case "add" | "remove" | "restore":
            removed = removed_items(request.POST)
            typed["items"] = _rows(typed["items"], removed, action, key, pledge.max_items)
            _keep(request, pledge, typed, version)
            return _page(request, pledge, typed, version=version, removed=removed, after=action)
        case _:
            return _save(request, pledge, typed, version, file=action == "submit")


def _rows(
    items: list[dict[str, str]], removed: list[dict[str, str]], action: str, key: str, limit: int
) -> list[dict[str, str]]:
    """The items after ``action``; a filled one that is taken out goes to ``removed`` and can come back."""
    if action == "remove":
        removed += [
            {**item, "at": str(n)} for n, item in enumerate(items) if item["key"] == key and is_filled(item)
        ]
        return [item for item in items if item["key"] != key]
    if len(items) == limit:
        return items
    if action == "add":
        return [*items, blank_item()]
    return _restored(items, removed, key)


def _restored(items: list[dict[str, str]], removed: list[dict[str, str]], key: str) -> list[dict[str, str]]:
    back = next((item for item in removed if item["key"] == key), None)
    if back is None:
        return items
    removed.remove(back)
    place = back.pop("at")
    at = int(place) if re.fullmatch(r"[0-9]", place) else len(items)
    if len(items) == 1 and not is_filled(items[0]):  # the row that stood in for none at all
        return [back]
    return [*items[:at], back, *items[at:]]


def _save(request: HttpRequest, pledge: Pledge, typed: Text, version: int, *, file: bool) -> HttpResponse:
    editor = Editor(pledge, typed)
    if not editor.is_valid():
        _keep(request, pledge, typed, version)
        return _page(request, pledge, typed, version=version, editor=editor, status=422)
    try:
        pledge = services.save(pledge, editor.text(), version=version, by=request.user)
        services.settle(pledge, sequence=posted_number(request, "sequence") or 0, by=request.user)
        if file:
            return _file(request, pledge, typed)
    except services.Conflict as conflict:
        return _versus(request, conflict, version)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, pledge, typed, version=pledge.version, status=409)
    messages.success(request, "已保存。")
    return redirect("pledges:edit", pledge.pk)


def _file(request: HttpRequest, pledge: Pledge, typed: Text) -> HttpResponse:
    """保存并提交: what was typed is saved by now, whether it can be filed or not."""
    try:
        services.submit(pledge, by=request.user)
    except services.Incomplete as incomplete:
        editor = Editor(pledge, typed)
        editor.mark(incomplete.problems)
        return _page(request, pledge, typed, version=pledge.version, editor=editor, status=422)
    except IllegalStep:
        pass  # the first of two clicks has filed it
    messages.success(request, "已提交，等待审定。" if pledge.member_id else "已提交，等待上级党组织审定。")
    return redirect(pledge)


def _keep(request: HttpRequest, pledge: Pledge, typed: Text, version: int) -> DraftBuffer | None:
    """None where nothing is kept any more: then it stays in the page alone."""
    if not pledge.is_editable:
        return None
    sequence = max(posted_number(request, "sequence") or 0, _sequence(request, pledge)) + 1
    try:
        return services.buffer(pledge, typed, base_version=version, sequence=sequence, by=request.user)
    except StepRefused:  # the round is closed
        return None


def _sequence(request: HttpRequest, pledge: Pledge) -> int:
    """The number of the newest packet of this person's typing; the browser counts on from there."""
    return pledge.buffers.filter(user=request.user).values_list("sequence", flat=True).first() or 0


def _page(
    request: HttpRequest,
    pledge: Pledge,
    text: Text,
    *,
    version: int | None = None,
    editor: Editor | None = None,
    restored: DraftBuffer | None = None,
    removed: list[dict[str, str]] | None = None,
    after: str = "",
    status: int = 200,
) -> HttpResponse:
    editor = editor or Editor(pledge, text)
    # The page comes back from its top: on to the row that was asked for, without script too.
    if after == "add":
        editor.items[-1].fields["content"].widget.attrs["autofocus"] = True
    _hint(editor, request.user)
    context = {
        "pledge": pledge,
        "editor": editor,
        "version": version or pledge.version,
        "sequence": _sequence(request, pledge),
        "restored": restored,
        "removed": removed_items(request.POST) if removed is None else removed,
        "has_just_removed": after == "remove",
        "is_behind": restored is not None and restored.base_version != pledge.version,
        "may_submit": request.user.has_perm(pledge.flow["submit"].permission, pledge),
    }
    return render(request, "pledges/edit.html", context, status=status)


def _hint(editor: Editor, user: Any) -> None:
    """What could be said better, beside each item that is still open."""
    found = queries.hints_while_writing(editor.pledge, editor.as_typed(), user)
    for form, hints in zip(editor.items, found, strict=True):
        form.hints = () if form.is_settled else hints


@require_POST
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is being typed. Answers when it was kept, and whether somebody else has saved meanwhile."""
    try:
        pledge = _pledge(request, pk)
    except PermissionDenied as refused:  # as data: the script tells it from a session that has ended
        return JsonResponse({"message": str(refused)}, status=403)
    if not pledge.is_editable:
        return JsonResponse(
            {"message": f"这份承诺现在是“{pledge.get_state_display()}”，不能再改。"}, status=409
        )
    typed = typed_text(request.POST, pledge)
    if len(json.dumps(typed, ensure_ascii=False)) > LARGEST:
        return JsonResponse({"message": "内容太长，请精简后再写。"}, status=413)
    try:
        kept = services.buffer(
            pledge,
            typed,
            base_version=_written_on(request, pledge),
            sequence=posted_number(request, "sequence") or 0,
            by=request.user,
        )
    except (PermissionDenied, StepRefused) as refused:  # filed, thrown away or its round closed meanwhile
        return JsonResponse({"message": str(refused)}, status=409)
    saved_at = timezone.localtime(kept.saved_at)
    behind = kept.base_version != pledge.version
    return JsonResponse({"saved": f"{saved_at:%H:%M}", "sequence": kept.sequence, "behind": behind})


@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """The person has chosen, field by field, between their own text and the saved one."""
    pledge = _pledge(request, pk)
    base_version = _written_on(request, pledge, "base_version")
    try:
        mine = Editor(pledge, typed_text(request.POST, pledge))
        if not mine.is_valid():
            return _page(request, pledge, mine.typed, version=base_version, editor=mine, status=422)
        services.resolve(
            pledge,
            mine.text(),
            base_version=base_version,
            version=posted_number(request) or 0,
            choices={
                k.removeprefix("choice-"): v for k, v in request.POST.items() if k.startswith("choice-")
            },
            by=request.user,
        )
    except services.Conflict as conflict:
        return _versus(request, conflict, base_version)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, pledge, mine.typed, version=base_version, status=409)
    messages.success(request, "两份修改已合并保存。没有采用的文字留在办理记录里。")
    return redirect("pledges:edit", pledge.pk)


def _versus(request: HttpRequest, conflict: services.Conflict, base_version: int) -> HttpResponse:
    """Both texts, field by field. Mine goes along in hidden fields and is kept in my buffer as well."""
    pledge = conflict.pledge
    _keep(request, pledge, conflict.mine, base_version)
    rubric = pledge.phase.campaign.rubric.values_list("pk", "name")
    categories: dict[int, str] = dict(rubric)
    context: dict[str, Any] = {
        "pledge": pledge,
        "base_version": base_version,
        "editor": Editor(pledge, conflict.mine),
        "who": queries.last_edit(pledge),
        "clashes": [
            {
                "clash": clash,
                "mine": shown(clash.field, clash.mine, categories),
                "theirs": shown(clash.field, clash.theirs, categories),
            }
            for clash in conflict.clashes
        ],
    }
    return render(request, "pledges/conflict.html", context, status=409)
