"""One step of a plan's workflow: asked for on a page of its own or in a dialog, taken by POST."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common.states import IllegalStep, ReasonMissing, StepRefused
from pledges.flow import PLAN_FLOW
from pledges.forms.steps import ScopeForm
from pledges.models import Plan
from pledges.plans.summary import summary_of
from pledges.presentation.plan import PlanButton, PlanEntry
from pledges.queries import plan as reads
from pledges.services import Incomplete
from pledges.services import plans as services
from pledges.views.plans import found
from pledges.views.requests import go_on, in_dialog, posted_number, posted_reason

DONE = {
    "submit": "已报送，等待上级党组织审核。",
    "return": "已退回，报送单位会看到您的意见。",
    "approve": "已同意，报送单位可以申请公开摘要。",
    "reconsider": "已撤回审核意见，请重新审核。",
    "propose": "已申请公开，等待保密审查。",
    "clear": "保密审查已通过，等待公开审批。",
    "bar": "已答复保密审查不通过。",
    "decline": "已答复不予公开。",
    "publish": "摘要已批准公开。",
    "withdraw": "已撤下，公开页面不再显示。",
    "recall": "已收回，可以修改。",
}


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    plan = found(request, pk)
    if verb not in services.VERBS:
        raise Http404
    if not request.user.has_perm(PLAN_FLOW[verb].permission, plan):
        raise PermissionDenied(f"您没有{PLAN_FLOW[verb].label}的职务。")
    if request.method == "POST":
        return _take(request, plan, verb)
    return _panel(request, plan, verb, ScopeForm() if verb == "propose" else None)


def _take(request: HttpRequest, plan: Plan, verb: str) -> HttpResponse:
    form = ScopeForm(request.POST) if verb == "propose" else None
    if form is not None and not form.is_valid():
        return _panel(request, plan, verb, form, status=422)
    said: dict[str, Any] = {"scope": form.cleaned_data["scope"]} if form else {}
    if PLAN_FLOW[verb].needs_reason:
        said = {"reason": posted_reason(request)}
    try:
        services.VERBS[verb](plan, by=request.user, version=posted_number(request), **said)
    except ReasonMissing:
        error = f"请写明{PLAN_FLOW[verb].label}的理由。"
        return _panel(request, plan, verb, form, error=error, status=422)
    except Incomplete as incomplete:
        messages.error(request, f"还有 {len(incomplete.problems)} 处没有填好，请补齐后再报送。")
        return go_on(request, f"{request.path.removesuffix(f'{verb}/')}edit/?check=1")
    except StepRefused as refused:
        return _panel(request, plan, verb, form, error=str(refused), status=409)
    except IllegalStep:
        return _too_late(request, plan, verb, form)
    messages.success(request, DONE[verb])
    return go_on(request, plan)


def _too_late(request: HttpRequest, plan: Plan, verb: str, form: Any) -> HttpResponse:
    """Somebody was faster, or the same person clicked twice: the second click changes nothing."""
    last = reads.plan_last(plan)
    if last is not None and last.actor_id == request.user.pk and last.verb == verb:
        return go_on(request, plan)
    plan.refresh_from_db(fields=["state"])
    return _panel(request, plan, verb, form, meanwhile=PlanEntry(last) if last else None, status=409)


def _panel(
    request: HttpRequest,
    plan: Plan,
    verb: str,
    form: Any,
    *,
    error: str = "",
    meanwhile: PlanEntry | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = PLAN_FLOW[verb]
    is_open = asked in PLAN_FLOW.open_to(request.user, plan)
    context: dict[str, Any] = {
        "plan": plan,
        "button": PlanButton(asked, plan),
        "step": asked,
        "form": form,
        "error": error or (asked.refusal(request.user, plan) or "" if not is_open else ""),
        "is_open": is_open,
        "meanwhile": meanwhile,
        "typed": request.POST.get("reason", ""),
        "in_dialog": in_dialog(request),
    }
    if verb in {"propose", "clear", "publish"}:
        context["frozen"], context["masked"] = summary_of(plan)
    template = "pledges/plans/step.html#panel" if context["in_dialog"] else "pledges/plans/step.html"
    return render(request, template, context, status=status)
