"""One step of the workflow: asked for on a page of its own or in a dialog, taken by POST."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common.states import IllegalStep, ReasonMissing, StepRefused
from pledges import queries, services
from pledges.forms.steps import ReturnForm, ScopeForm
from pledges.models import Pledge
from pledges.presentation import Entry, StepButton
from pledges.publishing import frozen_text
from pledges.views.requests import go_on, in_dialog, posted_number, posted_reason, seen_pledge

# of a member's pledge, where others act next
DONE_FOR_MEMBER = {
    "submit": "已提交，等待审定。",
    "return": "已退回，填写的同志会看到您的意见。",
    "approve": "已审定通过，可以申请公开。",
}
DONE = {
    "submit": "已提交，等待上级党组织审定。",
    "return": "已退回，报送单位会看到您的意见。",
    "approve": "已审定通过，等待报送单位申请公开。",
    "reconsider": "已撤回审定意见，请重新审定。",
    "propose": "已申请公开，等待保密审查。",
    "clear": "保密审查已通过，等待公开审批。",
    "bar": "已答复保密审查不通过。",
    "decline": "已答复不予公开。",
    "publish": "已批准公开。",
    "withdraw": "已撤下，公开页面不再显示。",
    "recall": "已收回，可以修改。",
}


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    pledge = seen_pledge(request, pk)
    prefetch_related_objects([pledge], "items")  # one object an item: form and list
    if verb not in pledge.flow:
        raise Http404
    if not request.user.has_perm(pledge.flow[verb].permission, pledge):
        raise PermissionDenied(f"您没有{pledge.flow[verb].label}的职务。")
    if request.method == "POST":
        return _take(request, pledge, verb)
    return _panel(request, pledge, verb, _form(verb, pledge, None))


def _take(request: HttpRequest, pledge: Pledge, verb: str) -> HttpResponse:
    form = _form(verb, pledge, request.POST)
    if form is not None and not form.is_valid():
        return _panel(request, pledge, verb, form, status=422)
    try:
        services.VERBS[verb](
            pledge, by=request.user, version=posted_number(request), **_said(pledge, verb, request, form)
        )
    except ReasonMissing:
        return _panel(
            request, pledge, verb, form, error=f"请写明{pledge.flow[verb].label}的理由。", status=422
        )
    except services.MasksUnseen as unseen:
        return _panel(request, pledge, verb, form, error=str(unseen), status=422)
    except services.Incomplete as incomplete:
        messages.error(request, f"还有 {len(incomplete.problems)} 处没有填好，请补齐后再提交。")
        return go_on(request, f"{request.path.removesuffix(f'{verb}/')}edit/?check=1")
    except StepRefused as refused:
        return _panel(request, pledge, verb, form, error=str(refused), status=409)
    except IllegalStep:
        return _too_late(request, pledge, verb, form)
    done = DONE | DONE_FOR_MEMBER if pledge.member_id else DONE
    messages.success(request, done[verb])
    return go_on(request, pledge)


def _form(verb: str, pledge: Pledge, data: Any) -> ReturnForm | ScopeForm | None:
    if verb == "return":
        return ReturnForm(data)
    return ScopeForm(data) if verb == "propose" else None


def _said(pledge: Pledge, verb: str, request: HttpRequest, form: Any) -> dict[str, Any]:
    """What the person said with the step, as the service takes it."""
    if verb == "return":
        data = form.cleaned_data
        return {"reason": data["reason"], "grounds": data["grounds"]}
    if verb == "publish":
        return {"has_seen_masks": "has_seen_masks" in request.POST}
    if verb == "propose":
        return {"scope": form.cleaned_data["scope"]}
    return {"reason": posted_reason(request)} if pledge.flow[verb].needs_reason else {}


def _too_late(request: HttpRequest, pledge: Pledge, verb: str, form: Any) -> HttpResponse:
    """Somebody was faster, or the same person clicked twice: the second click changes nothing."""
    last = queries.last_step(pledge)
    if last is not None and last.actor_id == request.user.pk and last.verb == verb:
        return go_on(request, pledge)
    pledge.refresh_from_db(fields=["state"])
    return _panel(request, pledge, verb, form, meanwhile=Entry(last) if last else None, status=409)


def _panel(
    request: HttpRequest,
    pledge: Pledge,
    verb: str,
    form: Any,
    *,
    error: str = "",
    meanwhile: Entry | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = pledge.flow[verb]
    is_open = asked in pledge.flow.open_to(request.user, pledge)
    context: dict[str, Any] = {
        "pledge": pledge,
        "button": StepButton(asked, pledge),
        "step": asked,
        "form": form,
        "error": error or (asked.refusal(request.user, pledge) or "" if not is_open else ""),
        "is_open": is_open,
        "meanwhile": meanwhile,
        "typed": request.POST.get("reason", ""),
        "has_seen_masks": "has_seen_masks" in request.POST,
        "items": queries.with_hints(pledge, request.user),
        "in_dialog": in_dialog(request),
    }
    if verb in {"propose", "clear", "publish"}:
        context["frozen"], context["masked"] = frozen_text(pledge)
        context["frozen_items"] = context["frozen"]["items"]
    template = "pledges/step.html#panel" if context["in_dialog"] else "pledges/step.html"
    return render(request, template, context, status=status)
