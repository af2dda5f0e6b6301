"""Signed in: opinions on pledges along the chain, and at the responsible organization their answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.paging import capped_counts
from common.privacy import conceal
from common.states import IllegalStep, StepRefused
from notifications.services import mark_seen
from pledges.flow import OPINION_FLOW, TERM_WORKDAYS
from pledges.forms import opinions as forms
from pledges.models import Opinion
from pledges.presentation import OpinionEntry, OpinionLine
from pledges.queries import opinions as queries
from pledges.services import opinions as services

PAGE = 20
FORMS: dict[str, type[forms.StepForm]] = {
    "answer": forms.AnswerForm,
    "forward": forms.ForwardForm,
    "close": forms.CloseForm,
    "correct": forms.CorrectForm,
    "publish": forms.PublishForm,
    "withdraw": forms.ReasonForm,
    "reopen": forms.ReasonForm,
}
DONE = {
    "answer": "已发出答复，提意见的群众凭查询码可以看到。",
    "forward": "已转办，对方和本组织都收到了消息。",
    "close": "已登记为不予答复，提意见的群众凭查询码可以看到原因。",
    "correct": "已更正答复。",
    "publish": "已公布，公开页面随即可以看到。",
    "withdraw": "已撤下，公开页面不再显示。",
    "reopen": "已恢复办理，对方收到了消息。",
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    lists = queries.lists(Opinion.objects.visible_to(request.user), request.user, today)
    counts = capped_counts(lists)
    tab = request.GET.get("tab", queries.TODO if counts[queries.TODO] else "")
    tab = tab if tab in lists else ""
    rows = queries.in_order(lists[tab], tab).select_related("organization", "publication")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "term": TERM_WORKDAYS,
        "tabs": [(name, label, counts[name]) for name, label in queries.TABS.items()],
        "page": page,
        "lines": [OpinionLine(opinion, today) for opinion in page],
    }
    return render(request, "pledges/opinions/index.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    opinion = _seen(request, pk)
    if request.method == "GET":
        mark_seen(request.user, opinion.get_absolute_url())
    return _page(request, opinion)


@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    opinion = _seen(request, pk)
    if not request.user.has_perm(services.DRAFT, opinion):
        raise PermissionDenied("您没有起草答复的职务。")
    form = forms.DraftForm(request.POST, verb="answer")
    if not form.is_valid():
        return _page(request, opinion, "answer", form, status=422)
    try:
        services.save_draft(opinion, **form.values(), by=request.user)
    except services.AnswerConflict as conflict:
        return _page(request, conflict.theirs, "answer", form, theirs=conflict.theirs, status=409)
    except IllegalStep:
        return _too_late(request, opinion, "answer", form)
    answers_alone = request.user.has_perm(OPINION_FLOW["answer"].permission, opinion)
    messages.success(request, "草稿已保存。" if answers_alone else "草稿已保存，书记可以据此答复。")
    return redirect(opinion)


@require_POST
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    opinion = _seen(request, pk)
    if verb not in OPINION_FLOW:
        raise Http404
    if not request.user.has_perm(OPINION_FLOW[verb].permission, opinion):
        raise PermissionDenied(f"您没有{OPINION_FLOW[verb].label}的职务。")
    form = FORMS[verb](request.POST, verb=verb)
    if not form.is_valid():
        return _page(request, opinion, verb, form, status=422)
    try:
        _take(verb, opinion, form.values(), request.user)
    except services.AnswerConflict as conflict:
        return _page(request, conflict.theirs, verb, form, theirs=conflict.theirs, status=409)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, opinion, verb, form, status=409)
    except IllegalStep:
        return _too_late(request, opinion, verb, form)
    messages.success(request, DONE[verb])
    return redirect("pledges:opinions") if verb == "forward" else redirect(opinion)


def _take(verb: str, opinion: Opinion, said: dict[str, Any], by: Any) -> None:
    if verb == "forward":
        services.forward(opinion, said["to"], reason=said["reason"], by=by)
    elif verb == "close":
        services.close(opinion, said["why"], remark=said["remark"], by=by)
    else:
        getattr(services, verb)(opinion, **said, by=by)


def _seen(request: HttpRequest, pk: int) -> Opinion:
    rows = Opinion.objects.visible_to(request.user).select_related(
        "organization", "publication__organization", "publication__phase__campaign"
    )
    return get_object_or_404(rows, pk=pk)


def _too_late(request: HttpRequest, opinion: Opinion, verb: str, form: forms.StepForm) -> HttpResponse:
    """Somebody was faster: what was typed is shown beside what it has become."""
    opinion = _seen(request, opinion.pk)
    return _page(request, opinion, verb, form, too_late=True, status=409)


def _page(
    request: HttpRequest,
    opinion: Opinion,
    verb: str = "",
    bound: forms.StepForm | None = None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    user = request.user
    open_steps = OPINION_FLOW.open_to(user, opinion)
    is_home = user.has_perm("pledges.view_opinion_contact", opinion)
    context = {
        "opinion": opinion,
        "line": OpinionLine(opinion, timezone.localdate()),
        "text": opinion.text if is_home else conceal(opinion.text)[0],
        "is_home": is_home,
        "contact": getattr(opinion, "contact", None) if is_home else None,
        "may_draft": opinion.is_waiting and user.has_perm(services.DRAFT, opinion),
        "may_answer": OPINION_FLOW["answer"] in open_steps,
        "steps": [
            (step, bound if step.name == verb and bound else _fresh(step.name, opinion), step.name == verb)
            for step in open_steps
            if step.name != "answer"
        ],
        "refused": OPINION_FLOW.refused_to(user, opinion),
        "answer_form": bound if verb == "answer" and bound else _fresh("answer", opinion),
        "entries": [OpinionEntry(event) for event in queries.history(opinion)],
        "bound": bound,
        "masked": services.public_form(opinion, with_text=True)[2] if opinion.answered_at else [],
        **more,
    }
    return render(request, "pledges/opinions/detail.html", context, status=status)


def _fresh(verb: str, opinion: Opinion) -> forms.StepForm:
    initial = {"answer": opinion.answer, "version": opinion.version, "with_text": ""}
    return FORMS[verb](verb=verb, initial=initial)
