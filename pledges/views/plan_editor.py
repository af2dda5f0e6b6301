"""Writing a plan: the editor, and the progress of its tasks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.states import IllegalStep, StepRefused
from pledges.flow import PlanState
from pledges.forms.plans import PlanEditor, TrackForm, rearranged, removed_tasks, typed_plan
from pledges.models import Plan
from pledges.plans.completeness import problems_of
from pledges.plans.difference import differences
from pledges.plans.summary import rubric_names
from pledges.plans.texts import text_of
from pledges.queries import plan as reads
from pledges.services import Incomplete
from pledges.services import plans as services
from pledges.views.plans import found
from pledges.views.requests import posted_number

ARRANGING = {"add", "remove", "restore", "up", "down"}


def writable(request: HttpRequest, pk: int) -> Plan:
    """Seen but not to be edited by this person: 403, with the reason."""
    plan = found(request, pk)
    if not request.user.has_perm(services.EDIT, plan):
        raise PermissionDenied("您没有修改这份方案的职务。")
    return plan


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = writable(request, pk)
    if request.method == "POST":
        return _posted(request, plan)
    if not plan.is_editable:
        messages.info(request, f"这份方案现在是“{plan.get_state_display()}”，不能修改。")
        return redirect(plan)
    saved = text_of(plan)
    editor = PlanEditor(plan, saved, rubric_names(plan))
    if "check" in request.GET:
        editor.mark(problems_of(plan))
    return _page(request, plan, editor)


def _posted(request: HttpRequest, plan: Plan) -> HttpResponse:
    """The form came back: change its rows, or save it (and file it)."""
    typed, version = typed_plan(request.POST, plan), _version(request, plan)
    action, _, key = request.POST.get("do", "save").partition(":")
    names = rubric_names(plan)
    if action in ARRANGING:
        typed["tasks"], removed = rearranged(typed["tasks"], removed_tasks(request.POST), action, key)
        editor = PlanEditor(plan, typed, names)
        return _page(request, plan, editor, version=version, removed=removed, after=f"{action}:{key}")
    editor = PlanEditor(plan, typed, names)
    if not editor.is_valid():
        return _page(request, plan, editor, version=version, status=422)
    try:
        plan = services.save(plan, editor.text(), version=version, by=request.user)
    except services.PlanConflict as conflict:
        return _conflict(request, conflict, names)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, plan, editor, version=version, status=409)
    if action == "submit":
        return _file(request, plan, editor)
    messages.success(request, "已保存。")
    return redirect("pledges:plan_edit", plan.pk)


def _file(request: HttpRequest, plan: Plan, editor: PlanEditor) -> HttpResponse:
    """保存并报送: what was typed is saved by now, whether it can be filed or not."""
    try:
        services.submit(plan, by=request.user)
    except Incomplete as incomplete:
        editor.mark(incomplete.problems)
        return _page(request, plan, editor, version=plan.version, status=422)
    except StepRefused as refused:
        messages.error(request, f"已保存，没有报送：{refused}")
        return _page(request, plan, editor, version=plan.version, status=409)
    except IllegalStep:
        pass  # the first of two clicks has filed it
    messages.success(request, "已报送，等待上级党组织审核。")
    return redirect(plan)


def _conflict(request: HttpRequest, conflict: services.PlanConflict, names: dict[str, str]) -> HttpResponse:
    """Mine stays in the form, what the other one saved stands beside it; saving again puts mine in its place."""
    plan = conflict.plan
    context = {
        "who": reads.plan_last(plan, "plan.edit", "plan.create"),
        "sections": differences(text_of(plan), conflict.mine, names),
    }
    editor = PlanEditor(plan, conflict.mine, names)
    return _page(request, plan, editor, version=plan.version, status=409, **context)


def _version(request: HttpRequest, plan: Plan) -> int:
    """The version the text was written on; no page can have shown a later one than there is."""
    return min(posted_number(request) or 0, plan.version)


def _page(
    request: HttpRequest,
    plan: Plan,
    editor: PlanEditor,
    *,
    version: int | None = None,
    removed: list[dict[str, str]] | None = None,
    after: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    # The page comes back from its top: on to the row that was asked for, without script too.
    action, _, key = after.partition(":")
    if action == "add" and editor.tasks:
        editor.tasks[-1].fields["key_task"].widget.attrs["autofocus"] = True
    context = {
        "plan": plan,
        "editor": editor,
        "version": plan.version if version is None else version,
        "removed": removed_tasks(request.POST) if removed is None else removed,
        "moved": key if action in {"up", "down"} else "",
        "may_submit": request.user.has_perm("pledges.submit_plan", plan),
    }
    return render(request, "pledges/plans/edit.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """更新进展: progress and remark of each task, also when the text is vetted."""
    plan = writable(request, pk)
    if plan.state == PlanState.ARCHIVED:
        messages.info(request, "这份方案已归档，不能再更新进展。")
        return redirect(plan)
    data = request.POST if request.method == "POST" else None
    forms = [TrackForm(data, task) for task in plan.tasks.all()]
    status = 200
    if data is not None and all([form.is_valid() for form in forms]):
        said = {form.task.key: form.said() for form in forms if f"{form.prefix}-progress" in data}
        try:
            count = services.track(plan, said, by=request.user)
        except StepRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"已更新 {count} 项任务的进展。" if count else "没有改动。")
            return redirect(plan)
    if data is not None:
        status = 422
    return render(request, "pledges/plans/progress.html", {"plan": plan, "forms": forms}, status=status)
